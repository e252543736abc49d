"""Ctrl-C and SIGTERM while changes are under way: the first asks to stop, the second leaves at once."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
import traceback
from typing import TYPE_CHECKING

from groupsync.cli.handlers import CODES
from groupsync.display import quote
from groupsync.interrupt import Interrupt
from groupsync.render.escape import for_ci_log, for_terminal
from groupsync.render.report import render_progress

if TYPE_CHECKING:
    from types import FrameType

    from groupsync.cli.terminal import Terminal
    from groupsync.errors import ExitCode
    from groupsync.model.report import Progress

_STDERR = 2
_CHUNK = 4096  # what fits into a pipe that has room at all
_SLICE = 0.1
_COUNT_EVERY = 100
_STOPPING = "\nStopping: nothing more is begun, what is under way has a few seconds. Once more leaves at once.\n"
_LEFT = "\nLeft at once. Run the same again to finish it.\n"
_UNKNOWN = "Unknown, for no answer has come yet:\n"


class Watch:
    """Tells the person who watches how a run goes on, and takes the signals from `begin` to the process's end.

    A handler may run between any two steps of the program, so it raises nothing: it notes what was asked for. Nor does
    it give way before the report is printed and the exit code returned. A signal that whoever started the program has
    chosen to ignore stays ignored.
    """

    def __init__(self, app: Terminal) -> None:
        self.interrupt: ExitCode | None = None
        self.requested_stop = Interrupt()
        self._app = app
        self._under_way: dict[str, None] = {}

    def begin(self) -> None:
        """Take the signals from now on: what was a plan so far is about to be written."""
        for number in CODES:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._note)

    def monotonic(self) -> float:
        """Return a time in seconds that only grows."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, until a signal at most."""
        until = self.monotonic() + seconds
        while self.interrupt is None and (left := until - self.monotonic()) > 0:
            time.sleep(min(left, _SLICE))

    def on_begin(self, label: str) -> None:
        """Note a change that is about to be tried."""
        self._under_way[label] = None

    def on_end(self, label: str) -> None:
        """Note that it is known how it ended."""
        self._under_way.pop(label, None)

    def on_progress(self, step: Progress) -> None:
        """Print the line for a change that has just been tried."""
        self._app.tell(render_progress(step))

    def on_count(self, number: int, total: int, name: str) -> None:
        """Print a line now and then."""
        if number == total or number % _COUNT_EVERY == 0:
            self._app.tell(f"[{number:,}/{total:,}] contacts of group {quote(name)}")

    def on_bug(self, error: Exception) -> None:
        """Print where in the program it happened."""
        self._app.tell("".join(traceback.format_exception(error)))

    def _note(self, number: int, _frame: FrameType | None) -> None:
        code = CODES[signal.Signals(number)]
        if self.interrupt is not None:
            _write_to_stderr(_LEFT + self._list_unknown())
            os._exit(code)
        self.interrupt = code
        self.requested_stop.set(code)
        _write_to_stderr(_STOPPING)

    def _list_unknown(self) -> str:
        labels = list(self._under_way)
        return _UNKNOWN + "".join(f"  {for_ci_log(for_terminal(label))}\n" for label in labels) if labels else ""


def _write_to_stderr(text: str) -> None:
    """Write past Python's own stderr, which the program may be in the midst of writing to; never wait for a reader."""
    line = text.encode(errors="backslashreplace")
    with contextlib.suppress(OSError, ValueError):
        for start in range(0, len(line), _CHUNK):
            if select.select([], [_STDERR], [], 0)[1]:
                os.write(_STDERR, line[start : start + _CHUNK])
