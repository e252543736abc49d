"""Edits of the configuration files: proved for all files first, then written one after the other."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from groupsync.config.load import load_texts
from groupsync.display import first_lines, quote_file
from groupsync.editing import AddEntry, Refusal, SetPolicy, compose_writes, edit_files, render_diff
from groupsync.errors import ConfigError, FileError, SettingsError
from groupsync.files import (
    read_beginning,
    read_file,
    remove_leftovers,
    replace_file,
    require_regular_file,
    require_replaceable,
)
from groupsync.model.config import LARGEST_FILE, GroupEntry, RemovedId, RemovedName

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from groupsync.editing import Edit, FileWrite
    from groupsync.model.config import Config, Removal
    from groupsync.watcher import Watcher

_MOST_FILES_SHOWN = 10
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def find_file_for_entries(config: Config, into: Path | None) -> str:
    """Return the name of the file that new entries go to; raise SettingsError if it is not clear."""
    names = dict(zip(config.texts, config.files, strict=True))
    if into is None and len(names) == 1:
        return next(iter(names))
    shown = ", ".join(first_lines(list(map(quote_file, names)), _MOST_FILES_SHOWN, "{:,} more"))
    if into is None:
        raise SettingsError(
            f"the configuration has {len(names)} files, and new entries go to one of them",
            remedy=f"name it: --into FILE. The files are: {shown}",
        )
    real = os.path.realpath(into)
    for name, path in names.items():
        if os.path.realpath(path) == real:
            return name
    raise SettingsError(
        f"--into {quote_file(str(into))}: this is not a file of the configuration", remedy=f"name one of: {shown}"
    )


def make_writes(config: Config, edits: Sequence[Edit]) -> tuple[FileWrite, ...] | Refusal:
    """Return what to write so that the files of the configuration have the edits, or why nothing may be written.

    Nothing is read or written. Sources are those of `config`. The new files are also read as every run reads them: the
    configuration is valid, and the entries that no edit is about mean what they meant.
    """
    edited = {edit.source for edit in edits if not isinstance(edit, AddEntry | SetPolicy)}
    kept = [_read_meaning(entry) for entry in (*config.groups, *config.removed) if entry.source not in edited]
    return edit_files(config.texts, edits, find_fault=partial(_find_fault, job_scope=config.job_scope, kept=kept))


def join_writes(config: Config, steps: Sequence[FileWrite]) -> tuple[FileWrite, ...]:
    """Return what to write so that the files become what the steps make of them, one after the other.

    `config` is the configuration before the first step.
    """
    return compose_writes(config.texts, steps, find_fault=partial(_find_fault, job_scope=config.job_scope))


def render_writes(config: Config, writes: Sequence[FileWrite]) -> str:
    """Return the unified diff of what the writes change, file by file."""
    new = {write.file: write.new for write in writes}
    diffs = []
    for name, path in _list_files(config):
        if name in new:
            mark = _BYTE_ORDER_MARK.decode() if _has_mark(Path(path)) else ""
            diffs.append(render_diff(os.path.relpath(path), mark + config.texts[name], mark + new[name]))
    return "".join(diffs)


def warn_of_paths(watcher: Watcher, config: Config, writes: Sequence[FileWrite]) -> None:
    """Warn if the diff of the writes has a path that begins with `../`: `git apply` refuses such a diff."""
    paths = dict(_list_files(config))
    changed = [paths[file] for file in dict.fromkeys(write.file for write in writes)]
    outside = [path for path in map(os.path.relpath, changed) if Path(path).parts[0] == os.pardir]
    if outside:
        folder = os.path.commonpath([Path.cwd(), *(Path(os.path.realpath(path)).parent for path in changed)])
        shown = ", ".join(first_lines(list(map(quote_file, outside)), _MOST_FILES_SHOWN, "{:,} more"))
        watcher.on_warning(
            f"git apply refuses this diff, because {shown} is not in this folder or below it. To get one that it "
            f"accepts, run the command in {quote_file(folder)}"
        )


def _has_mark(path: Path) -> bool:
    return read_beginning(path, len(_BYTE_ORDER_MARK)) == _BYTE_ORDER_MARK


def write_edits(config: Config, writes: Sequence[FileWrite]) -> None:
    """Write the files in this order; raise FileError if one is a link, cannot be written or changed since it was read.

    All files are checked before the first one is written, and each one again right before it is replaced. A run that is
    killed leaves the old content of a file or the new one, and a configuration that is valid. If one cannot be written,
    the error names those that are written already.
    """
    paths = dict(zip(config.texts, map(Path, config.files), strict=True))
    contents: dict[str, bytes] = {}
    for write in writes:
        if write.file not in contents:
            contents[write.file] = _read_unchanged(paths[write.file], write.old)
    for folder in dict.fromkeys(paths[file].parent for file in contents):
        remove_leftovers(folder)
    for number, write in enumerate(writes):
        old = contents[write.file]
        mark = _BYTE_ORDER_MARK if old.startswith(_BYTE_ORDER_MARK) else b""
        new = mark + write.new.encode()
        try:
            replace_file(paths[write.file], new, expected=old)
        except FileError as error:
            if not number:
                raise
            raise _name_written(error, writes[:number], writes[number:]) from error
        contents[write.file] = new


def _name_written(error: FileError, written: Sequence[FileWrite], others: Sequence[FileWrite]) -> FileError:
    """Return an error that also names the files that are written already; a file can need several writes."""
    incomplete = {write.file for write in others}
    names = [
        f"a part of {quote_file(file)}" if file in incomplete else quote_file(file)
        for file in dict.fromkeys(write.file for write in written)
    ]
    shown = ", ".join(first_lines(names, _MOST_FILES_SHOWN, "{:,} more"))
    remedy = error.remedy or "run the command again after that is fixed"
    return FileError(
        error.path,
        f"{error.problem}; already written: {shown}",
        remedy=f"{remedy}; the files are a valid configuration as they are",
    )


def find_obstacles(config: Config) -> dict[str, str]:
    """Return the files that cannot be written, such as links, each with the reason."""
    found = ((name, _find_obstacle(Path(path), config.texts[name])) for name, path in _list_files(config))
    return {name: obstacle for name, obstacle in found if obstacle}


def _find_obstacle(path: Path, text: str) -> str:
    try:
        _read_unchanged(path, text)
    except FileError as error:
        return str(error)
    return ""


def _list_files(config: Config) -> Iterable[tuple[str, str]]:
    """Return the names of the files, as sources have them, with their paths."""
    return zip(config.texts, config.files, strict=True)


def _read_unchanged(path: Path, text: str) -> bytes:
    """Return the content of a file, with its byte order mark; raise FileError if it does not have this text."""
    require_regular_file(path)
    content = read_file(path, limit=LARGEST_FILE)
    if content.removeprefix(_BYTE_ORDER_MARK) != text.encode():
        raise FileError(str(path), "has changed since it was read, so it was not written", remedy="run it again")
    require_replaceable(path, content)
    return content


def _find_fault(texts: Mapping[str, str], job_scope: Sequence[str], kept: Sequence[object] = ()) -> str:
    """Return the first problem of a configuration with these texts; empty if it is valid and has the entries `kept`."""
    try:
        config = load_texts(texts, job_scope=job_scope, warn=False)
    except ConfigError as error:
        return error.problems[0]
    entries = map(_read_meaning, (*config.groups, *config.removed))
    if not all(entry in entries for entry in kept):
        return "an entry that no edit is about would change"
    return ""


def _read_meaning(entry: GroupEntry | Removal) -> object:
    """Return an entry without its place in the file."""
    match entry:
        case GroupEntry():
            return "group", entry.name, entry.id, entry.previously, entry.description
        case RemovedName():
            return "name", entry.name, entry.contacts_at_most, entry.reason
        case RemovedId():
            return "id", entry.id, entry.contacts_at_most, entry.reason
