"""The state of each change of a plan, by what is live: the table of the design, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.decide import ChangeState, decide_changes
from groupsync.model.plan import Change, Create, Delete, Reason, Rename
from tests.unit.core import at, live, make_id

if TYPE_CHECKING:
    from groupsync.model.groups import LiveGroup

DONE, PENDING, WAITING, CONFLICT = ChangeState.DONE, ChangeState.PENDING, ChangeState.WAITING, ChangeState.CONFLICT
M = "M [groupsync 00000000]"


def rename(before: str, after: str, number: int = 1, *, temporary: bool = False) -> Rename:
    return Rename(
        group_id=make_id(number),
        before=before,
        after=after,
        contacts_count=3,
        temporary=temporary,
        reason=Reason.PINNED,
        wave=1 if temporary else 2,
        source=at(3),
    )


def delete(name: str, count: int | None = 3) -> Delete:
    return Delete(
        group_id=make_id(1),
        name=name,
        contacts_count=count,
        contacts_at_most=0,
        reason=Reason.REMOVED,
        wave=3,
        source=at(3),
    )


CREATE = Create(name="N", reason=Reason.LISTED, wave=1, source=at(3))
ONE_STEP = (rename("F", "T"),)
TWO_STEPS = (rename("F", M, temporary=True), rename(M, "T"))
RENAMED_AWAY_AND_DELETED = (rename("F", M, temporary=True), delete(M))
DELETE = (delete("F"),)


@pytest.mark.parametrize(
    ("changes", "now", "states"),
    [
        (ONE_STEP, live(1, "F"), [PENDING]),
        (ONE_STEP, live(1, "T"), [DONE]),
        (ONE_STEP, live(1, "X"), [CONFLICT]),
        (ONE_STEP, None, [CONFLICT]),
        (TWO_STEPS, live(1, "F"), [PENDING, WAITING]),
        (TWO_STEPS, live(1, M), [DONE, PENDING]),
        (TWO_STEPS, live(1, "T"), [DONE, DONE]),
        (TWO_STEPS, live(1, "X"), [CONFLICT, CONFLICT]),
        (TWO_STEPS, None, [CONFLICT, CONFLICT]),
        (RENAMED_AWAY_AND_DELETED, live(1, "F", 3), [PENDING, WAITING]),
        (RENAMED_AWAY_AND_DELETED, live(1, "F", 4), [CONFLICT, CONFLICT]),
        (RENAMED_AWAY_AND_DELETED, live(1, M, 3), [DONE, PENDING]),
        (RENAMED_AWAY_AND_DELETED, live(1, M, 4), [DONE, CONFLICT]),
        (RENAMED_AWAY_AND_DELETED, live(1, M, None), [DONE, CONFLICT]),
        (RENAMED_AWAY_AND_DELETED, None, [DONE, DONE]),
        (RENAMED_AWAY_AND_DELETED, live(1, "X"), [CONFLICT, CONFLICT]),
        (DELETE, live(1, "F", 3), [PENDING]),
        (DELETE, live(1, "F", 0), [PENDING]),
        (DELETE, live(1, "F", 4), [CONFLICT]),
        (DELETE, live(1, "F", None), [CONFLICT]),
        (DELETE, live(1, "X", 0), [CONFLICT]),
        (DELETE, None, [DONE]),
        ((delete("F", None),), live(1, "F", 0), [CONFLICT]),
    ],
)
def test_the_steps_of_one_group_are_judged_together(
    changes: tuple[Change, ...], now: LiveGroup | None, states: list[ChangeState]
) -> None:
    decisions = decide_changes(changes, {make_id(1)}, [now] if now else [])

    assert [decision.state for decision in decisions] == states
    assert all(decision.detail for decision in decisions if decision.state is CONFLICT)


@pytest.mark.parametrize(
    ("groups", "state"),
    [
        ([], PENDING),
        ([live(5, "N")], DONE),
        ([live(5, "n")], PENDING),
        ([live(1, "N")], PENDING),
        ([live(1, "N"), live(5, "N")], DONE),
        ([live(5, "N"), live(6, "N")], CONFLICT),
    ],
)
def test_a_create_is_done_by_exactly_one_newcomer(groups: list[LiveGroup], state: ChangeState) -> None:
    """Group 1 was in the base of the plan, so it is not a newcomer, whatever its name."""
    (decision,) = decide_changes([CREATE], {make_id(1)}, groups)

    assert decision.state is state


@pytest.mark.parametrize(
    ("changes", "name"), [(ONE_STEP, "T"), (TWO_STEPS, M), (TWO_STEPS, "T"), (RENAMED_AWAY_AND_DELETED, M)], ids=str
)
def test_a_name_taken_by_a_newcomer_is_a_conflict(changes: tuple[Change, ...], name: str) -> None:
    decisions = decide_changes(changes, {make_id(1)}, [live(1, "F"), live(9, name)])

    assert {decision.state for decision in decisions} == {CONFLICT}
    assert {decision.detail for decision in decisions} == {
        f'the name "{name}" belongs to another group [id={make_id(9)}]'
    }


def test_a_name_that_another_change_will_free_is_not_a_conflict() -> None:
    changes = (rename("F", "T"), rename("T", "U", 2))

    decisions = decide_changes(changes, {make_id(1), make_id(2)}, [live(1, "F"), live(2, "T")])

    assert [decision.state for decision in decisions] == [PENDING, PENDING]
