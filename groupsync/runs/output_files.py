"""The files that a run writes: checked before anything else is done, and no longer those of an earlier run."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from groupsync.config.source.files import find_files
from groupsync.environment import default_config_paths, list_secret_files
from groupsync.errors import FileError, SettingsError
from groupsync.files import is_there, read_ends, remove_file, remove_leftovers, require_writable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_ENDS = 300
_HEAD = rb'\{\n  "format_version": "[^"\n]*",\n  "groupsync_version": "[^"\n]*",\n  '
_OUTPUTS = (
    (  # a plan file
        re.compile(_HEAD + rb'"created_at": "[^"\n]*",\n  "endpoint": "[^"\n]*",\n  "account": "[^"\n]*",\n  "config_'),
        re.compile(rb'\n  "checksum": "sha256:[0-9a-f]{64}"\n\}\n\Z'),
    ),
    (re.compile(_HEAD + rb'"command": "(?:apply|restore)",\n  "started_at": "'), re.compile(rb"\n\}\n\Z")),  # a report
    (re.compile(rb"<!-- groupsync (?:plan|report) account="), re.compile(rb"\Z")),  # either as Markdown
    (re.compile(rb'\{"create":[0-9]+,"update":[0-9]+,"delete":[0-9]+\}\n\Z'), re.compile(rb"\Z")),  # for GitLab
)
"""How each output begins and ends. A backup or a configuration is none of them."""


def prepare_outputs(
    writes: Sequence[Path | None],
    *,
    reads: Sequence[Path | None],
    config_paths: Sequence[Path],
    environ: Mapping[str, str],
) -> None:
    """Check the files that a run will write, and remove what an earlier run wrote there.

    This comes first: whatever then ends the run, no plan, page or report of an earlier run can be taken for this run's.
    `reads` are the files that the run reads in addition to its configuration; they are never removed, nor is a file
    that groupsync did not write. Raises FileError if a file is among those that the run reads, or cannot be written.
    """
    inputs = {*reads, *_find_config_files(config_paths, environ), *list_secret_files(environ)}
    problems = [problem for path in writes if path and (problem := _prepare_output(path, inputs))]
    if problems:
        raise problems[0]


def require_output(path: Path | None, *, environ: Mapping[str, str]) -> None:
    """Raise FileError if the file cannot be written, or holds credentials; remove nothing but leftovers beside it."""
    if path:
        _require_not_read(path, list_secret_files(environ))
        require_writable(path)
        remove_leftovers(path.parent)


def _prepare_output(path: Path, inputs: Collection[Path | None]) -> FileError | None:
    """Prepare one file; return what is wrong with it."""
    try:
        _require_not_read(path, inputs)
        require_writable(path)
        remove_leftovers(path.parent)
        if is_there(path) and _is_output(path):
            remove_file(path)
    except FileError as error:
        return error
    return None


def _is_output(path: Path) -> bool:
    """Tell whether groupsync wrote the file: a plan, a report, or figures; not if this user cannot read it."""
    try:
        beginning, end = read_ends(path, _ENDS)
    except FileError:
        return False
    return any(begins.match(beginning) and ends.search(end) for begins, ends in _OUTPUTS)


def _require_not_read(path: Path, inputs: Collection[Path | None]) -> None:
    written = _find_status(path)
    read = [status for file in inputs if file and (status := _find_status(file))]
    if written and any(os.path.samestat(written, status) for status in read):
        raise FileError(str(path), "is read by this run, so it is not overwritten", remedy="name another file")


def _find_status(path: Path) -> os.stat_result | None:
    """Return the status of the file that a path leads to; None if it leads nowhere."""
    try:
        return path.stat()
    except OSError:
        return None


def _find_config_files(config_paths: Sequence[Path], environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the files of the configuration, whether they can be read or not."""
    try:
        return find_files([Path(path) for path in config_paths or default_config_paths(environ)]).files
    except SettingsError:
        return ()
