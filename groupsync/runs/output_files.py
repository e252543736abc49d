"""The files that a run writes: they are checked first, and those of an earlier run are removed."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from groupsync.config.source.files import find_files
from groupsync.environment.credentials import list_secret_files
from groupsync.environment.places import default_config_paths
from groupsync.errors import FileError, SettingsError
from groupsync.files import is_there, read_ends, remove_file, remove_leftovers, require_writable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_ENDS = 4_096
_HEAD = rb'\{\n  "format_version": "[^"\n]*",\n  "groupsync_version": "[^"\n]*",\n  '
_OUTPUTS = (
    (  # a plan file
        _HEAD + rb'"created_at": "[^"\n]*",\n  "endpoint": "[^"\n]*",\n  "account": "[^"\n]*",\n  "config_',
        rb'\n  "checksum": "sha256:[0-9a-f]{64}"\n\}\n\Z',
    ),
    (_HEAD + rb'"command": "(?:apply|restore)",\n  "started_at": "', rb"\n\}\n\Z"),  # a report
    (  # one of them as Markdown, or a summary
        rb"<!-- groupsync (?:plan|report) account=|### Groups of all accounts\n",
        rb"\Z",
    ),
    (  # a page
        rb'<!doctype html>(?:\n<[^>]*>){3}\n<meta name="generator" content="groupsync">',
        rb"</html>\n?\Z",
    ),
    (rb'\{"create":[0-9]+,"update":[0-9]+,"delete":[0-9]+\}\n\Z', rb"\Z"),  # for GitLab
)
"""How each output begins and ends. No backup or configuration matches. They are compiled when a file is there."""

_BACKUP = _HEAD + rb'"created_at": "[^"\n]*",\n  "endpoint": "[^"\n]*",\n  "account": "[^"\n]*",\n  "group": \{'
_NOTE = rb'\{"group_id": (?:null|"[^"\n]*")\}\n\Z'
_KEPT = {
    _BACKUP: "is a backup of the members of a group",
    _NOTE: "is the note of a restore",
}
"""How files begin that no run may replace: no other file has the members of a deleted group."""


def prepare_outputs(
    writes: Sequence[Path | None],
    *,
    reads: Sequence[Path | None],
    config_paths: Sequence[Path],
    environ: Mapping[str, str],
) -> None:
    """Check the files that a run will write, and remove what an earlier run wrote there.

    This comes first: even if the run fails, nobody can take a plan, page or report of an earlier run for its output.
    `reads` are the files that the run reads in addition to its configuration. They are never removed, nor are files
    that groupsync did not write. Raises FileError if the run reads one of the files, or if one is a backup or the note
    of a restore, or cannot be written.
    """
    inputs = {*reads, *_find_config_files(config_paths, environ), *list_secret_files(environ)}
    problems = [problem for path in writes if path and (problem := _prepare_output(path, inputs))]
    if problems:
        raise problems[0]


def require_output(path: Path | None, *, environ: Mapping[str, str]) -> None:
    """Raise FileError if the file cannot or must not be overwritten; remove only leftovers beside it."""
    if path:
        _require_not_read(path, list_secret_files(environ))
        require_writable(path)
        _require_no_backup(path)
        remove_leftovers(path.parent)


def _prepare_output(path: Path, inputs: Collection[Path | None]) -> FileError | None:
    """Prepare one file; return what is wrong with it."""
    try:
        _require_not_read(path, inputs)
        require_writable(path)
        _require_no_backup(path)
        remove_leftovers(path.parent)
        if is_there(path) and _is_output(path):
            remove_file(path)
    except FileError as error:
        return error
    return None


def _is_output(path: Path) -> bool:
    """Return whether groupsync wrote the file (a plan, a report, or figures); false if it cannot be read."""
    try:
        beginning, end = read_ends(path, _ENDS)
    except FileError:
        return False
    return any(re.match(begins, beginning) and re.search(ends, end) for begins, ends in _OUTPUTS)


def _require_no_backup(path: Path) -> None:
    """Raise FileError if the file is a backup, or the note of a restore."""
    try:
        beginning, _ = read_ends(path, _ENDS)
    except FileError:
        return  # it does not exist, or is not a file that can be overwritten
    for begins, what in _KEPT.items():
        if re.match(begins, beginning):
            raise FileError(str(path), f"{what}, so it is not overwritten", remedy="name another file")


def _require_not_read(path: Path, inputs: Collection[Path | None]) -> None:
    """Raise FileError if the run reads the file, or if it is a note that this restore will write."""
    written = _find_status(path)
    read = [status for file in inputs if file and (status := _find_status(file))]
    is_read = written and any(os.path.samestat(written, status) for status in read)
    if is_read or _locate(path) in {_locate(file) for file in inputs if file}:
        raise FileError(str(path), "is read by this run, so it is not overwritten", remedy="name another file")


def _locate(path: Path) -> str:
    """Return the path of a file that may not exist yet: its folder without links, and its name."""
    return os.path.normcase(os.path.join(os.path.realpath(path.parent), path.name))  # noqa: PTH118 - Path.resolve raises at a link that leads to itself


def _find_status(path: Path) -> os.stat_result | None:
    """Return the status of the file that a path leads to; None if there is none."""
    try:
        return path.stat()
    except OSError:
        return None


def _find_config_files(config_paths: Sequence[Path], environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the files of the configuration, readable or not."""
    try:
        return find_files([Path(path) for path in config_paths or default_config_paths(environ)]).files
    except SettingsError:
        return ()
