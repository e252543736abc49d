"""Finds the files of the configuration."""

from __future__ import annotations

import contextlib
import difflib
import itertools
import shlex
import stat
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.config.problems import ConfigProblem
from groupsync.display import first_lines, quote, quote_file
from groupsync.errors import describe_os_error

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SUFFIXES = frozenset({".yaml", ".yml"})
"""The suffixes of files that are read if a folder is given."""

_FIRST_FILE = "groups.yaml"  # the file that groupsync reads by default
_MOST_NAMED = 5
_MOST_COMPARED = 1_000  # entries of a folder to compare with the name of a missing file
_LEAST_SIMILAR = 0.8
_NEAR_SUFFIXES = frozenset({*SUFFIXES, ".json", ".txt"})


class FileSearch(Struct, frozen=True, kw_only=True):
    """The files in the order in which they are read, without duplicates; the number of a file is its index.

    `folders` are the given paths that are folders. A problem has the number of the next file, so it is shown before the
    problems of that file.
    """

    files: tuple[Path, ...]
    folders: tuple[Path, ...]
    problems: tuple[ConfigProblem, ...]
    warnings: tuple[str, ...]


def find_files(paths: Sequence[Path]) -> FileSearch:
    """Return the files that the paths name; a folder stands for the `*.yaml` and `*.yml` in it, sorted by name."""
    search = _Search()
    for path in paths:
        search.add(path)
    return FileSearch(
        files=tuple(search.files),
        folders=tuple(search.folders),
        problems=tuple(search.problems),
        warnings=tuple(search.warnings),
    )


class _Search:
    def __init__(self) -> None:
        self.files: list[Path] = []
        self.folders: list[Path] = []
        self.problems: list[ConfigProblem] = []
        self.warnings: list[str] = []
        self._seen: set[tuple[int, int]] = set()

    def add(self, path: Path) -> None:
        try:
            status = path.stat()
            if stat.S_ISDIR(status.st_mode):
                self._add_folder(path)
            elif (status.st_dev, status.st_ino) not in self._seen:
                self._seen.add((status.st_dev, status.st_ino))
                self.files.append(path)
        except (FileNotFoundError, NotADirectoryError):
            self._add_problem(path, _describe_missing(path))
        except OSError as error:
            self._add_problem(path, describe_os_error(error))

    def _add_folder(self, folder: Path) -> None:
        self.folders.append(folder)
        found = sorted(folder.iterdir())
        entries = [entry for entry in found if not entry.name.startswith(".")]
        files = [entry for entry in entries if entry.suffix in SUFFIXES and _is_readable(entry)]
        if not files:
            self._add_problem(
                folder, "there is no *.yaml or *.yml file in this folder: add one, or name another folder"
            )
        for file in files:
            self.add(file)
        shown_folder = quote_file(str(folder))
        if others := [entry for entry in entries if entry not in set(files)]:
            others_text = _describe_entries(others)
            self.warnings.append(f"{shown_folder}: only *.yaml and *.yml are read here, not {others_text}")
        if hidden := [entry for entry in found if entry.name.startswith(".") and entry.suffix in SUFFIXES]:
            self.warnings.append(f"{shown_folder}: hidden files are not read: {_describe_entries(hidden)}")

    def _add_problem(self, path: Path, sentence: str) -> None:
        number = len(self.files)
        self.problems.append(ConfigProblem(file_number=number, line=-1, file=str(path), sentence=sentence))


def _is_readable(entry: Path) -> bool:
    """Return whether to read an entry of a folder: a regular file, or a broken link, which becomes a problem.

    A FIFO or a device is not read because opening it could block forever.
    """
    return entry.is_file() or not entry.exists()


def _describe_entries(entries: Sequence[Path]) -> str:
    return ", ".join(first_lines([_describe_entry(entry) for entry in entries], _MOST_NAMED, "and {} more"))


def _describe_entry(entry: Path) -> str:
    if entry.is_dir():
        return quote(f"{entry.name}/")
    return quote(entry.name) if _is_readable(entry) else f"{quote(entry.name)} (not a regular file)"


def _describe_missing(path: Path) -> str:
    """Return the problem of a missing file, with a path of almost the same name, such as `groups.yml` or `groups/`."""
    if near := _find_near_miss(path):
        return f"there is no such file or folder: did you mean -c {shlex.quote(near)}?"
    if str(path) == _FIRST_FILE:
        return f"there is no such file here: write one from your live groups: groupsync export --out {path}"
    return "there is no such file or folder: check the name and the folder you are in"


def _find_near_miss(path: Path) -> str:
    """Return a path that differs by suffix or case, or has nearly the same name; empty if there is none."""
    entries: dict[str, Path] = {}
    with contextlib.suppress(OSError):
        found = itertools.islice(path.parent.iterdir(), _MOST_COMPARED)
        entries = {entry.name.lower(): entry for entry in found if _could_be_meant(entry) and entry.name != path.name}
    stem = path.stem.lower()
    stems = {entry.stem.lower(): name for name, entry in entries.items()}
    similar = [stems[near] for near in difflib.get_close_matches(stem, stems, n=1, cutoff=_LEAST_SIMILAR)]
    names = [path.name.lower(), *(stem + suffix for suffix in (".yaml", ".yml", ".json", ".yaml.txt", "")), *similar]
    return next((str(entries[name]) for name in names if name in entries), "")


def _could_be_meant(entry: Path) -> bool:
    """Return whether an entry of a folder can be a configuration: a folder, or a file with a known suffix."""
    is_file = entry.suffix.lower() in _NEAR_SUFFIXES and entry.is_file()
    return str(entry).isprintable() and (is_file or entry.is_dir())
