"""One run at a time for each account on this machine: an advisory lock that ends with the process."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from groupsync.errors import FileError, LockedError

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

    The file stays: were it removed, two processes could hold the locks of two files of one name. The system lets go of
    the lock when the process dies, however it dies.
    """
    port = urlsplit(target.endpoint).port
    path = folder / f"groupsync-{target.account}{f'-{port}' if port else ''}.lock"
    descriptor = _open(path)
    try:
        _wait_for(descriptor, path, target.account, timeout, on_wait)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    """Return a descriptor of the file, which another user may own: `flock` needs no right to write."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    with _explained(path):
        with contextlib.suppress(FileNotFoundError):
            return os.open(path, flags)
        with contextlib.suppress(FileExistsError):
            return os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o644)
        return os.open(path, flags)


def _wait_for(descriptor: int, path: Path, account: str, timeout: float, on_wait: Callable[[], None]) -> None:
    until = time.monotonic() + timeout
    is_first = True
    while not _try(descriptor, path):
        left = until - time.monotonic()
        if left <= 0:
            raise LockedError(account)
        if is_first:
            on_wait()
            is_first = False
        time.sleep(min(left, _POLL))


def _try(descriptor: int, path: Path) -> bool:
    with _explained(path):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = f"cannot be locked: {(error.strerror or str(error)).lower()}"
        raise FileError(
            str(path), problem, hint="set GROUPSYNC_LOCK_DIR to a folder that this user can write"
        ) from error
