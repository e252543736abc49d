"""Write whole files: atomically, and never through a link."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from groupsync.errors import FileError, describe_os_error
from groupsync.files.kinds import describe_kind
from groupsync.files.leftovers import open_temporary

if TYPE_CHECKING:
    from pathlib import Path


def write_file(path: Path, content: bytes, *, is_private: bool = True, may_replace: bool = True) -> None:
    """Write the file so that a reader sees either the old content or all of the new one, never a part.

    Only the owner can read a private file; the umask decides about any other. The content is on the disk when this
    returns. Raise FileError if the path is a link, folder or device, or a file that may not be replaced.
    """
    try:
        require_regular_file(path)
        _write_atomically(path, content, mode=0o600 if is_private else 0o666, may_replace=may_replace)
    except FileExistsError as error:
        raise FileError(str(path), "exists already", remedy="name another file") from error
    except OSError as error:
        raise FileError(str(path), f"cannot be written: {describe_os_error(error)}") from error


def make_folder(path: Path) -> None:
    """Create a folder that only its owner can read, unless it exists. Its parent must exist, else raise FileError."""
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError as error:
        kind = describe_kind(_find_mode(path) or stat.S_IFREG) or "a file"
        kind = "a link that leads to no folder" if kind == "a link" else f"{kind}, not a folder"
        raise FileError(str(path), f"cannot be made: it is {kind}", remedy="name another folder") from error
    except OSError as error:
        problem = f"cannot be made: {describe_os_error(error)}"
        raise FileError(str(path), problem, remedy="name another folder") from error


def is_there(path: Path) -> bool:
    """Return whether the path exists, as a link or anything else; raise FileError if that cannot be found out."""
    return _find_mode(path) is not None


def remove_file(path: Path) -> None:
    """Remove a file if it exists; raise FileError if the path is a link, folder or device."""
    require_regular_file(path)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(str(path), f"cannot be removed: {describe_os_error(error)}") from error


def _find_mode(path: Path) -> int | None:
    """Return the file mode of the path itself; None if it does not exist."""
    try:
        return path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        problem = f"cannot be read: {describe_os_error(error)}"
        raise FileError(str(path), problem, remedy="name another file") from error


def require_regular_file(path: Path) -> None:
    """Raise FileError if the path is a link, folder or device; a path that does not exist is fine."""
    mode = _find_mode(path)
    if kind := describe_kind(mode) if mode is not None else "":
        reason = "so groupsync does not write to it" if kind == "a link" else "not a file"
        raise FileError(str(path), f"is {kind}, {reason}", remedy="name another file")


def require_writable(path: Path) -> None:
    """Raise FileError if no file can be written to the path: it is a folder or device, or its folder is read-only."""
    require_regular_file(path)
    try:
        is_folder = stat.S_ISDIR(path.parent.stat().st_mode)
    except OSError as error:
        problem = f"cannot be written: {describe_os_error(error)}"
        raise FileError(str(path), problem, remedy="name a file in a folder that exists") from error
    if not is_folder:
        problem = f"cannot be written: {path.parent} is not a folder"
        raise FileError(str(path), problem, remedy="name a file in a folder that exists")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        problem = f"cannot be written: {path.parent} is a folder that this user cannot write to"
        raise FileError(str(path), problem, remedy="name a file in another folder")


def _write_atomically(path: Path, content: bytes, *, mode: int, may_replace: bool) -> None:
    with open_temporary(path.parent, mode) as temporary:
        temporary.write(content)
        temporary.sync()
        temporary.move(path, may_replace=may_replace)
