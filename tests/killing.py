"""Programs that `kill -9` ends at a line of groupsync, the same one each time."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PATIENCE = 60
"""Seconds that a program may take."""

COMMAND = """
from groupsync.cli.main import run

begin()
sys.exit(run(sys.argv[1:]))
"""
"""The command line of groupsync as a program to kill."""

_BEGINNING = """
import os, signal, sys, threading

place, modules, seen = int(sys.argv.pop(1)), tuple(sys.argv.pop(1).split(",")), 0

def trace(frame, event, _argument):
    global seen
    if not frame.f_code.co_filename.endswith(modules):
        return None
    if event == "line":
        seen += 1
        if seen == place:
            os.kill(os.getpid(), signal.SIGKILL)
    return trace

def begin():
    threading.settrace(trace)
    sys.settrace(trace)
"""


def kill_at_line(
    place: int,
    *args: str,
    modules: Sequence[str],
    program: str = COMMAND,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> bool:
    """Run a program that is killed at the nth line of these modules after it calls `begin()`.

    Return False if it came to its end before; then it must have ended well.
    """
    finished = subprocess.run(
        [sys.executable, "-c", _BEGINNING + program, str(place), ",".join(modules), *args],
        cwd=folder,
        env=environ,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    if finished.returncode == -signal.SIGKILL:
        return True
    assert finished.returncode == 0, finished.stderr.decode()
    return False
