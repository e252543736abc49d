"""When a request is sent again, and how long to wait before: one rule for all calls and all threads."""

from __future__ import annotations

import random
import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol, TypeVar

from groupsync.api.pace import Pace
from groupsync.errors import ApiError, NotSentError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

MOST_RETRIES = 4
LONGEST_WAIT = 60.0
_FIRST_WAIT = 0.5
_FAULT_BUDGET = 60.0  # a request that keeps failing is not begun again after so many seconds
_LIMIT_BUDGET = 300.0  # nor one that keeps meeting the rate limit
_SLICE = 0.1


class Clock(Protocol):
    """What tells and takes time, in seconds; the module `time` is one."""

    def monotonic(self) -> float:
        """Return a time that only grows."""

    def sleep(self, seconds: float, /) -> None:
        """Wait."""


def jitter(number: int) -> float:
    """Return a random time before the retry of that number, from 0: "full jitter", so that clients do not come at once.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    return random.uniform(0, min(LONGEST_WAIT, _FIRST_WAIT * 2**number))  # noqa: S311 - no secret


class Patience:
    """Sends a request again when it was certainly not carried out, or when it only reads.

    Faults are tried again at most 4 times and for a minute. A 429 closes the gate for the requests of all threads, and
    each is sent again when it opens, for five minutes; from then on they begin at the pace at which the server took
    them. What it asks for by `Retry-After` is waited for, a minute at most. An interrupt ends every wait.
    """

    def __init__(
        self, clock: Clock = time, is_interrupted: Callable[[], bool] = lambda: False, *, retries: int = MOST_RETRIES
    ) -> None:
        self._retries = retries
        self._clock = clock
        self._is_interrupted = is_interrupted
        self._lock = threading.Lock()
        self._opens_at = 0.0
        self._refusals = 0
        self._pace = Pace()

    def send(self, request: str, attempt: Callable[[], T], *, only_reads: bool) -> T:
        """Return what an attempt returns; raise the ApiError of the last one."""
        began = self._clock.monotonic()
        retries = 0
        while True:
            begun = self._pass_gate(request)
            try:
                result = attempt()
            except ApiError as error:
                waited = self._clock.monotonic() - began
                if error.status == HTTPStatus.TOO_MANY_REQUESTS and waited < _LIMIT_BUDGET:
                    self._close_gate(error, begun)
                elif retries < self._retries and waited < _FAULT_BUDGET and _is_safe(error, only_reads=only_reads):
                    self._wait(max(jitter(retries), _cap(error.retry_after)))
                    retries += 1
                else:
                    raise
                if self._is_interrupted():
                    raise
            else:
                self._note_success()
                return result

    def _pass_gate(self, request: str) -> float:
        """Return the time when the server wants the request; raise NotSentError when an interrupt comes before."""
        while True:
            begins = self._book()
            if (left := begins - self._clock.monotonic()) > 0:
                self._wait(left)
                if self._is_interrupted():
                    raise NotSentError(request)
            if self._opens_at <= begins:  # it was not closed meanwhile
                return begins

    def _book(self) -> float:
        with self._lock:
            return self._pace.book(max(self._clock.monotonic(), self._opens_at))

    def _note_success(self) -> None:
        with self._lock:
            self._refusals = 0
            self._pace.note_answer(self._clock.monotonic())

    def _close_gate(self, error: ApiError, begun: float) -> None:
        with self._lock:
            now = self._clock.monotonic()
            is_first = self._opens_at <= now
            if is_first:
                self._refusals += 1  # once for all the threads that are refused at the same time
            self._opens_at = max(self._opens_at, now + max(jitter(self._refusals), _cap(error.retry_after)))
            if is_first and begun >= self._pace.since:
                self._pace.slow_down(now, self._opens_at)

    def _wait(self, seconds: float) -> None:
        """Wait in slices, so that an interrupt ends it."""
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0 and not self._is_interrupted():
            self._clock.sleep(min(left, _SLICE))


def _is_safe(error: ApiError, *, only_reads: bool) -> bool:
    """Tell whether the request may be sent again, and may go better then."""
    return error.transient and (only_reads or not error.ambiguous)


def _cap(retry_after: float | None) -> float:
    return min(retry_after or 0.0, LONGEST_WAIT)
