"""Finds files that look like a configuration and are not read: their groups would count as unlisted.

Of a folder given with `-c`, only the `*.yaml` and `*.yml` directly in it are read. Users easily believe that its
sub-folders, or files that end in `.json` or `.YAML`, are read as well.
"""

from __future__ import annotations

import errno
import os
import shlex
import stat
from collections import deque
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.config.checks.resemblance import PARSED_AT_MOST, resembles_configuration
from groupsync.config.problems import ConfigProblem
from groupsync.config.source.files import SUFFIXES
from groupsync.display import quote_file
from groupsync.errors import FileError, describe_os_error
from groupsync.files import read_beginning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from groupsync.config.source.files import FileSearch

MOST_ENTRIES = 10_000
MOST_FILES = 2_000
BEGINNING = 2**15
"""How many bytes of a file are read."""

_MOST_NAMED = 20
_SUFFIXES = frozenset({*SUFFIXES, ".json"})


class UnreadFiles(Struct, frozen=True, kw_only=True):
    """A problem for each file that looks like a configuration, and a warning for each that could not be checked."""

    problems: tuple[ConfigProblem, ...]
    warnings: tuple[str, ...]


def find_unread_files(
    search: FileSearch, *, most_entries: int = MOST_ENTRIES, most_files: int = MOST_FILES
) -> UnreadFiles:
    """Return the files in the folders of a search, at any depth, that look like a configuration and are not read.

    Hidden files and folders are left out. Links are followed, each folder is checked once, and in all at most
    `most_entries` entries and `most_files` files.
    """
    if not search.folders:
        return UnreadFiles(problems=(), warnings=())
    check = _FolderCheck(search, most_entries, most_files)
    for folder in search.folders:
        check.check_folder(folder)
    return UnreadFiles(problems=tuple(_shorten(check.problems)), warnings=tuple(check.warnings))


def _shorten(problems: Sequence[ConfigProblem]) -> Iterator[ConfigProblem]:
    """Yield the first problems and the number of the others, which leaves room for problems of files that are read."""
    yield from problems[:_MOST_NAMED]
    more = len(problems) - _MOST_NAMED
    if more > 0:
        text = f"{more:,} more files look like a groupsync configuration and are not read: name their folders too"
        yield ConfigProblem(file_number=0, line=-1, sentence=f"{text}, or move them")


class _FolderCheck:
    def __init__(self, search: FileSearch, most_entries: int, most_files: int) -> None:
        self.problems: list[ConfigProblem] = []
        self.warnings: list[str] = []
        self._read = {_identify(path) for path in search.files}
        self._seen = {_identify(outer) for folder in search.folders for outer in (folder, *folder.resolve().parents)}
        self._entries_left = most_entries
        self._files_left = most_files
        self._bytes_to_parse = PARSED_AT_MOST
        self._is_at_limit = False

    def check_folder(self, top: Path) -> None:
        """Check the folder and its sub-folders, outer ones first."""
        folders = deque([top])
        while folders and not self._is_at_limit:
            folder = folders.popleft()
            try:
                entries = self._list(folder)
            except OSError as error:
                self._warn(folder, error)
                continue
            for entry in entries:
                status = self._find_status(entry)
                if status and stat.S_ISDIR(status.st_mode) and self._is_new(status):
                    folders.append(entry)
                elif status and stat.S_ISREG(status.st_mode) and entry.suffix.lower() in _SUFFIXES:
                    self._check_file(entry, status, top)
        if self._is_at_limit:
            self.warnings.append(
                f"{quote_file(str(top))}: its sub-folders hold too much to check for configuration files that are not "
                "read: keep the configuration in a folder of its own"
            )

    def _list(self, folder: Path) -> list[Path]:
        """Return the entries that are not hidden, sorted, up to the limit."""
        names = []
        with os.scandir(folder) as found:
            for entry in found:
                if self._entries_left == 0:
                    self._is_at_limit = True
                    break
                self._entries_left -= 1
                if not entry.name.startswith("."):
                    names.append(entry.name)
        return [folder / name for name in sorted(names)]

    def _find_status(self, path: Path) -> os.stat_result | None:
        """Return the status of the file that a path leads to; None if there is none, or it cannot be read."""
        try:
            return path.stat()
        except OSError as error:
            if error.errno not in {errno.ENOENT, errno.ELOOP}:
                self._warn(path.parent, error)
            return None

    def _is_new(self, status: os.stat_result) -> bool:
        """Return whether a folder was not checked yet: links may form a loop."""
        identity = (status.st_dev, status.st_ino)
        is_new = identity not in self._seen
        self._seen.add(identity)
        return is_new

    def _check_file(self, path: Path, status: os.stat_result, top: Path) -> None:
        if (status.st_dev, status.st_ino) in self._read:
            return
        if self._files_left == 0:
            self._is_at_limit = True
            return
        self._files_left -= 1
        try:
            beginning = read_beginning(path, BEGINNING)
        except FileError as error:
            self.warnings.append(f"{error}, so it is not known whether it belongs to the configuration")
            return
        self._bytes_to_parse -= len(beginning)
        if resembles_configuration(beginning, path.name, may_parse=self._bytes_to_parse >= 0):
            sentence = _describe_unread(path, top)
            self.problems.append(ConfigProblem(file_number=0, line=-2, file=str(path), sentence=sentence))

    def _warn(self, folder: Path, error: OSError) -> None:
        warning = (
            f"{quote_file(str(folder))}: cannot be read ({describe_os_error(error)}), so configuration files in it "
            "would not be noticed"
        )
        if warning not in self.warnings[-1:]:
            self.warnings.append(warning)


def _describe_unread(path: Path, top: Path) -> str:
    """Return what is wrong, and both remedies."""
    shown = quote_file(str(top))
    if path.parent == top:
        return (
            f"looks like a groupsync configuration, but only *.yaml and *.yml of {shown} are read: "
            f"name it too (-c {shlex.quote(str(path))}), or move it elsewhere"
        )
    is_read_by_folder = path.suffix in SUFFIXES
    named, what = (path.parent, "its folder") if is_read_by_folder else (path, "it")
    return (
        f"looks like a groupsync configuration, but sub-folders of {shown} are not read: "
        f"name {what} too (-c {shlex.quote(str(named))}), or move it, into {shown} or elsewhere"
    )


def _identify(path: Path) -> tuple[int, int] | None:
    """Return a value that is equal for all paths to the same file; None if the path leads nowhere."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino)
