"""Ctrl-C and SIGTERM while changes are under way: the first asks to stop, the second leaves at once."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

from groupsync.errors import ExitCode
from groupsync.render.report import render_progress

if TYPE_CHECKING:
    from types import FrameType, TracebackType

    from typing_extensions import Self

    from groupsync.cli.app import App
    from groupsync.model.report import Progress

_CODES = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}
_STOPPING = b"\nStopping: nothing more is begun, what is under way is finished. Once more leaves at once.\n"
_LEAVING = b"\nLeft at once: changes that were under way may have been made. Run the same again to finish it.\n"


class Watch:
    """Tells the person who watches how an apply goes on, and takes the signals for as long as it is entered.

    A handler may run between any two steps of the program, so it raises nothing: it notes what was asked for. A signal
    that whoever started the program has chosen to ignore stays ignored.
    """

    def __init__(self, app: App) -> None:
        self.interrupt: ExitCode | None = None
        self._app = app
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in _CODES:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

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
    """Write past Python's own stderr, which the program may be in the midst of writing to."""
    try:
        os.write(2, line)
    except OSError:
        return
