"""A run that nobody follows: what must not be lost goes to the log of the program around it."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from groupsync.errors import ExitCode
    from groupsync.model.report import Progress

_LOGGER = logging.getLogger("groupsync")


class Unwatched:
    """The watcher of a caller who brings none; nothing interrupts such a run."""

    interrupt: ExitCode | None = None

    def sleep(self, seconds: float, /) -> None:
        """Wait."""
        time.sleep(seconds)

    def on_begin(self, label: str) -> None:
        """Note what is begun."""
        _LOGGER.debug("begun: %s", label)

    def on_end(self, label: str) -> None:
        """Do nothing: `on_progress` says more."""

    def on_progress(self, step: Progress) -> None:
        """Note how a change ended."""
        outcome = step.outcome
        _LOGGER.info(
            "%d of %d: %s: %s %s", step.number, step.total, outcome.word.value, outcome.change.id, outcome.detail
        )

    def on_count(self, number: int, total: int, name: str) -> None:
        """Do nothing: a restore has its own watcher."""

    def on_bug(self, error: Exception) -> None:
        """Note a mistake of groupsync's own; the report says `unknown` of the change that it ended."""
        _LOGGER.error("a mistake in groupsync itself", exc_info=error)
