"""The reasons why no plan can be made, each in one sentence with the lines that resolve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count_contacts, quote, write_scalar
from groupsync.model.plan import PlanProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.config import GroupEntry
    from groupsync.model.groups import LiveGroup, Source


def id_is_not_live(entry: GroupEntry, live: Sequence[LiveGroup]) -> PlanProblem:
    """An entry is pinned to a group that the Phonebook does not have."""
    namesakes = [group for group in live if group.name == entry.name]
    if namesakes:
        remedy = ("correct the id; of that name there is:", *_pin(entry, namesakes))
    elif live:
        remedy = ("correct the id, or remove it to create the group anew",)
    else:
        remedy = ("no group is live at all: is this the right account?",)
    return PlanProblem(
        code="id-not-live",
        message=f"group {quote(entry.name)} is pinned to id {entry.id}, which is not live",
        remedy=remedy,
        source=entry.source,
    )


def id_is_ignored(group: LiveGroup, source: Source) -> PlanProblem:
    """An entry or a removal takes by id a group that the configuration also says to ignore."""
    return PlanProblem(
        code="id-ignored",
        message=f"id {group.id} is the live group {quote(group.name)}, which a pattern under ignore matches",
        remedy=("remove the id here, or make the pattern narrower",),
        source=source,
    )


def removed_is_listed(group: LiveGroup, source: Source, entry: GroupEntry) -> PlanProblem:
    """A group removed by id bears the very name that an entry without id asks for."""
    return PlanProblem(
        code="removed-is-listed",
        message=f"id {group.id} under removed is the live group {quote(group.name)}, which {entry.source} lists",
        remedy=(
            "take it out of one of the two, or pin the entry to the group that shall stay:",
            f"  - name: {write_scalar(entry.name)}",
            "    id: ...",
        ),
        source=source,
    )


def several_bear_wanted_name(entry: GroupEntry, bearers: Sequence[LiveGroup]) -> PlanProblem:
    """A wanted name is borne by several live groups and no id chooses."""
    advice = ("write the entry with the id of the one that is meant, one of these:", *_pin(entry, bearers))
    return _name_twice_live(entry.name, bearers, entry.source, remedy=advice)


def several_bear_removed_name(name: str, bearers: Sequence[LiveGroup], source: Source) -> PlanProblem:
    """A name under removed is borne by several live groups."""
    advice = "put the id of the one that is meant in place of the name, one of these:"
    choice = (f"  - id: {group.id}  # {_describe(group)}" for group in _sorted(bearers))
    return _name_twice_live(name, bearers, source, remedy=(advice, *choice))


def _name_twice_live(
    name: str, bearers: Sequence[LiveGroup], source: Source, *, remedy: tuple[str, ...]
) -> PlanProblem:
    return PlanProblem(
        code="name-twice-live",
        message=f"{len(bearers)} live groups are named {quote(name)}, and nothing says which one is meant",
        remedy=remedy,
        source=source,
    )


def several_are_earlier(entry: GroupEntry, bearers: Sequence[LiveGroup]) -> PlanProblem:
    """Several live groups bear an earlier name of one entry."""
    return PlanProblem(
        code="previously-twice-live",
        message=f"{len(bearers)} live groups bear earlier names of group {quote(entry.name)}",
        remedy=(
            "a rename takes one: write the entry with the id of the one that is meant, list the others under groups",
            "or removed:",
            *_pin(entry, bearers),
        ),
        source=entry.source,
    )


def earlier_name_is_live(entry: GroupEntry, group: LiveGroup, leftover: LiveGroup) -> PlanProblem:
    """An entry has its group, and yet another live group bears one of its earlier names."""
    return PlanProblem(
        code="previously-still-live",
        message=(
            f"group {quote(entry.name)} exists [id={group.id}], and so does {quote(leftover.name)}, "
            f"one of its earlier names [id={leftover.id}]"
        ),
        remedy=(
            f"to keep it: take {quote(leftover.name)} out of previously, and list it under groups",
            "to lose it:",
            "removed:",
            f"  - id: {leftover.id}  # {_describe(leftover)}",
        ),
        source=entry.source,
    )


def name_is_faulty(entry: GroupEntry, fault: str) -> PlanProblem:
    """A pinned entry would write a name that groupsync never writes."""
    return PlanProblem(
        code="name-not-writable",
        message=f"the name {quote(entry.name)} {fault}",
        remedy=("choose another name, or repeat the live name to leave the group as it is",),
        source=entry.source,
    )


def name_is_wanted_twice(entry: GroupEntry, other: GroupEntry) -> PlanProblem:
    """Two entries want one name, and at least one of them would have to be written."""
    return PlanProblem(
        code="name-wanted-twice",
        message=f"group {quote(entry.name)} would get the name that {other.source} asks for too",
        remedy=("two groups may share a name only when both have it already: choose another name for one",),
        source=entry.source,
    )


def name_is_taken(entry: GroupEntry, holder: LiveGroup, *, is_ignored: bool) -> PlanProblem:
    """A create or rename goes onto the name of a live group that stays and that no entry means."""
    if is_ignored:
        remedy: tuple[str, ...] = ("choose another name; that group is matched by a pattern under ignore",)
    else:
        remedy = (
            "choose another name, or say that this group is meant:",
            *_pin(entry, [holder]),
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
    """A step of the plan needs a temporary name that a live group bears."""
    return PlanProblem(
        code="temporary-name-live",
        message=f"the temporary name {quote(name)} is needed, but a live group has it [id={holder.id}]",
        remedy=("rename or remove that group first",),
        source=source,
    )


def _pin(entry: GroupEntry, groups: Sequence[LiveGroup]) -> Iterator[str]:
    """Yield the lines of the entry, with an id for each of the groups that it may mean."""
    yield f"  - name: {write_scalar(entry.name)}"
    for group in _sorted(groups):
        yield f"    id: {group.id}  # {_describe(group)}"


def _describe(group: LiveGroup) -> str:
    return f"{quote(group.name)}, {count_contacts(group.contacts_count)}"


def _sorted(groups: Sequence[LiveGroup]) -> list[LiveGroup]:
    return sorted(groups, key=lambda group: (-(group.contacts_count or 0), group.id))
