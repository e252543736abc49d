"""When a request is sent again, and how long to wait before that: one rule for all calls and all threads."""

from __future__ import annotations

import itertools
import random
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from groupsync.api.pace import Pace
from groupsync.errors import ApiError, NotSentError
from groupsync.model.wait import AnswerWait, PauseWait, RetryWait
from groupsync.watcher import Watcher, waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from groupsync.interrupt import Interrupt

T = TypeVar("T")

LONGEST_WAIT = 60.0
"""Seconds that one wait takes at most, whatever the server asks for."""

_MOST_RETRIES = 4  # after faults; a 429 is no fault
_FIRST_WAIT = 0.5
_FAULT_BUDGET = 60.0  # seconds after which a request that keeps failing is not sent again
_RATE_LIMIT_BUDGET = 300.0  # seconds after which one that keeps being refused with 429 is not sent again


def choose_wait(retry: int) -> float:
    """Return a random number of seconds to wait before the retry of this number; the first retry has number 0.

    The bound doubles with each retry. Anything from 0 up to it is as likely ("full jitter"), so that clients that
    failed together do not come back together:
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    return random.uniform(0, min(LONGEST_WAIT, _FIRST_WAIT * 2**retry))  # noqa: S311 - no secret


class Patience:
    """Decides when each request of one client is sent, and whether it is sent again.

    `GroupsClient` makes one and sends every request through it, from all threads. It guarantees that a request is sent
    again only if it was certainly not carried out, or if it only reads.

    - Faults: at most 4 retries within a minute, after random waits that grow.
    - A 429 pauses all threads. Every request is sent again after the pause, for five minutes at most; from then on
      requests start at the pace at which the server accepted them.
    - A `Retry-After` is waited for, but never longer than a minute.
    - An interrupt ends every wait: a request that was waiting to be sent is not sent (NotSentError), and one that was
      waiting to be sent again ends with the error that it had.
    """

    def __init__(self, interrupt: Interrupt, watcher: Watcher | None = None, host: str = "") -> None:
        self._interrupt = interrupt
        self._watcher = watcher or Watcher()
        self._host = host
        self._lock = threading.Lock()
        self._paused_until = 0.0
        self._refusals = 0
        self._pace = Pace()

    def send(self, request: str, attempt: Callable[[], T], *, only_reads: bool, what: str = "") -> T:
        """Return what an attempt returns; raise the ApiError of the last one.

        Errors name the request `request`; the watcher receives `what` it is about.
        """
        began = self._interrupt.monotonic()
        retries = 0
        for number in itertools.count(1):
            attempt_began = self._wait_for_turn(request)
            try:
                with waiting(self._watcher, AnswerWait(host=self._host, what=what, attempt=number)):
                    result = attempt()
            except ApiError as error:
                waited = self._interrupt.monotonic() - began
                if error.status == HTTPStatus.TOO_MANY_REQUESTS and waited < _RATE_LIMIT_BUDGET:
                    self._pause(error, attempt_began)
                elif retries < _MOST_RETRIES and waited < _FAULT_BUDGET and _may_retry(error, only_reads=only_reads):
                    self._wait_to_retry(what, number + 1, max(choose_wait(retries), _cap(error.retry_after)), error)
                    retries += 1
                else:
                    error.note_attempts(number)
                    raise
                if self._interrupt.is_set:
                    raise
            else:
                self._note_success()
                return result
        raise AssertionError("the attempts have no end")

    def _wait_to_retry(self, what: str, attempt: int, seconds: float, error: ApiError) -> None:
        cause = f"HTTP {error.status}" if error.status else "no usable answer"
        wait = RetryWait(host=self._host, what=what, attempt=attempt, cause=cause, seconds=seconds)
        with waiting(self._watcher, wait):
            self._interrupt.wait(seconds)

    def _wait_for_turn(self, request: str) -> float:
        """Wait until the request may start, and return that time; raise NotSentError if an interrupt comes first."""
        while True:
            start = self._book_start()
            seconds = start - self._interrupt.monotonic()
            if seconds > 0:
                with waiting(self._watcher, PauseWait(host=self._host, seconds=seconds)):
                    if self._interrupt.wait(seconds):
                        raise NotSentError(request)
            if self._paused_until <= start:  # otherwise another thread met a 429 meanwhile
                return start

    def _book_start(self) -> float:
        with self._lock:
            return self._pace.book(max(self._interrupt.monotonic(), self._paused_until))

    def _note_success(self) -> None:
        with self._lock:
            self._refusals = 0
            self._pace.note_answer(self._interrupt.monotonic())

    def _pause(self, error: ApiError, attempt_began: float) -> None:
        """Pause all threads after a 429; of several that are refused together only the first counts as a refusal."""
        with self._lock:
            now = self._interrupt.monotonic()
            is_first = self._paused_until <= now
            if is_first:
                self._refusals += 1
            seconds = max(choose_wait(self._refusals), _cap(error.retry_after))
            self._paused_until = max(self._paused_until, now + seconds)
            if is_first and attempt_began >= self._pace.since:
                self._pace.slow_down(now, self._paused_until)


def _may_retry(error: ApiError, *, only_reads: bool) -> bool:
    """Return whether sending the request again is safe, and may go better."""
    return error.transient and (only_reads or not error.ambiguous)


def _cap(retry_after: float | None) -> float:
    return min(retry_after or 0.0, LONGEST_WAIT)
