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
"""Seconds after an interrupt for which the applier waits for its threads: the client ends their requests first."""

WORKERS_LAST_LOOK = LAST_LOOK + 0.1
"""Seconds for which the applier waits for the last look after that: the client ends that request first, too."""

POLL = 0.1
"""Seconds between two looks at an interrupt, for code that also waits for something else."""


class Interrupt:
    """Whether a run was asked to stop, and by which signal.

    A command makes one for its run, and `cli/interrupt_handler.py` sets it when a signal arrives; a caller of the
    library may set it from any thread. The API client, the applier and the worker threads read it and wait by it. It
    guarantees that every wait ends as soon as it is set, and that setting it is safe inside a signal handler, between
    any two steps of the program.

    A test may override `wait` and `monotonic` so that waits take no time. Requests in flight still take real time, and
    `monotonic` measures their deadlines.
    """

    def __init__(self) -> None:
        self.code: ExitCode | None = None
        """The exit code of the signal; None as long as there was none."""
        # Locks and not an Event: a handler that runs inside Event.wait() would wait for itself in Event.set().
        self._first_call = threading.Lock()
        self._until_set = threading.Lock()
        self._until_set.acquire()

    @property
    def is_set(self) -> bool:
        """Whether the run was asked to stop."""
        return self.code is not None

    def set(self, code: ExitCode) -> None:
        """Ask the run to stop; only the first call counts."""
        if self._first_call.acquire(blocking=False):  # atomic: a second signal cannot interrupt it
            self.code = code
            self._until_set.release()

    def wait(self, seconds: float) -> bool:
        """Wait, and return whether the run was asked to stop; return true at once when it is.

        Seconds below 0 are 0, and more than the system can count are as many as it can.
        """
        if not self.is_set and self._until_set.acquire(timeout=max(0.0, min(seconds, threading.TIMEOUT_MAX))):
            self._until_set.release()  # the next thread that waits passes too
        return self.is_set

    def monotonic(self) -> float:
        """Return a time in seconds that only grows: the clock by which waits are planned."""
        return time.monotonic()
