"""A verified plan: what it holds in addition to its changes."""

from __future__ import annotations

from groupsync.review.make import make_review
from groupsync.review.verify import verify_review
from tests.unit.core import LIMITS, NOW, TARGET, config, live


def test_suggestions_are_made_for_a_refused_plan_only() -> None:
    """A plan that is applied needs none: its reviewers have seen them."""
    wanted, base = config("VIP customers", "Newsletter"), [live(1, "VIP customer", 0), live(2, "Newsletter", 5)]
    saved = make_review(wanted, base, TARGET, NOW, LIMITS)
    fuller = [live(1, "VIP customer", 3), live(2, "Newsletter", 5)]
    limited = make_review(wanted, fuller, TARGET, NOW, LIMITS)

    accepted = verify_review(saved, wanted, TARGET, base, LIMITS)
    refused = verify_review(limited, wanted, TARGET, fuller, LIMITS)

    assert saved.suggestions
    assert (accepted.review.refusals, accepted.review.suggestions) == ((), ())
    assert refused.review.refusals == ("contacts-lost",)
    assert [suggestion.before for suggestion in refused.review.suggestions] == ["VIP customer"]


def test_backups_are_needed_if_contacts_may_be_lost_from_a_group_now_empty() -> None:
    consenting = config("A", removed=(2,))
    saved = make_review(consenting, [live(1, "A", 1), live(2, "Sale", 100)], TARGET, NOW, LIMITS)
    empty = make_review(config("A"), [live(1, "A", 1), live(2, "Sale", 0)], TARGET, NOW, LIMITS)

    now_empty = verify_review(saved, consenting, TARGET, [live(1, "A", 1), live(2, "Sale", 0)], LIMITS)
    never_full = verify_review(empty, config("A"), TARGET, [live(1, "A", 1), live(2, "Sale", 0)], LIMITS)

    assert [(one.live_count, one.may_lose) for one in now_empty.remaining] == [(0, 100)]
    assert now_empty.needs_backups
    assert [one.may_lose for one in never_full.remaining] == [0]
    assert not never_full.needs_backups
