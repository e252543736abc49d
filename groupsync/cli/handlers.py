"""The signals that end a run: Ctrl-C, SIGTERM and SIGHUP. Imports little, to handle them early.

Until the first change each of them ends the process at once. After that, the handlers of `interrupt_handler.py` apply.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading

from groupsync.unfinished import undo_unfinished

TYPE_CHECKING = False  # importing it from `typing` takes longer than the rest of this module
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType
    from typing import Any

NUMBERS = tuple(signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in signal.Signals.__members__)
FIRST_SIGNAL_CODE = 128
_STDERR = 2
_PIPE_CHUNK = 4096  # bytes that fit into a pipe that is not full
_INTERRUPTED = b"Interrupted before anything was changed.\n"

_writers: list[int] = []
_quitting = threading.RLock()
"""Held by the thread that quits, and while handlers are replaced: no change begins once a thread has begun to quit."""


def quit_on_signals() -> None:
    """Let each signal end the process at once from now on, also as process 1, which has no default actions."""
    replace_handlers(_quit)


def replace_handlers(handler: Callable[[int, FrameType | None], None]) -> None:
    """Let this function handle the signals; one that was ignored when the program started (`nohup`) stays ignored.

    Only the main thread can do that. If a program calls `run` in another thread, that program's handlers stay.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    with _quitting:
        for number in NUMBERS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, handler)


def quit_while_waiting() -> None:
    """Start a thread that quits while the main thread waits in a system call that handlers do not end.

    Python calls handlers in the main thread only, between two steps of the program: not while it waits for a name
    server, for example. Without a thread (the system may give none) such a wait delays the end.
    """
    reader, writer = os.pipe()
    if sys.platform != "win32":  # there it may block: it has room for more signals than come
        os.set_blocking(writer, False)
    try:
        threading.Thread(target=_follow_signals, args=(reader,), name="signals", daemon=True).start()
    except (RuntimeError, MemoryError):
        os.close(reader)
        os.close(writer)
    else:
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        _writers.append(writer)


def leave_signals_to_main_thread() -> None:
    """End the thread of `quit_while_waiting`, before handlers are replaced for a while."""
    while _writers:
        signal.set_wakeup_fd(-1)
        os.close(_writers.pop())  # which ends the thread


def get_handlers() -> Mapping[signal.Signals, Any]:
    """Return the handlers of the signals."""
    return {number: signal.getsignal(number) for number in NUMBERS}


def restore_handlers(handlers: Mapping[signal.Signals, Any]) -> None:
    """Put back the handlers that `get_handlers` returned, for each signal that has another one now."""
    for number, handler in handlers.items():
        if signal.getsignal(number) is not handler:  # only the main thread has replaced any
            signal.signal(number, handler)


def ignore_signals() -> None:
    """Ignore signals once the exit code is final: Python restores the default handlers, which would change it."""
    for number in NUMBERS:
        signal.signal(number, signal.SIG_IGN)


def write_to_stderr(line: bytes) -> None:
    """Write to stderr without Python's buffer, which the interrupted code may be using.

    Never wait for a reader, except on Windows.
    """
    try:
        for start in range(0, len(line), _PIPE_CHUNK):
            if sys.platform == "win32" or select.select([], [_STDERR], [], 0)[1]:  # there, select is for sockets
                os.write(_STDERR, line[start : start + _PIPE_CHUNK])
    except (OSError, ValueError):  # it is closed, or the terminal is gone
        return


def _follow_signals(reader: int) -> None:
    """Quit for a signal whose byte the system writes, unless another handler is in place by now."""
    while number := os.read(reader, 1):
        with _quitting:
            if signal.getsignal(number[0]) is _quit:
                _quit(number[0], None)


def _quit(number: int, _frame: FrameType | None) -> None:
    """End the process; raise nothing, because the code that runs now might swallow an exception."""
    with _quitting:
        is_mid_line = os.isatty(_STDERR)  # after ^C, or after a question
        write_to_stderr(b"\n" * is_mid_line + _INTERRUPTED)
        undo_unfinished()
        os._exit(FIRST_SIGNAL_CODE + number)
