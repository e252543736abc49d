"""Plain values that know where they are in their file.

A mapping or list keeps offsets beside its items, which is cheap even for 100,000 groups. Line and column are computed
only for the places that are shown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from groupsync.config.problems import quote_short
from groupsync.model.config import MOST_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.config.problems import ConfigProblem
    from groupsync.config.source.text import TextFile
    from groupsync.model.groups import Source
    from groupsync.schema import KeyPath

DEEPEST = 16
MOST_VALUES = 1_000_000
MOST_KEYS = 1_000
LONGEST_KEY = 1_000
TOO_LONG_KEY = f"a key has more than {LONGEST_KEY:,} characters: quote text that contains a colon, or remove it"
TOO_DEEP = f"nested more than {DEEPEST} levels deep: remove the innermost ones"

_DECIMAL = re.compile(r"0|-?[1-9][0-9]{0,17}")
_KINDS = {str: "text", int: "a number", list: "a list", dict: "a mapping"}


class Unquoted(Struct, frozen=True, kw_only=True):
    """A scalar that YAML or JSON reads as something else than text or a plain decimal integer.

    `text` is the text in the file, empty if the value was left out; `kind` is what it is read as, such as "a boolean".
    """

    text: str
    kind: str


def read_special(text: str, kind: str) -> int | Unquoted:
    """Return an int if the text is a decimal integer that is written back the same, an Unquoted of that kind if not."""
    return int(text) if _DECIMAL.fullmatch(text) else Unquoted(text=text, kind=kind)


class LocatedMapping(dict[str, Any]):
    """A mapping in the file's order; `offsets` holds the offset of each key and, after it, that of its value."""

    __slots__ = ("offsets",)
    most = MOST_KEYS

    def __init__(self) -> None:
        self.offsets: list[int] = []

    def add(self, key: str, key_offset: int, value: Any, offset: int) -> None:
        """Add a key that is not in the mapping yet."""
        self[key] = value
        self.offsets.append(key_offset)
        self.offsets.append(offset)

    def key_offsets(self) -> Iterator[tuple[str, int]]:
        """Return the keys with their offsets."""
        return zip(self, self.offsets[::2], strict=True)


class LocatedList(list[Any]):
    """A list; `offsets` holds the offset of each item."""

    __slots__ = ("offsets",)
    most = MOST_ENTRIES

    def __init__(self) -> None:
        self.offsets: list[int] = []

    def add(self, value: Any, offset: int) -> None:
        """Add an item at the end."""
        self.append(value)
        self.offsets.append(offset)


def describe_excess(container: LocatedList | LocatedMapping, values: int) -> str:
    """Return as a sentence which limit one more value would exceed; empty if it may be added.

    `values` is the number of values in the file so far, including keys. Every value is checked before it is added, so
    no time is spent on a file that is refused anyway.
    """
    if values >= MOST_VALUES:
        return f"the file has more than {MOST_VALUES:,} keys and values: remove what is not needed"
    if len(container) < container.most:
        return ""
    if isinstance(container, LocatedMapping):
        return f"this mapping has more than {container.most:,} keys: remove those that groupsync does not know"
    return f"this list has more than {container.most:,} items: remove what need not be listed one by one"


class Document(Struct, frozen=True, kw_only=True):
    """The value of one file: text, int, Unquoted, LocatedList or LocatedMapping.

    `offset` is where the value begins, `language` is "YAML" or "JSON", and `problems` are problems such as a repeated
    key, after which the rest of the file could still be read.
    """

    file: TextFile
    language: str
    value: Any
    offset: int
    problems: tuple[ConfigProblem, ...] = ()

    def find(self, path: KeyPath) -> tuple[Any, int]:
        """Return the value at a path and its offset, or the offset of its key if the value was left out."""
        value, offset = self.value, self.offset
        for step in path:
            value, offset = _step(value, step)
        return value, offset

    def source(self, path: KeyPath) -> Source:
        """Return the line and column of the value at a path."""
        return self.file.source(self.find(path)[1])

    def problem(self, path: KeyPath, sentence: str) -> ConfigProblem:
        """Return a problem with the value at a path."""
        return self.file.problem(self.find(path)[1], sentence, path)


def _step(value: Any, step: str | int) -> tuple[Any, int]:
    if isinstance(value, LocatedList):
        return value[int(step)], value.offsets[int(step)]
    part = value[step]
    key_position = 2 * list(value).index(step)
    is_left_out = isinstance(part, Unquoted) and not part.text
    return part, value.offsets[key_position if is_left_out else key_position + 1]


def describe_kind(value: Any) -> str:
    """Return what a value is, in words: "a list", "text", "a boolean"."""
    if isinstance(value, Unquoted):
        return value.kind if value.text else "nothing"
    return next(words for kind, words in _KINDS.items() if isinstance(value, kind))


def describe_repeated_key(file: TextFile, mapping: LocatedMapping, key: str) -> str:
    """Return what is wrong with a key that the mapping already has, as a sentence."""
    line = file.source(dict(mapping.key_offsets())[key]).line
    return f"the key {quote_short(key)} is already in line {line}: remove one of the two"
