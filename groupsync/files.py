"""Read and write whole files: of limited size, atomically, and never through a link."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from typing import TYPE_CHECKING

from groupsync.errors import FileError, describe_os_error
from groupsync.unfinished import undone_at_quit

if TYPE_CHECKING:
    from pathlib import Path


def read_file(path: Path, *, limit: int) -> bytes:
    """Return the content of a file; raise FileError if it cannot be read or has more than `limit` bytes."""
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise FileError(str(path), describe_os_error(error)) from error
    if len(content) > limit:
        raise FileError(str(path), f"is larger than {limit // 2**20} MiB")
    return content


def read_beginning(path: Path, size: int) -> bytes:
    """Return the first `size` bytes of a file; raise FileError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise FileError(str(path), describe_os_error(error)) from error


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
    except OSError as error:
        problem = f"cannot be made: {describe_os_error(error)}"
        raise FileError(str(path), problem, remedy="name a folder that can be") from error


def is_there(path: Path) -> bool:
    """Return whether the path exists, as a link or anything else; raise FileError if that cannot be found out."""
    return _find_mode(path) is not None


def is_regular(path: Path) -> bool:
    """Return whether the path is a regular file: not a link, folder or device."""
    mode = _find_mode(path)
    return mode is not None and stat.S_ISREG(mode)


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
        problem = f"cannot be looked at: {describe_os_error(error)}"
        raise FileError(str(path), problem, remedy="name another file") from error


def require_regular_file(path: Path) -> None:
    """Raise FileError if the path is a link, folder or device; a path that does not exist is fine."""
    mode = _find_mode(path)
    if mode is not None and not stat.S_ISREG(mode):
        kind = "a link" if stat.S_ISLNK(mode) else "not a regular file"
        raise FileError(str(path), f"is {kind}, and nothing is written through it", remedy="name another file")


def _write_atomically(path: Path, content: bytes, *, mode: int, may_replace: bool) -> None:
    temporary = path.parent / f".groupsync-{secrets.token_hex(8)}"
    with undone_at_quit(temporary.unlink):
        _write_through(temporary, path, content, mode=mode, may_replace=may_replace)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write_through(temporary: Path, path: Path, content: bytes, *, mode: int, may_replace: bool) -> None:
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if may_replace:
            temporary.replace(path)
        else:
            os.link(temporary, path)  # unlike a rename, a link fails if the file exists
            temporary.unlink()
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
