"""Real processes: a terminal that answers, Ctrl-C, a pipe that closes."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.cli.conftest import NEW_ACCOUNT

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
    """A function that starts a command which obeys Ctrl-C, even if a shell disabled that for background commands."""
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
    """A function that runs a command with shell redirections; keywords set more environment variables."""
    return lambda *args, redirections="", **variables: subprocess.run(
        ["sh", "-c", f'"$@" {redirections}', "sh", *GROUPSYNC, *args],
        cwd=folder,
        env={**child_environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def talk(args: tuple[str, ...], answer: bytes, *, cwd: Path, environ: dict[str, str]) -> tuple[int, str]:
    """Run a command on its own terminal, answer its question, and return its exit code and what it printed."""
    master, terminal = pty.openpty()
    with subprocess.Popen(
        [*GROUPSYNC, *args],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        cwd=cwd,
        env=environ,
        start_new_session=True,
    ) as process:
        os.close(terminal)
        shown = b""
        while chunk := _read(master):
            shown += chunk
            if shown.endswith(b"Enter a value: "):
                os.write(master, answer)
        os.close(master)
        return process.wait(timeout=30), shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux reports a closed other end like this
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

    ended, shown = talk(("apply", *NEW_ACCOUNT), answer, cwd=folder, environ=child_environ)

    assert ended == code
    assert "Only 'yes' will be accepted to approve." in shown
    assert sandbox.names() == names


def test_a_live_change_during_the_question_makes_the_plan_stale(
    folder: Path, sandbox: Sandbox, child_environ: dict[str, str]
) -> None:
    old = sandbox.add_group("Old")
    (folder / "groups.yaml").write_text("version: 1\npolicy: {unlisted: delete}\ngroups: [VIP]\n")
    sandbox.behave(latency=0.2)

    master, terminal = pty.openpty()
    with subprocess.Popen(
        [*GROUPSYNC, "apply"], stdin=terminal, stdout=terminal, stderr=terminal, cwd=folder, env=child_environ
    ) as process:
        os.close(terminal)
        shown = b""
        while chunk := _read(master):
            shown += chunk
            if shown.endswith(b"Enter a value: "):
                sandbox.rename_group(old, "In use")
                os.write(master, b"yes\n")
        os.close(master)
        code = process.wait(timeout=30)

    assert code == 4
    assert 'the group is now named "In use"' in shown.decode()
    assert sandbox.names() == ["In use"]


def test_output_is_coloured_only_on_a_terminal_and_without_no_color(
    folder: Path, child_environ: dict[str, str], run: Run
) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [VIP]\n")
    piped = run("plan", *NEW_ACCOUNT)

    _, coloured = talk(("plan", *NEW_ACCOUNT), b"", cwd=folder, environ=child_environ)
    _, plain = talk(("plan", *NEW_ACCOUNT), b"", cwd=folder, environ={**child_environ, "NO_COLOR": "1"})

    assert "\x1b[32m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).replace("\r\n", "\n") == piped.stdout
    assert plain.replace("\r\n", "\n") == piped.stdout


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=["SIGINT", "SIGTERM", "SIGHUP"],
)
def test_after_a_signal_requests_are_finished_and_the_report_is_printed(
    folder: Path, sandbox: Sandbox, start: Start, number: signal.Signals, code: int
) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups:\n" + "".join(f"  - G{n}\n" for n in range(50)))
    sandbox.behave(latency=0.1)

    with start("apply", *NEW_ACCOUNT, "--auto-approve", "--parallelism", "2") as process:
        while sandbox.requests("POST") < 4:
            time.sleep(0.01)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)

    made = len(sandbox.names())
    assert process.returncode == code
    assert 4 <= made < 50
    assert f"Apply incomplete: {made} done, {50 - made} not attempted." in out
    assert "Stopping: nothing more is started" in err
    assert "Traceback" not in err


def test_a_signal_during_many_changes_begins_no_further_ones(
    folder: Path, sandbox: Sandbox, start: Start, run: Run
) -> None:
    """The signal may come while the changes of a wave are still being passed to the workers."""
    for number in range(600):
        sandbox.add_group(f"Old {number}")
    (folder / "groups.yaml").write_text("version: 1\npolicy: {unlisted: delete, max_deletes: 100%}\ngroups: [New]\n")
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


def test_a_second_signal_exits_immediately(folder: Path, sandbox: Sandbox, start: Start) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups:\n" + "".join(f"  - G{n}\n" for n in range(50)))
    sandbox.behave(latency=1)

    with start("apply", *NEW_ACCOUNT, "--auto-approve") as process:
        assert process.stderr
        reported = [process.stderr.readline() for _ in range(8)]
        time.sleep(0.3)  # until the next eight have been sent
        process.send_signal(signal.SIGINT)
        while "Stopping" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)

    while len(sandbox.names()) < 16:  # the sandbox finishes the requests it has received
        time.sleep(0.01)
    left, _, unknown = err.partition("Unknown, because no answer has come yet:\n")
    reported_changes = [re.search('create(d| group) "(.+)"', line) for line in (*reported, *unknown.splitlines())]
    assert process.returncode == 130
    assert left == "\nStopped at once. Run the same command again to finish it.\n"
    assert sorted(match[2] for match in reported_changes if match) == sandbox.names()
    assert "Apply incomplete" not in out


def test_a_signal_while_the_report_is_read_slowly_does_not_cut_it(
    folder: Path, sandbox: Sandbox, start: Start, run: Run
) -> None:
    """A report longer than a pipe holds is written only as fast as it is read."""
    groups = "".join(f"  - {'long ' * 190}{n}\n" for n in range(600))
    (folder / "groups.yaml").write_text(f"version: 1\ngroups:\n{groups}")
    run("plan", *NEW_ACCOUNT, "--out", "plan.json")
    sandbox.fail_next("POST", status=400, times=600)

    with start("apply", *NEW_ACCOUNT, "plan.json", "--parallelism", "64") as process:
        assert process.stdout
        beginning = [process.stdout.readline() for _ in range(4)]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert beginning[0] == "Plan: 600 to create, 0 to rename, 0 to delete. Memberships lost: 0.\n"
    assert beginning[1].startswith("Overridden by --allow: empty-account")
    assert beginning[3].startswith("Apply incomplete: ")
    assert out.endswith("choose a name that the Phonebook accepts, then make and review a new plan.\n")
    assert "Interrupted" not in err
    assert process.returncode == 5


@pytest.mark.parametrize("redirections", [">/dev/full", ">&-", ">/dev/full 2>/dev/full", ">&- 2>&-"])
def test_an_unwritable_stdout_is_an_error_before_a_plan_file_is_applied(
    folder: Path, sandbox: Sandbox, run: Run, redirections: str
) -> None:
    """The remaining changes are printed before the first one is sent, so the error comes in time."""
    sandbox.add_group("Old")
    (folder / "groups.yaml").write_text("version: 1\npolicy: {unlisted: delete}\ngroups: [A, B]\n")
    run("plan", "--out", "plan.json")

    finished = run("apply", "plan.json", redirections=redirections)

    assert finished.returncode == 1
    assert sandbox.names() == ["Old"]
    assert "Traceback" not in finished.stderr
    if "2>" not in redirections:
        assert finished.stderr.startswith("Error: standard output: cannot be written: ")


@pytest.mark.parametrize("redirections", ["2>/dev/full", "2>&-"])
def test_an_unwritable_stderr_does_not_fail_the_run(
    folder: Path, sandbox: Sandbox, run: Run, redirections: str
) -> None:
    sandbox.add_group("Old")
    (folder / "groups.yaml").write_text("version: 1\npolicy: {unlisted: delete}\ngroups: [A, B]\n")
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
def test_a_reader_that_stops_reading_does_not_change_the_exit_code(
    folder: Path, sandbox: Sandbox, start: Start, run: Run, status: int, code: int, verdict: str
) -> None:
    """Exit code 1 says that nothing was written, so a report that cannot be printed must not end with it."""
    (folder / "groups.yaml").write_text("version: 1\ngroups: [A, B, C]\n")
    run("plan", *NEW_ACCOUNT, "--out", "plan.json")
    sandbox.behave(latency=0.2)
    if status:
        sandbox.fail_next("POST", status=status)

    with start("apply", *NEW_ACCOUNT, "plan.json", "--parallelism", "1") as process:
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
def test_an_unwritable_stdout_is_an_error_before_a_new_plan_is_applied(
    folder: Path, sandbox: Sandbox, run: Run, redirection: str
) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [A]\n")

    finished = run("apply", "--auto-approve", redirections=redirection)

    assert finished.returncode == 1
    assert finished.stderr.startswith("Error: standard output: cannot be written: ")
    assert sandbox.names() == []


@pytest.mark.parametrize("args", [("--help",), ("--version",), ("plan", "--help"), ("schema",)], ids=str)
def test_a_full_disk_behind_stdout_is_an_error_without_traceback(run: Run, args: tuple[str, ...]) -> None:
    finished = run(*args, redirections=">/dev/full")

    assert finished.returncode == 1
    assert finished.stderr == "Error: standard output: cannot be written: no space left on device\n"


@pytest.mark.parametrize("redirection", ["</dev/null", "<&-"])
def test_without_a_terminal_as_stdin_nothing_is_approved(folder: Path, run: Run, redirection: str) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [A]\n")

    finished = run("apply", *NEW_ACCOUNT, redirections=redirection)

    assert finished.returncode == 3
    assert finished.stderr.startswith("Error: there is no terminal to ask for approval\n")


def test_a_closed_pipe_is_an_error_without_traceback(folder: Path, start: Start) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups:\n" + "".join(f"  - G{n}\n" for n in range(5_000)))

    with start("plan", "--verbose") as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        err = process.stderr.read()
        code = process.wait(timeout=30)

    assert (code, err) == (1, "Error: standard output: cannot be written: broken pipe\n")


def test_when_the_terminal_is_closed_the_report_file_is_written(
    folder: Path, sandbox: Sandbox, child_environ: dict[str, str]
) -> None:
    """The terminal sends SIGHUP, and every write to it fails from then on."""
    (folder / "groups.yaml").write_text("version: 1\ngroups:\n" + "".join(f"  - G{n}\n" for n in range(50)))
    sandbox.behave(latency=0.1)
    child, master = pty.fork()
    if child == 0:
        args = ("apply", *NEW_ACCOUNT, "--auto-approve", "--parallelism", "2", "--report", "report.json")
        os.chdir(folder)
        os.execve(sys.executable, [*GROUPSYNC, *args], child_environ)  # noqa: S606 - there is no shell in it

    while sandbox.requests("POST") < 4:
        time.sleep(0.01)
    os.close(master)
    _, status = os.waitpid(child, 0)

    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert os.waitstatus_to_exitcode(status) == 129
    assert (report["exit_code"], report["interrupted"]) == (129, True)
    assert 4 <= len(sandbox.names()) < 50
