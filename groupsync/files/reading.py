"""Read files. A pipe is read as long as something writes to it; nothing else can make a read wait."""

from __future__ import annotations

import os
import select
import stat
import time
from typing import TYPE_CHECKING

from groupsync.display import count_seconds
from groupsync.errors import FileError, describe_os_error
from groupsync.files.kinds import describe_kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS_FOR_A_WRITER = 1.0
"""How long a pipe may be without a writer: one that is started simultaneously opens it a little later."""
SECONDS_FOR_A_PIPE = 60.0
"""How long the writer of a pipe may take for all of its content."""

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_PIECE = 2**16
_PIPE_REMEDY = "write to a file first, and name that file"


def read_file(path: Path, *, limit: int, pipe_seconds: float = SECONDS_FOR_A_PIPE) -> bytes:
    """Return the content of a file or pipe; raise FileError if it cannot be read or has more than `limit` bytes.

    A pipe is an error if it has no writer for one second, or if its writer takes more than `pipe_seconds`. Folders,
    sockets and devices are errors at once.
    """
    try:
        descriptor = _open(path)
        try:
            is_too_large = os.fstat(descriptor).st_size > limit  # 0 for a pipe
            content = b"" if is_too_large else b"".join(_read(path, descriptor, limit + 1, pipe_seconds))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise FileError(str(path), describe_os_error(error)) from error
    if is_too_large or len(content) > limit:
        size = f"{limit // 2**20} MiB" if limit >= 2**20 else f"{limit // 2**10} KiB"
        raise FileError(str(path), f"is larger than {size}")
    return content


def read_beginning(path: Path, size: int) -> bytes:
    """Return the first `size` bytes of a regular file; raise FileError if it cannot be read."""
    return _read_pieces(path, [(0, size)], _FLAGS)[0]


def read_ends(path: Path, size: int) -> tuple[bytes, bytes]:
    """Return the first and the last `size` bytes of a regular file; raise FileError for a link or anything else."""
    beginning, end = _read_pieces(path, [(0, size), (-size, size)], _FLAGS | os.O_NOFOLLOW)
    return beginning, end


def _read_pieces(path: Path, pieces: list[tuple[int, int]], flags: int) -> list[bytes]:
    """Return pieces of a regular file, each given by its offset (from the end if negative) and its length."""
    try:
        descriptor = os.open(path, flags)
        try:
            status = os.fstat(descriptor)
            if kind := describe_kind(status.st_mode):
                raise FileError(str(path), f"is {kind}, not a file")
            offsets = [offset if offset >= 0 else max(0, status.st_size + offset) for offset, _ in pieces]
            return [os.pread(descriptor, size, offset) for offset, (_, size) in zip(offsets, pieces, strict=True)]
        finally:
            os.close(descriptor)
    except OSError as error:
        raise FileError(str(path), describe_os_error(error)) from error


def _open(path: Path) -> int:
    """Return the descriptor of a file or pipe; raise FileError for anything else, which is not opened."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
        raise FileError(str(path), f"is {describe_kind(mode)}, not a file", remedy="name a file")
    return os.open(path, _FLAGS)


def _read(path: Path, descriptor: int, size: int, pipe_seconds: float) -> Iterator[bytes]:
    """Yield the content of a file or pipe in pieces, `size` bytes at most."""
    is_pipe = stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    patience = _PipePatience(path, descriptor, pipe_seconds) if is_pipe else None
    while size > 0:
        piece = _read_piece(descriptor, size)
        if piece:
            if patience:
                patience.note_content()
            size -= len(piece)
            yield piece
        elif piece is None and patience:
            patience.wait_for_content()
        elif patience is None or not patience.wait_for_writer():
            return


def _read_piece(descriptor: int, size: int) -> bytes | None:
    """Return the next piece, empty at the end; None if a pipe has a writer but no data yet."""
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
