"""The problems that make a plan impossible: what is wrong in one sentence, and the lines that resolve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count_contacts, first_lines, quote, write_scalar
from groupsync.model.plan import PlanProblem
from groupsync.names import LONGEST_NAME, is_too_long

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.config import GroupEntry
    from groupsync.model.groups import LiveGroup, Source

MOST_LINES_TO_PASTE = 10


def id_is_not_live(entry: GroupEntry, live: Sequence[LiveGroup]) -> PlanProblem:
    """Return the problem of an entry whose id no live group has."""
    return PlanProblem(
        code="id-not-live",
        message=f"group {quote(entry.name)} is pinned to id {entry.id}, which is not live",
        remedy=tuple(_list_ways_without_group(entry, live)),
        source=entry.source,
    )


def _list_ways_without_group(entry: GroupEntry, live: Sequence[LiveGroup]) -> Iterator[str]:
    holders = [group for group in live if group.name == entry.name]
    if holders:
        yield "if it was created again, correct the id; live groups with that name:"
        yield from _write_with_ids(entry, holders)
        yield "if the group should be gone, remove the entry"
        yield "to put its contacts into one of these: groupsync restore BACKUP --into ID"
        return
    if live:
        yield "if the id is wrong, correct it"
    else:
        yield "no group is live at all: check that this is the right account"
    yield "if the group should be gone, remove the entry"
    yield "to create it anew, without contacts, remove the id"
    yield "to restore it with its contacts, remove the id, run groupsync restore BACKUP, and add the id that it prints"


def id_is_ignored(group: LiveGroup, source: Source) -> PlanProblem:
    """Return the problem of an id, under `groups` or `removed`, whose group the configuration ignores."""
    return PlanProblem(
        code="id-ignored",
        message=f"id {group.id} is the live group {quote(group.name)}, which a pattern under ignore matches",
        remedy=("remove the id here, or make the pattern narrower",),
        source=source,
    )


def removed_is_listed(group: LiveGroup, source: Source, entry: GroupEntry) -> PlanProblem:
    """Return the problem of a group that is removed by its id and listed by its name."""
    return PlanProblem(
        code="removed-is-listed",
        message=f"id {group.id} under removed is the live group {quote(group.name)}, which {entry.source} lists",
        remedy=(
            "take it out of one of the two, or pin the entry to the group that should stay:",
            f"  - name: {'...' if is_too_long(entry.name) else write_scalar(entry.name)}",
            "    id: ...",
        ),
        source=source,
    )


def desired_name_is_ambiguous(entry: GroupEntry, holders: Sequence[LiveGroup]) -> PlanProblem:
    """Return the problem of an entry without id whose name several live groups have."""
    remedy = ("write the entry with the id of the one that is meant, one of these:", *_write_with_ids(entry, holders))
    return _name_is_ambiguous(entry.name, holders, entry.source, remedy=remedy)


def removed_name_is_ambiguous(name: str, holders: Sequence[LiveGroup], source: Source) -> PlanProblem:
    """Return the problem of a name under `removed` that several live groups have."""
    remedy = (
        "put the id of the one that is meant in place of the name, one of these:",
        *_write_first([f"  - id: {group.id}  # {_describe(group)}" for group in _sort_largest_first(holders)]),
    )
    return _name_is_ambiguous(name, holders, source, remedy=remedy)


def _name_is_ambiguous(
    name: str, holders: Sequence[LiveGroup], source: Source, *, remedy: tuple[str, ...]
) -> PlanProblem:
    return PlanProblem(
        code="name-twice-live",
        message=f"{len(holders)} live groups are named {quote(name)}, and nothing says which one is meant",
        remedy=remedy,
        source=source,
    )


def earlier_name_is_ambiguous(entry: GroupEntry, holders: Sequence[LiveGroup]) -> PlanProblem:
    """Return the problem of an entry whose earlier names several live groups have."""
    return PlanProblem(
        code="previously-twice-live",
        message=f"{len(holders)} live groups have earlier names of group {quote(entry.name)}",
        remedy=(
            "a rename takes one: write the entry with the id of the one that is meant, list the others under groups",
            "or removed:",
            *_write_with_ids(entry, holders),
        ),
        source=entry.source,
    )


def earlier_name_is_live(entry: GroupEntry, group: LiveGroup, holder: LiveGroup) -> PlanProblem:
    """Return the problem of an entry that has its group while another live group has one of its earlier names."""
    return PlanProblem(
        code="previously-still-live",
        message=(
            f"group {quote(entry.name)} exists [id={group.id}], and so does {quote(holder.name)}, "
            f"one of its earlier names [id={holder.id}]"
        ),
        remedy=(
            f"to keep it: take {quote(holder.name)} out of previously, and list it under groups",
            "to lose it:",
            "removed:",
            f"  - id: {holder.id}  # {_describe(holder)}",
        ),
        source=entry.source,
    )


def name_is_faulty(entry: GroupEntry, fault: str) -> PlanProblem:
    """Return the problem of an entry with an id whose name groupsync never gives to a group."""
    return PlanProblem(
        code="name-not-writable",
        message=f"the name {quote(entry.name)} {fault}",
        remedy=("choose another name, or repeat the live name to leave the group as it is",),
        source=entry.source,
    )


def name_is_desired_twice(entry: GroupEntry, other: GroupEntry) -> PlanProblem:
    """Return the problem of an entry that needs a create or rename to a name that another entry also has."""
    return PlanProblem(
        code="name-wanted-twice",
        message=f"group {quote(entry.name)} would get the name that {other.source} asks for too",
        remedy=("two groups may share a name only when both have it already: choose another name for one",),
        source=entry.source,
    )


def name_is_taken(entry: GroupEntry, holder: LiveGroup, *, is_ignored: bool) -> PlanProblem:
    """Return the problem of a create or rename to the name of a live group that stays and that no entry means."""
    if is_ignored:
        remedy: tuple[str, ...] = ("choose another name; that group is matched by a pattern under ignore",)
    else:
        remedy = (
            "choose another name, or say that this group is meant:",
            *_write_with_ids(entry, [holder]),
        )
    return PlanProblem(
        code="name-taken",
        message=(
            f"the name {quote(entry.name)} counts as the same as that of the live group "
            f"{quote(holder.name)} [id={holder.id}], which stays"
        ),
        remedy=remedy,
        source=entry.source,
    )


def temporary_name_is_live(name: str, holder: LiveGroup, source: Source | None) -> PlanProblem:
    """Return the problem of a step to a temporary name that a live group has."""
    return PlanProblem(
        code="temporary-name-live",
        message=f"the temporary name {quote(name)} is needed, but a live group has it [id={holder.id}]",
        remedy=("rename or remove that group first",),
        source=source,
    )


def temporary_name_is_too_long(name: str, before: str, source: Source | None) -> PlanProblem:
    """Return the problem of a step to a temporary name that is longer than groupsync writes names."""
    return PlanProblem(
        code="name-not-writable",
        message=(
            f"group {quote(before)} needs a temporary name of {len(name):,} characters, "
            f"and groupsync writes names of at most {LONGEST_NAME:,}"
        ),
        remedy=("choose a shorter name, or make two changes of it, one after the other",),
        source=source,
    )


def _write_with_ids(entry: GroupEntry, groups: Sequence[LiveGroup]) -> Iterator[str]:
    """Yield the entry as YAML, with an `id` line for each group that it may mean, of which the user keeps one."""
    if is_too_long(entry.name):
        yield f"  # the entry at {entry.source}, with this id:"
    else:
        yield f"  - name: {write_scalar(entry.name)}"
    yield from _write_first([f"    id: {group.id}  # {_describe(group)}" for group in _sort_largest_first(groups)])


def _write_first(lines: Sequence[str]) -> list[str]:
    """Return the first lines to paste; a comment says how many there are more."""
    return first_lines(lines, MOST_LINES_TO_PASTE, "    # ... and {:,} more")


def _describe(group: LiveGroup) -> str:
    return f"{quote(group.name)}, {count_contacts(group.contacts_count)}"


def _sort_largest_first(groups: Sequence[LiveGroup]) -> list[LiveGroup]:
    return sorted(groups, key=lambda group: (-(group.contacts_count or 0), group.id))
