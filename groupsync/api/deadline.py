"""A wall-clock limit for a whole request. Socket timeouts are not one: they restart with every byte."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import math
import socket
import threading
from typing import TYPE_CHECKING, NamedTuple

from groupsync.interrupt import GRACE, LAST_LOOK, POLL
from groupsync.threads import DaemonThread

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from groupsync.interrupt import Interrupt

_of_thread = threading.local()


class Deadline:
    """The time limit of one request.

    `Watchdog.start` makes one for each request, and `Transport.send` enters it as a context manager in the thread that
    sends. While it is entered, the connections of that thread find it by `get_deadline`: they attach the socket that
    the request uses, and release it when the connection may serve another request. The watchdog ends it when the time
    is over.

    It guarantees that the socket is then shut down, so that everything that waits for it wakes up and nothing more is
    sent; and that a socket is never shut down once it was released. To the code that reads, the shutdown looks like an
    error or like the end of a body, so `Transport.send` checks `is_over` before it believes either.
    """

    def __init__(self) -> None:
        self.is_over = False
        """Whether the time was over before the request had ended."""
        self.was_interrupted = False
        """Whether it was over early, because of an interrupt."""
        self._is_released = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        _of_thread.deadline = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _of_thread.deadline = None
        self.release()

    def attach(self, connection: socket.socket) -> None:
        """Take this for the request's socket from now on; shut it down at once if the time is already over."""
        with self._lock:
            self._socket = connection
            if self.is_over:
                _shut_down(connection)

    def release(self) -> None:
        """Forget the socket, because the request needs it no longer; the deadline can no longer be over."""
        with self._lock:
            self._is_released = True
            self._socket = None

    def end(self, *, interrupted: bool) -> None:
        """Shut the request's socket down, because the time is over; do nothing once it was released."""
        with self._lock:
            if self._is_released:
                return
            self.is_over = True
            self.was_interrupted = interrupted
            if self._socket:
                _shut_down(self._socket)


def get_deadline() -> Deadline | None:
    """Return the deadline of the request that this thread sends, None if it sends none."""
    return getattr(_of_thread, "deadline", None)


def _shut_down(connection: socket.socket) -> None:
    """Shut down both directions of the TCP connection below any TLS: every read and write of it ends."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


class Watchdog:
    """The thread that ends the deadlines of one client.

    `Transport` makes one, asks it for a deadline before each request, and closes it with the client. The thread begins
    with the first request. It guarantees that a deadline that was not released ends when its time is over, at most
    `POLL` seconds late: after the seconds that `start` was given, or, once the run was interrupted, within `GRACE`
    seconds if the request had begun before, within `GRACE` and `LAST_LOOK` seconds if it began later.
    """

    def __init__(self, interrupt: Interrupt) -> None:
        self._interrupt = interrupt
        self._interrupted_at = math.inf
        self._condition = threading.Condition()
        self._numbers = itertools.count()
        self._running: list[_Running] = []
        self._is_closed = False
        self._thread: DaemonThread | None = None

    def start(self, seconds: float) -> Deadline:
        """Return a deadline that is over after so many seconds from now."""
        deadline = Deadline()
        with self._condition:
            if self._thread is None:
                self._thread = DaemonThread(self._run)
            self._notice_interrupt()
            running = _Running(self._interrupt.monotonic() + seconds, next(self._numbers), deadline)
            heapq.heappush(self._running, running.shorten(self._interrupted_at + GRACE + LAST_LOOK))
            if len(self._running) == 1 or seconds < POLL:  # otherwise the thread wakes up soon enough by itself
                self._condition.notify()
        return deadline

    def close(self) -> None:
        """Stop the thread; a deadline that is not over yet will never be."""
        with self._condition:
            self._is_closed = True
            self._condition.notify()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        with self._condition:
            while not self._is_closed:
                with contextlib.suppress(MemoryError):  # the next check may find what this one has not
                    self._notice_interrupt()
                    self._end_what_is_over()
                    self._condition.wait(self._find_pause())

    def _notice_interrupt(self) -> None:
        """Shorten every running deadline when the run was interrupted since the last look."""
        if self._interrupted_at == math.inf and self._interrupt.is_set:
            now = self._interrupt.monotonic()
            running = [one.shorten(now + GRACE) for one in self._running]
            heapq.heapify(running)
            self._running = running
            self._interrupted_at = now

    def _end_what_is_over(self) -> None:
        now = self._interrupt.monotonic()
        while self._running and self._running[0].until <= now:
            over = heapq.heappop(self._running)
            over.deadline.end(interrupted=over.is_shortened)

    def _find_pause(self) -> float | None:
        """Return how many seconds the thread may sleep; None (until it is notified) if no deadline is running."""
        if not self._running:
            return None
        return max(0.0, min(self._running[0].until - self._interrupt.monotonic(), POLL))


class _Running(NamedTuple):
    """A deadline and when it is over; the number keeps the order of equal times."""

    until: float
    number: int
    deadline: Deadline
    is_shortened: bool = False

    def shorten(self, until: float) -> _Running:
        """Return it with that end, if it is an earlier one."""
        return self._replace(until=until, is_shortened=True) if until < self.until else self
