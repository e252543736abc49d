"""Several threads for one list of work, and an end to waiting for them."""

from __future__ import annotations

import contextlib
import math
import queue
import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from groupsync.applier.protocols import Watcher

Work = TypeVar("Work")
Result = TypeVar("Result")

LAST_WAIT = 6.0
"""Seconds after an interrupt after which nobody is waited for: the API client ends its own requests before that."""

_POLL = 0.1


def work_off(
    works: Sequence[Work], do: Callable[[Work], Result], *, threads: int, watcher: Watcher
) -> Iterator[Result]:
    """Yield the results as they come in; fewer than there are works when an interrupt has left some without an end.

    The threads are daemons: one that hangs in a call of the system does not keep the process from ending.
    """
    todo: queue.SimpleQueue[Work] = queue.SimpleQueue()
    for work in works:
        todo.put(work)
    results: queue.SimpleQueue[_Ended[Result]] = queue.SimpleQueue()
    for _ in range(min(threads, len(works))):
        threading.Thread(target=_work, args=(todo, do, results), daemon=True).start()
    last_moment = math.inf
    for _ in works:
        while (ended := _take(results, timeout=_POLL)) is None:
            if watcher.interrupt is not None:
                last_moment = min(last_moment, time.monotonic() + LAST_WAIT)
            if time.monotonic() > last_moment:
                return
        yield ended.get()


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
