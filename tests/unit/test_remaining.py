"""What remains of a plan: how many contacts a deletion may lose, and the figures with live numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.model.limits import RunPolicy
from groupsync.model.plan import Create, Delete, Reason, Rename
from groupsync.model.remaining import make_remaining, summarize_remaining
from tests.unit.core import LIMITS, at, live, make_id

if TYPE_CHECKING:
    from groupsync.model.plan import Change

LIMITED = RunPolicy(keeps_backups=True, max_contacts_lost=1_000)


def delete(number: int = 1, *, reviewed: int | None, consent: int | None = 0) -> Delete:
    return Delete(
        group_id=make_id(number),
        name="Sale",
        contacts_count=reviewed,
        contacts_at_most=consent,
        reason=Reason.REMOVED,
        wave=1,
        source=at(3),
    )


@pytest.mark.parametrize(
    ("reviewed", "consent", "now", "run_policy", "may_lose"),
    [
        (100, 120, 5, LIMITS, 100),  # consent reaches further than what was reviewed, and does not count there
        (100, 120, 0, LIMITS, 100),
        (100, 0, 5, LIMITS, 5),  # no more than the guards have judged now
        (100, 0, 0, LIMITS, 0),
        (100, 50, 5, LIMITS, 50),
        (100, None, 5, LIMITS, 100),  # consent to any number
        (5, 120, 100, LIMITS, 5),  # more than was reviewed: the deletion is a conflict
        (3, 3, 0, LIMITED, 0),  # a limit of the environment: consent does not count
        (3, 3, 2, LIMITED, 2),
        (3, None, 0, LIMITED, 0),
        (None, 120, 5, LIMITS, None),
        (100, 120, None, LIMITS, 100),
    ],
)
def test_a_deletion_may_lose_what_review_and_consent_and_guards_allow(
    reviewed: int | None, consent: int | None, now: int | None, run_policy: RunPolicy, may_lose: int | None
) -> None:
    remaining = make_remaining(delete(reviewed=reviewed, consent=consent), live(1, "Sale", now), run_policy)

    assert (remaining.live_count, remaining.may_lose) == (now, may_lose)
    assert isinstance(remaining.change, Delete)
    assert remaining.change.contacts_count == reviewed


@pytest.mark.parametrize(
    "change",
    [
        Create(name="New", reason=Reason.LISTED, wave=1, source=at(3)),
        Rename(
            group_id=make_id(1),
            before="Old",
            after="New",
            contacts_count=4,
            reason=Reason.PREVIOUSLY,
            wave=1,
            source=at(3),
        ),
    ],
    ids=lambda change: change.kind,
)
def test_creates_and_renames_lose_no_contacts(change: Change) -> None:
    assert make_remaining(change, live(1, "Old", 4), LIMITS).may_lose == 0


def test_the_figures_count_who_would_lose_a_group_now() -> None:
    remaining = [
        make_remaining(delete(1, reviewed=100, consent=120), live(1, "Sale", 5), LIMITS),
        make_remaining(delete(2, reviewed=7), live(2, "Old", 3), LIMITS),
        make_remaining(delete(3, reviewed=2), live(3, "Unknown", None), LIMITS),
        make_remaining(Create(name="New", reason=Reason.LISTED, wave=1, source=at(3)), None, LIMITS),
    ]

    summary = summarize_remaining(remaining)

    assert (summary.create, summary.rename, summary.delete, summary.memberships_lost) == (1, 0, 3, 8)
