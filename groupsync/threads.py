"""Daemon threads whose start cannot hang, even if a new thread has no memory for its first steps."""

from __future__ import annotations

import _thread
from typing import TYPE_CHECKING

from groupsync.errors import NoThreadError

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_START = 5.0


class DaemonThread:
    """A thread that calls a function, and does not keep the process alive.

    `threading.Thread.start` waits forever if the new thread has no memory for its first steps. This one waits for a few
    seconds and raises NoThreadError; a thread that starts after that does nothing.
    """

    def __init__(self, target: Callable[[], None]) -> None:
        self._target = target
        self._claim = _thread.allocate_lock()
        self._begun = _thread.allocate_lock()
        self._ended = _thread.allocate_lock()
        self._begun.acquire()
        self._ended.acquire()
        try:
            _thread.start_new_thread(self._run, ())
        except (RuntimeError, MemoryError) as error:
            raise NoThreadError from error
        if not self._begun.acquire(timeout=_LONGEST_START) and self._claim.acquire(blocking=False):
            raise NoThreadError

    @property
    def is_alive(self) -> bool:
        """Whether the function has not ended yet."""
        return self._ended.locked()

    def join(self) -> None:
        """Wait until the function has ended."""
        with self._ended:
            return

    def _run(self) -> None:
        if not self._claim.acquire(blocking=False):
            return
        self._begun.release()
        try:
            self._target()
        finally:
            self._ended.release()
