"""Reads a list of groups that is exactly as documented, in a third of the time that the strict reader takes."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Struct, UnsetType

from groupsync.model.groups import GroupId, LiveGroup

_COUNT_LIMIT = 2**63
_BLANKS = (b" ", b"\t", b"\n", b"\r")
_HEX_TO_ZERO = bytes.maketrans(b"123456789abcdef", b"0" * 15)
_ID_SHAPE = b"00000000-0000-0000-0000-000000000000"


class _ListedGroup(Struct, kw_only=True, gc=False, rename="camel"):
    id: str
    name: str
    contacts_count: int | None
    created_on: str | UnsetType | None = UNSET


class _List(Struct, kw_only=True):
    groups: list[_ListedGroup]


def read_plain_list(body: bytes, *, most_groups: int) -> tuple[LiveGroup, ...] | None:
    """Return all groups of the list in its order; None if anything about it is unusual.

    None does not mean that the list is wrong. The strict reader tells, and explains what is wrong.
    """
    if body.count(b"{") > most_groups + 1 or any(blank in body and blank + b":" in body for blank in _BLANKS):
        return None
    try:
        groups = msgspec.json.decode(body, type=_List).groups
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    is_usual = _has_no_other_members(body, groups) and _has_canonical_ids(groups) and _has_counts(groups)
    if not is_usual or len({group.id for group in groups}) != len(groups):
        return None
    return tuple([LiveGroup(id=GroupId(one.id), name=one.name, contacts_count=one.contacts_count) for one in groups])


def _has_no_other_members(body: bytes, groups: list[_ListedGroup]) -> bool:
    """Return whether the objects have the members that were read and no others, each once.

    msgspec skips unknown members and takes the last of two equal ones. But every member has a colon after its key, and
    no blank is before a colon. So `":` is there at least once for each member, and if it is there no more often than
    for the members that were read, there are no others.
    """
    read = 1 + 4 * len(groups) - sum([group.created_on is UNSET for group in groups])
    return body.count(b'":') == read


def _has_canonical_ids(groups: list[_ListedGroup]) -> bool:
    """Return whether every id is in canonical form: with each digit replaced by 0, all ids together look like this."""
    ids = ",".join([group.id for group in groups])
    return ids.encode().translate(_HEX_TO_ZERO) == b",".join([_ID_SHAPE] * len(groups))


def _has_counts(groups: list[_ListedGroup]) -> bool:
    counts = [group.contacts_count for group in groups if group.contacts_count is not None]
    return not counts or (min(counts) >= 0 and max(counts) < _COUNT_LIMIT)
