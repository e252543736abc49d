"""Laws of `pull`: what was pending stays pending, nothing is unlisted, a second pull is empty, other bytes stay."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from groupsync.config.load import load_texts
from groupsync.editing import AddEntry, Refusal
from groupsync.model.config import Unlisted
from groupsync.model.plan import Create, Delete, Rename
from groupsync.planner import make_plan
from groupsync.pulling import PullChoices, compare_with_live, list_edits, list_edits_by_hand, take_live_names
from groupsync.runs.edits import make_writes
from tests.laws.pulling.written import Written, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from groupsync.editing import Edit, FileWrite
    from groupsync.model.config import Config
    from groupsync.model.plan import Plan
    from groupsync.pulling import LiveDifferences

    Check: TypeAlias = Callable[["Pulled"], None]

MANY = 10_000
SIZES = [100, pytest.param(MANY, marks=pytest.mark.slow)]


@dataclass(kw_only=True)
class Pulled:
    """A pull of drawn files: before, what was chosen, and after."""

    before: Config
    case: Written
    choices: PullChoices
    differences: LiveDifferences
    edits: tuple[Edit, ...]
    writes: tuple[FileWrite, ...]
    after: Config
    counts: Counter[str] = field(default_factory=Counter)


def keep(config: Config) -> Config:
    return replace(config, policy=replace(config.policy, unlisted=Unlisted.KEEP))


def plan_of(config: Config, case: Written) -> Plan:
    return make_plan(keep(config), case.live)


def list_pending(plan: Plan) -> Counter[tuple[str, ...]]:
    """Return the changes without their reasons, places and waves."""
    pending: Counter[tuple[str, ...]] = Counter()
    for change in plan.changes:
        match change:
            case Create(name=name):
                pending["create", name] += 1
            case Rename(group_id=group_id, before=before, after=after):
                pending["rename", group_id, before, after] += 1
            case Delete(group_id=group_id, name=name):
                pending["delete", group_id, name] += 1
    return pending


def pull(case: Written, choices: PullChoices) -> tuple[Config, LiveDifferences, tuple[Edit, ...]]:
    """Return the configuration with the names that are taken, how it differs, and the edits."""
    before = take_live_names(case.config, choices.taken)
    differences = compare_with_live(before, case.live)
    into = next(iter(case.config.texts))
    return before, differences, list_edits(case.config, differences, choices, into)


@st.composite
def choices_for(draw: st.DrawFn, case: Written, *, takes: bool, prunes: bool) -> PullChoices:
    renamed = compare_with_live(case.config, case.live).renamed if takes else ()
    taken = {match.group.id: match.group.name for match in renamed if draw(st.booleans())}
    return PullChoices(taken=taken, pins=draw(st.booleans()), prunes=prunes and draw(st.booleans()))


def check_all(
    cases: int, check: Check, *, takes: bool = False, prunes: bool = False, adds_only: bool = False
) -> Counter[str]:
    """Check a law for drawn pulls; return how many there were of each kind."""
    counts: Counter[str] = Counter()

    @settings(max_examples=cases, suppress_health_check=list(HealthCheck), deadline=None)
    @given(data=st.data())
    def run(data: st.DataObject) -> None:
        counts["drawn"] += 1
        case = data.draw(written(with_comments=not prunes))
        if case is None:
            counts["contradictory"] += 1
            return
        choices = PullChoices() if adds_only else data.draw(choices_for(case, takes=takes, prunes=prunes))
        before, differences, edits = pull(case, choices)
        writes = make_writes(case.config, edits)
        if isinstance(writes, Refusal):
            counts[f"refused: {writes.reason.partition(':')[0]}"] += 1
            assert choices.taken or "comment" in writes.reason, writes
            assert list_edits_by_hand(case.config, differences, choices) != ()
            return
        after = load_texts({**case.config.texts, **{write.file: write.new for write in writes}})
        counts["pulled"] += 1
        counts["added"] += bool(differences.unlisted)
        counts["undecided"] += bool(differences.undecided)
        counts["former"] += bool(differences.former)
        counts["twins"] += bool(differences.to_pin)
        counts["taken"] += bool(choices.taken)
        counts["pinned"] += bool(choices.pins and differences.without_id)
        counts["pruned"] += bool(choices.prunes and differences.done)
        check(
            Pulled(
                before=before,
                case=case,
                choices=choices,
                differences=differences,
                edits=edits,
                writes=writes,
                after=after,
                counts=counts,
            )
        )

    run()
    print(counts)  # noqa: T201
    assert counts["pulled"] > counts["drawn"] // 4
    assert counts["added"] > counts["drawn"] // 10
    return counts


@pytest.mark.parametrize("cases", SIZES)
def test_what_was_pending_stays_pending(cases: int) -> None:
    def check(pulled: Pulled) -> None:
        gone = {entry.source for entry in pulled.differences.done.entries} if pulled.choices.prunes else set()
        kept = tuple(entry for entry in pulled.before.groups if entry.source not in gone)
        before = plan_of(replace(pulled.before, groups=kept), pulled.case)
        after = plan_of(pulled.after, pulled.case)
        pulled.counts["with a plan"] += not before.problems
        assert Counter(one.code for one in after.problems) == Counter(one.code for one in before.problems)
        assert list_pending(after) == list_pending(before)

    counts = check_all(cases, check, takes=True, prunes=True)

    assert counts["with a plan"] > counts["pulled"] // 8
    assert cases < MANY or min(counts[kind] for kind in ("former", "taken", "pinned", "pruned", "undecided")) > 0


@pytest.mark.parametrize("cases", SIZES)
def test_afterwards_nothing_is_unlisted_but_what_a_problem_is_about(cases: int) -> None:
    def check(pulled: Pulled) -> None:
        plan = plan_of(pulled.after, pulled.case)
        unlisted = {group.id for group in plan.unlisted}
        assert unlisted == {one.group.id for one in pulled.differences.undecided}
        assert plan.problems or not unlisted

    counts = check_all(cases, check, takes=True)

    assert counts["undecided"] < counts["pulled"] * 0.75


@pytest.mark.parametrize("cases", SIZES)
def test_a_second_pull_changes_nothing(cases: int) -> None:
    def check(pulled: Pulled) -> None:
        again = Written(config=pulled.after, live=pulled.case.live)
        _, _, edits = pull(again, replace(pulled.choices, taken={}))
        assert edits == ()

    check_all(cases, check, takes=True, prunes=True)


@pytest.mark.parametrize("cases", SIZES)
def test_groups_that_are_added_take_no_line_away(cases: int) -> None:
    """Only an empty list changes its line, and a missing line end at the end of the file."""

    def check(pulled: Pulled) -> None:
        if any(not isinstance(edit, AddEntry) for edit in pulled.edits):
            return
        pulled.counts["only added"] += 1
        for write in pulled.writes:
            new = iter(write.new.replace("\r", "").split("\n"))
            old = write.old.replace("\r", "").split("\n")
            assert all(line in new for line in old if line and line != "groups: []")

    counts = check_all(cases, check, adds_only=True)

    assert counts["only added"] > counts["pulled"] // 4


@pytest.mark.parametrize("cases", SIZES)
def test_what_is_ignored_outside_the_scope_or_at_a_temporary_name_is_not_added(cases: int) -> None:
    def check(pulled: Pulled) -> None:
        config, ids = pulled.case.config, {entry.id for entry in pulled.case.config.groups}
        scope, ignores = config.make_scope(), config.make_ignorer()
        added = {entry.id for entry in pulled.after.groups} - ids - {m.group.id for m in pulled.differences.without_id}
        groups = [group for group in pulled.case.live if group.id in added]
        assert all(scope.includes(group) and not ignores(group.name) for group in groups)
        assert added.isdisjoint({group.id for group in pulled.differences.temporary})

    check_all(cases, check)


@pytest.mark.parametrize("cases", SIZES)
def test_every_entry_without_id_stays(cases: int) -> None:
    def check(pulled: Pulled) -> None:
        names = Counter(entry.name for entry in pulled.case.config.groups if entry.id is None)
        assert not names - Counter(entry.name for entry in pulled.after.groups)

    check_all(cases, check, prunes=True)
