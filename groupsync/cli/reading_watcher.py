"""Prints what every command reports while a run works: warnings and waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.cli.signs_of_life import SignsOfLife
from groupsync.model.wait import ListWait, LockWait
from groupsync.render.view import Detail
from groupsync.render.wait import render_wait
from groupsync.watcher import Watcher

if TYPE_CHECKING:
    from groupsync.cli.terminal import Terminal
    from groupsync.model.wait import Wait


class ReadingWatcher(Watcher):
    """Prints the reports of a run that only reads; it imports little, so a plan starts fast."""

    def __init__(self, terminal: Terminal, detail: Detail = Detail.CONCISE) -> None:
        self.terminal = terminal
        self.signs = None if detail is Detail.QUIET else SignsOfLife(terminal)

    def on_warning(self, text: str) -> None:
        """Print a warning."""
        self.terminal.print_warning(text)

    def on_wait(self, wait: Wait) -> None:
        """Print a wait that can take minutes at once; for any other wait, give a sign of life after a moment.

        `--quiet` silences both.
        """
        if not self.signs:
            return
        if isinstance(wait, LockWait | ListWait):
            self.terminal.print_message(render_wait(wait, 0))
        self.signs.begin(wait)

    def on_wait_end(self, wait: Wait) -> None:
        """Note that the wait is over."""
        if self.signs:
            self.signs.end(wait)
