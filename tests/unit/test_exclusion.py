"""`--exclude`, `--no-deletes` and scopes in the planner: which problems they make, and what the remedies say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.drift import find_drift
from groupsync.errors import ExitCode
from groupsync.model.config import GroupEntry, Pattern, RemovedId, RemovedName, Unlisted
from groupsync.model.plan import Create, Delete, PlanOptions, Rename
from groupsync.names import temporary_name
from groupsync.planner import make_plan, set_aside
from groupsync.review.make import make_review
from tests.unit.core import LIMITS, NOW, TARGET, at, config, entry, live, make_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Plan

VIP, LEADS, SALE = live(1, "VIP", 4), live(2, "Leads", 5), live(3, "Sale 2025", 6)
GROUPS = (VIP, LEADS, SALE)


def exclude(desired: Config, groups: Sequence[LiveGroup], *arguments: str) -> tuple[list[str], list[str]]:
    """Return what is excluded: the names of the live groups, and of the entries."""
    excluded = set_aside(desired, groups, arguments).excluded
    entries = (*excluded.config.groups, *excluded.config.removed)
    return (
        [group.name for group in excluded.live],
        [one.id[:8] if isinstance(one, RemovedId) else one.name for one in entries],
    )


def plan(desired: Config, groups: Sequence[LiveGroup], *arguments: str, no_deletes: bool = False) -> Plan:
    return make_plan(desired, groups, PlanOptions(exclude=arguments, no_deletes=no_deletes))


def list_codes(made: Plan) -> list[str]:
    return [problem.code for problem in made.problems]


# What is excluded


@pytest.mark.parametrize(
    ("argument", "groups", "entries"),
    [
        ("VIP", ["VIP"], ["VIP"]),
        ("vip ", ["VIP"], ["VIP"]),
        (make_id(1), ["VIP"], ["VIP"]),
        (make_id(1).upper(), ["VIP"], ["VIP"]),
        ("Leads", ["Leads"], ["Prospects"]),
        ("Prospects", ["Leads"], ["Prospects"]),
        (make_id(2), ["Leads"], ["Prospects"]),
        ("Sale*", ["Sale 2025"], ["00000003"]),
        (make_id(3), ["Sale 2025"], ["00000003"]),
        ("New", [], ["New"]),
        ("*e*", ["Leads", "Sale 2025"], ["Prospects", "New", "00000003"]),
        ("*", ["VIP", "Leads", "Sale 2025"], ["VIP", "Prospects", "New", "00000003"]),
        ("V?P", ["VIP"], ["VIP"]),
        ("Nobody", [], []),
        (make_id(9), [], []),
    ],
)
def test_an_argument_sets_aside_a_group_with_its_entries(argument: str, groups: list[str], entries: list[str]) -> None:
    desired = config(
        entry("VIP", line=3), entry("Prospects", previously=("Leads",), line=4), entry("New", line=5), removed=(3,)
    )

    assert exclude(desired, GROUPS, argument) == (groups, entries)


def test_what_is_set_aside_grows_until_it_is_closed() -> None:
    """An earlier name leads to a group, its id to another entry, and that one's earlier name to the next group."""
    desired = config(
        entry("A", previously=("VIP",), line=3), entry("B", 1, previously=("Leads",), line=4), entry("C", line=5)
    )

    assert exclude(desired, GROUPS, "A") == (["VIP", "Leads"], ["A", "B"])
    assert exclude(desired, GROUPS, make_id(2)) == (["VIP", "Leads"], ["A", "B"])
    assert exclude(desired, GROUPS, "C") == ([], ["C"])


def test_every_group_of_a_name_is_set_aside_with_its_entry() -> None:
    twins = (live(1, "VIP", 4), live(2, "VIP", 5), live(3, "vip", 6))

    assert exclude(config("VIP"), twins, make_id(1)) == (["VIP", "VIP"], ["VIP"])
    assert exclude(config("VIP"), twins, "VIP") == (["VIP", "VIP", "vip"], ["VIP"])


def test_an_entry_with_an_id_means_its_group_and_not_the_one_that_has_its_name() -> None:
    desired = config(entry("Leads", 1))

    assert exclude(desired, GROUPS, make_id(2)) == (["Leads"], [])
    assert exclude(desired, GROUPS, make_id(1)) == (["VIP"], ["Leads"])


@pytest.mark.parametrize("argument", ["VIP", make_id(1), temporary_name("VIP", make_id(1)), "V*"])
def test_a_group_at_a_temporary_name_is_set_aside_with_the_entry_of_its_name(argument: str) -> None:
    interrupted = live(1, temporary_name("VIP", make_id(1)), 4)

    made = plan(config("VIP", "Leads"), (interrupted, LEADS), argument)

    assert made.excluded == (interrupted,)
    assert [one.name for one in made.excluded_entries] == ["VIP"]
    assert (made.interrupted, made.changes, made.problems) == ((), (), ())
    assert made.is_excluded_pending


def test_two_entries_on_one_line_are_two() -> None:
    one, other = (GroupEntry(name=name, source=replace(at(3), column=column)) for name, column in (("A", 9), ("B", 12)))

    assert exclude(config(one, other), (), "A") == ([], ["A"])


# Problems


def test_the_problems_of_what_is_excluded_stop_nobody_else() -> None:
    twins = (live(1, "VIP", 4), live(2, "VIP", 5))
    desired = config(entry("VIP", line=3), entry("Gone", 77, line=4), entry("New", line=5))

    refused, made = plan(desired, twins), plan(desired, twins, "VIP", "Gone")

    assert sorted(list_codes(refused)) == ["id-not-live", "name-twice-live"]
    assert made.problems == ()
    assert [change.id for change in made.changes] == ["create:New"]
    assert made.is_excluded_pending


def test_a_change_that_needs_an_excluded_name_says_what_to_exclude_as_well() -> None:
    """Following it excludes more, until a plan can be applied."""
    desired = config(entry("Leads", 1, line=3), entry("Sale 2025", 2, line=4), entry("Last", 3, line=5))

    first = plan(desired, GROUPS, make_id(3))
    second = plan(desired, GROUPS, make_id(3), "Sale 2025")
    third = plan(desired, GROUPS, make_id(3), "Sale 2025", "Leads")

    assert [list_codes(made) for made in (first, second, third)] == [["name-excluded"], ["name-excluded"], []]
    assert first.problems[0].message == (
        f'group "Sale 2025" needs the name of the live group "Sale 2025" [id={make_id(3)}], which is excluded'
    )
    assert first.problems[0].remedy == ("exclude this entry as well: --exclude 'Sale 2025'",)
    assert first.problems[0].source == at(4)
    assert second.problems[0].remedy == ("exclude this entry as well: --exclude Leads",)
    assert first.changes == second.changes == third.changes == ()
    assert third.is_excluded_pending


def test_a_name_that_an_excluded_entry_asks_for_is_excluded() -> None:
    """Also if no group has it yet: the next plan gives it."""
    desired = config(entry("New", 1, line=3), entry("NEW", 2, line=4))

    made = plan(desired, GROUPS, make_id(1))

    assert list_codes(made) == ["name-excluded"]
    assert made.problems[0].message == ('group "NEW" needs the name of the entry at groups.yaml:3, which is excluded')


@pytest.mark.parametrize(
    ("argument", "remedy"),
    [
        ("Lead", 'did you mean "Leads"?'),
        ("Prospect", 'did you mean "Prospects"?'),
        ("Nothing like it", "check its spelling, or leave it out"),
        (make_id(9), "check its spelling, or leave it out"),
    ],
)
def test_an_argument_that_matches_nothing_is_a_problem(argument: str, remedy: str) -> None:
    made = plan(config("Prospects"), GROUPS, "VIP", argument)

    (problem,) = made.problems
    assert (problem.code, problem.remedy) == ("exclude-matches-nothing", (remedy,))
    assert problem.message == f'--exclude "{argument}" matches no live group and no entry of the configuration'
    assert made.changes == ()


def test_a_group_outside_the_scope_cannot_be_excluded_and_the_problem_says_so() -> None:
    scoped = replace(config("Prospects"), scope=(Pattern(text="Prospects", source=at(1)),))

    (problem,) = plan(scoped, GROUPS, "Leads").problems

    assert problem.message == '--exclude "Leads" matches no live group of the scope and no entry of the configuration'


def test_a_create_with_the_name_of_a_postponed_deletion_is_refused() -> None:
    desired = config(entry("sale 2025", line=3), entry("New", line=4), removed=(3,), unlisted=Unlisted.KEEP)

    refused = plan(desired, GROUPS, no_deletes=True)
    made = plan(desired, GROUPS, "sale 2025", no_deletes=True)

    (problem,) = refused.problems
    assert problem.code == "name-postponed"
    assert problem.message == (
        f'group "sale 2025" needs the name of the live group "Sale 2025" [id={make_id(3)}], '
        "and its deletion is postponed"
    )
    assert problem.remedy == (
        "exclude this entry: --exclude 'sale 2025'",
        "or wait until deletions are allowed again",
    )
    assert (refused.changes, [change.id for change in made.changes]) == ((), ["create:New"])


def test_a_rename_to_the_name_of_a_postponed_deletion_is_refused() -> None:
    desired = config(entry("Sale 2025", 1), unlisted=Unlisted.DELETE)

    assert [type(one) for one in plan(desired, GROUPS).changes] == [Rename, Rename, Delete, Delete]
    assert list_codes(plan(desired, GROUPS, no_deletes=True)) == ["name-postponed"]


def test_a_group_at_a_temporary_name_whose_deletion_is_postponed_is_named_by_it() -> None:
    parked = live(3, temporary_name("Sale 2025", make_id(3)), 6)

    made = plan(config("VIP", "Leads", removed=(3,)), (VIP, LEADS, parked), no_deletes=True)

    assert [one.name for one in made.postponed] == [parked.name]
    assert made.changes == ()
    assert made.is_pending


# Scopes


def in_scope(desired: Config, *patterns: str) -> Config:
    return replace(desired, scope=tuple(Pattern(text=text, source=at(2)) for text in patterns))


@pytest.mark.parametrize(
    "desired",
    [config(entry("Sale new", 1)), config("Sale 2025", removed=(1,))],
    ids=["groups", "removed"],
)
def test_an_id_outside_the_scope_is_refused_with_its_place_and_both_ways_out(desired: Config) -> None:
    made = plan(in_scope(desired, "Sale *"), GROUPS)

    (problem,) = (one for one in made.problems if one.code == "id-outside-scope")
    assert problem.message == f'id {make_id(1)} is the live group "VIP", which belongs to another scope'
    assert problem.source in {at(3), at(50)}
    assert "rename it in the dashboard, or add a pattern for its name under scope" in problem.remedy[0]
    assert "remove the id here" in problem.remedy[1]
    assert made.changes == ()
    assert made.unlisted == ()


def test_an_excluded_id_outside_the_scope_stops_nobody_and_is_pending() -> None:
    """A plan that excludes nothing would be refused because of it: under `groups` and under `removed`."""
    for desired in (config(entry("Sale new", 1)), config(removed=(1,))):
        made = plan(in_scope(desired, "Sale *"), (VIP,), make_id(1))

        assert (made.problems, made.changes, made.excluded) == ((), (), ())
        assert made.is_excluded_pending


def test_an_argument_matches_only_groups_of_the_scope() -> None:
    assert list_codes(plan(in_scope(config("Sale 2025"), "Sale *"), GROUPS, "VIP")) == ["exclude-matches-nothing"]


# What is pending


@pytest.mark.parametrize(
    ("desired", "argument", "is_pending"),
    [
        (config("VIP", "Leads", "Sale 2025"), "VIP", False),
        (config(entry("Gold", 1), "Leads", "Sale 2025"), "VIP", True),
        (config(entry("VIP", 1), "Leads", "Sale 2025"), "VIP", False),
        (config("VIP", "Leads", "Sale 2025", "New"), "New", True),
        (config("VIP", "Leads", removed=(3,)), "Sale 2025", True),
        (config("VIP", "Leads"), "Sale 2025", True),
        (config("VIP", "Leads", unlisted=Unlisted.KEEP), "Sale 2025", False),
        (config("VIP", "Leads", unlisted=Unlisted.REFUSE), "Sale 2025", True),
        (config("VIP", "Leads", unlisted=None), "Sale 2025", True),
        (config("VIP", "Leads", ignore=("Sale *",)), "Sale 2025", False),
        (config("VIP", "Leads", entry("Sale new", 99, line=9), ignore=("Sale 2*",)), "Sale new", True),
    ],
)
def test_what_is_excluded_counts_as_drift_if_a_plan_would_do_or_refuse_something(
    desired: Config, argument: str, *, is_pending: bool
) -> None:
    review = make_review(desired, GROUPS, TARGET, NOW, LIMITS, exclude=(argument,))

    assert review.refusals == ()
    assert review.plan.changes == ()
    assert review.plan.is_excluded_pending is is_pending
    assert review.exit_code(detailed=True) is (ExitCode.CHANGES_PENDING if is_pending else ExitCode.DONE)
    assert review.exit_code(detailed=False) is ExitCode.DONE


def test_a_postponed_deletion_of_what_is_excluded_is_pending_and_not_postponed() -> None:
    made = plan(config("VIP", "Leads", removed=(3,)), GROUPS, "Sale 2025", no_deletes=True)

    assert (made.postponed, made.changes, made.is_excluded_pending) == ((), (), True)


# Drift


DRIFT = config(
    entry("VIP", line=3), entry("Prospects", previously=("Leads",), line=4), entry("Aside", line=5), removed=("Old",)
)
BASE = (VIP, LEADS, live(5, "Aside", 7))


@pytest.mark.parametrize(
    ("now", "differences"),
    [
        ((), ()),
        ((live(5, "Anything", 7),), ()),
        ((live(5, "Aside", 99),), ()),
        ((live(5, "Aside"), live(6, "Aside")), ()),
        ((live(5, "Prospects"),), ("Prospects",)),
        ((live(5, "PROSPECTS"),), ("PROSPECTS",)),
        ((live(5, "vip"),), ("vip",)),
        ((live(5, "Old"),), ("Old",)),
        ((live(5, "Leads"),), ("Leads",)),
    ],
)
def test_an_excluded_group_is_drift_only_at_a_name_of_the_rest(
    now: tuple[LiveGroup, ...], differences: tuple[str, ...]
) -> None:
    parts = set_aside(DRIFT, BASE, ["Aside"])
    changes = make_plan(DRIFT, BASE, PlanOptions(exclude=("Aside",))).changes
    excluded_ids = {group.id for group in parts.excluded.live}

    drift = find_drift(parts.rest.config, BASE, (VIP, LEADS, *now), changes, excluded_ids)

    assert [line.partition(" now, and ")[0] for line in drift.differences] == [
        f'group "Aside" [id={make_id(5)}] is named "{name}"' for name in differences
    ]
    assert {group.id for group in drift.newcomers} <= {make_id(6)}


def test_the_rest_of_a_plan_with_exclusions_still_becomes_stale() -> None:
    """By its own groups, as ever."""
    parts = set_aside(DRIFT, BASE, ["Aside"])
    excluded_ids = {group.id for group in parts.excluded.live}

    drift = find_drift(parts.rest.config, BASE, (live(1, "Renamed", 4), LEADS), (), excluded_ids)

    assert drift.differences == ('group "VIP" is named "Renamed" now',)


def test_a_create_and_a_removal_by_name_can_be_excluded() -> None:
    desired = config("VIP", "Leads", "New", removed=("Sale 2025",))

    made = plan(desired, GROUPS, "New", "Sale 2025")

    assert (made.changes, made.problems) == ((), ())
    assert [type(one) for one in set_aside(desired, GROUPS, ["Sale 2025"]).excluded.config.removed] == [RemovedName]
    assert not any(isinstance(change, Create) for change in made.changes)


def test_a_pattern_that_matches_only_what_is_excluded_is_not_idle() -> None:
    desired = config("Leads", ignore=("Sale*",), protected=("VIP", "Nobody"))

    made = plan(desired, GROUPS, "VIP", "Sale*")

    assert made.warnings == ('groups.yaml:90: protected "Nobody" matches no live group',)
