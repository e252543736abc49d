"""Which files make up the configuration."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupsync.config.problems import Problem
from groupsync.names import quote, show_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_SUFFIXES = frozenset({".yaml", ".yml"})
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSearch:
    """The files in the order in which they are read, each once; a file's number is its position.

    The numbers of `problems` are those of the files that they would stand before.
    """

    files: tuple[Path, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]


def find_files(paths: Sequence[Path]) -> FileSearch:
    """Return the files that the paths name; a folder stands for the `*.yaml` and `*.yml` in it, sorted by name."""
    search = _Search()
    for path in paths:
        search.add(path)
    return FileSearch(files=tuple(search.files), problems=tuple(search.problems), warnings=tuple(search.warnings))


class _Search:
    def __init__(self) -> None:
        self.files: list[Path] = []
        self.problems: list[Problem] = []
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
            self._complain(path, "there is no such file or folder: check the name and the folder you are in")
        except OSError as error:
            self._complain(path, (error.strerror or str(error)).lower())

    def _add_folder(self, folder: Path) -> None:
        found = sorted(folder.iterdir())
        entries = [entry for entry in found if not entry.name.startswith(".")]
        files = [entry for entry in entries if entry.suffix in _SUFFIXES and _is_file(entry)]
        if not files:
            self._complain(folder, "there is no *.yaml or *.yml file in this folder: add one, or name another folder")
        for file in files:
            self.add(file)
        if others := [entry for entry in entries if entry not in set(files)]:
            named = ", ".join(_name_others(others))
            self.warnings.append(f"{show_file(str(folder))}: only *.yaml and *.yml are read here, not {named}")

        if hidden := [entry for entry in found if entry.name.startswith(".") and entry.suffix in _SUFFIXES]:
            named = ", ".join(_name_others(hidden))
            self.warnings.append(f"{show_file(str(folder))}: hidden files are not read: {named}")

    def _complain(self, path: Path, sentence: str) -> None:
        text = f"{show_file(str(path))}: {sentence}"
        self.problems.append(Problem(file_number=len(self.files), line=-1, text=text))


def _is_file(entry: Path) -> bool:
    """Tell a regular file or a link to nothing, which is a problem; opening a FIFO or a device could wait for ever."""
    return entry.is_file() or not entry.exists()


def _name_others(others: Sequence[Path]) -> Iterator[str]:
    for entry in others[:_MOST_NAMED]:
        kind = "" if entry.is_dir() or _is_file(entry) else " (no regular file)"
        yield quote(entry.name + "/" * entry.is_dir()) + kind
    if len(others) > _MOST_NAMED:
        yield f"and {len(others) - _MOST_NAMED} more"
