"""Several threads for one list of work, and an end to waiting for them."""

from __future__ import annotations

import contextlib
import math
import queue
import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from groupsync.errors import ApiError
from groupsync.interrupt import POLL, WORKERS_GRACE, WORKERS_LAST_LOOK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from groupsync.applier.protocols import Watcher

Work = TypeVar("Work")
Result = TypeVar("Result")


def work_off(
    works: Sequence[Work],
    do: Callable[[Work], Result],
    *,
    threads: int,
    watcher: Watcher,
    last_wait: float = WORKERS_GRACE,
) -> Iterator[Result]:
    """Yield the results as they come in; fewer than there are works when an interrupt has left some without an end.

    The threads are daemons: one that hangs in a call of the system does not keep the process from ending.
    """
    todo: queue.SimpleQueue[Work] = queue.SimpleQueue()
    for work in works:
        todo.put(work)
    results: queue.SimpleQueue[_Ended[Result]] = queue.SimpleQueue()
    if not _start(min(threads, len(works)), lambda: _work(todo, do, results)):
        _work(todo, do, results)
    last_moment = math.inf
    for _ in works:
        while (ended := _take(results, timeout=POLL)) is None:
            if watcher.interrupt is not None:
                last_moment = min(last_moment, time.monotonic() + last_wait)
            if time.monotonic() > last_moment:
                return
        yield ended.get()


def wait_for(do: Callable[[], Result], watcher: Watcher) -> Result:
    """Return what one call returns; raise ApiError when an interrupt has left it without an end."""
    for result in work_off([do], lambda call: call(), threads=1, watcher=watcher, last_wait=WORKERS_LAST_LOOK):
        return result
    raise ApiError("the last look", "no answer came in the time that was left after the interrupt")


def _start(number: int, target: Callable[[], None]) -> int:
    """Return how many threads could be started: fewer than asked for where the system gives no more."""
    for started in range(number):
        try:
            threading.Thread(target=target, daemon=True).start()
        except RuntimeError:  # noqa: PERF203 - a few times a run
            return started
    return number


class _Ended(Generic[Result]):
    """What became of one work: a result, or the exception that it ended with."""

    def __init__(self, do: Callable[[Work], Result], work: Work) -> None:
        self._error: BaseException | None = None
        try:
            self._result = do(work)
        except BaseException as error:  # noqa: BLE001 - it is raised again by whoever waits
            self._error = error

    def get(self) -> Result:
        if self._error:
            raise self._error
        return self._result


def _work(
    todo: queue.SimpleQueue[Work], do: Callable[[Work], Result], ended: queue.SimpleQueue[_Ended[Result]]
) -> None:
    with contextlib.suppress(queue.Empty):
        while True:
            ended.put(_Ended(do, todo.get_nowait()))


def _take(ended: queue.SimpleQueue[_Ended[Result]], timeout: float) -> _Ended[Result] | None:
    with contextlib.suppress(queue.Empty):
        return ended.get(timeout=timeout)
    return None
