"""Temporary files: creates them with a lock, and removes those of dead runs.

A run holds a lock on its temporary file until the file has its final name or is gone. The system releases the lock when
the process dies, for any reason. So a temporary file without a lock is a leftover, on any number of machines or
containers that share the folder and its locks. Where a file system has no locks, leftovers stay. On Windows, nobody can
remove a file that is open, which is as good as a lock.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
import time
from typing import TYPE_CHECKING

from groupsync.files.system import (
    CREATE,
    KEEPS_NAMES_OF_OPEN_FILES,
    READ,
    is_at,
    lock_file,
    move_to_free_name,
    open_no_link,
    sync_file,
    sync_folder,
)
from groupsync.unfinished import undone_at_quit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME = re.compile(r"\.groupsync-(?:[0-9a-f]{8}|[0-9a-f]{16})")  # 8 digits: proofs that a folder can be written

_MOST_TRIES = 100
_LONGEST_RENAME = 60.0  # seconds between the end of writing a file on Windows and its final name


class TemporaryFile:
    """A file that is written under a temporary name and then gets its final one. `open_temporary` makes it."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor
        self._is_open = True

    def write(self, content: bytes) -> None:
        """Write the whole content."""
        with os.fdopen(self.descriptor, "wb", closefd=False) as file:
            file.write(content)

    def sync(self) -> None:
        """Wait until the content is on the disk."""
        sync_file(self.descriptor)

    def move(self, target: Path, *, may_replace: bool = True) -> None:
        """Give the file its final name, which is on the disk when this returns.

        Raise FileExistsError if there is a file of this name that may not be replaced.
        """
        if KEEPS_NAMES_OF_OPEN_FILES:
            self.close()
        if may_replace:
            self.path.replace(target)
        else:
            move_to_free_name(self.path, target)
        sync_folder(target.parent)

    def close(self) -> None:
        """Close the file, unless it is closed."""
        if self._is_open:
            self._is_open = False
            os.close(self.descriptor)

    def discard(self) -> None:
        """Close the file, and remove it if it still has its temporary name."""
        if KEEPS_NAMES_OF_OPEN_FILES:
            self.close()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        self.close()


@contextlib.contextmanager
def open_temporary(folder: Path, mode: int) -> Iterator[TemporaryFile]:
    """Create an empty file in the folder and lock it; at the end, remove it if it still has its temporary name."""
    temporary = _create(folder, mode)
    try:
        with undone_at_quit(temporary.path.unlink):
            yield temporary
    finally:
        temporary.discard()


def remove_leftovers(folder: Path) -> None:
    """Remove this user's temporary files of runs that are dead; leave those of living runs and all other files."""
    with contextlib.suppress(OSError):
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if _NAME.fullmatch(entry.name)]
        for name in names:
            with contextlib.suppress(OSError):  # it is locked, or gone
                _remove_unless_locked(folder / name)


def _create(folder: Path, mode: int) -> TemporaryFile:
    for _ in range(_MOST_TRIES):
        path = folder / f".groupsync-{os.urandom(8).hex()}"
        descriptor = os.open(path, CREATE, mode)
        if _lock(descriptor) and is_at(path, descriptor):
            return TemporaryFile(path, descriptor)
        os.close(descriptor)  # another run has just found it unlocked, and removes it as a leftover
    raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(folder))


def _lock(descriptor: int) -> bool:
    """Lock a new file; return false if another run has it locked. A file system without locks is no obstacle."""
    try:
        return lock_file(descriptor)
    except OSError:
        return True


def _remove_unless_locked(path: Path) -> None:
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        return
    if sys.platform == "win32":
        if time.time() - status.st_mtime > _LONGEST_RENAME:
            path.unlink()  # fails while it is open
    elif status.st_uid == os.geteuid():
        descriptor = open_no_link(path, READ)
        try:
            is_same = os.path.samestat(status, os.fstat(descriptor))
            if lock_file(descriptor) and is_same and is_at(path, descriptor):
                path.unlink()
        finally:
            os.close(descriptor)
