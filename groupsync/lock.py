"""One run at a time for each account on this machine: an advisory lock that ends with the process."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from groupsync.errors import FileError, LockedError, describe_os_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from groupsync.model.account import Target

_POLL = 0.1


@contextlib.contextmanager
def account_lock(
    folder: Path, target: Target, *, timeout: float, on_wait: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Hold the lock of an account; raise LockedError when another process holds it for `timeout` seconds.

    The system lets go of the lock when the process dies, however it dies. A run that ends in peace removes the file.
    """
    port = urlsplit(target.endpoint).port
    path = folder / f"groupsync-{target.account}{f'-{port}' if port else ''}.lock"
    with _explained(path):
        descriptor = _acquire(path, timeout, on_wait)
    if descriptor is None:
        raise LockedError(target.account)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # another user's file, perhaps
            if _is_at(path, descriptor):
                path.unlink()
        os.close(descriptor)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = f"cannot be locked: {describe_os_error(error)}"
        raise FileError(
            str(path), problem, remedy="set GROUPSYNC_LOCK_DIR to a folder that this user can write"
        ) from error


def _acquire(path: Path, timeout: float, on_wait: Callable[[], None]) -> int | None:
    """Return the descriptor that holds the lock, None when the time is over."""
    until = time.monotonic() + timeout
    is_first = True
    while (descriptor := _try(path)) is None:
        left = until - time.monotonic()
        if left <= 0:
            return None
        if is_first:
            on_wait()
            is_first = False
        time.sleep(min(left, _POLL))
    return descriptor


def _try(path: Path) -> int | None:
    """Return the descriptor of the locked file; None when another process holds it."""
    while True:
        descriptor = _open(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(path, descriptor):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # whoever held it has just removed it


def _open(path: Path) -> int:
    """Return a descriptor of the file, which another user may own: `flock` needs no right to write."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    while True:
        with contextlib.suppress(FileNotFoundError):
            return os.open(path, flags)
        with contextlib.suppress(FileExistsError):
            return os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o644)


def _is_at(path: Path, descriptor: int) -> bool:
    """Tell whether the file of this descriptor is still the one of this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False
