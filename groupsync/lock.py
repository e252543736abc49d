"""Allow one run at a time for each account on this machine, with an advisory lock that ends with the process."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from groupsync.errors import FileError, LockedError, describe_os_error
from groupsync.files.system import KEEPS_NAMES_OF_OPEN_FILES, READ, is_at, lock_file, open_no_link
from groupsync.interrupt import POLL, Interrupt
from groupsync.model.wait import LockWait
from groupsync.unfinished import undone_at_quit
from groupsync.watcher import Watcher, waiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from groupsync.model.account import Target

_DEFAULT_PORTS = {"https": 443, "http": 80}


@contextlib.contextmanager
def account_lock(
    folder: Path,
    target: Target,
    *,
    timeout: float,
    watcher: Watcher | None = None,
    interrupt: Interrupt | None = None,
) -> Iterator[None]:
    """Hold the lock of an account; raise LockedError if another process still holds it after `timeout` seconds.

    A wait is reported to `watcher`, and an interrupt ends it. The system releases the lock when the process dies for
    any reason. A run that ends normally removes the file: with a umask of 077, a file left behind would lock out other
    users.
    """
    parts = urlsplit(target.endpoint)
    suffix = f"-{parts.port}" if parts.port and parts.port != _DEFAULT_PORTS.get(parts.scheme) else ""
    path = folder / f"groupsync-{target.account}{suffix}.lock"
    try:
        descriptor = _acquire(path, timeout, watcher or Watcher(), interrupt or Interrupt())
    except OSError as error:
        problem = f"cannot be locked: {describe_os_error(error)}"
        remedy = "set GROUPSYNC_LOCK_DIR to a folder that this user can write"
        raise FileError(str(path), problem, remedy=remedy) from error
    if descriptor is None:
        raise LockedError(target.account)
    try:
        with undone_at_quit(lambda: _remove(path, descriptor)):
            yield
    finally:
        _release(path, descriptor)


def _release(path: Path, descriptor: int) -> None:
    """Remove the file of a held lock, if this user may, and release the lock."""
    if not KEEPS_NAMES_OF_OPEN_FILES:
        with contextlib.suppress(OSError):  # it may be another user's file
            _remove(path, descriptor)
        os.close(descriptor)
        return
    os.close(descriptor)
    with contextlib.suppress(OSError):  # another run has it open by now, and will remove it
        path.unlink()


def _remove(path: Path, descriptor: int) -> None:
    """Remove the file of a held lock, unless the path leads to another file by now."""
    if is_at(path, descriptor):
        path.unlink()


def _acquire(path: Path, timeout: float, watcher: Watcher, interrupt: Interrupt) -> int | None:
    """Return the descriptor that holds the lock; None if the time is over or the run was interrupted."""
    deadline = time.monotonic() + timeout
    if (descriptor := _try_to_lock(path)) is not None or timeout <= 0:
        return descriptor
    with waiting(watcher, LockWait(seconds=timeout)):
        while (descriptor := _try_to_lock(path)) is None:
            seconds_left = deadline - time.monotonic()
            if seconds_left <= 0 or interrupt.wait(min(seconds_left, POLL)):
                return None
        return descriptor


def _try_to_lock(path: Path) -> int | None:
    """Return the descriptor of the locked file; None if another process holds the lock."""
    while True:
        descriptor = _open(path)
        try:
            is_locked = lock_file(descriptor)
            if is_locked and is_at(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        if not is_locked:
            return None  # else the previous holder has just removed this file: open the new one


def _open(path: Path) -> int:
    """Return a descriptor of the file, created if it is missing; read-only, because another user may own it."""
    while True:
        with contextlib.suppress(FileNotFoundError):
            return open_no_link(path, READ)
        with contextlib.suppress(FileExistsError):
            return open_no_link(path, READ | os.O_CREAT | os.O_EXCL, 0o644)
