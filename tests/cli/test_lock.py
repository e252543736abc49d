"""One apply at a time for each account on this machine, tested with real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from groupsync.errors import ExitCode, FileError, LockedError
from groupsync.interrupt import Interrupt
from groupsync.lock import account_lock
from groupsync.model.account import Target, make_target
from groupsync.model.wait import LockWait, Wait
from groupsync.sandbox import Sandbox
from groupsync.watcher import Watcher
from tests.cli.conftest import NEW_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.cli.conftest import Groupsync

Holder: TypeAlias = "subprocess.Popen[str]"

HOLD = """
import sys, time
from pathlib import Path
from groupsync.lock import account_lock
from groupsync.model.account import make_target

with account_lock(Path(sys.argv[1]), make_target(sys.argv[2], sys.argv[3]), timeout=0):
    print("held", flush=True)
    sys.stdin.read()
"""
TAKE_TURNS = """
import sys
from pathlib import Path
from groupsync.lock import account_lock
from groupsync.model.account import make_target

folder = Path(sys.argv[1])
for _ in range(25):
    with account_lock(folder, make_target(sys.argv[2], sys.argv[3]), timeout=120):
        (folder / "inside").mkdir()
        (folder / "inside").rmdir()
"""


@pytest.fixture
def lock_folder(environ: Mapping[str, str]) -> Path:
    return Path(environ["GROUPSYNC_LOCK_DIR"])


@pytest.fixture
def target(sandbox: Sandbox) -> Target:
    return make_target(sandbox.url, sandbox.username)


@pytest.fixture
def holder(lock_folder: Path, sandbox: Sandbox) -> Iterator[Holder]:
    """A process that holds the lock of the account until its stdin is closed."""
    command = [sys.executable, "-c", HOLD, str(lock_folder), sandbox.url, sandbox.username]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.mark.usefixtures("holder")
def test_a_second_run_fails_at_once(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], target: Target
) -> None:
    write("groups: [A]\n")

    began = time.monotonic()
    finished = groupsync("apply", "--auto-approve")

    assert finished.code == 1
    assert finished.out == ""
    assert finished.err == (
        f"Error: another run of groupsync is working on the account {target.account} on this machine\n"
        "  -> nothing was written; wait until it ends, or make this run wait: --lock-timeout SECONDS\n"
    )
    assert time.monotonic() - began < 2
    assert sandbox.log() == ()


@pytest.mark.usefixtures("holder")
def test_a_run_waits_no_longer_than_its_lock_timeout(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("groups: [A]\n")

    began = time.monotonic()
    finished = groupsync("apply", "--auto-approve", "--lock-timeout", "0.4")

    assert finished.code == 1
    assert finished.err.startswith(
        "Waiting for another run that is working on this account (at most 0.4 s)\nError: another run"
    )
    assert 0.4 <= time.monotonic() - began < 3
    assert sandbox.log() == ()


@pytest.mark.usefixtures("holder")
def test_a_quiet_run_waits_without_a_word(groupsync: Groupsync, write: Callable[[str], None]) -> None:
    write("groups: [A]\n")

    finished = groupsync("apply", "--auto-approve", "--quiet", "--lock-timeout", "0.4")

    assert finished.code == 1
    assert finished.err.startswith("Error: another run")


def test_a_waiting_run_starts_when_the_other_one_ends(
    sandbox: Sandbox, write: Callable[[str], None], folder: Path, environ: Mapping[str, str], holder: Holder
) -> None:
    write("groups: [A]\n")

    command = [sys.executable, "-m", "groupsync", "apply", *NEW_ACCOUNT, "--auto-approve", "--lock-timeout", "60"]
    with subprocess.Popen(command, cwd=folder, env={**os.environ, **environ}, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr
        first = run.stderr.readline()
        before = sandbox.log()
        assert holder.stdin
        holder.stdin.close()
        run.communicate(timeout=30)

    assert first == "Waiting for another run that is working on this account (at most 60 s)\n"
    assert before == ()
    assert run.returncode == 0
    assert sandbox.names() == ["A"]


def test_a_killed_run_holds_no_lock(
    groupsync: Groupsync, write: Callable[[str], None], lock_folder: Path, holder: Holder
) -> None:
    write("groups: [A]\n")
    holder.send_signal(signal.SIGKILL)
    holder.wait(timeout=10)

    assert len(list(lock_folder.iterdir())) == 1
    assert groupsync("apply", *NEW_ACCOUNT, "--auto-approve").code == 0


def test_a_plan_and_a_check_do_not_wait(
    groupsync: Groupsync, write: Callable[[str], None], request: pytest.FixtureRequest
) -> None:
    write("groups: [A]\n")
    request.getfixturevalue("holder")

    assert groupsync("plan", *NEW_ACCOUNT, "--out", "plan.json").code == 0
    assert groupsync("check", *NEW_ACCOUNT, "plan.json").code == 0


@pytest.mark.usefixtures("holder")
def test_another_account_is_not_locked(groupsync: Groupsync, write: Callable[[str], None]) -> None:
    write("groups: [A]\n")

    with Sandbox(username="somebody else") as other:
        finished = groupsync(
            "apply", *NEW_ACCOUNT, "--auto-approve", GROUPSYNC_ENDPOINT=other.url, MESSENTE_API_USERNAME=other.username
        )

        assert finished.code == 0
        assert other.names() == ["A"]


@pytest.mark.usefixtures("holder")
def test_another_phonebook_of_the_same_username_is_not_locked(
    groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    """Sandboxes on one machine differ only in their port."""
    write("groups: [A]\n")

    with Sandbox() as other:
        assert groupsync("apply", *NEW_ACCOUNT, "--auto-approve", GROUPSYNC_ENDPOINT=other.url).code == 0


def test_a_run_removes_its_lock_file(groupsync: Groupsync, write: Callable[[str], None], lock_folder: Path) -> None:
    write("groups: [A]\n")

    assert groupsync("apply", *NEW_ACCOUNT, "--auto-approve").code == 0
    assert list(lock_folder.iterdir()) == []


def test_a_link_with_the_name_of_the_lock_file_is_not_followed(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], lock_folder: Path, holder: Holder
) -> None:
    """In a folder that everybody can write, such a link may lead anywhere."""
    write("groups: [A]\n")
    (path,) = lock_folder.iterdir()
    holder.kill()
    holder.wait(timeout=10)
    path.unlink()
    precious = lock_folder / "precious"
    precious.write_text("precious")
    path.symlink_to(precious)

    finished = groupsync("apply", "--auto-approve")

    assert finished.code == 1
    assert finished.err.startswith(f"Error: {path}: cannot be locked: too many levels of symbolic links\n")
    assert (precious.read_text(), path.is_symlink()) == ("precious", True)
    assert sandbox.log() == ()


def test_a_missing_folder_is_an_error(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    write("groups: [A]\n")

    finished = groupsync("apply", "--auto-approve", GROUPSYNC_LOCK_DIR=str(folder / "gone"))

    assert finished.code == 1
    assert finished.err.startswith(f"Error: {folder}/gone/groupsync-acc-")
    assert "cannot be locked: no such file or directory\n" in finished.err
    assert "GROUPSYNC_LOCK_DIR" in finished.err
    assert sandbox.log() == ()


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("https://api.messente.com/v1", "https://api.messente.com:443/v1", True),
        ("https://api.messente.com/v1", "HTTPS://API.messente.com:0443/v1", True),
        ("http://127.0.0.1/v1", "http://127.0.0.1:80/v1", True),
        ("https://[::1]/v1", "https://[::1]:443/v1", True),
        ("https://api.messente.com/v1", "https://api.messente.com:/v1", True),
        ("https://api.messente.com/v1", "https://api.messente.com:80/v1", False),
        ("https://api.messente.com/v1", "https://api.messente.com:8443/v1", False),
        ("http://127.0.0.1/v1", "http://127.0.0.1:443/v1", False),
    ],
)
def test_the_default_port_makes_no_other_lock(tmp_path: Path, one: str, other: str, is_same: bool) -> None:
    with account_lock(tmp_path, make_target(one, "u"), timeout=0):
        try:
            with account_lock(tmp_path, make_target(other, "u"), timeout=0):
                is_held_twice = True
        except LockedError:
            is_held_twice = False

    assert is_held_twice is not is_same


def test_an_error_during_a_run_releases_the_lock(tmp_path: Path, target: Target) -> None:
    with pytest.raises(ZeroDivisionError), account_lock(tmp_path, target, timeout=0):
        raise ZeroDivisionError

    with (
        account_lock(tmp_path, target, timeout=0),
        pytest.raises(LockedError),
        account_lock(tmp_path, target, timeout=0),
    ):
        pytest.fail("two hold one lock")


def test_many_short_runs_never_overlap(tmp_path: Path, target: Target) -> None:
    """The holder removes the lock file while others are about to lock it."""
    command = [sys.executable, "-c", TAKE_TURNS, str(tmp_path), target.endpoint, "sandbox"]

    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(6)]
    errors = [process.communicate(timeout=110)[1] for process in processes]

    assert errors == [""] * 6
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path, target: Target) -> None:
    (tmp_path / "file").write_text("")

    with (
        pytest.raises(FileError, match="cannot be locked: not a directory"),
        account_lock(tmp_path / "file", target, timeout=0),
    ):
        pytest.fail("the lock is not possible")


class InterruptsWhenItWaits(Watcher):
    """A watcher that interrupts the run as soon as it waits for the lock."""

    def __init__(self, interrupt: Interrupt) -> None:
        self._interrupt = interrupt

    def on_wait(self, wait: Wait) -> None:
        assert isinstance(wait, LockWait)
        self._interrupt.set(ExitCode.INTERRUPTED)


def test_an_interrupt_ends_the_wait_for_the_lock(tmp_path: Path, target: Target) -> None:
    interrupt = Interrupt()

    with account_lock(tmp_path, target, timeout=0):
        began = time.monotonic()
        with (
            pytest.raises(LockedError),
            account_lock(
                tmp_path,
                target,
                timeout=60,
                watcher=InterruptsWhenItWaits(interrupt),
                interrupt=interrupt,
            ),
        ):
            pytest.fail("two runs held the lock")

    assert time.monotonic() - began < 20
