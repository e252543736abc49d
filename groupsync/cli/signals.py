"""Ctrl-C and SIGTERM while changes are under way: the first asks to stop, the second leaves at once."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from typing import TYPE_CHECKING

from groupsync.errors import ExitCode
from groupsync.render.report import render_progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from groupsync.cli.app import App
    from groupsync.model.report import Progress

_CODES = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}
_STDERR = 2
_STOPPING = b"\nStopping: nothing more is begun, what is under way is finished. Once more leaves at once.\n"
_LEAVING = b"\nLeft at once: changes that were under way may have been made. Run the same again to finish it.\n"


class Watch:
    """Tells the person who watches how an apply goes on, and takes the signals from its beginning to the process's end.

    A handler may run between any two steps of the program, so it raises nothing: it notes what was asked for. Nor does
    it give way before the report is printed and the exit code returned. A signal that whoever started the program has
    chosen to ignore stays ignored.
    """

    def __init__(self, app: App) -> None:
        self.interrupt: ExitCode | None = None
        self._app = app
        for number in _CODES:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._note)

    def on_progress(self, step: Progress) -> None:
        """Print the line for a change that has just been tried."""
        self._app.tell(render_progress(step))

    def _note(self, number: int, _frame: FrameType | None) -> None:
        code = _CODES[signal.Signals(number)]
        if self.interrupt is not None:
            _write_to_stderr(_LEAVING)
            os._exit(code)
        self.interrupt = code
        _write_to_stderr(_STOPPING)


def _write_to_stderr(line: bytes) -> None:
    """Write past Python's own stderr, which the program may be in the midst of writing to; never wait for a reader."""
    with contextlib.suppress(OSError, ValueError):
        if select.select([], [_STDERR], [], 0)[1]:
            os.write(_STDERR, line)


@contextlib.contextmanager
def restored_handlers() -> Iterator[None]:
    """Put the handlers of the signals back afterwards."""
    before = {number: signal.getsignal(number) for number in _CODES}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    """Let no signal change an exit code that is settled: at its end Python would put the deadly handlers back."""
    for number in _CODES:
        signal.signal(number, signal.SIG_IGN)
