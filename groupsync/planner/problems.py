"""The problems that make a plan impossible: what is wrong in one sentence, and the lines that resolve it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from groupsync.command import quote_word
from groupsync.display import count, count_contacts, quote
from groupsync.model.config import RemovedId
from groupsync.model.plan import PlanProblem
from groupsync.names import LONGEST_NAME
from groupsync.snippets import add_entries, change_group, change_removal, remove_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.config import Config, GroupEntry, Removal
    from groupsync.model.groups import LiveGroup, Source

MOST_GROUPS_TO_CHOOSE = 10
"""For this many groups, the largest ones, the remedy has lines to choose each of them."""


def id_is_not_live(config: Config, entry: GroupEntry, live: Sequence[LiveGroup]) -> PlanProblem:
    """Return the problem of an entry whose id no live group has."""
    return PlanProblem(
        code="id-not-live",
        message=f"group {quote(entry.name)} is pinned to id {entry.id}, and no live group has that id",
        remedy=tuple(_list_ways_without_group(config, entry, live)),
        source=entry.source,
    )


def _list_ways_without_group(config: Config, entry: GroupEntry, live: Sequence[LiveGroup]) -> Iterator[str]:
    taken_ids = {other.id for other in config.groups}
    holders = [group for group in live if group.name == entry.name and group.id not in taken_ids]
    if holders:
        yield from _choose_group(config, entry, holders)
        yield f"if the group should stay deleted, {remove_entry(config, entry.source)}"
        yield "to put its contacts into one of these, restore its backup with --into and the id of that group"
        return
    if live:
        yield "if the id is wrong, correct it"
    else:
        yield "the account has no live groups: check that it is the right one"
    yield f"if the group should stay deleted, {remove_entry(config, entry.source)}"
    yield change_group(config, entry, {"id": None}, why="to create it again, without its contacts")
    yield "if groupsync deleted it, make the same change, then get its contacts back: groupsync restore BACKUP"


def _choose_group(config: Config, entry: GroupEntry, groups: Sequence[LiveGroup]) -> Iterator[str]:
    """Yield, for each group that the entry may mean, the entry with its id; the user chooses one.

    A group whose id is already in the configuration cannot be meant.
    """
    used_ids = {other.id for other in config.groups} | {
        removal.id for removal in config.removed if isinstance(removal, RemovedId)
    }
    free = [group for group in groups if group.id not in used_ids]
    if not free:
        yield "the id of each such group is elsewhere in the configuration: remove one of these ids there"
    for group in _sort_largest_first(free)[:MOST_GROUPS_TO_CHOOSE]:
        yield change_group(config, entry, {"id": group.id}, why=f"if {_mention(group)} is meant")
    yield from _count_others(free)


def id_is_ignored(group: LiveGroup, source: Source) -> PlanProblem:
    """Return the problem of an id, under `groups` or `removed`, whose group the configuration ignores."""
    return PlanProblem(
        code="id-ignored",
        message=f"id {group.id} is the live group {quote(group.name)}, which a pattern under ignore matches",
        remedy=("remove the id here, or narrow the pattern",),
        source=source,
    )


def id_is_outside(group: LiveGroup, source: Source) -> PlanProblem:
    """Return the problem of an id, under `groups` or `removed`, whose group is outside the scope."""
    return PlanProblem(
        code="id-outside-scope",
        message=f"id {group.id} is the live group {quote(group.name)}, which belongs to another scope",
        remedy=(
            "if it should be in this scope, rename it in the dashboard, or add a pattern for its name under scope",
            "if it belongs to somebody else now, remove the id here",
        ),
        source=source,
    )


def argument_matches_nothing(argument: str, names: Sequence[str], *, is_scoped: bool = False) -> PlanProblem:
    """Return the problem of an argument of `--exclude` that names no live group and no entry of the configuration.

    If the run `is_scoped`, there can be such a group outside the scope.
    """
    close = get_close_matches(argument, names, n=1)
    remedy = f"did you mean {quote(close[0])}?" if close else "check its spelling, or leave it out"
    groups = "no live group of the scope" if is_scoped else "no live group"
    return PlanProblem(
        code="exclude-matches-nothing",
        message=f"--exclude {quote(argument)} matches {groups} and no entry of the configuration",
        remedy=(remedy,),
    )


def name_is_excluded(entry: GroupEntry, holder: str) -> PlanProblem:
    """Return the problem of a create or rename to the name of something excluded; `holder` says what has it."""
    return PlanProblem(
        code="name-excluded",
        message=f"group {quote(entry.name)} needs the name of {holder}, which is excluded",
        remedy=(f"exclude this entry as well: --exclude {quote_word(entry.name)}",),
        source=entry.source,
    )


def name_is_postponed(entry: GroupEntry, holder: LiveGroup) -> PlanProblem:
    """Return the problem of a create or rename to the name of a group whose deletion is postponed."""
    return PlanProblem(
        code="name-postponed",
        message=(
            f"group {quote(entry.name)} needs the name of the live group {quote(holder.name)} [id={holder.id}], "
            "and its deletion is postponed"
        ),
        remedy=(
            f"exclude this entry: --exclude {quote_word(entry.name)}",
            "or wait until deletions are allowed again",
        ),
        source=entry.source,
    )


def removed_is_listed(
    config: Config, group: LiveGroup, source: Source, entry: GroupEntry, live: Sequence[LiveGroup]
) -> PlanProblem:
    """Return the problem of a group that is removed by its id and listed by its name."""
    others = [other for other in live if other.name == group.name and other.id != group.id]
    return PlanProblem(
        code="removed-is-listed",
        message=f"id {group.id} under removed is the live group {quote(group.name)}, which {entry.source} lists",
        remedy=(
            f"to keep the group, {remove_entry(config, source)}",
            f"to delete it, {remove_entry(config, entry.source)}",
            *(_list_twins_to_keep(config, entry, others)),
        ),
        source=source,
    )


def _list_twins_to_keep(config: Config, entry: GroupEntry, twins: Sequence[LiveGroup]) -> Iterator[str]:
    for twin in _sort_largest_first(twins)[:MOST_GROUPS_TO_CHOOSE]:
        why = f"to delete it, and keep {_mention(twin)}"
        yield change_group(config, entry, {"id": twin.id}, why=why)


def desired_name_is_ambiguous(config: Config, entry: GroupEntry, holders: Sequence[LiveGroup]) -> PlanProblem:
    """Return the problem of an entry without id whose name several live groups have."""
    remedy = tuple(_choose_group(config, entry, holders))
    return _name_is_ambiguous(entry.name, holders, entry.source, remedy=remedy)


def removed_name_is_ambiguous(config: Config, removal: Removal, name: str, holders: Sequence[LiveGroup]) -> PlanProblem:
    """Return the problem of a name under `removed` that several live groups have."""
    most = removal.contacts_at_most  # written out, because an entry with an id agrees to any number without it
    remedy = tuple(
        change_removal(
            config,
            removal,
            {"name": None, "id": group.id, "contacts_at_most": most},
            why=f"if {_mention(group)} is meant",
        )
        for group in _sort_largest_first(holders)[:MOST_GROUPS_TO_CHOOSE]
    )
    return _name_is_ambiguous(name, holders, removal.source, remedy=(*remedy, *_count_others(holders)))


def _count_others(groups: Sequence[LiveGroup]) -> Iterator[str]:
    """Yield how to find the other groups, if there are too many to offer each."""
    others = len(groups) - MOST_GROUPS_TO_CHOOSE
    if others > 0:
        which = count(others, "more group with fewer contacts", "more groups with fewer contacts")
        yield f"or {which} can be meant: groupsync export prints the ids"


def _name_is_ambiguous(
    name: str, holders: Sequence[LiveGroup], source: Source, *, remedy: tuple[str, ...]
) -> PlanProblem:
    return PlanProblem(
        code="name-twice-live",
        message=f"{len(holders)} live groups are named {quote(name)}, and the entry does not say which one",
        remedy=remedy,
        source=source,
    )


def earlier_name_is_ambiguous(config: Config, entry: GroupEntry, holders: Sequence[LiveGroup]) -> PlanProblem:
    """Return the problem of an entry whose earlier names several live groups have."""
    return PlanProblem(
        code="previously-twice-live",
        message=f"{len(holders)} live groups have earlier names of group {quote(entry.name)}",
        remedy=(*_choose_group(config, entry, holders), "and list the others under groups or removed"),
        source=entry.source,
    )


def earlier_name_is_live(config: Config, entry: GroupEntry, group: LiveGroup, holder: LiveGroup) -> PlanProblem:
    """Return the problem of an entry that has its group while another live group has one of its earlier names."""
    previously = tuple(name for name in entry.previously if name != holder.name)
    return PlanProblem(
        code="previously-still-live",
        message=(
            f"group {quote(entry.name)} exists [id={group.id}], and so does {quote(holder.name)}, "
            f"one of its earlier names [id={holder.id}]"
        ),
        remedy=(
            add_entries(
                config, "groups", [({"name": holder.name, "id": holder.id}, "")], why=f"to keep {_mention(holder)}"
            ),
            change_group(
                config, entry, {"previously": previously or None}, why="and then, to remove it from previously"
            ),
            add_entries(config, "removed", [({"id": holder.id}, _describe(holder))], why="to delete it instead"),
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
        message=f"group {quote(entry.name)} would get a name that the entry at {other.source} also asks for",
        remedy=("two groups may share a name only when both have it already: choose another name for one",),
        source=entry.source,
    )


def name_is_taken(
    config: Config, entry: GroupEntry, holder: LiveGroup, *, is_ignored: bool, is_outside: bool
) -> PlanProblem:
    """Return the problem of a create or rename to the name of a live group that stays and that no entry means."""
    if is_outside:
        remedy: tuple[str, ...] = ("choose another name; that group is outside the scope",)
    elif is_ignored:
        remedy = ("choose another name; that group is matched by a pattern under ignore",)
    else:
        remedy = ("choose another name", *_choose_group(config, entry, [holder]))
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
        remedy=("rename or delete that group first",),
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
        remedy=("choose a shorter name, or rename in two plans, one after the other",),
        source=source,
    )


def _mention(group: LiveGroup) -> str:
    return f"{quote(group.name)} ({count_contacts(group.contacts_count)})"


def _describe(group: LiveGroup) -> str:
    return f"{quote(group.name)}, {count_contacts(group.contacts_count)}"


def _sort_largest_first(groups: Sequence[LiveGroup]) -> list[LiveGroup]:
    return sorted(groups, key=lambda group: (-(group.contacts_count or 0), group.id))
