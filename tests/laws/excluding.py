"""A plan that excludes something, what it excludes by the rules alone, and what must be true of both."""

from __future__ import annotations

import dataclasses
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.model.config import GroupEntry, RemovedName
from groupsync.model.groups import parse_group_id
from groupsync.model.plan import DEFAULT_PLAN_OPTIONS, Create, PlanOptions
from groupsync.names import name_without_suffix
from groupsync.patterns import make_group_matcher
from groupsync.planner import make_plan
from groupsync.review.make import make_review
from tests.laws.teams import Groups, carry_out, name_groups
from tests.unit.core import LIMITS, NOW, TARGET

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groupsync.model.config import Config, Removal
    from groupsync.model.groups import GroupId, LiveGroup, Source
    from groupsync.model.plan import Change, Plan, PlanProblem
    from groupsync.model.review import Review

OF_EXCLUSION = {"name-excluded", "exclude-matches-nothing"}


@dataclass(frozen=True, kw_only=True)
class Excluding:
    """A configuration, live groups, and what is excluded of them."""

    config: Config
    live: Groups
    exclude: tuple[str, ...]

    def plan(self, options: PlanOptions = DEFAULT_PLAN_OPTIONS) -> Plan:
        return make_plan(self.config, self.live, replace(options, exclude=self.exclude))

    def review(self) -> Review:
        return make_review(self.config, self.live, TARGET, NOW, LIMITS, exclude=self.exclude)

    def find_excluded(self) -> tuple[set[GroupId], set[Source]]:
        """Return the ids of the groups and the sources of the entries, found in the slowest way."""
        ids: set[GroupId] = set()
        sources: set[Source] = set()
        for argument in self.exclude:
            matches, group_id = make_group_matcher((argument,)), parse_group_id(argument)
            ids |= {group.id for group in self.live if matches(group.name) or group.id == group_id}
            sources |= {
                entry.source
                for entry in self.entries
                if any(map(matches, list_names(entry))) or (group_id and get_id(entry) == group_id)
            }
        while True:
            linked = [(group, entry) for group in self.live for entry in self.entries if could_mean(entry, group)]
            more = [one for one in linked if (one[0].id in ids) is not (one[1].source in sources)]
            if not more:
                return ids, sources
            ids |= {group.id for group, _ in more}
            sources |= {entry.source for _, entry in more}

    @property
    def entries(self) -> tuple[GroupEntry | Removal, ...]:
        return (*self.config.groups, *self.config.removed)


def list_names(entry: GroupEntry | Removal) -> tuple[str, ...]:
    """Return the names that an entry writes or gives up."""
    if isinstance(entry, GroupEntry):
        return (entry.name, *entry.previously)
    return (entry.name,) if isinstance(entry, RemovedName) else ()


def get_id(entry: GroupEntry | Removal) -> GroupId | None:
    return None if isinstance(entry, RemovedName) else entry.id


def could_mean(entry: GroupEntry | Removal, group: LiveGroup) -> bool:
    """Return whether an entry could mean a group: by its id, its name unless it has an id, or an earlier name."""
    if get_id(entry) == group.id:
        return True
    names = list_names(entry)
    if isinstance(entry, GroupEntry) and entry.id:
        names = entry.previously
    return group.name in names or name_without_suffix(group.name, group.id) in names


def list_sources(changes: Iterable[Change]) -> set[Source | None]:
    return {change.source for change in changes}


def list_ids(changes: Iterable[Change]) -> set[GroupId]:
    return {change.group_id for change in changes if not isinstance(change, Create)}


def require_only_the_rest(case: Excluding) -> Plan:
    """Assert that the rest is planned as if what is excluded did not exist, and return what is planned for it then.

    Only a name that is excluded may refuse it, and an argument that matches nothing.
    """
    plan, (ids, sources) = case.plan(), case.find_excluded()
    without = replace(
        case.config,
        groups=tuple(entry for entry in case.config.groups if entry.source not in sources),
        removed=tuple(entry for entry in case.config.removed if entry.source not in sources),
    )
    expected = make_plan(without, [group for group in case.live if group.id not in ids])
    more = [problem for problem in plan.problems if problem.code in OF_EXCLUSION]
    assert [problem for problem in plan.problems if problem not in more] == [*expected.problems]
    restricted = {"excluded": (), "excluded_entries": (), "is_excluded_pending": False}
    assert replace(plan, problems=expected.problems, warnings=(), **restricted) == (
        replace(expected, changes=() if more else expected.changes, warnings=())
    )
    assert {*plan.warnings} <= {*expected.warnings}
    idle = {warning for warning in expected.warnings if "matches no live group" in warning}
    assert {*expected.warnings} - {*plan.warnings} <= idle, "only a pattern can match what is excluded"
    return expected


def require_same_end(case: Excluding) -> str:
    """Assert that the rest and then what is excluded reach what one apply reaches; return how it went."""
    at_once, first = make_plan(case.config, case.live), case.plan()
    if at_once.problems or first.problems:
        return "refused"
    book = carry_out(first.changes, case.live, unique_names=True)
    second = make_plan(case.config, book.live())
    assert second.problems == ()
    for change in second.changes:
        book.carry_out(change)
    assert name_groups(book, case.live) == name_groups(carry_out(at_once.changes, case.live), case.live)
    return f"{min(len(first.changes), 2)} of {min(len(at_once.changes), 4)} changes"


def follow_remedies(case: Excluding, options: PlanOptions = DEFAULT_PLAN_OPTIONS) -> int:
    """Exclude what the plan asks for until it asks for nothing; return how often that was.

    Assert that the plan can be applied then, if one could that excludes nothing.
    """
    codes, rounds = {"name-excluded", "name-postponed"}, 0
    is_possible = not make_plan(case.config, case.live).problems
    plan = case.plan(options)
    while more := [problem for problem in plan.problems if problem.code in codes]:
        case = dataclasses.replace(case, exclude=(*case.exclude, *map(read_remedy, more)))
        plan = case.plan(options)
        rounds += 1
        assert rounds <= len(case.entries)
    if is_possible:
        assert {problem.code for problem in plan.problems} <= {"exclude-matches-nothing"}
    ids, _ = case.find_excluded()
    before = {group.id: group for group in case.live}
    book = carry_out(plan.changes, case.live)
    assert all(book.groups[group_id] == before[group_id] for group_id in ids)
    assert book.clashes == []
    return rounds


def read_remedy(problem: PlanProblem) -> str:
    """Return what a problem says to exclude as well, as a shell reads it."""
    option, argument = shlex.split(problem.remedy[0].partition(": ")[2])
    assert option == "--exclude"
    return argument
