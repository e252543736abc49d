"""Ctrl-C, SIGTERM and SIGHUP before the first change: each ends every command at once, whatever it waits for."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from groupsync.cli.main import COMMANDS
from groupsync.lock import account_lock
from groupsync.model.account import make_target
from tests.cli.conftest import NEW_ACCOUNT, count_writes
from tests.cli.signals import AS_PID_1, CODES, LONGEST, end, find_child, is_handling, start, wait_until
from tests.wire.raw_server import RawServer, drip, http, stay_silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

INTERRUPTED = "Interrupted before anything was changed.\n"
every_signal = pytest.mark.parametrize(("number", "code"), CODES.items(), ids=lambda value: getattr(value, "name", ""))


def _can_make_a_pid_namespace() -> bool:
    with contextlib.suppress(OSError):
        return subprocess.run([*AS_PID_1, "true"], capture_output=True, check=False).returncode == 0
    return False


needs_a_pid_namespace = pytest.mark.skipif(
    not _can_make_a_pid_namespace(), reason="`unshare --pid` is not possible here"
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a command is started."""

    folder: Path
    sandbox: Sandbox
    environ: Mapping[str, str]


Waiting: TypeAlias = "Iterator[tuple[tuple[str, ...], Callable[..., object]]]"
"""The arguments with which groupsync waits, and what tells that it does."""
Wait: TypeAlias = "Callable[[Place], contextlib.AbstractContextManager[tuple[tuple[str, ...], Callable[..., object]]]]"


def has_printed(process: subprocess.Popen[bytes], text: bytes) -> bool:
    """Wait until the process has printed a line to stderr."""
    assert process.stderr
    while text not in process.stderr.readline():
        pass
    return True


def for_a_moment(_process: object) -> bool:
    """Wait for as long as it takes to get to a wait that nobody else can see."""
    time.sleep(0.5)
    return True


@contextlib.contextmanager
def for_imports(_place: Place) -> Waiting:
    yield ("apply", *NEW_ACCOUNT, "--auto-approve"), lambda _: True


@contextlib.contextmanager
def for_an_answer(_place: Place) -> Waiting:
    with RawServer(stay_silent) as server:
        yield ("apply", "--auto-approve", "--endpoint", server.url), lambda _: server.requests


@contextlib.contextmanager
def for_the_rest_of_an_answer(_place: Place) -> Waiting:
    with RawServer(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", pause=0.05)) as server:
        yield ("apply", "--auto-approve", "--endpoint", server.url), lambda _: server.requests


@contextlib.contextmanager
def for_a_retry(_place: Place) -> Waiting:
    with RawServer(http("500 Oops", b"{}")) as server:
        yield ("apply", "--auto-approve", "--endpoint", server.url), lambda _: len(server.requests) >= 2


@contextlib.contextmanager
def for_retry_after(_place: Place) -> Waiting:
    with RawServer(http("429 Slow down", b"{}", "Retry-After: 30")) as server:
        yield ("apply", "--auto-approve", "--endpoint", server.url), lambda _: server.requests


@contextlib.contextmanager
def for_a_connection(_place: Place) -> Waiting:
    """The queue of the port is full, so a connection to it stays half open."""
    with socket.socket() as listener, contextlib.ExitStack() as others:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            other = others.enter_context(socket.socket())
            other.setblocking(False)
            other.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        yield ("apply", "--auto-approve", "--endpoint", url), for_a_moment


@contextlib.contextmanager
def for_the_lock(place: Place) -> Waiting:
    target = make_target(place.sandbox.url, place.sandbox.username)
    with account_lock(Path(place.environ["GROUPSYNC_LOCK_DIR"]), target, timeout=0):
        args = ("apply", *NEW_ACCOUNT, "--auto-approve", "--lock-timeout", "60")
        yield args, lambda process: has_printed(process, b"Waiting for another run")


@contextlib.contextmanager
def for_a_configuration(place: Place) -> Waiting:
    """A pipe whose writer does not write."""
    fifo = place.folder / "slow.yaml"
    os.mkfifo(fifo)
    writer = os.open(fifo, os.O_RDWR)
    yield ("apply", *NEW_ACCOUNT, "--auto-approve", "-c", str(fifo)), for_a_moment
    os.close(writer)


@contextlib.contextmanager
def for_a_reader(place: Place) -> Waiting:
    """The plan is longer than a pipe holds, and nobody reads it."""
    groups = "".join(f"  - {'long ' * 100}{number}\n" for number in range(500))
    (place.folder / "groups.yaml").write_text(f"version: 1\ngroups:\n{groups}", encoding="utf-8")

    def is_full(process: subprocess.Popen[bytes]) -> bool:
        assert process.stdout
        return bool(select.select([process.stdout], [], [], 0)[0]) and for_a_moment(process)

    yield ("apply", *NEW_ACCOUNT, "--auto-approve", "--verbose"), is_full


WAITS: dict[str, Wait] = {
    "imports": for_imports,
    "answer": for_an_answer,
    "rest of an answer": for_the_rest_of_an_answer,
    "retry": for_a_retry,
    "Retry-After": for_retry_after,
    "connection": for_a_connection,
    "lock": for_the_lock,
    "configuration": for_a_configuration,
    "reader": for_a_reader,
}


@pytest.fixture
def place(folder: Path, sandbox: Sandbox, environ: Mapping[str, str]) -> Place:
    (folder / "groups.yaml").write_text("version: 1\npolicy: {unlisted: keep}\ngroups: [New]\n", encoding="utf-8")
    return Place(folder=folder, sandbox=sandbox, environ=environ)


def assert_nothing_is_left(place: Place) -> None:
    """Nothing was written, no lock and no temporary file is left."""
    assert count_writes(place.sandbox) == 0
    assert [path.name for path in place.folder.rglob(".groupsync-*")] == []


@every_signal
@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
def test_a_signal_ends_an_apply_whatever_it_waits_for(
    place: Place, wait: Wait, number: signal.Signals, code: int
) -> None:
    with wait(place) as (args, is_reached):
        process = start(args, cwd=place.folder, environ=place.environ)
        wait_until(lambda: is_handling(process.pid), "the signals are not handled")
        wait_until(lambda: is_reached(process), "the wait is not reached")
        ended, err, seconds = end(process, number)

    assert (ended, err) == (code, INTERRUPTED)
    assert seconds < LONGEST
    assert_nothing_is_left(place)


@needs_a_pid_namespace
@every_signal
@pytest.mark.parametrize("wait", [for_imports, for_an_answer, for_the_lock, for_retry_after, for_a_configuration])
def test_a_signal_ends_process_1_of_a_container(place: Place, wait: Wait, number: signal.Signals, code: int) -> None:
    """The system ignores a signal to process 1 that has the default action."""
    with wait(place) as (args, is_reached):
        process = start(args, cwd=place.folder, environ=place.environ, prefix=AS_PID_1)
        child = find_child(process.pid)
        wait_until(lambda: is_handling(child), "the signals are not handled")
        wait_until(lambda: is_reached(process), "the wait is not reached")
        ended, err, seconds = end(process, number, pid=child)

    assert (ended, err) == (code, INTERRUPTED)
    assert seconds < LONGEST
    assert_nothing_is_left(place)


@pytest.fixture
def silent_name_server(tmp_path: Path) -> Iterator[tuple[socket.socket, tuple[str, ...]]]:
    """A name server that never answers, and the prefix with which a command asks it."""
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.7\n", encoding="utf-8")
    mount = f'mount --bind {tmp_path}/resolv.conf /etc/resolv.conf && exec "$@"'
    prefix = ("unshare", "--mount", "sh", "-c", mount, "sh")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        try:
            server.bind(("127.0.0.7", 53))
            subprocess.run([*prefix, "true"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("only root can be a name server and replace /etc/resolv.conf")
        yield server, prefix


@every_signal
def test_a_signal_ends_the_wait_for_a_name_server(
    place: Place, silent_name_server: tuple[socket.socket, tuple[str, ...]], number: signal.Signals, code: int
) -> None:
    """Python calls no handler while the system waits for a name server."""
    server, prefix = silent_name_server
    args = ("apply", "--auto-approve", "--endpoint", "https://phonebook.example.com/v1")

    process = start(args, cwd=place.folder, environ=place.environ, prefix=prefix)
    server.settimeout(20)
    server.recv(512)
    ended, err, seconds = end(process, number)

    assert (ended, err) == (code, INTERRUPTED)
    assert seconds < LONGEST


@every_signal
@pytest.mark.parametrize("command", COMMANDS)
def test_a_signal_ends_every_command_while_it_is_imported(
    place: Place, command: str, number: signal.Signals, code: int
) -> None:
    args = {"restore": ("backup.json",), "show": ("plan.json",), "check": ("plan.json",), "scopes": ("a",)}.get(
        command, ()
    )

    process = start((command, *args), cwd=place.folder, environ=place.environ)
    wait_until(lambda: is_handling(process.pid), "the signals are not handled")
    ended, err, seconds = end(process, number)

    assert (ended, err) == (code, INTERRUPTED)
    assert seconds < LONGEST


@every_signal
@pytest.mark.parametrize(
    "command", ["plan", "apply", "apply PLAN", "check", "export", "doctor", "restore", "scopes", "pull"]
)
def test_a_signal_ends_every_command_while_it_waits_for_an_answer(
    place: Place, groupsync: Groupsync, command: str, number: signal.Signals, code: int
) -> None:
    args = prepare(place, groupsync, command)
    writes = count_writes(place.sandbox)
    place.sandbox.fail_next("GET", delay=60.0)

    process = start(args, cwd=place.folder, environ=place.environ)
    wait_until(lambda: is_handling(process.pid), "the signals are not handled")
    for_a_moment(process)
    ended, err, seconds = end(process, number)

    assert (ended, err) == (code, INTERRUPTED)
    assert seconds < LONGEST
    assert count_writes(place.sandbox) == writes
    assert [*Path(place.environ["GROUPSYNC_LOCK_DIR"]).iterdir()] == []


def prepare(place: Place, groupsync: Groupsync, command: str) -> tuple[str, ...]:
    """Return arguments with which the command sends a request."""
    old = place.sandbox.add_group("Old", contacts=["+3725555555"])
    if command in {"check", "apply PLAN"}:
        assert groupsync("plan", "--out", "plan.json").code == 0
        return (command.partition(" ")[0], "plan.json")
    if command == "restore":
        config = place.folder / "delete.yaml"
        config.write_text(f"version: 1\npolicy: {{unlisted: keep}}\ngroups: [New]\nremoved: [{{id: {old}}}]\n")
        assert groupsync("apply", "-c", str(config), "--auto-approve").code == 0
        (backup,) = Path(place.environ["GROUPSYNC_BACKUP_DIR"]).glob("*.json")
        return ("restore", str(backup), "--auto-approve")
    more = {"apply": ("--auto-approve",), "scopes": ("groups.yaml", "--live"), "pull": ("--yes",)}
    return (command, *more.get(command, ()))


@every_signal
def test_a_signal_ends_a_question(place: Place, number: signal.Signals, code: int) -> None:
    master, terminal = pty.openpty()
    process = start(
        ("apply", *NEW_ACCOUNT), cwd=place.folder, environ=place.environ, streams=(terminal, terminal, terminal)
    )
    os.close(terminal)
    shown = b""
    while not shown.endswith(b"Enter a value: "):
        shown += os.read(master, 4096)
    ended, _, seconds = end(process, number)
    rest = os.read(master, 4096).decode()
    os.close(master)

    assert (ended, rest) == (code, "\r\nInterrupted before anything was changed.\r\n")
    assert seconds < LONGEST
    assert_nothing_is_left(place)


@pytest.mark.parametrize("ignored", CODES, ids=lambda number: number.name)
def test_a_signal_that_is_ignored_at_the_start_stays_ignored(place: Place, ignored: signal.Signals) -> None:
    """As `nohup` does with SIGHUP, and a shell with SIGINT for a command in the background."""
    place.sandbox.behave(latency=0.3)

    process = start(
        ("apply", *NEW_ACCOUNT, "--auto-approve"), cwd=place.folder, environ=place.environ, ignored=(ignored,)
    )
    for _ in range(20):
        process.send_signal(ignored)
        time.sleep(0.1)
    out, err = process.communicate(timeout=20)

    assert (process.returncode, place.sandbox.names()) == (0, ["New"])
    assert out.endswith(b"Apply complete: 1 created, 0 renamed, 0 deleted.\n")
    assert b"Interrupt" not in err


@pytest.mark.parametrize("other", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_the_other_signals_of_a_command_in_the_background_are_heeded(place: Place, other: signal.Signals) -> None:
    with for_an_answer(place) as (args, is_reached):
        process = start(args, cwd=place.folder, environ=place.environ, ignored=(signal.SIGINT,))
        wait_until(lambda: is_reached(process), "the wait is not reached")
        process.send_signal(signal.SIGINT)
        ended, err, _ = end(process, other)

    assert (ended, err) == (CODES[other], INTERRUPTED)


@every_signal
def test_no_moment_from_the_first_line_on_is_too_early(place: Place, number: signal.Signals, code: int) -> None:
    """The moments between the first handler and the first request, one after the other."""
    ended = []
    with RawServer(stay_silent) as server:
        for pause in range(0, 200, 20):
            process = start(("plan", "--endpoint", server.url), cwd=place.folder, environ=place.environ)
            wait_until(lambda: is_handling(process.pid), "the signals are not handled")  # noqa: B023 - it ends here
            time.sleep(pause / 1000)
            ended.append(end(process, number)[:2])

    assert ended == [(code, INTERRUPTED)] * 10


def test_importing_groupsync_leaves_the_signals_alone() -> None:
    program = """
import signal
numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
before = [signal.getsignal(number) for number in numbers]
import groupsync, groupsync.cli.main, groupsync.cli.program, groupsync.cli.apply
for name in groupsync.__all__:
    getattr(groupsync, name)
assert before == [signal.getsignal(number) for number in numbers]
assert signal.set_wakeup_fd(-1) == -1
"""

    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_run_of_the_library_in_any_thread_leaves_the_signals_alone(place: Place) -> None:
    program = """
import signal, threading
from pathlib import Path
import groupsync
numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
before = [signal.getsignal(number) for number in numbers]
seen = []
class Watcher(groupsync.Watcher):
    def on_start(self, verified):
        seen.append([signal.getsignal(number) for number in numbers])
options = groupsync.RunOptions(config_paths=[Path("groups.yaml")], allowed=["empty-account"])
def apply():
    seen.append(groupsync.run_apply(options, groupsync.Surroundings(watcher=Watcher())).exit_code)
thread = threading.Thread(target=apply)
thread.start()
thread.join()
assert seen == [before, 0], seen
assert before == [signal.getsignal(number) for number in numbers]
assert signal.set_wakeup_fd(-1) == -1
"""

    subprocess.run([sys.executable, "-c", program], check=True, cwd=place.folder, env={**os.environ, **place.environ})

    assert place.sandbox.names() == ["New"]


def test_a_command_line_that_runs_in_any_thread_leaves_the_signals_alone(place: Place) -> None:
    program = """
import signal, threading
from groupsync.cli.main import run
numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
before = [signal.getsignal(number) for number in numbers]
codes = []
def apply():
    codes.append(run(["apply", "--auto-approve", "--allow", "empty-account"]))
    codes.append(run(["plan", "--nonsense"]))
thread = threading.Thread(target=apply)
thread.start()
thread.join()
assert codes == [0, 64], codes
assert before == [signal.getsignal(number) for number in numbers]
"""

    subprocess.run([sys.executable, "-c", program], check=True, cwd=place.folder, env={**os.environ, **place.environ})

    assert place.sandbox.names() == ["New"]
