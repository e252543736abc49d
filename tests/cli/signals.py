"""Processes that wait for something, and signals that are sent to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
GROUPSYNC = (sys.executable, "-m", "groupsync")
AS_PID_1 = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
LONGEST = 3.0
"""Seconds after a signal in which a process must have ended: one, and two more for a machine that is busy."""


def start(
    args: tuple[str, ...],
    *,
    cwd: Path,
    environ: Mapping[str, str],
    ignored: tuple[signal.Signals, ...] = (),
    prefix: tuple[str, ...] = (),
    streams: tuple[int, int, int] = (subprocess.DEVNULL, subprocess.PIPE, subprocess.PIPE),
) -> subprocess.Popen[bytes]:
    """Start groupsync with the default actions of all signals, except those that its parent ignores."""

    def set_signals() -> None:
        for number in CODES:
            signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

    return subprocess.Popen(
        [*prefix, *GROUPSYNC, *args],
        cwd=cwd,
        env={**os.environ, **environ},
        stdin=streams[0],
        stdout=streams[1],
        stderr=streams[2],
        start_new_session=True,
        preexec_fn=set_signals,
    )


def wait_until(is_true: Callable[[], object], what: str) -> None:
    """Wait until something is true, for 20 seconds at most."""
    deadline = time.monotonic() + 20
    while not is_true():
        assert time.monotonic() < deadline, what
        time.sleep(0.001)


def is_handling(pid: int) -> bool:
    """Tell whether the process catches SIGHUP: the last of the signals that the first line of `main` handles."""
    return _read_mask(pid, "SigCgt") >> (signal.SIGHUP - 1) & 1 == 1


def _read_mask(pid: int, name: str) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(status.partition(f"{name}:")[2].split()[0], 16)


def find_child(pid: int) -> int:
    """Return the only child of a process, once it has one."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    wait_until(lambda: children.read_text(encoding="utf-8").split(), "no child was started")
    return int(children.read_text(encoding="utf-8").split()[0])


def end(process: subprocess.Popen[bytes], number: int, *, pid: int | None = None) -> tuple[int, str, float]:
    """Send a signal, and return the exit code, what was printed to stderr, and how many seconds it took."""
    began = time.monotonic()
    os.kill(process.pid if pid is None else pid, number)
    try:
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
    return process.returncode, (err or b"").decode(), time.monotonic() - began
