"""Make a plan of matched groups: changes in waves, and temporary names where renames form a cycle."""

from __future__ import annotations

from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.display import first_lines
from groupsync.model.config import RemovedId, Unlisted
from groupsync.model.plan import (
    DEFAULT_PLAN_OPTIONS,
    Change,
    Create,
    Delete,
    ExcludedEntry,
    Plan,
    PlanOptions,
    PlanProblem,
    Reason,
    Rename,
)
from groupsync.names import same_name_key, temporary_name
from groupsync.planner import problems
from groupsync.planner.conflicts import find_conflicts
from groupsync.planner.exclusion import set_aside
from groupsync.planner.lookalikes import find_look_alikes
from groupsync.planner.matching import match_groups
from groupsync.planner.waves import schedule_changes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.config import Config, GroupEntry, Removal
    from groupsync.model.groups import LiveGroup, Source
    from groupsync.planner.matching import GroupToDelete, Match, Matching

MOST_WARNINGS = 100


def make_plan(config: Config, live: Sequence[LiveGroup], options: PlanOptions = DEFAULT_PLAN_OPTIONS) -> Plan:
    """Return the plan that turns the live groups into the desired ones, or the problems that make one impossible.

    Live groups outside the scope do not exist for it. The order of entries and groups does not matter; equal input
    gives an equal plan.
    """
    live = sorted(live, key=attrgetter("id")) if options.exclude else live  # otherwise only some of them are sorted
    inside, outside = config.make_scope().split(live)
    parts = set_aside(config, inside, options.exclude)
    config, excluded = parts.rest.config, parts.excluded
    matching = match_groups(config, parts.rest.live, outside, excluded=excluded.live, no_deletes=options.no_deletes)
    changes = _make_changes(matching)
    found = [
        *_find_unmatched(config, inside, parts.unmatched),
        *matching.problems,
        *find_conflicts(parts, matching, changes, outside),
    ]
    return Plan(
        changes=() if found else tuple(sorted(changes, key=_order)),
        unlisted=matching.unlisted,
        ignored=matching.ignored,
        interrupted=matching.interrupted,
        problems=tuple(sorted(found, key=_problem_order)),
        warnings=(
            *config.warnings,
            *first_lines(sorted(matching.warnings), MOST_WARNINGS, "... and {:,} more"),
            *find_look_alikes(config, matching),
        ),
        postponed=tuple(_delete(one, one.group.name, 1) for one in sorted(matching.postponed, key=_name_and_id)),
        excluded=excluded.live,
        excluded_entries=tuple(map(_make_excluded_entry, (*excluded.config.groups, *excluded.config.removed))),
        is_excluded_pending=bool(options.exclude)
        and _is_pending(make_plan(excluded.config, (*excluded.live, *outside)), config),
    )


def find_changes(config: Config, live: Sequence[LiveGroup]) -> tuple[Change, ...]:
    """Return the changes of the plan for these live groups, also if problems prevent that plan; in no order."""
    inside, outside = config.make_scope().split(live)
    return tuple(_make_changes(match_groups(config, inside, outside)))


def _find_unmatched(config: Config, live: Sequence[LiveGroup], arguments: Sequence[str]) -> Iterator[PlanProblem]:
    names = [*(entry.name for entry in config.groups), *(group.name for group in live)]
    is_scoped = config.make_scope().is_limited
    for argument in arguments:
        yield problems.argument_matches_nothing(argument, names, is_scoped=is_scoped)


def _name_and_id(to_delete: GroupToDelete) -> tuple[str, str]:
    return to_delete.group.name, to_delete.group.id


def _make_excluded_entry(entry: GroupEntry | Removal) -> ExcludedEntry:
    return ExcludedEntry(name=entry.id if isinstance(entry, RemovedId) else entry.name, source=entry.source)


def _is_pending(plan: Plan, config: Config) -> bool:
    """Return whether a plan changes anything, or waits until somebody decides something."""
    is_undecided = plan.unlisted and config.policy.unlisted is not Unlisted.KEEP
    return bool(plan.is_pending or plan.problems or plan.interrupted or is_undecided)


class _NewName(Struct, frozen=True, kw_only=True):
    """A desired name that no group has yet: the group of `match` is renamed to it; without one, a group is created."""

    entry: GroupEntry
    key: str
    match: Match | None = None


def _make_changes(matching: Matching) -> list[Change]:
    new_names = _list_new_names(matching)
    desired_keys = {new_name.key for new_name in new_names}
    in_the_way = [to_delete for to_delete in matching.to_delete if same_name_key(to_delete.group.name) in desired_keys]
    changes = [*map(_move_away, in_the_way), *_schedule(new_names, in_the_way)]

    last_wave = 1 + max((change.wave for change in changes), default=0)
    temporary_names = {change.group_id: change.after for change in changes if isinstance(change, Rename)}
    for to_delete in matching.to_delete:
        name = temporary_names.get(to_delete.group.id, to_delete.group.name)
        changes.append(_delete(to_delete, name, last_wave))
    return changes


def _list_new_names(matching: Matching) -> list[_NewName]:
    """List the groups to rename by id, so that the lowest id of a cycle moves out of the way, then those to create."""
    to_rename = sorted(matching.to_rename, key=attrgetter("group.id"))
    to_create = sorted(matching.missing, key=attrgetter("name"))
    return [
        *(_NewName(entry=match.entry, key=same_name_key(match.entry.name), match=match) for match in to_rename),
        *(_NewName(entry=entry, key=same_name_key(entry.name)) for entry in to_create),
    ]


def _schedule(new_names: Sequence[_NewName], in_the_way: Sequence[GroupToDelete]) -> Iterator[Change]:
    """Yield the changes to all new names, each in a wave after the changes that free its name."""
    holders = defaultdict(list)
    for number, new_name in enumerate(new_names):
        if new_name.match:
            holders[same_name_key(new_name.match.group.name)].append(number)
    blockers = [
        [holder for holder in holders.get(new_name.key, ()) if holder != number]
        for number, new_name in enumerate(new_names)
    ]
    keys_in_the_way = {same_name_key(to_delete.group.name) for to_delete in in_the_way}
    delayed = {number for number, new_name in enumerate(new_names) if new_name.key in keys_in_the_way}

    schedule = schedule_changes(blockers, delayed)
    for number, new_name in enumerate(new_names):
        is_moved_away = number in schedule.moved_away
        yield from _make_steps(new_name, schedule.waves[number], is_moved_away=is_moved_away)


def _make_steps(new_name: _NewName, wave: int, *, is_moved_away: bool) -> Iterator[Change]:
    entry, match = new_name.entry, new_name.match
    if match is None:
        yield Create(
            name=entry.name, reason=Reason.LISTED, wave=wave, source=entry.source, description=entry.description
        )
        return
    before = match.group.name
    if is_moved_away:
        before = temporary_name(entry.name, match.group.id)
        yield _rename_temporarily(match.group, before, Reason.BREAKS_CYCLE, entry.source, entry.description)
    yield Rename(
        group_id=match.group.id,
        before=before,
        after=entry.name,
        contacts_count=match.group.contacts_count,
        reason=match.reason,
        wave=wave,
        source=entry.source,
        description=entry.description,
    )


def _move_away(to_delete: GroupToDelete) -> Rename:
    """Return the step that frees the name of a group before the group is deleted in the last wave."""
    name = temporary_name(to_delete.group.name, to_delete.group.id)
    return _rename_temporarily(to_delete.group, name, Reason.FREES_NAME, to_delete.source)


def _rename_temporarily(
    group: LiveGroup, name: str, reason: Reason, source: Source | None, description: str = ""
) -> Rename:
    return Rename(
        group_id=group.id,
        before=group.name,
        after=name,
        contacts_count=group.contacts_count,
        temporary=True,
        reason=reason,
        wave=1,
        source=source,
        description=description,
    )


def _delete(to_delete: GroupToDelete, name: str, wave: int) -> Delete:
    return Delete(
        group_id=to_delete.group.id,
        name=name,
        contacts_count=to_delete.group.contacts_count,
        contacts_at_most=to_delete.contacts_at_most,
        reason=to_delete.reason,
        wave=wave,
        source=to_delete.source,
        removal_reason=to_delete.removal_reason,
    )


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
