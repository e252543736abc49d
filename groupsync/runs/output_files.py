"""What may be where a run writes a file: a report of an earlier run, or a file that this run reads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from groupsync.environment import list_secret_files
from groupsync.errors import FileError
from groupsync.files import is_regular, is_there, read_beginning, remove_file

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_BEGINNING = 200
_BEGINNING = re.compile(
    rb'\{\n  "format_version": "[^"]*",\n  "groupsync_version": "[^"]*",\n  "command": "|'
    rb"<!-- groupsync (?:plan|report) account="
)


def remove_previous_report(path: Path | None) -> None:
    """Remove the report of an earlier run, because it is not true of this one; leave any other file alone."""
    if path and is_regular(path) and _BEGINNING.match(read_beginning(path, _LONGEST_BEGINNING)):
        remove_file(path)


def require_not_read(path: Path | None, *read: Path | str | None, environ: Mapping[str, str]) -> None:
    """Raise FileError if the file to be written is one of those that the run reads, or one with the credentials."""
    files = (*(Path(file) for file in read if file), *list_secret_files(environ))
    if path and is_there(path) and any(is_there(file) and path.samefile(file) for file in files):
        raise FileError(str(path), "is read by this run, and nothing is written over it", remedy="name another file")
