"""Which plans are refused although they could be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.guards import Case, judge_plan
from groupsync.model.config import Config, Unlisted
from groupsync.names import temporary_name
from groupsync.planner import make_plan
from tests.unit.core import LIMITS, config, entry, live, make_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.groups import LiveGroup
    from groupsync.model.limits import Limits
    from groupsync.model.plan import Change
    from groupsync.model.review import GuardFinding


def judge(
    wanted: Config,
    base: Sequence[LiveGroup],
    *,
    pending: Sequence[Change] | None = None,
    now: Sequence[LiveGroup] | None = None,
    limits: Limits = LIMITS,
) -> tuple[GuardFinding, ...]:
    """Return what the guards find in the plan for a base, of which some changes may be left and other groups live."""
    plan = make_plan(wanted, base)
    case = Case(
        config=wanted,
        plan=plan,
        base=base,
        live=base if now is None else now,
        pending=plan.changes if pending is None else pending,
    )
    return judge_plan(case, limits)


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
        (config(), [], []),
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

    refusals = judge(wanted, groups)

    assert [refusal.code for refusal in refusals] == codes
    assert all(refusal.message and refusal.remedy for refusal in refusals)


def test_the_groups_concerned_come_worst_first_with_the_lines_to_paste() -> None:
    wanted = config("A")

    (refusal,) = judge(wanted, [live(1, "B", 3), live(2, "C", 120), live(3, "D", 0)])

    assert refusal.message == ("2 groups that hold contacts would be deleted without consent: 123 memberships lost")
    assert refusal.group_ids == (make_id(2), make_id(1))
    assert refusal.remedy[-4:-1] == (
        "removed:",
        f'  - id: {make_id(2)}  # "C", 120 contacts',
        f'  - id: {make_id(1)}  # "B", 3 contacts',
    )


def test_a_long_list_to_paste_says_how_much_is_left_out() -> None:
    wanted = config("A")

    refusals = judge(wanted, [live(number, f"B{number:02}", number) for number in range(1, 13)])

    assert [(len(refusal.group_ids), refusal.remedy[-2]) for refusal in refusals] == [(12, "  # ... and 2 more")] * 2


def test_a_change_that_is_done_no_longer_counts() -> None:
    """A guard judges what is still to come, so it never stops the rest of an approved plan."""
    wanted = config("A")

    assert judge(wanted, [live(1, "B", 3)], pending=()) == ()


@pytest.mark.parametrize("name", ["VIP", "Gone"])
def test_an_interrupted_rename_gets_lines_for_both_ends(name: str) -> None:
    wanted = config("VIP")

    (refusal,) = judge(wanted, [live(1, temporary_name(name, make_id(1)), 3)])

    named = (
        '"VIP"  # the entry at groups.yaml:3, with its id:' if name == "VIP" else "...  # the name that it shall have"
    )
    assert refusal.remedy[1:] == (
        f"  - name: {named}",
        f"    id: {make_id(1)}",
        "to delete it, under removed:",
        f"  - id: {make_id(1)}",
    )
