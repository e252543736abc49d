"""Temporary files: creates them with a lock, and removes those of dead runs.

A run holds a lock (flock) on its temporary file until the file has its final name or is gone. The system releases the
lock when the process dies, for any reason. So a temporary file without a lock is a leftover, on any number of machines
or containers that share the folder and its locks. Where a file system has no locks, leftovers stay.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import secrets
import stat
from typing import TYPE_CHECKING

from groupsync.unfinished import undone_at_quit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME = re.compile(r"\.groupsync-(?:[0-9a-f]{8}|[0-9a-f]{16})")  # 8 digits: proofs that a folder can be written

_MOST_TRIES = 100


@contextlib.contextmanager
def open_temporary(folder: Path, mode: int) -> Iterator[tuple[Path, int]]:
    """Create an empty file in the folder and lock it; at the end, remove it if it still has its temporary name."""
    path, descriptor = _create(folder, mode)
    try:
        with undone_at_quit(path.unlink):
            yield path, descriptor
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        os.close(descriptor)


def remove_leftovers(folder: Path) -> None:
    """Remove this user's temporary files of runs that are dead; leave those of living runs and all other files."""
    with contextlib.suppress(OSError):
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if _NAME.fullmatch(entry.name)]
        for name in names:
            with contextlib.suppress(OSError):  # it is locked, or gone
                _remove_unless_locked(folder / name)


def _create(folder: Path, mode: int) -> tuple[Path, int]:
    for _ in range(_MOST_TRIES):
        path = folder / f".groupsync-{secrets.token_hex(8)}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        if _lock(descriptor) and _is_at(path, descriptor):
            return path, descriptor
        os.close(descriptor)  # another run has just found it unlocked, and removes it as a leftover
    raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(folder))


def _lock(descriptor: int) -> bool:
    """Lock a new file; return false if another run has it locked. A file system without locks is no obstacle."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _remove_unless_locked(path: Path) -> None:
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
        return
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(status, os.fstat(descriptor)) and _is_at(path, descriptor):
            path.unlink()
    finally:
        os.close(descriptor)


def _is_at(path: Path, descriptor: int) -> bool:
    """Return whether the path still leads to the file of this descriptor."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False
