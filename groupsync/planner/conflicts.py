"""Names that must not be written: faulty ones, and ones that another group has or will have."""

from __future__ import annotations

from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING

from groupsync.names import find_name_fault, nfc, same_name_key
from groupsync.planner import problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.config import GroupEntry
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import PlanProblem
    from groupsync.planner.matched import Matching


def find_conflicts(matching: Matching, live: Sequence[LiveGroup]) -> Iterator[PlanProblem]:
    """Yield what stands against the writes of the matching, whatever their order."""
    written = [*matching.missing, *(match.entry for match in matching.matches if match.is_written)]
    yield from _find_faults(written)
    yield from _find_wanted_twice(matching, written)
    yield from _find_taken(matching, written, live)


def _find_faults(written: Sequence[GroupEntry]) -> Iterator[PlanProblem]:
    for entry in written:
        if fault := find_name_fault(entry.name):
            yield problems.name_is_faulty(entry, fault)


def _find_wanted_twice(matching: Matching, written: Sequence[GroupEntry]) -> Iterator[PlanProblem]:
    wanted: dict[str, list[GroupEntry]] = defaultdict(list)
    for entry in (*matching.missing, *(match.entry for match in matching.matches)):
        wanted[nfc(entry.name)].append(entry)
    for entry in written:
        others = [other for other in wanted[nfc(entry.name)] if other is not entry]
        if others:
            yield problems.name_is_wanted_twice(entry, min(others, key=attrgetter("source")))


def _find_taken(matching: Matching, written: Sequence[GroupEntry], live: Sequence[LiveGroup]) -> Iterator[PlanProblem]:
    """Find holders that stay. One that an entry means counts as known to the author: its look-alike may be written."""
    known = {match.group.id for match in matching.matches} | {doomed.group.id for doomed in matching.doomed}
    holders: dict[str, list[LiveGroup]] = defaultdict(list)
    for group in live:
        if group.id not in known:
            holders[same_name_key(group.name)].append(group)
    for entry in written:
        for holder in holders.get(same_name_key(entry.name), []):
            yield problems.name_is_taken(entry, holder, is_ignored=holder not in matching.unlisted)
