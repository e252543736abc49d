"""What the operating systems do differently: links, locks of open files, names that are taken, and what is on the disk.

On Windows an open file keeps its name: nobody can remove, rename or replace it. So there a file is closed first.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

KEEPS_NAMES_OF_OPEN_FILES = sys.platform == "win32"
"""Whether a file must be closed before it is renamed or removed."""

if sys.platform == "win32":
    _ALWAYS = os.O_BINARY | os.O_NOINHERIT
    _NEVER_WAIT = 0
else:
    _ALWAYS = os.O_CLOEXEC
    _NEVER_WAIT = os.O_NONBLOCK | os.O_NOCTTY

READ = os.O_RDONLY | _ALWAYS | _NEVER_WAIT
"""Flags for reading; opening a pipe or a device does not wait."""
CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | _ALWAYS
"""Flags for a new file; an error if there is one."""

_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
_NO_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})


def open_no_link(path: Path, flags: int, mode: int = 0o777) -> int:
    """Return a descriptor of the file; raise OSError if the path is a link."""
    if sys.platform != "win32":
        flags |= os.O_NOFOLLOW
    elif path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return os.open(path, flags, mode)


def lock_file(descriptor: int) -> bool:
    """Lock an open file until it is closed or the process ends; return false if it is locked already.

    Raise OSError if the file system has no locks.
    """
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - only Windows has it

        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
    else:
        import fcntl  # noqa: PLC0415 - Windows does not have it

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def is_at(path: Path, descriptor: int) -> bool:
    """Return whether the path still leads to the file of this descriptor."""
    if KEEPS_NAMES_OF_OPEN_FILES:
        return True
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def move_to_free_name(source: Path, target: Path) -> None:
    """Give a file a name that is free; raise FileExistsError if it is not.

    A reader sees the whole file or none. Only on a file system without hard links it may see an empty one for a moment.
    """
    if sys.platform == "win32":
        source.rename(target)  # only on Windows does this fail if the target exists
    elif not _link(source, target):
        _claim_and_replace(source, target)


def sync_file(descriptor: int) -> None:
    """Wait until the content of the file is on the disk."""
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415 - only for its constant

        with contextlib.suppress(OSError):  # a file system that does not know it
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync stops at the cache of the disk there
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until the names in the folder are on the disk, if the system can do that; Windows cannot."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in _NO_SYNC:
                raise
        finally:
            os.close(descriptor)


def _link(source: Path, target: Path) -> bool:
    """Give a file a second name; return false if there are no hard links here, raise FileExistsError if it is taken."""
    try:
        os.link(source, target)
    except AttributeError:  # some systems have no such call
        return False
    except OSError as error:
        if error.errno in _NO_LINKS:
            return False
        raise
    return True


def _claim_and_replace(source: Path, target: Path) -> None:
    """Create an empty file of the name, which fails if there is one, and replace it."""
    os.close(os.open(target, CREATE, 0o600))
    try:
        source.replace(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
