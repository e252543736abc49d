"""The edits of a configuration file, and why one cannot be made."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from groupsync.model.groups import Source
    from groupsync.snippets.values import Value


class EntryList(enum.Enum):
    """The lists whose entries can be edited."""

    GROUPS = "groups"
    REMOVED = "removed"


class AddEntry(Struct, frozen=True, kw_only=True):
    """A new entry at the end of a list of a file; an entry of `groups` that has only a name is written without a key.

    `values` are its keys with their values, in this order.
    """

    file: str
    entries: EntryList
    values: tuple[tuple[str, Value], ...]


class SetKey(Struct, frozen=True, kw_only=True):
    """A key of the entry at `source` gets this value; the entry `- NAME` becomes a mapping if it needs one.

    A key that the entry does not have yet comes after the last key that usually comes before it.
    """

    source: Source
    key: str
    value: str | int


class RemoveKey(Struct, frozen=True, kw_only=True):
    """A key of the entry at `source` goes, with its value."""

    source: Source
    key: str


class AddEarlierName(Struct, frozen=True, kw_only=True):
    """`previously` of the entry at `source` gets one more name, at its end; nothing changes if it has it already."""

    source: Source
    name: str


class RemoveEarlierName(Struct, frozen=True, kw_only=True):
    """`previously` of the entry at `source` loses a name; without names the key goes, too."""

    source: Source
    name: str


class RemoveEntry(Struct, frozen=True, kw_only=True):
    """The entry at `source` goes; a list without entries stays as `[]`."""

    source: Source


class SetPolicy(Struct, frozen=True, kw_only=True):
    """A key of `policy` gets this value, in the file that has the policy or shall have it."""

    file: str
    key: str
    value: str | int


EntryEdit: TypeAlias = SetKey | RemoveKey | AddEarlierName | RemoveEarlierName | RemoveEntry
Edit: TypeAlias = AddEntry | EntryEdit | SetPolicy


class Refusal(Struct, frozen=True, kw_only=True):
    """Why edits cannot be made, as a sentence without a period; `source` is None if it is about no single line."""

    reason: str
    source: Source | None = None

    def __str__(self) -> str:
        return f"{self.source}:{self.source.column}: {self.reason}" if self.source else self.reason


class UneditableError(Exception):
    """Raised inside this package for a Refusal; `offset` is where in the text of the file."""

    def __init__(self, reason: str, offset: int | None = None) -> None:
        self.reason = reason
        self.offset = offset
        super().__init__(reason)


def find_file(edit: Edit) -> str:
    """Return the name of the file that an edit changes."""
    match edit:
        case AddEntry() | SetPolicy():
            return edit.file
        case SetKey() | RemoveKey() | AddEarlierName() | RemoveEarlierName() | RemoveEntry():
            return edit.source.file


def is_removal(edit: Edit) -> bool:
    """Return whether an edit takes something away: such edits are made after all others."""
    return isinstance(edit, (RemoveKey, RemoveEarlierName, RemoveEntry))


_KEY_RANKS = {"name": 0, "id": 1, "previously": 2, "contacts_at_most": 3}
_TOP_RANKS = {
    key: rank
    for rank, key in enumerate(("version", "account", "scope", "policy", "groups", "removed", "ignore", "protected"))
}
LAST_RANK = 9


def rank_key(key: str) -> int:
    """Return where the key of an entry usually is: a new key comes after the last key of a lower rank."""
    return _KEY_RANKS.get(key, LAST_RANK)


def rank_top_key(key: str) -> int:
    """Return where a top-level key usually is."""
    return _TOP_RANKS.get(key, LAST_RANK)
