"""The places of the files that a run will write: what stands there already."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from groupsync.environment import list_secret_files
from groupsync.errors import FileError
from groupsync.files import is_regular, is_there, read_beginning, remove_file

if TYPE_CHECKING:
    from groupsync.cli.terminal import Terminal

_LONGEST_BEGINNING = 200
_BEGINNING = re.compile(
    rb'\{\n  "format_version": "[^"]*",\n  "groupsync_version": "[^"]*",\n  "command": "|'
    rb"<!-- groupsync (?:plan|report) account="
)


def refuse_to_overwrite(app: Terminal, path: Path | None, *read: Path | str | None) -> None:
    """Raise FileError when a file to be written is one that the run reads: one of these, or of the credentials."""
    files = (*(Path(file) for file in read if file), *list_secret_files(app.environ))
    if path and is_there(path) and any(is_there(file) and path.samefile(file) for file in files):
        raise FileError(str(path), "is read by this run, and nothing is written over it", remedy="name another file")


def remove_previous_report(path: Path | None) -> None:
    """Remove what an earlier run has written there, for it is not true of this one; leave what is no report alone."""
    if path and is_regular(path) and _BEGINNING.match(read_beginning(path, _LONGEST_BEGINNING)):
        remove_file(path)
