"""A live group, and a source: where something is in a configuration file."""

from __future__ import annotations

import re
from typing import NewType

from msgspec import Struct

from groupsync.display import quote_file

GroupId = NewType("GroupId", str)
"""A group's UUID in its canonical lower-case form (RFC 9562)."""

_CANONICAL = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_UUID = re.compile(_CANONICAL.pattern, re.ASCII | re.IGNORECASE)


class LiveGroup(Struct, frozen=True, kw_only=True, gc=False):
    """A group as it is in the Phonebook now; `contacts_count` is None if the server does not say."""

    id: GroupId
    name: str
    contacts_count: int | None


class Source(Struct, frozen=True, kw_only=True, gc=False, order=True):
    """Where something is in a configuration file; line and column count from 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{quote_file(self.file)}:{self.line}"


def most_contacts_first(contacts_count: int | None, name: str, group_id: GroupId) -> tuple[int, str, GroupId]:
    """Return a key that sorts groups with the most contacts first, then by name and id; an unknown number is 0."""
    return -(contacts_count or 0), name, group_id


def parse_group_id(text: str) -> GroupId | None:
    """Return the id in canonical form; None if the text is not a UUID in the usual 8-4-4-4-12 form."""
    if _CANONICAL.fullmatch(text):
        return GroupId(text)  # fast path: nearly every id
    return GroupId(text.lower()) if _UUID.fullmatch(text) else None
