"""Plans made from an invented base.

Nobody can tell a file with an invented base from one that was honestly made when that base was live. So the promise is
about where each group ends: where the plan that was reviewed, or one made now, would take it, or where it is.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from groupsync.errors import StalePlanError
from groupsync.model.plan import Delete
from groupsync.names import temporary_name
from groupsync.planfile.approval import make_approval
from groupsync.review.make import make_review
from groupsync.review.require import require_approval
from tests.laws.strategies import situations
from tests.laws.tampering.applying import find_ends, require_harmless
from tests.laws.tampering.attacked import AttackedPlan, Groups, apply_review, list_steps
from tests.laws.tampering.examples import HONEST
from tests.laws.tampering.forged_bases import forge_review, forge_reviews, list_forgeries
from tests.unit.core import LIMITS, NOW, TARGET, config, entry, live, make_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from groupsync.model.config import Config
    from groupsync.model.plan import Change
    from groupsync.model.review import Review
    from groupsync.planfile.approval import Approval

on_every_plan = pytest.mark.parametrize("attacked", HONEST.values(), ids=HONEST)


@on_every_plan
def test_a_plan_of_an_invented_base_takes_groups_only_where_an_honest_plan_would(attacked: AttackedPlan) -> None:
    tried = try_forgeries(attacked, forge_reviews(attacked, drawn=200))

    assert tried.total() > 500
    assert min(tried.values()) > 50


@pytest.mark.slow
@on_every_plan
def test_many_plans_of_invented_bases_take_groups_only_where_an_honest_plan_would(attacked: AttackedPlan) -> None:
    tried = try_forgeries(attacked, forge_reviews(attacked, drawn=20_000))

    assert tried.total() > 30_000
    assert min(tried.values()) > 500


def try_forgeries(attacked: AttackedPlan, reviews: Iterable[Review]) -> Counter[bool]:
    """Assert that forged plans do no harm, and only what was reviewed if the approval of the reviewed plan is for them.

    Return how often they did something and how often they did not.
    """
    tried: Counter[bool] = Counter()
    approval = make_approval(attacked.review)
    reviewed = {change.id: change for change in attacked.review.plan.changes}
    for number, forged in enumerate(reviews):
        for state in attacked.choose_states(number):
            changes = apply_review(forged, attacked, state.groups)

            require_harmless(changes, attacked, state)
            if is_approved(forged, approval):
                assert list_steps(changes) == list_steps([reviewed[change.id] for change in changes])
                assert all(count_lost(change) <= count_lost(reviewed[change.id]) for change in changes)
            tried[bool(changes)] += 1
    return tried


def is_approved(review: Review, approval: Approval | None) -> bool:
    """Return whether the approval is for this plan; there is none for a plan that is refused or has no changes."""
    try:
        require_approval(review, approval)
    except StalePlanError:
        return False
    return approval is not None


def count_lost(change: Change) -> int:
    """Return how many contacts lose the group."""
    return (change.contacts_count or 0) if isinstance(change, Delete) else 0


@given(situation=situations(unique=True), random=st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_an_invented_base_does_no_harm_in_any_situation(situation: tuple[Config, Groups], random: Random) -> None:
    """Names are unique and nothing was interrupted; plans that cannot be made are tried in another module."""
    attacked = AttackedPlan(config=situation[0], base=situation[1])
    forgeries = list_forgeries(attacked)
    if attacked.review.plan.problems or not forgeries:
        event("no plan")
        return
    guarded_ids = {group_id for guard in attacked.review.guards for group_id in guard.group_ids}
    for _ in range(5):
        changes = apply_review(forge_review(attacked, random.sample(forgeries, 2)), attacked, attacked.base)

        event("written" if changes else "nothing written")
        require_harmless(changes, attacked, attacked.states[0])
        assert not guarded_ids & find_ends(changes).keys()


def test_a_greater_count_in_the_file_is_not_approved() -> None:
    """Nobody can tell it from a plan made when the group held so many; `--expect-digest` is for that."""
    attacked = AttackedPlan(config=config("A", removed=(1,)), base=(live(1, "Sale", 3), live(2, "A")))
    fuller = (live(1, "Sale", 50), live(2, "A"))
    forged = make_review(attacked.config, fuller, TARGET, NOW, LIMITS)

    assert apply_review(attacked.review, attacked, fuller) == ()
    assert apply_review(forged, attacked, fuller) == forged.plan.changes
    with pytest.raises(StalePlanError):
        require_approval(forged, make_approval(attacked.review))


@pytest.mark.parametrize("contacts", [1, 120, None])
def test_an_interrupted_group_that_holds_contacts_is_not_lost_to_an_invented_past(contacts: int | None) -> None:
    """In the invented past the group had its own name, was to be deleted, and a run was killed on the way."""
    attacked = AttackedPlan(
        config=config(entry("VIP", 1)),
        base=(live(1, "Leads", 3), live(2, temporary_name("VIP", make_id(2)), contacts)),
    )
    leads, vip = live(1, "Leads", 3), live(2, "VIP", 0)

    assert attacked.review.refusals == ("interrupted-rename",)
    for count in (0, contacts, 10**6):
        past = (leads, replace(vip, contacts_count=count))
        forged = make_review(attacked.config, past, TARGET, NOW, LIMITS)
        assert apply_review(forged, attacked, attacked.base) == ()
