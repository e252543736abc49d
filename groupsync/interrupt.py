"""A request to stop, shared by everything that waits in a run."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from groupsync.errors import ExitCode

GRACE = 5.0
"""Seconds after an interrupt for which a request in flight may go on."""

LAST_LOOK = 1.5
"""Seconds that a request has, after the grace, if it is begun after the interrupt: a last look at the result."""

WORKERS_GRACE = GRACE + 0.5
"""Seconds after an interrupt for which the worker threads are waited for: requests end by themselves before that."""

WORKERS_LAST_LOOK = LAST_LOOK + 0.1
"""Seconds for which the last look is waited for: its requests end by themselves before that."""

POLL = 0.1
"""Seconds between two looks at an interrupt, for code that also waits for something else."""


class Interrupt:
    """Whether a run was asked to stop, and by what.

    `cli/interrupt_handler.py` makes one for each run and sets it when a signal arrives; a caller of the library may set
    it from any thread. The API client, the applier and the worker threads read it and wait by it. It guarantees that
    every wait ends as soon as it is set, and that setting it is safe inside a signal handler, between any two steps of
    the program.
    """

    def __init__(self) -> None:
        self.code: ExitCode | None = None
        """The exit code of the signal; None as long as there was none."""
        # A lock and not an Event: a handler that runs inside Event.wait() would wait for itself in Event.set().
        self._gate = threading.Lock()
        self._gate.acquire()

    @property
    def is_set(self) -> bool:
        """Whether the run was asked to stop."""
        return self.code is not None

    def set(self, code: ExitCode) -> None:
        """Ask the run to stop; only the first call counts."""
        if self.code is None:
            self.code = code
            self._gate.release()

    def wait(self, seconds: float) -> bool:
        """Wait, and return whether the run was asked to stop; return true at once when it is."""
        if self._gate.acquire(timeout=min(seconds, threading.TIMEOUT_MAX)):
            self._gate.release()  # the next one who waits passes too
        return self.is_set

    def monotonic(self) -> float:
        """Return a time in seconds that only grows: the clock by which waits are planned."""
        return time.monotonic()
