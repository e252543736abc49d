"""A limit of time for a whole request. The timeouts of sockets are none: they begin anew with every byte."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import math
import socket
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

GRACE = 5.0
"""How many seconds a request under way has when the run is interrupted."""

LAST_LOOK = 1.5
"""How many seconds more a request has that is begun after the interrupt."""

_POLL = 0.1
_current = threading.local()


class Deadline:
    """Shuts the connection of the request that its thread makes when the time is over.

    What waits for the server then sees the end of the connection, as an error or as the end of a body: look at
    `is_over` before you believe either. `was_cut_short` tells that an interrupt took time from it.
    """

    def __init__(self) -> None:
        self.is_over = False
        self.was_cut_short = False
        self._is_met = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        _current.deadline = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _current.deadline = None
        self.meet()

    def watch(self, connection: socket.socket) -> None:
        """Take this for the connection of the request from now on."""
        with self._lock:
            self._socket = connection
            if self.is_over:
                _shut(connection)

    def meet(self) -> None:
        """Say that the request has what it wants of its connection, which may be another one's from now on."""
        with self._lock:
            self._is_met = True
            self._socket = None

    def end(self, *, cut_short: bool) -> None:
        """Say that the time is over; without effect on a deadline that was met."""
        with self._lock:
            if self._is_met:
                return
            self.is_over = True
            self.was_cut_short = cut_short
            if self._socket:
                _shut(self._socket)


def get_deadline() -> Deadline | None:
    """Return the deadline of the request that this thread makes, if there is one."""
    return getattr(_current, "deadline", None)


def _shut(connection: socket.socket) -> None:
    """Shut both ways of the TCP connection, also below TLS: whoever reads from it wakes up."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


class Watchdog:
    """One thread, begun with the first request, that ends each deadline in its time, or a while after an interrupt.

    `grace` is how many seconds what is under way has then; what begins later, a last look, has `last_look` more.
    """

    def __init__(
        self, is_interrupted: Callable[[], bool] = lambda: False, *, grace: float = GRACE, last_look: float = LAST_LOOK
    ) -> None:
        self._is_interrupted = is_interrupted
        self._grace = grace
        self._last_look = last_look
        self._interrupted_at = math.inf
        self._condition = threading.Condition()
        self._numbers = itertools.count()
        self._waiting: list[_Waiting] = []
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def start(self, seconds: float) -> Deadline:
        """Return a deadline that is over in so many seconds from now."""
        deadline = Deadline()
        with self._condition:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                thread.start()
                self._thread = thread
            self._heed_interrupt()
            waiting = _Waiting(time.monotonic() + seconds, next(self._numbers), deadline)
            heapq.heappush(self._waiting, waiting.cut(self._interrupted_at + self._grace + self._last_look))
            if len(self._waiting) == 1 or seconds < _POLL:  # otherwise the thread looks soon enough by itself
                self._condition.notify()
        return deadline

    def close(self) -> None:
        """End the thread; deadlines that are not over yet never will be."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        with self._condition:
            while not self._is_closed:
                self._heed_interrupt()
                self._condition.wait(self._end_what_is_over(time.monotonic()))

    def _heed_interrupt(self) -> None:
        if self._interrupted_at == math.inf and self._is_interrupted():
            self._interrupted_at = time.monotonic()
            self._waiting = [waiting.cut(self._interrupted_at + self._grace) for waiting in self._waiting]
            heapq.heapify(self._waiting)

    def _end_what_is_over(self, now: float) -> float | None:
        """End the deadlines whose time has come; return how long there is nothing to do, None without deadlines."""
        while self._waiting and self._waiting[0].until <= now:
            over = heapq.heappop(self._waiting)
            over.deadline.end(cut_short=over.is_cut)
        return min(self._waiting[0].until - now, _POLL) if self._waiting else None


class _Waiting(NamedTuple):
    """A deadline and when it is over; the number keeps the order of equal times."""

    until: float
    number: int
    deadline: Deadline
    is_cut: bool = False

    def cut(self, until: float) -> _Waiting:
        """Return it with less time, if it has more."""
        return self._replace(until=until, is_cut=True) if until < self.until else self
