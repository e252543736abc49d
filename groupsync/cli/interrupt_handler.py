"""Ctrl-C, SIGTERM and SIGHUP while changes are made: the first asks the run to stop, the second quits at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from groupsync.cli.handlers import FIRST_SIGNAL_CODE, replace_handlers
from groupsync.errors import ExitCode
from groupsync.unfinished import undo_unfinished

if TYPE_CHECKING:
    from types import FrameType

    from groupsync.interrupt import Interrupt
    from groupsync.watcher import Watcher

_CODES: dict[int, ExitCode] = {code: code for code in ExitCode}


class InterruptHandler:
    """Handles the signals from `begin` to the end of the process.

    A handler may run between any two steps of the program, so it raises nothing: it sets the interrupt. It stays in
    place until the report is printed and the exit code returned. A signal that was ignored when the program started
    (`nohup`) stays ignored.
    """

    def __init__(self, interrupt: Interrupt, watcher: Watcher) -> None:
        self._interrupt = interrupt
        self._watcher = watcher

    def begin(self) -> None:
        """Handle the signals from now on: the first change is about to be made."""
        replace_handlers(self._handle)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        code = _CODES[FIRST_SIGNAL_CODE + number]
        if self._interrupt.is_set:
            self._watcher.on_quit()
            undo_unfinished()
            os._exit(code)
        self._interrupt.set(code)
        self._watcher.on_interrupt()
