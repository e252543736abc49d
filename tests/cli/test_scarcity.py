"""Too little memory and no threads: one sentence, and a report once something was written."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from groupsync.runs.apply import run_apply
from groupsync.runs.options import RunOptions
from groupsync.runs.session import Surroundings
from groupsync.watcher import Watcher
from tests.cli.conftest import NEW_ACCOUNT
from tests.cli.signals import GROUPSYNC, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType

    from groupsync.model.report import Progress
    from groupsync.sandbox import Sandbox

NOBODY = 65534
LIMITS = (40, 50, 60)
"""MiB of address space with which Python and its libraries start, and a large file cannot be read."""

OWN_WORDS_OF_PYTHON = re.compile("Exception ignored on building sys.unraisablehook arguments(: )?")
"""What CPython itself may write first, if it has no memory to destroy an object; no program can prevent it."""


@pytest.fixture
def large_file(folder: Path) -> Path:
    path = folder / "groups.yaml"
    groups = "".join(f"  - Group number {number}\n" for number in range(60_000))
    path.write_text(f"version: 1\npolicy: {{unlisted: keep}}\ngroups:\n{groups}", encoding="utf-8")
    return path


@pytest.mark.parametrize("mebibytes", LIMITS)
@pytest.mark.parametrize("command", ["validate", "plan", "apply", "doctor"])
def test_without_memory_there_is_one_sentence(
    large_file: Path, environ: Mapping[str, str], sandbox: Sandbox, command: str, mebibytes: int
) -> None:
    limit = mebibytes * 2**20

    finished = subprocess.run(
        [*GROUPSYNC, command],
        cwd=large_file.parent,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )

    assert (finished.returncode, sandbox.names()) == (1, [])
    assert "Traceback" not in finished.stderr
    assert OWN_WORDS_OF_PYTHON.sub("", finished.stderr).startswith("Error: ")
    assert finished.stderr.count("Error: ") == 1


WITHOUT_THREADS = f"""
import fcntl, hashlib, os, resource, shutil, subprocess, sys  # before another user cannot read them any more
import groupsync.cli.program
from groupsync.cli.main import run
for name in groupsync.cli.program.COMMANDS:
    __import__("groupsync.cli." + name)
import groupsync.sandbox
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
os.setgid({NOBODY})
os.setuid({NOBODY})
sys.exit(run(sys.argv[1:]))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="the limit of processes does not hold for root, who can become nobody")
@pytest.mark.parametrize("command", ["plan", "apply", "export", "sandbox", "doctor"])
def test_without_threads_there_is_one_sentence(
    folder: Path, environ: Mapping[str, str], sandbox: Sandbox, command: str
) -> None:
    (folder / "groups.yaml").write_text("version: 1\npolicy: {unlisted: keep}\ngroups: [New]\n")
    lock_dir = Path(environ["GROUPSYNC_LOCK_DIR"])
    lock_dir.chmod(0o777)
    for path in (folder, *folder.parents, *lock_dir.parents):
        if path.is_relative_to(tempfile.gettempdir()) and path != Path(tempfile.gettempdir()):
            path.chmod(0o755)
    args = {"apply": ("apply", *NEW_ACCOUNT, "--auto-approve"), "sandbox": ("sandbox", "--", "true")}

    finished = subprocess.run(
        [sys.executable, "-c", WITHOUT_THREADS, *args.get(command, (command,))],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (finished.returncode, sandbox.names()) == (1, [])
    assert "Traceback" not in finished.stderr
    assert "thread" in finished.stderr + finished.stdout


WITHOUT_MEMORY_AT_THE_END = """
import resource, sys, time, types
import click
import groupsync.cli.main as program
from groupsync.threads import DaemonThread

def rest():
    while True:
        time.sleep(0.001)

@click.command()
def hungry():
    threads = [DaemonThread(rest) for _ in range(8)]
    resource.setrlimit(resource.RLIMIT_AS, (2**20, 2**20))
    return 6

sys.modules["groupsync.cli.hungry"] = types.ModuleType("hungry")
sys.modules["groupsync.cli.hungry"].hungry = hungry
program.COMMANDS["hungry"] = ""
sys.argv = ["groupsync", "hungry"]
program.main()
"""


def test_without_memory_at_the_end_the_exit_code_is_that_of_the_run() -> None:
    """The C library aborts a process in which Python stops a daemon thread, if it cannot load a library for that."""
    finished = subprocess.run([sys.executable, "-c", WITHOUT_MEMORY_AT_THE_END], capture_output=True, check=False)

    assert (finished.returncode, finished.stderr) == (6, b"")


def test_an_apply_that_runs_out_of_memory_reports_what_it_did(
    folder: Path, environ: Mapping[str, str], sandbox: Sandbox
) -> None:
    """Whatever the system refuses after the first change, what was made is in the report or may have been made."""
    groups = "".join(f"  - {'long ' * 150}{number}\n" for number in range(600))
    (folder / "groups.yaml").write_text(f"version: 1\ngroups:\n{groups}", encoding="utf-8")
    sandbox.behave(latency=0.01)

    with Path("out").open("wb") as out, Path("err").open("wb") as err:
        process = subprocess.Popen(
            [*GROUPSYNC, "apply", *NEW_ACCOUNT, "--auto-approve", "--report", "report.json"],
            cwd=folder,
            env={**os.environ, **environ},
            stdout=out,
            stderr=err,
        )
        wait_until(lambda: sandbox.requests("POST") >= 8, "no change was begun")
        resource.prlimit(process.pid, resource.RLIMIT_AS, (2**20, 2**20))
        code = process.wait(timeout=120)

    shown = Path("out").read_text(encoding="utf-8") + Path("err").read_text(encoding="utf-8")
    assert "Traceback" not in shown
    if code == 0:
        assert len(sandbox.names()) == 600
    else:
        assert code == 5
        assert "Apply incomplete" in shown or "Error: memory ran out" in shown


class _Hungry(Watcher):
    """Has no memory left when a change is begun, or when one is reported."""

    def __init__(self, *, begins: int | None = None, progresses: int | None = None) -> None:
        self._begins, self._progresses = begins, progresses
        self._begun = 0

    def on_begin(self, change: str) -> None:  # noqa: ARG002 - whichever it is
        self._begun += 1
        if self._begun == self._begins:
            raise MemoryError

    def on_progress(self, step: Progress) -> None:
        if step.number == self._progresses:
            raise MemoryError


@pytest.mark.parametrize(
    ("watcher", "words", "live"),
    [
        (_Hungry(begins=1), {"unknown": 1, "not attempted": 2}, 0),
        (_Hungry(begins=2), {"done": 1, "unknown": 1, "not attempted": 1}, 1),
        (_Hungry(progresses=3), {"done": 3}, 3),
    ],
    ids=["before the first change", "before the second", "when the third is reported"],
)
def test_no_outcome_is_lost_without_memory(
    folder: Path, environ: Mapping[str, str], sandbox: Sandbox, watcher: Watcher, words: dict[str, int], live: int
) -> None:
    (folder / "groups.yaml").write_text("version: 1\ngroups: [A, B, C]\n", encoding="utf-8")

    report = run_apply(
        RunOptions(config_paths=[Path("groups.yaml")], allowed=["empty-account"], parallelism=1),
        Surroundings(environ=environ, watcher=watcher),
    )

    assert Counter(outcome.word.value for outcome in report.outcomes) == words
    assert (len(sandbox.names()), report.exit_code) == (live, 0 if words == {"done": 3} else 5)


class _HungryThread(Watcher):
    """Takes the memory from the thread of the first change: it has none for the next one."""

    def on_begin(self, change: str) -> None:  # noqa: ARG002 - whichever it is
        sys.settrace(self._refuse)  # holds for this thread only

    def _refuse(self, frame: FrameType, event: str, _arg: object) -> None:
        if event == "call" and frame.f_code.co_name == "__init__" and "do" in frame.f_locals:
            raise MemoryError


def test_nothing_is_deleted_if_a_thread_had_no_memory_for_a_change_before(
    folder: Path, environ: Mapping[str, str], sandbox: Sandbox
) -> None:
    sandbox.add_group("Old")
    (folder / "groups.yaml").write_text(
        "version: 1\ngroups: [A, B]\nremoved: [{name: Old}]\npolicy: {unlisted: refuse}\n"
    )

    report = run_apply(
        RunOptions(config_paths=[Path("groups.yaml")], parallelism=1),
        Surroundings(environ=environ, watcher=_HungryThread()),
    )

    assert Counter(outcome.word.value for outcome in report.outcomes) == {"done": 1, "not attempted": 2}
    assert (sorted(sandbox.names()), report.exit_code) == (["A", "Old"], 5)
