"""Which live changes make a plan stale, and how they are described."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.differences import compare_documents
from groupsync.drift import find_drift
from groupsync.model.config import Unlisted
from groupsync.planner import make_plan
from tests.unit.core import config, entry, live, make_id

if TYPE_CHECKING:
    from groupsync.model.groups import LiveGroup

CONFIG = config("Stays", "New", entry("After", previously=("Before",)), ignore=("I*",))
BASE = (live(1, "Stays"), live(2, "Before"), live(3, "Gone", 0), live(4, "Imported"))
CHANGES = make_plan(CONFIG, BASE).changes


def drift(*groups: LiveGroup) -> tuple[tuple[str, ...], list[str]]:
    found = find_drift(CONFIG, BASE, groups, CHANGES)
    return found.differences, [group.name for group in found.newcomers]


@pytest.mark.parametrize(
    "groups",
    [
        BASE,
        (live(1, "Stays", 99), *BASE[1:]),
        BASE[:3],
        (*BASE[:3], live(4, "I was imported")),
        (*BASE[:3], live(4, "Imported", None)),
        (*BASE, live(9, "Imported too")),
        (*BASE, live(9, "New")),
        (live(1, "Stays"), live(2, "groups that the plan changes are compared elsewhere")),
    ],
)
def test_live_changes_that_the_plan_does_not_depend_on_are_no_drift(groups: tuple[LiveGroup, ...]) -> None:
    assert drift(*groups) == ((), [])


def test_a_newcomer_of_another_name_is_listed_and_no_drift() -> None:
    assert drift(*BASE, live(9, "Stranger")) == ((), ["Stranger"])


@pytest.mark.parametrize("name", ["Stays", "After", "Before", "stays ", "NEW", "AFTER", "\uff4eew"])
def test_a_newcomer_with_a_name_of_the_configuration_makes_the_plan_stale(name: str) -> None:
    differences, newcomers = drift(*BASE, live(9, name))

    assert differences == (f'group "{name}" [id={make_id(9)}] is new, and the configuration has that name',)
    assert newcomers == []


def test_an_ignored_group_renamed_to_a_name_not_ignored_makes_the_plan_stale() -> None:
    differences, _ = drift(*BASE[:3], live(4, "Now on its own"))

    assert differences == ('group "Imported" is named "Now on its own" now',)


def test_groups_renamed_or_deleted_by_others_make_the_plan_stale() -> None:
    one, _ = drift(live(1, "Renamed"), *BASE[1:])
    other, _ = drift(*BASE[1:])

    assert one == ('group "Stays" is named "Renamed" now',)
    assert other == ('group "Stays" is gone',)


def test_documents_are_compared_field_by_field_even_when_they_share_little() -> None:
    reviewed: dict[str, dict[str, object]] = {"a": {"x": 1, "y": "same"}, "b": {"x": None}, "c": {"x": 1}}
    now: dict[str, dict[str, object]] = {
        "a": {"x": 2, "y": "same"},
        "b": {"x": "text"},
        "d": {"x": 1},
        "e": {"x": 1},
        "f": {"x": 1},
    }

    assert compare_documents(reviewed, now) == (
        "a: x: reviewed 1, now 2",
        'b: x: reviewed none, now "text"',
        "c was reviewed, and is not in the plan of this configuration",
        "d is in the plan of this configuration, and was not reviewed",
        "e is in the plan of this configuration, and was not reviewed",
        "f is in the plan of this configuration, and was not reviewed",
    )
    assert compare_documents(reviewed, dict(reviewed)) == ()


def test_newcomers_outside_the_scope_do_not_matter() -> None:
    scoped = replace(CONFIG, scope=config(ignore=("?????", "New", "After", "Before")).ignore)

    found = find_drift(scoped, BASE, (*BASE, live(8, "Somebody else"), live(9, "Olive")), CHANGES)

    assert found.differences == ()
    assert [group.name for group in found.newcomers] == ["Olive"]


def test_the_time_does_not_grow_with_the_square_of_the_number_of_groups() -> None:
    number = 20_000
    base = tuple(live(one, f"Group {one}") for one in range(number))
    deletes = make_plan(config(unlisted=Unlisted.DELETE), base).changes
    start = time.process_time()

    found = find_drift(config(), base, base, deletes)

    assert found.differences == ()
    assert time.process_time() - start < 2  # it took half a minute when a set was made again for each group
