"""Wait for a pipe that has a name. Windows has none, so nothing of this is imported there."""

from __future__ import annotations

import os
import select
import sys
import time
from typing import TYPE_CHECKING

from groupsync.display import count_seconds
from groupsync.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

assert sys.platform != "win32"  # noqa: S101 - a type checker for Windows stops here: its `select` has no `poll`

SECONDS_FOR_A_WRITER = 1.0
"""How long a pipe may be without a writer: one that is started simultaneously opens it a little later."""
_PIECE = 2**16
_PIPE_REMEDY = "write to a file first, and name that file"


def read_pipe(path: Path, descriptor: int, size: int, seconds: float) -> Iterator[bytes]:
    """Yield the content of a pipe in pieces, `size` bytes at most."""
    patience = _PipePatience(path, descriptor, seconds)
    while size > 0:
        piece = _read_piece(descriptor, size)
        if piece:
            patience.note_content()
            size -= len(piece)
            yield piece
        elif piece is None:
            patience.wait_for_content()
        elif not patience.wait_for_writer():
            return


def _read_piece(descriptor: int, size: int) -> bytes | None:
    """Return the next piece, empty at the end; None if the pipe has a writer but no data yet."""
    try:
        return os.read(descriptor, min(size, _PIECE))
    except BlockingIOError:
        return None


class _PipePatience:
    """Waits for a pipe: for a writer if there was none yet, then for what it writes."""

    def __init__(self, path: Path, descriptor: int, seconds: float) -> None:
        self._path = path
        self._seconds = seconds
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)
        self._begun = time.monotonic()
        self._has_writer = False

    def note_content(self) -> None:
        """Note that data came: from now on, a pipe without a writer has ended."""
        self._has_writer = True
        self._require_time()

    def wait_for_content(self) -> None:
        """Wait until there may be more to read; raise FileError if the time is over."""
        self._has_writer = True
        self._poll.poll(self._require_time() * 1000)

    def wait_for_writer(self) -> bool:
        """Return whether to read the pipe again, false at its end; raise FileError if there is no writer."""
        if self._has_writer:
            return False
        left = self._begun + SECONDS_FOR_A_WRITER - time.monotonic()
        if left <= 0:
            raise FileError(str(self._path), "is a pipe that nothing writes to", remedy=_PIPE_REMEDY)
        self._has_writer = any(event & select.POLLHUP for _, event in self._poll.poll(left * 1000))
        return True

    def _require_time(self) -> float:
        left = self._begun + self._seconds - time.monotonic()
        if left <= 0:
            problem = f"is a pipe, and its writer was not done after {count_seconds(self._seconds)}"
            raise FileError(str(self._path), problem, remedy=_PIPE_REMEDY)
        return left
