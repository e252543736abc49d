"""Which plans are refused although they could be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.guards import judge_plan
from groupsync.model.config import Config, Unlisted
from groupsync.names import temporary_name
from groupsync.planner import make_plan
from tests.unit.core import LIMITS, config, entry, live, make_id

if TYPE_CHECKING:
    from groupsync.model.groups import LiveGroup


@pytest.mark.parametrize(
    ("wanted", "groups", "codes"),
    [
        (config("A"), [live(1, "A", 9)], []),
        (config("A"), [live(1, "A", 9), live(2, "B", 0)], []),
        (config("A"), [live(1, "A", 9), live(2, "B", 1)], ["contacts-lost"]),
        (config("A", removed=("B",)), [live(1, "A", 9), live(2, "B", 1)], []),
        (config("A", removed=(2,)), [live(1, "A", 9), live(2, "B", 1)], []),
        (config("A", removed=("C",)), [live(1, "A", 9), live(2, "B", 1)], ["contacts-lost"]),
        (config(entry("A", previously=("B",))), [live(2, "B", 1)], []),
        (config(), [], ["empty-config"]),
        (config(), [live(1, "A", 0)], ["empty-config"]),
        (config(), [live(1, "A", 2)], ["empty-config", "contacts-lost"]),
        (config("A"), [live(1, "B", None)], ["unknown-count"]),
        (config("A", removed=(1,)), [live(1, "B", None)], ["unknown-count"]),
        (config("A"), [live(1, "A", None)], []),
        (config("A", unlisted=Unlisted.KEEP), [live(1, "B", 5)], []),
        (config("A", unlisted=Unlisted.REFUSE), [live(1, "B", 0)], ["unlisted"]),
        (config("A", unlisted=Unlisted.REFUSE), [live(1, "A", 5)], []),
        (config("A", unlisted=Unlisted.REFUSE, ignore=("B",)), [live(1, "B", 5)], []),
        (config("A"), [live(1, temporary_name("A", make_id(1)), 0)], ["interrupted-rename"]),
        (config(entry("A", 1)), [live(1, temporary_name("A", make_id(1)), 0)], []),
        (config("B", removed=(1,)), [live(1, temporary_name("A", make_id(1)), 4)], []),
    ],
)
def test_the_guards_that_refuse_are(wanted: Config, groups: list[LiveGroup], codes: list[str]) -> None:
    plan = make_plan(wanted, groups)

    refusals = judge_plan(wanted, plan, plan.changes, LIMITS)

    assert [refusal.code for refusal in refusals] == codes
    assert all(refusal.message and refusal.remedy for refusal in refusals)


def test_the_groups_concerned_come_worst_first_with_the_lines_to_paste() -> None:
    wanted = config("A")
    plan = make_plan(wanted, [live(1, "B", 3), live(2, "C", 120), live(3, "D", 0)])

    (refusal,) = judge_plan(wanted, plan, plan.changes, LIMITS)

    assert refusal.message == ("2 groups that hold contacts would be deleted without consent: 123 memberships lost")
    assert refusal.group_ids == (make_id(2), make_id(1))
    assert refusal.remedy[-4:-1] == (
        "removed:",
        f'  - id: {make_id(2)}  # "C", 120 contacts',
        f'  - id: {make_id(1)}  # "B", 3 contacts',
    )


def test_a_long_list_to_paste_says_how_much_is_left_out() -> None:
    wanted = config("A")
    plan = make_plan(wanted, [live(number, f"B{number:02}", number) for number in range(1, 13)])

    (refusal,) = judge_plan(wanted, plan, plan.changes, LIMITS)

    assert len(refusal.group_ids) == 12
    assert refusal.remedy[-2] == "  # ... and 2 more"


def test_a_change_that_is_done_no_longer_counts() -> None:
    """A guard judges what is still to come, so it never stops the rest of an approved plan."""
    wanted = config("A")
    plan = make_plan(wanted, [live(1, "B", 3)])

    assert judge_plan(wanted, plan, [], LIMITS) == ()


@pytest.mark.parametrize("name", ["VIP", "Gone"])
def test_an_interrupted_rename_gets_lines_for_both_ends(name: str) -> None:
    wanted = config("VIP")
    plan = make_plan(wanted, [live(1, temporary_name(name, make_id(1)), 3)])

    (refusal,) = judge_plan(wanted, plan, plan.changes, LIMITS)

    named = (
        '"VIP"  # the entry at groups.yaml:3, with its id:' if name == "VIP" else "...  # the name that it shall have"
    )
    assert refusal.remedy[1:] == (
        f"  - name: {named}",
        f"    id: {make_id(1)}",
        "to delete it, under removed:",
        f"  - id: {make_id(1)}",
    )
