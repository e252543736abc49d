"""A thread pool whose wait ends a few seconds after an interrupt."""

from __future__ import annotations

import contextlib
import math
import queue
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from groupsync.errors import ApiError, NoThreadError
from groupsync.interrupt import POLL, WORKERS_GRACE, WORKERS_LAST_LOOK
from groupsync.threads import DaemonThread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from groupsync.interrupt import Interrupt

_HEAD_START = 0.01  # seconds

Work = TypeVar("Work")
Result = TypeVar("Result")


def run_parallel(
    works: Sequence[Work],
    do: Callable[[Work], Result],
    *,
    threads: int,
    interrupt: Interrupt,
    grace: float = WORKERS_GRACE,
) -> Iterator[Result]:
    """Yield the results of `do` as they come in, from up to `threads` threads.

    There are fewer results than items if some have not ended `grace` seconds after an interrupt, or if a thread had no
    memory for its result. The threads are daemons: one that hangs in a system call does not keep the process alive.
    """
    todo: queue.SimpleQueue[Work] = queue.SimpleQueue()
    for work in works:
        todo.put(work)
    finished: queue.SimpleQueue[_Finished[Result]] = queue.SimpleQueue()
    started = _start(min(threads, len(works)), lambda: _work(todo, do, finished))
    if not started:  # the system starts no thread at all
        _work(todo, do, finished)
    give_up_at = math.inf
    for _ in works:
        if finished.empty() and not todo.empty():
            time.sleep(_HEAD_START)  # or this thread would often keep one from sending its next request
        while (one := _take(finished)) is None:
            if interrupt.is_set:
                give_up_at = min(give_up_at, time.monotonic() + grace)
            if time.monotonic() > give_up_at:
                return
            if not any(thread.is_alive for thread in started) and finished.empty():
                return
        yield one.get()


def run_with_deadline(call: Callable[[], Result], interrupt: Interrupt) -> Result:
    """Return what one call returns; raise ApiError if it has not ended soon after an interrupt."""
    for result in run_parallel([call], _call, threads=1, interrupt=interrupt, grace=WORKERS_LAST_LOOK):
        return result
    raise ApiError("the last look", "no answer came in the time that was left after the interrupt")


def _call(call: Callable[[], Result]) -> Result:
    return call()


def _start(number: int, target: Callable[[], None]) -> list[DaemonThread]:
    """Start threads and return them; fewer than asked for if the system starts no more."""
    started: list[DaemonThread] = []
    with contextlib.suppress(NoThreadError, MemoryError):
        for _ in range(number):
            started.append(DaemonThread(target))  # noqa: PERF401 - those before a failure are kept
    return started


class _Finished(Generic[Result]):
    """What became of one work: a result, or the exception that it raised."""

    def __init__(self, do: Callable[[Work], Result], work: Work) -> None:
        self._error: BaseException | None = None
        try:
            self._result = do(work)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            self._error = error

    def get(self) -> Result:
        if self._error:
            raise self._error
        return self._result


def _work(
    todo: queue.SimpleQueue[Work], do: Callable[[Work], Result], finished: queue.SimpleQueue[_Finished[Result]]
) -> None:
    with contextlib.suppress(queue.Empty, MemoryError):
        while True:
            finished.put(_Finished(do, todo.get_nowait()))


def _take(finished: queue.SimpleQueue[_Finished[Result]]) -> _Finished[Result] | None:
    """Return the next one that has finished; None if there is none for a moment."""
    with contextlib.suppress(queue.Empty):
        return finished.get(timeout=POLL)
    return None
