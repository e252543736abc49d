"""Plain values that know where in their file they stand.

A mapping or list keeps offsets beside its items, so 100,000 groups cost little more than without; line and column are
worked out for the few places that someone asks about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from groupsync.config.problems import show_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.config.problems import ConfigProblem
    from groupsync.config.source.text import TextFile
    from groupsync.model.groups import Source
    from groupsync.schema import KeyPath

DEEPEST = 16
TOO_DEEP = f"nested more than {DEEPEST} levels deep: take the innermost ones out"

_DECIMAL = re.compile(r"0|-?[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unquoted:
    """A scalar that the file's language reads as something else than text or a plain decimal integer.

    `text` is what stands in the file (empty where nothing does), `kind` says what it is read as: "a boolean".
    """

    text: str
    kind: str


def read_special(text: str, kind: str) -> int | Unquoted:
    """Return an int if the text is a decimal number that reads back the same, else what its language reads it as."""
    return int(text) if _DECIMAL.fullmatch(text) else Unquoted(text=text, kind=kind)


class LocatedMapping(dict[str, Any]):
    """A mapping in the file's order; `offsets` holds the place of each key and, after it, of its value."""

    __slots__ = ("offsets",)

    def __init__(self) -> None:
        self.offsets: list[int] = []

    def add(self, key: str, key_offset: int, value: Any, offset: int) -> None:
        """Add a key that is not there yet."""
        self[key] = value
        self.offsets.append(key_offset)
        self.offsets.append(offset)

    def key_offsets(self) -> Iterator[tuple[str, int]]:
        """Yield each key with its place."""
        return zip(self, self.offsets[::2], strict=True)


class LocatedList(list[Any]):
    """A list; `offsets` holds the place of each item."""

    __slots__ = ("offsets",)

    def __init__(self) -> None:
        self.offsets: list[int] = []

    def add(self, value: Any, offset: int) -> None:
        """Add an item at the end."""
        self.append(value)
        self.offsets.append(offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The value of one file: text, int, Unquoted, LocatedList or LocatedMapping, and the places of all its parts.

    `language` is "YAML" or "JSON"; `problems` are those that did not keep the value from being read.
    """

    file: TextFile
    language: str
    value: Any
    offset: int
    problems: tuple[ConfigProblem, ...] = ()

    def find(self, path: KeyPath) -> tuple[Any, int]:
        """Return a value and where it begins; for one that was left empty, where its key begins."""
        value, offset = self.value, self.offset
        for step in path:
            value, offset = _step(value, step)
        return value, offset

    def source(self, path: KeyPath) -> Source:
        """Return the place of a value."""
        return self.file.source(self.find(path)[1])

    def problem(self, path: KeyPath, sentence: str) -> ConfigProblem:
        """Return a problem with a value."""
        return self.file.problem(self.find(path)[1], sentence, path)


def _step(value: Any, step: str | int) -> tuple[Any, int]:
    if isinstance(value, LocatedList):
        return value[int(step)], value.offsets[int(step)]
    position = 2 * list(value).index(step)
    is_empty = isinstance(value[step], Unquoted) and not value[step].text
    return value[step], value.offsets[position if is_empty else position + 1]


def describe_repetition(file: TextFile, mapping: LocatedMapping, key: str) -> str:
    """Return what is wrong with a key that the mapping has already, as a sentence."""
    line = file.source(dict(mapping.key_offsets())[key]).line
    return f"the key {show_text(key)} stands here again, it is already in line {line}: remove one of the two"
