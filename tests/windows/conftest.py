"""Programs on Windows, or in an imitation of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.sandbox import Sandbox

IMITATION = Path(__file__).with_name("imitation.py")

Process: TypeAlias = "subprocess.Popen[str]"


class Windows:
    """Starts programs in the imitation of Windows, in one folder and with one environment."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.environ = environ
        self._started: list[Process] = []

    def start(self, program: str, *args: str) -> Process:
        """Start a module (such as `groupsync`) or code."""
        process = subprocess.Popen(
            [sys.executable, *_write_options(program), *args],
            cwd=self.folder,
            env={**os.environ, **self.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    def run(self, program: str, *args: str) -> subprocess.CompletedProcess[str]:
        """Run a module or code to its end."""
        process = self.start(program, *args)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def end_all(self) -> None:
        """Kill the processes that have not ended."""
        for process in self._started:
            process.kill()
            process.communicate()


def _write_options(program: str) -> list[str]:
    """Return Python's options for a module or code: on Windows itself nothing is imitated."""
    as_it_is = ["-m", program] if program.isidentifier() else ["-c", program]
    return as_it_is if sys.platform == "win32" else [str(IMITATION), program]


@pytest.fixture
def windows(tmp_path: Path, sandbox: Sandbox) -> Iterator[Windows]:
    if sys.platform == "darwin":
        pytest.skip("the imitation reads /proc, which Linux has")
    for name in ("work", "locks"):
        (tmp_path / name).mkdir()
    system = Windows(
        tmp_path / "work",
        {
            "IMITATION_MUTEX": str(tmp_path / "mutex"),
            "GROUPSYNC_ENDPOINT": sandbox.url,
            "GROUPSYNC_LOCK_DIR": str(tmp_path / "locks"),
            "MESSENTE_API_USERNAME": sandbox.username,
            "MESSENTE_API_PASSWORD": sandbox.password,
        },
    )
    yield system
    system.end_all()
