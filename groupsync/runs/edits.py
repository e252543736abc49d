"""Edits of the configuration files: proved for all files first, then written one after the other."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from groupsync.config.load import load_texts
from groupsync.editing import Refusal, edit_files
from groupsync.errors import ConfigError, FileError
from groupsync.files import read_file, remove_leftovers, replace_file, require_regular_file, require_replaceable
from groupsync.model.config import LARGEST_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from groupsync.editing import Edit, FileWrite
    from groupsync.model.config import Config

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def make_writes(config: Config, edits: Sequence[Edit]) -> tuple[FileWrite, ...] | Refusal:
    """Return what to write so that the files of the configuration have the edits, or why nothing may be written.

    Nothing is read or written. Sources are those of `config`.
    """
    return edit_files(config.texts, edits, find_fault=partial(_find_fault, job_scope=config.job_scope))


def write_edits(config: Config, writes: Sequence[FileWrite]) -> None:
    """Write the files in this order; raise FileError if one is a link, cannot be written or changed since it was read.

    All files are checked before the first one is written, and each one again right before it is replaced. A run that is
    killed leaves the old content of a file or the new one, and a configuration that is valid.
    """
    paths = dict(zip(config.texts, map(Path, config.files), strict=True))
    contents: dict[str, bytes] = {}
    for write in writes:
        if write.file not in contents:
            contents[write.file] = _read_unchanged(paths[write.file], write.old)
    for folder in dict.fromkeys(paths[file].parent for file in contents):
        remove_leftovers(folder)
    for write in writes:
        old = contents[write.file]
        mark = _BYTE_ORDER_MARK if old.startswith(_BYTE_ORDER_MARK) else b""
        new = mark + write.new.encode()
        replace_file(paths[write.file], new, expected=old)
        contents[write.file] = new


def _read_unchanged(path: Path, text: str) -> bytes:
    """Return the content of a file, with its byte order mark; raise FileError if it does not have this text."""
    require_regular_file(path)
    content = read_file(path, limit=LARGEST_FILE)
    if content.removeprefix(_BYTE_ORDER_MARK) != text.encode():
        raise FileError(str(path), "has changed since it was read, so it was not written", remedy="run it again")
    require_replaceable(path, content)
    return content


def _find_fault(texts: Mapping[str, str], job_scope: Sequence[str]) -> str:
    """Return the first problem of a configuration with these texts; empty if it is valid."""
    try:
        load_texts(texts, job_scope=job_scope)
    except ConfigError as error:
        return error.problems[0]
    return ""
