"""Nothing is silent for long: what is waited for is shown on a terminal and in a log."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from groupsync.cli.signs_of_life import SILENCE
from groupsync.model.wait import AnswerWait, ListWait, LockWait, PauseWait, RetryWait, Work
from groupsync.render.wait import render_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from groupsync.model.wait import Wait
    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

GROUPSYNC = (sys.executable, "-m", "groupsync")
CLEAR = "\r\x1b[K"


def run_on_terminal(args: tuple[str, ...], folder: Path, environ: Mapping[str, str], typed: bytes = b"") -> str:
    """Run the program on a terminal of 80 columns, and return all that it writes; `typed` is typed at once."""
    ours, theirs = pty.openpty()
    environ = {**os.environ, **environ}
    with subprocess.Popen(
        [*GROUPSYNC, *args],
        cwd=folder,
        env={**environ, "TERM": "xterm", "COLUMNS": "80"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        os.write(ours, typed)
        shown = b""
        while process.poll() is None or select.select([ours], [], [], 0)[0]:
            if select.select([ours], [], [], 0.1)[0]:
                try:
                    shown += os.read(ours, 65_536)
                except OSError:  # the other end is closed
                    break
    os.close(ours)
    return shown.decode()


def run_in_log(args: tuple[str, ...], folder: Path, environ: Mapping[str, str]) -> str:
    """Run the program without a terminal, and return what it writes to stderr."""
    finished = subprocess.run(
        [*GROUPSYNC, *args],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stderr


@pytest.fixture
def slow(sandbox: Sandbox, write: Callable[[str], None]) -> Sandbox:
    """A Phonebook that takes four seconds for each answer."""
    sandbox.add_group("Newsletter")
    write("groups: [Newsletter]\n")
    sandbox.behave(latency=4.0)
    return sandbox


def test_a_terminal_shows_what_is_waited_for_until_the_result_takes_its_place(
    slow: Sandbox, folder: Path, environ: Mapping[str, str]
) -> None:
    shown = run_on_terminal(("plan",), folder, environ)

    host = re.escape(slow.url.split("/")[2])
    assert re.search(rf"{re.escape(CLEAR)}Waiting for {host}: the list of groups \(\d s\)", shown)
    assert shown.partition("No changes.")[0].rstrip("\x1b[1;32m").endswith(CLEAR)


def test_a_log_gets_a_line_after_two_seconds(slow: Sandbox, folder: Path, environ: Mapping[str, str]) -> None:
    host = slow.url.split("/")[2]

    logged = run_in_log(("plan",), folder, environ)

    assert re.fullmatch(rf"Waiting for {re.escape(host)}: the list of groups( \(\d s\))?\n", logged)


@pytest.mark.slow
def test_a_log_gets_a_line_every_ten_seconds(slow: Sandbox, folder: Path, environ: Mapping[str, str]) -> None:
    slow.behave(latency=13.5)

    logged = run_in_log(("plan",), folder, environ)

    assert len(logged.splitlines()) == 2


@pytest.mark.usefixtures("slow")
def test_the_line_is_as_wide_as_the_terminal_that_it_is_drawn_on_wherever_the_result_goes(
    folder: Path, environ: Mapping[str, str]
) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 30, 0, 0))
    environ = {**{key: value for key, value in os.environ.items() if key != "CI"}, **environ, "TERM": "xterm"}

    subprocess.run([*GROUPSYNC, "plan"], cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=theirs, check=True)

    os.close(theirs)
    drawn = os.read(ours, 65_536).decode()
    os.close(ours)
    assert max(map(len, drawn.split(CLEAR))) == 29


@pytest.mark.usefixtures("slow")
def test_quiet_is_quiet(folder: Path, environ: Mapping[str, str]) -> None:
    assert run_in_log(("plan", "--quiet"), folder, environ) == ""


def test_a_sign_of_life_comes_before_two_seconds_are_over() -> None:
    assert SILENCE + 0.3 < 2  # it is looked four times a second


def test_a_pause_that_the_server_asks_for_is_explained(
    sandbox: Sandbox, write: Callable[[str], None], folder: Path, environ: Mapping[str, str]
) -> None:
    write("groups: []\n")
    sandbox.fail_next("GET", status=429, headers={"Retry-After": "4"})

    logged = run_in_log(("plan",), folder, environ)

    assert "asks for fewer requests (HTTP 429): the next one in " in logged


def test_many_changes_are_a_bar_on_a_terminal_and_lines_in_a_log(
    sandbox: Sandbox, write: Callable[[str], None], folder: Path, environ: Mapping[str, str]
) -> None:
    sandbox.add_group("Old")
    apply = ("apply", "--auto-approve")
    write(f"groups: [Old, {', '.join(f'A {number}' for number in range(30))}]\n")

    shown = run_on_terminal(apply, folder, environ)

    assert re.search(r"Changes  \[#+-*\]  \d+/30", shown)
    assert 'created "' not in shown
    assert "Apply complete: 30 created" in shown

    write(f"groups: [Old, {', '.join(f'B {number}' for number in range(30))}]\npolicy: {{unlisted: keep}}\n")
    assert run_in_log(apply, folder, environ).count('created "') == 30

    write(f"groups: [Old, {', '.join(f'C {number}' for number in range(30))}]\npolicy: {{unlisted: keep}}\n")
    assert run_on_terminal((*apply, "--verbose"), folder, environ).count('created "') == 30


def test_a_failure_stays_on_the_terminal(
    sandbox: Sandbox, write: Callable[[str], None], folder: Path, environ: Mapping[str, str]
) -> None:
    sandbox.add_group("Old")
    write(f"groups: [Old, {', '.join(f'A {number}' for number in range(30))}]\n")
    sandbox.fail_next("POST", status=422)

    shown = run_on_terminal(("apply", "--auto-approve", "--parallelism", "1"), folder, environ)

    assert re.search(r"\[1/30\] failed: ", shown)


def test_a_shell_on_the_sandbox_says_where_you_are_and_how_to_leave(folder: Path) -> None:
    shown = run_on_terminal(("sandbox", "--", "sh"), folder, {"ENV": ""}, typed=b"exit\n")

    assert "You are in a shell with a made-up account: 0 groups, at http://127.0.0.1:" in shown
    assert "`exit` ends the shell and the account." in shown


@pytest.mark.parametrize(
    ("wait", "line"),
    [
        (AnswerWait(host="h", what="the list of groups", attempt=1), "Waiting for h: the list of groups (7 s)"),
        (AnswerWait(host="h", what="a deletion", attempt=3), "Waiting for h: a deletion (attempt 3, 7 s)"),
        (
            RetryWait(host="h", what="the list of groups", attempt=2, cause="HTTP 503", seconds=9),
            "h: HTTP 503. Attempt 2 for the list of groups in 2 s",
        ),
        (PauseWait(host="h", seconds=60), "h asks for fewer requests (HTTP 429): the next one in 53 s"),
        (LockWait(seconds=60), "Waiting for another run that is working on this account (7 s, at most 60 s)"),
        (
            ListWait(number=1, seconds=120),
            "Waiting until the list of groups shows 1 change of this run (7 s, at most 120 s)",
        ),
        (Work(what="making the plan"), "Making the plan (7 s)"),
    ],
)
def test_the_line_says_what_is_waited_for(wait: Wait, line: str) -> None:
    assert render_wait(wait, 7.4) == line


def test_a_wait_that_has_just_begun_has_no_time_yet() -> None:
    assert render_wait(Work(what="making the plan"), 0) == "Making the plan"


def count_threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def test_no_thread_is_left_behind_by_a_run(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Newsletter")
    write("groups: [Newsletter]\n")

    before = count_threads()
    for _ in range(20):
        groupsync("plan")

    deadline = time.monotonic() + 30
    while count_threads() > before + 1:  # the sandbox may keep one for its last connection
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_long_restore_is_a_bar(
    sandbox: Sandbox, write: Callable[[str], None], folder: Path, environ: Mapping[str, str], groupsync: Groupsync
) -> None:
    sandbox.add_group("Old", contacts=30)
    write("groups: []\nremoved: [{name: Old, contacts_at_most: 30}]\n")
    groupsync("apply", "--auto-approve", "--allow", "empty-config")
    write("groups: [Old]\n")
    (backup,) = Path(environ["GROUPSYNC_BACKUP_DIR"]).glob("*.json")

    shown = run_on_terminal(("restore", str(backup), "--auto-approve"), folder, environ)

    assert re.search(r'Contacts of "Old"  \[#+-*\]  \d+/30', shown)
    assert "Restore complete" in shown
