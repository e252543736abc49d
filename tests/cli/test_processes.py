"""Real processes: a terminal that answers, a Ctrl-C, a pipe that closes."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, TypeAlias

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from groupsync.sandbox import Sandbox

Start: TypeAlias = "Callable[..., subprocess.Popen[str]]"
Run: TypeAlias = "Callable[..., subprocess.CompletedProcess[str]]"

GROUPSYNC = (sys.executable, "-m", "groupsync")


@pytest.fixture
def child_environ(environ: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, **environ, "NO_COLOR": "", "TERM": "xterm"}


@pytest.fixture
def start(folder: Path, child_environ: dict[str, str]) -> Start:
    """Start a command that heeds Ctrl-C, also where a shell has told commands in the background not to."""
    return lambda *args: subprocess.Popen(
        [*GROUPSYNC, *args],
        cwd=folder,
        env=child_environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.fixture
def run(folder: Path, child_environ: dict[str, str]) -> Run:
    """Run a command, with redirections of the shell, and further variables of the environment by keyword."""
    return lambda *args, redirections="", **variables: subprocess.run(
        ["sh", "-c", f'"$@" {redirections}', "sh", *GROUPSYNC, *args],
        cwd=folder,
        env={**child_environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def talk(args: tuple[str, ...], answer: bytes, *, cwd: Path, environ: dict[str, str]) -> tuple[int, str]:
    """Run a command on a terminal of its own, answer its question, and return its exit code and what was shown."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*GROUPSYNC, *args], stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd, env=environ, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
            if shown.endswith(b"Enter a value: "):
                os.write(ours, answer)
        os.close(ours)
        return process.wait(timeout=30), shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux's way to say that nobody is at the other end
        return b""


@pytest.mark.parametrize(
    ("answer", "code", "names"),
    [
        (b"yes\n", 0, ["VIP"]),
        (b"y\n", 3, []),
        (b"YES\n", 3, []),
        (b"\n", 3, []),
        (b"no\n", 3, []),
        (b" yes\n", 3, []),
        (b"\x04", 3, []),
    ],
)
def test_only_yes_approves(
    folder: Path, sandbox: Sandbox, child_environ: dict[str, str], answer: bytes, code: int, names: list[str]
) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [VIP]\n")

    ended, shown = talk(("apply",), answer, cwd=folder, environ=child_environ)

    assert ended == code
    assert "Only 'yes' will be accepted to approve." in shown
    assert sandbox.names() == names


def test_what_changes_while_the_question_stands_makes_the_plan_stale(
    folder: Path, sandbox: Sandbox, child_environ: dict[str, str]
) -> None:
    old = sandbox.add_group("Old")
    (folder / "groups.yaml").write_text("version: 1\ngroups: [VIP]\n")
    sandbox.behave(latency=0.2)

    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*GROUPSYNC, "apply"], stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=child_environ
    ) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
            if shown.endswith(b"Enter a value: "):
                sandbox.rename_group(old, "In use")
                os.write(ours, b"yes\n")
        os.close(ours)
        code = process.wait(timeout=30)

    assert code == 4
    assert 'the group is now named "In use"' in shown.decode()
    assert sandbox.names() == ["In use"]


def test_colour_is_for_terminals_that_want_it(folder: Path, child_environ: dict[str, str], run: Run) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [VIP]\n")
    piped = run("plan")

    _, coloured = talk(("plan",), b"", cwd=folder, environ=child_environ)
    _, plain = talk(("plan",), b"", cwd=folder, environ={**child_environ, "NO_COLOR": "1"})

    assert "\x1b[32m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).replace("\r\n", "\n") == piped.stdout
    assert plain.replace("\r\n", "\n") == piped.stdout


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
def test_a_signal_ends_what_is_under_way_and_reports_it(
    folder: Path, sandbox: Sandbox, start: Start, number: signal.Signals, code: int
) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups:\n" + "".join(f"  - G{n}\n" for n in range(50)))
    sandbox.behave(latency=0.1)

    with start("apply", "--auto-approve", "--parallelism", "2") as process:
        while sandbox.requests("POST") < 4:
            time.sleep(0.01)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)

    made = len(sandbox.names())
    assert process.returncode == code
    assert 4 <= made < 50
    assert f"Apply incomplete: {made} done, {50 - made} not attempted." in out
    assert "Stopping: nothing more is begun" in err
    assert "Traceback" not in err


def test_a_signal_in_the_midst_of_many_changes_begins_no_more_of_them(
    folder: Path, sandbox: Sandbox, start: Start, run: Run
) -> None:
    """The signal may come while the changes of a wave are still being handed to the workers."""
    for number in range(600):
        sandbox.add_group(f"Old {number}")
    (folder / "groups.yaml").write_text("version: 1\npolicy: {max_deletes: 100%}\ngroups: [New]\n")
    assert run("plan", "--out", "plan.json").returncode == 0

    with start("apply", "plan.json") as process:
        while sandbox.requests("DELETE") < 1:
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)

    left = len(sandbox.names()) - 1
    assert process.returncode == 130
    assert left > 300
    assert f"Apply incomplete: {601 - left} done, {left} not attempted." in out
    assert out.count("\n  not attempted: delete group") == 50
    assert f"\n  ... and {left - 50} more\n" in out


def test_a_second_signal_leaves_at_once(folder: Path, sandbox: Sandbox, start: Start) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups:\n" + "".join(f"  - G{n}\n" for n in range(50)))
    sandbox.behave(latency=1)

    with start("apply", "--auto-approve") as process:
        assert process.stderr
        reported = [process.stderr.readline() for _ in range(8)]
        time.sleep(0.3)  # until the next eight are on their way
        process.send_signal(signal.SIGINT)
        while "Stopping" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)

    while len(sandbox.names()) < 16:  # the sandbox finishes what it was asked for
        time.sleep(0.01)
    left, _, unknown = err.partition("Unknown, for no answer has come yet:\n")
    told = [re.search('create(d?) group "(.+)"', line) for line in (*reported, *unknown.splitlines())]
    assert process.returncode == 130
    assert left == "\nLeft at once. Run the same again to finish it.\n"
    assert sorted(match[2] for match in told if match) == sandbox.names()
    assert "Apply incomplete" not in out


def test_a_signal_while_the_report_is_read_slowly_loses_none_of_it(
    folder: Path, sandbox: Sandbox, start: Start, run: Run
) -> None:
    """A report longer than a pipe holds stands in it until somebody reads on."""
    groups = "".join(f"  - {'long ' * 200}{n}\n" for n in range(600))
    (folder / "groups.yaml").write_text(f"version: 1\ngroups:\n{groups}")
    run("plan", "--out", "plan.json")
    sandbox.fail_next("POST", status=400, times=600)

    with start("apply", "plan.json", "--parallelism", "64") as process:
        assert process.stdout
        beginning = [process.stdout.readline() for _ in range(3)]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert beginning[:2] == ["Plan: 600 to create, 0 to rename, 0 to delete. Memberships lost: 0.\n", "\n"]
    assert beginning[2].startswith("Apply incomplete: ")
    assert out.endswith("Run the same again to finish it: what is done is not done twice.\n")
    assert "Interrupted" not in err
    assert process.returncode == 5


@pytest.mark.parametrize("redirections", [">/dev/full", ">&-", ">/dev/full 2>/dev/full", ">&- 2>&-"])
def test_a_result_that_nobody_can_read_is_an_error_before_anything_is_written(
    folder: Path, sandbox: Sandbox, run: Run, redirections: str
) -> None:
    """What is left to do is printed before the first change, so that it is found out in time."""
    sandbox.add_group("Old")
    (folder / "groups.yaml").write_text("version: 1\ngroups: [A, B]\n")
    run("plan", "--out", "plan.json")

    finished = run("apply", "plan.json", redirections=redirections)

    assert finished.returncode == 1
    assert sandbox.names() == ["Old"]
    assert "Traceback" not in finished.stderr
    if "2>" not in redirections:
        assert finished.stderr.startswith("Error: standard output: cannot be written: ")


@pytest.mark.parametrize("redirections", ["2>/dev/full", "2>&-"])
def test_what_is_done_does_not_need_anybody_who_watches(
    folder: Path, sandbox: Sandbox, run: Run, redirections: str
) -> None:
    sandbox.add_group("Old")
    (folder / "groups.yaml").write_text("version: 1\ngroups: [A, B]\n")
    run("plan", "--out", "plan.json")

    finished = run("apply", "plan.json", redirections=redirections)

    assert finished.returncode == 0
    assert sandbox.names() == ["A", "B"]
    assert finished.stdout.endswith("\nApply complete: 2 created, 0 renamed, 1 deleted.\n")


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (0, 0, "Apply complete: 3 created, 0 renamed, 0 deleted.\n"),
        (400, 5, "Apply incomplete: 1 failed, 2 not attempted.\n"),
    ],
)
def test_what_was_done_is_not_undone_by_a_reader_who_goes_away(
    folder: Path, sandbox: Sandbox, start: Start, run: Run, status: int, code: int, verdict: str
) -> None:
    """Exit code 1 says that nothing was written, so it is not for a report that nobody could read."""
    (folder / "groups.yaml").write_text("version: 1\ngroups: [A, B, C]\n")
    run("plan", "--out", "plan.json")
    sandbox.behave(latency=0.2)
    if status:
        sandbox.fail_next("POST", status=status)

    with start("apply", "plan.json", "--parallelism", "1") as process:
        assert process.stdout
        assert process.stderr
        beginning = process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        process.wait(timeout=30)

    assert beginning == "Plan: 3 to create, 0 to rename, 0 to delete. Memberships lost: 0.\n"
    assert process.returncode == code
    assert f"\nWarning: standard output: cannot be written: broken pipe\n{verdict}" in err


@pytest.mark.parametrize("redirection", [">/dev/full", ">&-"])
def test_a_plan_that_nobody_can_read_is_an_error_before_anything_is_written(
    folder: Path, sandbox: Sandbox, run: Run, redirection: str
) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [A]\n")

    finished = run("apply", "--auto-approve", redirections=redirection)

    assert finished.returncode == 1
    assert finished.stderr.startswith("Error: standard output: cannot be written: ")
    assert sandbox.names() == []


@pytest.mark.parametrize("args", [("--help",), ("--version",), ("plan", "--help"), ("schema",)], ids=str)
def test_an_output_that_is_full_is_no_traceback(run: Run, args: tuple[str, ...]) -> None:
    finished = run(*args, redirections=">/dev/full")

    assert finished.returncode == 1
    assert finished.stderr == "Error: standard output: cannot be written: no space left on device\n"


@pytest.mark.parametrize("redirection", ["</dev/null", "<&-"])
def test_without_anybody_to_ask_nothing_is_approved(folder: Path, run: Run, redirection: str) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [A]\n")

    finished = run("apply", redirections=redirection)

    assert finished.returncode == 3
    assert finished.stderr.startswith("Error: there is no terminal to ask on\n")


def test_a_pipe_that_closes_is_no_traceback(folder: Path, start: Start) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups:\n" + "".join(f"  - G{n}\n" for n in range(5_000)))

    with start("plan", "--verbose") as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        err = process.stderr.read()
        code = process.wait(timeout=30)

    assert (code, err) == (1, "Error: standard output: cannot be written: broken pipe\n")


def test_output_survives_a_terminal_that_knows_ascii_only(folder: Path, run: Run) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [日本]\n", encoding="utf-8")

    finished = run("plan", PYTHONIOENCODING="ascii")

    assert (finished.returncode, finished.stderr) == (0, "")
    assert '+ group "\\u65e5\\u672c"' in finished.stdout
