"""MESSENTE_API_PASSWORD_COMMAND: a program that prints the password, run once and as late as possible."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from groupsync.environment.account import load_settings
from groupsync.environment.password_command import run_password_command
from groupsync.errors import SettingsError
from tests.ci.runner import put_program

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Finished, Groupsync

VARIABLE = "MESSENTE_API_PASSWORD_COMMAND"
SECRET = "hunter2-never-shown"
PATH = os.environ["PATH"]


@pytest.fixture
def call(groupsync: Groupsync, folder: Path, sandbox: Sandbox) -> Callable[..., Finished]:
    """A function that runs a command whose password comes from a program, which notes each of its runs in `ran`."""
    put_program(folder / "show", f'#!/bin/sh\necho "$@" >> ran\necho {sandbox.password}\n')

    def call(*args: str, command: str = "./show 'the password'") -> Finished:
        return groupsync(*args, MESSENTE_API_PASSWORD=None, PATH=PATH, **{VARIABLE: command})

    return call


def load_password(command: str) -> str:
    environ = {"MESSENTE_API_USERNAME": "user", "PATH": PATH, VARIABLE: command}
    return load_settings(environ).credentials.password


def refusal(command: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_password(command)
    assert SECRET not in f"{caught.value} {caught.value.remedy}"
    return str(caught.value)


@pytest.mark.parametrize(
    "args",
    [
        ("plan", "--allow", "empty-account"),
        ("apply", "--auto-approve", "--allow", "empty-account"),
        ("export",),
        ("doctor",),
        ("scopes", ".", "--live"),
    ],
    ids=lambda args: args[0],
)
def test_a_command_that_connects_runs_the_program_once(
    call: Callable[..., Finished], write: Callable[[str], None], folder: Path, sandbox: Sandbox, args: tuple[str, ...]
) -> None:
    write("scope: ['*']\ngroups: [Newsletter]\n")

    finished = call(*args)

    assert finished.code == 0, finished.err
    assert (folder / "ran").read_text() == "the password\n"
    assert sandbox.requests("GET") > 0
    assert sandbox.password not in finished.out + finished.err


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ("groups: [Newsletter]\n", ("validate",)),
        ("groups: [Newsletter]\n", ("scopes", ".")),
        ("groups: [NO]\n", ("plan",)),
        ("account: acc-000000000000\ngroups: [Newsletter]\n", ("plan",)),
        ("account: acc-000000000000\ngroups: [Newsletter]\n", ("doctor",)),
        ("groups: [Newsletter]\n", ("plan", "--out", "nowhere/plan.json")),
        ("groups: [Newsletter]\n", ("apply", "nowhere.json")),
        ("groups: [Newsletter]\n", ("export", "--out", "groups.yaml")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_nothing_runs_unless_everything_else_is_in_order(
    call: Callable[..., Finished], write: Callable[[str], None], folder: Path, text: str, args: tuple[str, ...]
) -> None:
    write(text)

    call(*args)

    assert not (folder / "ran").exists()


def test_a_wrong_password_is_masked_and_not_asked_for_again(
    call: Callable[..., Finished], write: Callable[[str], None], folder: Path
) -> None:
    write("groups: [Newsletter]\n")
    put_program(folder / "show", f"#!/bin/sh\necho run >> ran\necho {SECRET}\n")

    finished = call("plan")

    assert finished.code == 1
    assert SECRET not in finished.out + finished.err
    assert (folder / "ran").read_text() == "run\n"


def test_the_words_of_the_command_reach_the_program_without_a_shell() -> None:
    show = f"{sys.executable} -c 'import sys; print(\"+\".join(sys.argv[1:]))'"

    assert load_password(f"{show} a 'b c' $HOME '*' | cat") == "a+b c+$HOME+*+|+cat"


def test_the_program_has_no_input_and_its_errors_are_not_shown(capfd: pytest.CaptureFixture[str]) -> None:
    assert load_password(f"sh -c 'cat; echo {SECRET} >&2; echo word'") == "word"
    assert SECRET not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("", f"{VARIABLE} is empty"),
        ("show '", f"{VARIABLE} cannot be split into words: no closing quotation"),
        (f"/nowhere/{SECRET}", f"{VARIABLE} cannot be run: no such file or directory"),
        ("sh -c 'echo hunter2-never-shown; exit 7'", f"{VARIABLE} ended with exit code 7"),
        ("sh -c 'kill -9 $$'", f"{VARIABLE} was ended by signal 9"),
        ("true", f"{VARIABLE} printed nothing"),
        ("echo", f"{VARIABLE} printed nothing"),
        (r"printf 'a\nb\n'", f"the output of {VARIABLE} contains a line break or another control character"),
        (r"printf '\377'", f"the output of {VARIABLE}: is not UTF-8 text"),
        ("yes hunter2-never-shown", f"the output of {VARIABLE} has more than 4,096 characters"),
    ],
)
def test_programs_that_are_refused(command: str, sentence: str) -> None:
    assert refusal(command) == sentence


def test_a_program_that_takes_too_long_is_killed_with_what_it_started(tmp_path: Path) -> None:
    words = ("sh", "-c", f"sleep 60 & echo $! > {tmp_path}/child; wait")

    start = time.monotonic()
    with pytest.raises(SettingsError, match=r"did not end within 0\.5 seconds"):
        run_password_command(VARIABLE, words, {"PATH": PATH}, timeout=0.5)

    assert time.monotonic() - start < 5
    assert_gone(int((tmp_path / "child").read_text()))


@pytest.mark.parametrize("end", ["exit 0", "exit 7"])
def test_what_a_program_leaves_running_delays_nothing_and_is_ended(tmp_path: Path, end: str) -> None:
    """The child keeps the output of the program open."""
    words = ("sh", "-c", f"sleep 60 & echo $! > {tmp_path}/child; echo word; {end}")

    start = time.monotonic()
    with contextlib.suppress(SettingsError):
        assert run_password_command(VARIABLE, words, {"PATH": PATH}) == b"word\n"

    assert time.monotonic() - start < 5
    assert_gone(int((tmp_path / "child").read_text()))


def test_a_child_that_has_left_the_group_of_the_program_delays_nothing(tmp_path: Path) -> None:
    words = ("sh", "-c", f"setsid sleep 20 & echo $! > {tmp_path}/child; echo word")

    start = time.monotonic()
    output = run_password_command(VARIABLE, words, {"PATH": PATH})

    assert output == b"word\n"
    assert time.monotonic() - start < 5
    os.kill(int((tmp_path / "child").read_text()), signal.SIGKILL)


def test_a_run_that_is_ended_takes_the_program_with_it(
    environ: Mapping[str, str], write: Callable[[str], None], folder: Path
) -> None:
    write("groups: [Newsletter]\n")
    put_program(folder / "show", "#!/bin/sh\nsleep 0.5\necho $$ > pid.new\nmv pid.new pid\nexec sleep 60\n")
    variables = {**environ, "PATH": PATH, VARIABLE: "./show"}
    del variables["MESSENTE_API_PASSWORD"]
    process = subprocess.Popen([sys.executable, "-m", "groupsync", "plan"], cwd=folder, env=variables)
    wait_until((folder / "pid").exists)

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=20) == 143
    assert_gone(int((folder / "pid").read_text()))


def assert_gone(pid: int) -> None:
    """Assert that a process ends: it is not there, or only its exit code is (a zombie that nobody waits for)."""

    def is_gone() -> bool:
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123 - the file may vanish
                return file.read().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            return True

    wait_until(is_gone)


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
