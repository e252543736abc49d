"""Names that must not be given to a group: invalid ones, and ones that another group has or will have."""

from __future__ import annotations

from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING

from groupsync.display import quote
from groupsync.model.plan import Rename
from groupsync.names import find_writing_fault, is_too_long, nfc, same_name_key
from groupsync.planner import problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.config import GroupEntry
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Change, PlanProblem
    from groupsync.planner.exclusion import Exclusion, Part
    from groupsync.planner.matching import Matching


def find_conflicts(
    parts: Exclusion, matching: Matching, changes: Sequence[Change], outside: Sequence[LiveGroup] = ()
) -> Iterator[PlanProblem]:
    """Yield the problems with the names that the plan would give, whatever the order of its changes.

    `outside` are the live groups outside the scope. None of them has a name of the scope, but a server may take a very
    long name for one.
    """
    to_rename = [match.entry for match in matching.to_rename]
    to_change = [*matching.missing, *to_rename]
    yield from _find_faults(to_change)
    yield from _find_desired_twice(matching, to_change)
    yield from _find_excluded(parts.excluded, to_change)
    yield from _find_taken(parts.rest, matching, to_change, outside)
    yield from _find_bad_temporary_names(changes, [*parts.rest.live, *parts.excluded.live, *outside])


def _find_faults(to_change: Sequence[GroupEntry]) -> Iterator[PlanProblem]:
    for entry in to_change:
        if fault := find_writing_fault(entry.name):
            yield problems.name_is_faulty(entry, fault)


def _find_desired_twice(matching: Matching, to_change: Sequence[GroupEntry]) -> Iterator[PlanProblem]:
    entries_by_name: dict[str, list[GroupEntry]] = {nfc(entry.name): [] for entry in to_change}
    for entry in (*matching.missing, *(match.entry for match in matching.matches)):
        name = entry.name if entry.name.isascii() else nfc(entry.name)
        if name in entries_by_name:
            entries_by_name[name].append(entry)
    for entry in to_change:
        others = [other for other in entries_by_name[nfc(entry.name)] if other is not entry]
        if others:
            yield problems.name_is_desired_twice(entry, min(others, key=attrgetter("source")))


def _find_excluded(excluded: Part, to_change: Sequence[GroupEntry]) -> Iterator[PlanProblem]:
    """Yield a problem for each name that an excluded group has, or an excluded entry asks for."""
    holders = {same_name_key(entry.name): f"the entry at {entry.source}" for entry in excluded.config.groups}
    for group in excluded.live:
        holders[same_name_key(group.name)] = f"the live group {quote(group.name)} [id={group.id}]"
    for entry in to_change if holders else ():
        holder = holders.get(same_name_key(entry.name))
        if holder:
            yield problems.name_is_excluded(entry, holder)


def _find_taken(
    rest: Part, matching: Matching, to_change: Sequence[GroupEntry], outside: Sequence[LiveGroup]
) -> Iterator[PlanProblem]:
    """Yield a problem for each name that is held by a live group that stays.

    Groups that an entry means, or that are deleted, do not count: the author knows about them.
    """
    known_ids = {match.group.id for match in matching.matches}
    known_ids |= {to_delete.group.id for to_delete in matching.to_delete}
    postponed_ids = {postponed.group.id for postponed in matching.postponed}
    holders: dict[str, list[LiveGroup]] = defaultdict(list)
    for group in (*rest.live, *outside):
        if group.id not in known_ids:
            holders[same_name_key(group.name)].append(group)
    for entry in to_change:
        for holder in holders.get(same_name_key(entry.name), []):
            if holder.id in postponed_ids:
                yield problems.name_is_postponed(entry, holder)
                continue
            is_ignored, is_outside = holder not in matching.unlisted, holder in outside
            yield problems.name_is_taken(rest.config, entry, holder, is_ignored=is_ignored, is_outside=is_outside)


def _find_bad_temporary_names(changes: Sequence[Change], live: Sequence[LiveGroup]) -> Iterator[PlanProblem]:
    temporary = {
        same_name_key(change.after): change for change in changes if isinstance(change, Rename) and change.temporary
    }
    if not temporary:
        return
    for change in temporary.values():
        if is_too_long(change.after):
            yield problems.temporary_name_is_too_long(change.after, change.before, change.source)
    for holder in live:
        taken_by = temporary.get(same_name_key(holder.name))
        if taken_by:
            yield problems.temporary_name_is_live(taken_by.after, holder, taken_by.source)
