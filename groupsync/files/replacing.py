"""Replace a file that a person keeps: atomically, with its mode and owner, and only if it is unchanged."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

from groupsync.errors import FileError, describe_os_error
from groupsync.files.leftovers import open_temporary
from groupsync.files.reading import read_file
from groupsync.files.writing import require_regular_file

if TYPE_CHECKING:
    from pathlib import Path

_CHANGED = "has changed since it was read, so it was not written"
_AGAIN = "run the command again"


def require_replaceable(path: Path, expected: bytes) -> os.stat_result:
    """Return the status of a file that `replace_file` can replace.

    Raise FileError if it does not have the expected content, is a link, has another name (a hard link), or if this user
    cannot write to it or to its folder.
    """
    require_regular_file(path)
    try:
        status = path.lstat()
        content = read_file(path, limit=len(expected))
    except FileNotFoundError as error:
        raise FileError(str(path), _CHANGED, remedy=_AGAIN) from error
    except OSError as error:
        raise FileError(str(path), f"cannot be read: {describe_os_error(error)}") from error
    except FileError as error:
        raise FileError(str(path), _CHANGED, remedy=_AGAIN) from error
    if content != expected:
        raise FileError(str(path), _CHANGED, remedy=_AGAIN)
    if status.st_nlink > 1:
        raise FileError(str(path), "has a second name (a hard link), which would keep the old content")
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK | os.X_OK):
        raise FileError(str(path), "cannot be written: this user may not write to it or to its folder")
    return status


def replace_file(path: Path, content: bytes, *, expected: bytes) -> None:
    """Replace the content of a file, so that whoever reads it sees all of the old content or all of the new one.

    The file keeps its mode, owner and group. The content is on the disk when this returns. Raise FileError as
    `require_replaceable` does, or if the owner cannot be kept. A change by someone else is noticed up to the moment of
    the replacement; no system call compares and replaces at once.
    """
    status = require_replaceable(path, expected)
    try:
        with open_temporary(path.parent, 0o600) as temporary:
            temporary.write(content)
            _copy_owner_and_mode(path, temporary.descriptor, status)
            temporary.sync()
            if not _is_same(status, require_replaceable(path, expected)):
                raise FileError(str(path), _CHANGED, remedy=_AGAIN)
            temporary.move(path)
    except OSError as error:
        raise FileError(str(path), f"cannot be written: {describe_os_error(error)}") from error


def _copy_owner_and_mode(path: Path, descriptor: int, status: os.stat_result) -> None:
    """Give the new file the owner, group and mode of the old one; on Windows it has those of its folder."""
    if sys.platform != "win32":
        new = os.fstat(descriptor)
        if (new.st_uid, new.st_gid) != (status.st_uid, status.st_gid):
            try:
                os.fchown(descriptor, status.st_uid, status.st_gid)
            except PermissionError as error:
                problem = "cannot be written: it belongs to another user or group, and would get a different owner"
                raise FileError(str(path), problem) from error
        os.fchmod(descriptor, stat.S_IMODE(status.st_mode))  # after the owner: a change of owner clears bits


def _is_same(one: os.stat_result, other: os.stat_result) -> bool:
    """Return whether a file is still the same one, with the same mode and owner."""
    return (one.st_dev, one.st_ino, one.st_mode, one.st_uid, one.st_gid) == (
        other.st_dev,
        other.st_ino,
        other.st_mode,
        other.st_uid,
        other.st_gid,
    )
