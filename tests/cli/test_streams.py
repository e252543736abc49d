"""The exit code is the documented one, whatever stdout and stderr are."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from groupsync.cli.main import COMMANDS
from tests.cli.signals import GROUPSYNC, end, is_handling, start, wait_until
from tests.wire.raw_server import RawServer, stay_silent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupsync.sandbox import Sandbox

STREAMS = ("open", "closed", "full", "broken pipe")
SAMPLE = (
    ("open", "open"),
    ("open", "closed"),
    ("closed", "full"),
    ("full", "open"),
    ("broken pipe", "broken pipe"),
    ("broken pipe", "closed"),
)
NOBODY = 65534


@dataclass(frozen=True, kw_only=True)
class Ending:
    """A command line, its exit code, and the one if its result cannot be printed."""

    args: tuple[str, ...]
    code: int
    code_unprinted: int = 1


ENDINGS = {
    **{f"{name} --help": Ending(args=(name, "--help"), code=0) for name in COMMANDS},
    **{f"{name} --nonsense": Ending(args=(name, "--nonsense"), code=64, code_unprinted=64) for name in COMMANDS},
    "--help": Ending(args=("--help",), code=0),
    "--version": Ending(args=("--version",), code=0),
    "no command": Ending(args=(), code=64, code_unprinted=64),
    "unknown command": Ending(args=("nonsense",), code=64, code_unprinted=64),
    "value missing": Ending(args=("plan", "-c"), code=64, code_unprinted=64),
    "validate": Ending(args=("validate",), code=0),
    "plan": Ending(args=("plan",), code=0),
    "plan --detailed-exitcode": Ending(args=("plan", "--detailed-exitcode"), code=2),
    "plan refused": Ending(args=("plan", "-c", "refused.yaml"), code=3),
    "plan without a file": Ending(args=("plan", "-c", "missing.yaml"), code=1),
    "apply not approved": Ending(args=("apply",), code=3),
    "export": Ending(args=("export",), code=0),
    "doctor": Ending(args=("doctor",), code=0),
    "schema": Ending(args=("schema",), code=0),
    "scopes --live": Ending(args=("scopes", "groups.yaml", "--live"), code=0),
    "show of no plan": Ending(args=("show", "groups.yaml"), code=1),
    "check of no plan": Ending(args=("check", "missing.json"), code=1),
    "restore of no backup": Ending(args=("restore", "missing.json"), code=1),
    "sandbox -- exit 7": Ending(args=("sandbox", "--", "sh", "-c", "exit 7"), code=7, code_unprinted=7),
}


def _list_cases() -> list[object]:
    return [
        pytest.param(
            ending, out, err, id=f"{name}, stdout {out}, stderr {err}", marks=() if is_sample else pytest.mark.slow
        )
        for number, (name, ending) in enumerate(ENDINGS.items())
        for place, (out, err) in enumerate(itertools.product(STREAMS, repeat=2))
        for is_sample in [(out, err) == SAMPLE[number % len(SAMPLE)] or (name == "plan --nonsense" and place % 3 == 0)]
    ]


@pytest.fixture
def child_environ(folder: Path, sandbox: Sandbox, environ: Mapping[str, str]) -> dict[str, str]:
    sandbox.add_group("Old")
    (folder / "groups.yaml").write_text("version: 1\npolicy: {unlisted: keep}\ngroups: [New, Old]\n")
    (folder / "refused.yaml").write_text("version: 1\ngroups: [New]\n")
    return {**os.environ, **environ}


def run_with_streams(args: tuple[str, ...], out: str, err: str, environ: Mapping[str, str]) -> tuple[int, str, str]:
    """Run groupsync with such streams, and return its exit code and what it has written to those that are open."""
    closed = [descriptor for descriptor, stream in ((1, out), (2, err)) if stream == "closed"]
    with contextlib.ExitStack() as opened:
        finished = subprocess.run(
            [*GROUPSYNC, *args],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=_open(out, "printed.out", opened),
            stderr=_open(err, "printed.err", opened),
            preexec_fn=lambda: _close(closed),
            check=False,
        )
    return finished.returncode, _read("printed.out"), _read("printed.err")


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _open(stream: str, name: str, opened: contextlib.ExitStack) -> int:
    if stream == "broken pipe":
        reader, writer = os.pipe()
        os.close(reader)
        opened.callback(os.close, writer)
        return writer
    path = Path("/dev/full" if stream == "full" else name)
    return opened.enter_context(path.open("wb")).fileno()


def _read(name: str) -> str:
    path = Path(name)
    return path.read_text(encoding="utf-8") if path.exists() else ""


@pytest.mark.parametrize(("ending", "out", "err"), _list_cases())
def test_the_exit_code_does_not_depend_on_the_streams(
    child_environ: dict[str, str], ending: Ending, out: str, err: str
) -> None:
    """Only a result that cannot be printed is an error of its own, and then the code is 1."""
    code, printed_out, printed_err = run_with_streams(ending.args, out, err, child_environ)

    assert code in ({ending.code} if out == "open" else {ending.code, ending.code_unprinted})
    assert "Traceback" not in printed_err
    assert "Exception ignored" not in printed_err
    if ending.code == 64:
        assert (code, printed_out) == (64, "")
    if out != "open" and ending.code in {0, 2}:
        assert code == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_decides_the_exit_code_without_a_stderr(
    folder: Path, environ: Mapping[str, str], number: int, code: int
) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [New]\n")

    with RawServer(stay_silent) as server, open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123
        process = start(
            ("plan", "--endpoint", server.url),
            cwd=folder,
            environ=environ,
            streams=(subprocess.DEVNULL, full.fileno(), full.fileno()),
        )
        wait_until(lambda: is_handling(process.pid) and server.requests, "no request")
        ended, _, _ = end(process, number)

    assert ended == code


@pytest.mark.parametrize("kind", ["loop", "below a file", "removed"])
@pytest.mark.parametrize("command", ["validate", "plan"])
def test_a_path_that_cannot_be_read_is_no_wrong_usage(child_environ: dict[str, str], command: str, kind: str) -> None:
    Path("loop").symlink_to("loop")
    path = {"loop": "loop", "below a file": "groups.yaml/more", "removed": "/proc/self/cwd/removed"}[kind]

    code, out, err = run_with_streams((command, "-c", path), "open", "open", child_environ)

    assert (code, out) == (1, "")
    assert err.startswith(f"Error: {path}: ")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user, and root reads everything")
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_another_user_may_not_read_is_no_wrong_usage(kind: str) -> None:
    """The program runs in a child of this process that is somebody else from its first command on."""
    program = f"""
import os, sys, tempfile
from groupsync.cli.main import run
import groupsync.cli.program, groupsync.cli.validate
folder = tempfile.mkdtemp()
path = os.path.join(folder, "secret")
os.mkdir(path) if {kind == "folder"} else open(path, "w").close()
os.chmod(path, 0)
os.chmod(folder, 0o755)
os.setgid({NOBODY})
os.setuid({NOBODY})
sys.exit(run(["validate", "-c", path]))
"""

    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (finished.returncode, finished.stdout) == (1, "")
    assert "ermission denied" in finished.stderr
    assert "Traceback" not in finished.stderr
