"""Reading and writing whole files: bounded, atomic, and never through a link."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from typing import TYPE_CHECKING

from groupsync.errors import FileError, describe_os_error

if TYPE_CHECKING:
    from pathlib import Path


def read_file(path: Path, *, limit: int) -> bytes:
    """Return the whole content of a file of at most `limit` bytes; raise FileError when there is none."""
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise FileError(str(path), describe_os_error(error)) from error
    if len(content) > limit:
        raise FileError(str(path), f"is larger than {limit // 2**20} MiB")
    return content


def read_beginning(path: Path, size: int) -> bytes:
    """Return the first bytes of a file; raise FileError when there is none."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise FileError(str(path), describe_os_error(error)) from error


def write_file(path: Path, content: bytes, *, is_private: bool = True, may_replace: bool = True) -> None:
    """Put the content in the place of the file so that a reader sees all of it or none.

    A private file is for the owner's eyes only, another one as the umask says. The content is on the disk when this
    returns. A link, folder or device in the place raises FileError, and so does a file that may not be replaced.
    """
    try:
        require_regular_file(path)
        _put(path, content, mode=0o600 if is_private else 0o666, may_replace=may_replace)
    except FileExistsError as error:
        raise FileError(str(path), "exists already", remedy="name another file") from error
    except OSError as error:
        raise FileError(str(path), f"cannot be written: {describe_os_error(error)}") from error


def make_folder(path: Path) -> None:
    """Make a folder for the owner's eyes only, unless it is there; the folder above it must be. Raises FileError."""
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise FileError(
            str(path), f"cannot be made: {describe_os_error(error)}", remedy="name a folder that can be"
        ) from error


def is_there(path: Path) -> bool:
    """Tell whether there is anything of this name; raise FileError when that cannot be told."""
    return _find_mode(path) is not None


def is_regular(path: Path) -> bool:
    """Tell whether there is a regular file of this name itself: no link, folder or device."""
    mode = _find_mode(path)
    return mode is not None and stat.S_ISREG(mode)


def remove_file(path: Path) -> None:
    """Remove a file, if there is one; a link, folder or device in its place raises FileError."""
    require_regular_file(path)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(str(path), f"cannot be removed: {describe_os_error(error)}") from error


def _find_mode(path: Path) -> int | None:
    try:
        return path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise FileError(
            str(path), f"cannot be looked at: {describe_os_error(error)}", remedy="name another file"
        ) from error


def require_regular_file(path: Path) -> None:
    """Raise FileError where something stands that no file is written through: a link, a folder, a device."""
    mode = _find_mode(path)
    if mode is not None and not stat.S_ISREG(mode):
        kind = "a link" if stat.S_ISLNK(mode) else "not a regular file"
        raise FileError(str(path), f"is {kind}, and nothing is written through it", remedy="name another file")


def _put(path: Path, content: bytes, *, mode: int, may_replace: bool) -> None:
    temporary = path.parent / f".groupsync-{secrets.token_hex(8)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if may_replace:
            temporary.replace(path)
        else:
            os.link(temporary, path)  # unlike a rename it fails where there is a file
            temporary.unlink()
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
