"""Read files. A pipe is read as long as something writes to it; nothing else can make a read wait."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

from groupsync.errors import FileError, describe_os_error
from groupsync.files.kinds import describe_kind
from groupsync.files.system import READ, open_no_link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECONDS_FOR_A_PIPE = 60.0
"""How long the writer of a pipe may take for all of its content."""

_PIECE = 2**16


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
    return _read_pieces(path, [(0, size)], os.open)[0]


def read_ends(path: Path, size: int) -> tuple[bytes, bytes]:
    """Return the first and the last `size` bytes of a regular file; raise FileError for a link or anything else."""
    beginning, end = _read_pieces(path, [(0, size), (-size, size)], open_no_link)
    return beginning, end


def _read_pieces(path: Path, pieces: list[tuple[int, int]], open_file: Callable[[Path, int], int]) -> list[bytes]:
    """Return pieces of a regular file, each given by its offset (from the end if negative) and its length."""
    try:
        descriptor = open_file(path, READ)
        try:
            status = os.fstat(descriptor)
            if kind := describe_kind(status.st_mode):
                raise FileError(str(path), f"is {kind}, not a file")
            offsets = [offset if offset >= 0 else max(0, status.st_size + offset) for offset, _ in pieces]
            return [_read_at(descriptor, size, offset) for offset, (_, size) in zip(offsets, pieces, strict=True)]
        finally:
            os.close(descriptor)
    except OSError as error:
        raise FileError(str(path), describe_os_error(error)) from error


def _open(path: Path) -> int:
    """Return the descriptor of a file or pipe; raise FileError for anything else, which is not opened."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
        raise FileError(str(path), f"is {describe_kind(mode)}, not a file", remedy="name a file")
    return os.open(path, READ)


def _read(path: Path, descriptor: int, size: int, pipe_seconds: float) -> Iterator[bytes]:
    """Yield the content of a file or pipe in pieces, `size` bytes at most."""
    if sys.platform != "win32" and stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        from groupsync.files.pipes import read_pipe  # noqa: PLC0415 - Windows cannot import it

        yield from read_pipe(path, descriptor, size, pipe_seconds)
    else:
        while size > 0 and (piece := os.read(descriptor, min(size, _PIECE))):
            size -= len(piece)
            yield piece


def _read_at(descriptor: int, size: int, offset: int) -> bytes:
    """Return the bytes at an offset; Windows has no call that does both."""
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, size)
