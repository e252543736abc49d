"""From matched groups to a plan: changes in waves, through temporary names where names go round in a circle."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from groupsync.model.plan import Change, Create, Delete, Plan, PlanProblem, Reason, Rename
from groupsync.names import same_name_key, temporary_name
from groupsync.planner import problems
from groupsync.planner.conflicts import find_conflicts
from groupsync.planner.matching import match_groups
from groupsync.planner.waves import schedule_writes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.config import Config, GroupEntry
    from groupsync.model.groups import LiveGroup, Source
    from groupsync.planner.matched import GroupToDelete, Match, Matching


def make_plan(config: Config, live: Sequence[LiveGroup]) -> Plan:
    """Return the plan that makes the live groups the desired ones, or the problems that stand against any.

    The order of entries and groups does not matter; equal input gives an equal plan.
    """
    live = sorted(live, key=attrgetter("id"))
    matching = match_groups(config, live)
    changes = _make_changes(matching)
    found = [*matching.problems, *find_conflicts(matching, live), *_find_live_temporary_names(changes, live)]
    return Plan(
        changes=() if found else tuple(sorted(changes, key=_order)),
        unlisted=matching.unlisted,
        ignored=matching.ignored,
        interrupted=matching.interrupted,
        problems=tuple(sorted(found, key=_problem_order)),
        warnings=(*config.warnings, *sorted(matching.warnings)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Write:
    """A name to be written: of a group that has another one now, or of one that does not exist yet."""

    entry: GroupEntry
    match: Match | None = None

    @property
    def wanted_key(self) -> str:
        return same_name_key(self.entry.name)


def _make_changes(matching: Matching) -> list[Change]:
    writes = _list_writes(matching)
    wanted = {write.wanted_key for write in writes}
    in_the_way = [doomed for doomed in matching.doomed if same_name_key(doomed.group.name) in wanted]
    changes = [*map(_park_doomed, in_the_way), *_schedule_steps(writes, in_the_way)]

    last = 1 + max((change.wave for change in changes), default=0)
    parked_names = {change.group_id: change.after for change in changes if isinstance(change, Rename)}
    for doomed in matching.doomed:
        name = parked_names.get(doomed.group.id, doomed.group.name)
        changes.append(_delete(doomed, name, last))
    return changes


def _list_writes(matching: Matching) -> list[_Write]:
    """List renames in the order of their ids, so that the lowest of a circle is parked, then creates."""
    renamed = sorted((match for match in matching.matches if match.is_written), key=attrgetter("group.id"))
    created = sorted(matching.missing, key=attrgetter("name"))
    return [
        *(_Write(entry=match.entry, match=match) for match in renamed),
        *(_Write(entry=entry) for entry in created),
    ]


def _schedule_steps(writes: Sequence[_Write], in_the_way: Sequence[GroupToDelete]) -> Iterator[Change]:
    """Yield the steps of all writes, each behind the steps that free its name."""
    holders = defaultdict(list)
    for number, write in enumerate(writes):
        if write.match:
            holders[same_name_key(write.match.group.name)].append(number)
    blockers = [
        [holder for holder in holders.get(write.wanted_key, ()) if holder != number]
        for number, write in enumerate(writes)
    ]
    doomed_keys = {same_name_key(doomed.group.name) for doomed in in_the_way}
    delayed = {number for number, write in enumerate(writes) if write.wanted_key in doomed_keys}

    schedule = schedule_writes(blockers, delayed)
    for number, write in enumerate(writes):
        yield from _steps(write, schedule.waves[number], is_parked=number in schedule.parked)


def _steps(write: _Write, wave: int, *, is_parked: bool) -> Iterator[Change]:
    entry, match = write.entry, write.match
    if match is None:
        yield Create(name=entry.name, reason=Reason.LISTED, wave=wave, source=entry.source)
        return
    before = match.group.name
    if is_parked:
        before = temporary_name(entry.name, match.group.id)
        yield _park(match.group, before, Reason.BREAKS_CYCLE, entry.source)
    yield Rename(
        group_id=match.group.id,
        before=before,
        after=entry.name,
        contacts_count=match.group.contacts_count,
        reason=match.reason,
        wave=wave,
        source=entry.source,
    )


def _park_doomed(doomed: GroupToDelete) -> Rename:
    name = temporary_name(doomed.group.name, doomed.group.id)
    return _park(doomed.group, name, Reason.FREES_NAME, doomed.source)


def _park(group: LiveGroup, name: str, reason: Reason, source: Source | None) -> Rename:
    return Rename(
        group_id=group.id,
        before=group.name,
        after=name,
        contacts_count=group.contacts_count,
        temporary=True,
        reason=reason,
        wave=1,
        source=source,
    )


def _delete(doomed: GroupToDelete, name: str, wave: int) -> Delete:
    return Delete(
        group_id=doomed.group.id,
        name=name,
        contacts_count=doomed.group.contacts_count,
        contacts_at_most=doomed.contacts_at_most,
        reason=doomed.reason,
        wave=wave,
        source=doomed.source,
    )


def _find_live_temporary_names(changes: Sequence[Change], live: Sequence[LiveGroup]) -> Iterator[PlanProblem]:
    parked = {
        same_name_key(change.after): change for change in changes if isinstance(change, Rename) and change.temporary
    }
    for holder in live if parked else ():
        change = parked.get(same_name_key(holder.name))
        if change:
            yield problems.temporary_name_is_live(change.after, holder, change.source)


def _order(change: Change) -> tuple[int, int, str, str]:
    match change:
        case Create(name=name):
            return (change.wave, 0, name, "")
        case Rename(before=before, group_id=group_id):
            return (change.wave, 1, before, group_id)
        case Delete(name=name, group_id=group_id):
            return (change.wave, 2, name, group_id)


def _problem_order(problem: PlanProblem) -> tuple[bool, Source | None, str, str]:
    return (problem.source is not None, problem.source, problem.code, problem.message)
