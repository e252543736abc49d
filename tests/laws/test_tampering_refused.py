"""Plans that groupsync refuses cannot be made to do anything by editing their file or inventing their base."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.laws.tampering.applying import apply_document, find_ends, require_harmless
from tests.laws.tampering.attacked import AttackedPlan, apply_review
from tests.laws.tampering.edits import edit_document, list_pairs
from tests.laws.tampering.examples import REFUSED, REFUSED_BY_GUARD, REFUSED_BY_ONE_GROUP, REFUSED_BY_PROBLEM
from tests.laws.tampering.forged_bases import forge_reviews
from tests.laws.tampering.single_edits import try_single_edits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.model.plan import Change


@pytest.mark.parametrize("attacked", REFUSED.values(), ids=REFUSED)
def test_no_single_edit_makes_a_refused_plan_do_anything(attacked: AttackedPlan) -> None:
    assert attacked.review.refusals

    assert try_single_edits(attacked, attacked.states[:1]).keys() == {False}


@pytest.mark.parametrize(("code", "attacked"), REFUSED_BY_GUARD.items(), ids=REFUSED_BY_GUARD)
def test_no_attack_makes_a_plan_touch_the_groups_a_guard_names(code: str, attacked: AttackedPlan) -> None:
    """A group left out of the base counts as a newcomer and is left alone: the rest may be carried out."""
    guarded_ids = {group_id for guard in attacked.review.guards for group_id in guard.group_ids}
    tried = 0
    for changes in apply_attacks(attacked):
        require_harmless(changes, attacked, attacked.states[0])
        assert not guarded_ids & find_ends(changes).keys()
        assert not changes or code != "empty-config"
        tried += 1
    assert code.partition(",")[0] in attacked.review.refusals
    assert tried > 100


@pytest.mark.parametrize(("code", "attacked"), REFUSED_BY_PROBLEM.items(), ids=REFUSED_BY_PROBLEM)
def test_no_attack_makes_a_plan_with_problems_do_anything(code: str, attacked: AttackedPlan) -> None:
    found = Counter(apply_attacks(attacked))

    assert code in attacked.review.refusals
    assert found.keys() == {()}
    assert found.total() > 100


def apply_attacks(attacked: AttackedPlan) -> Iterator[tuple[Change, ...]]:
    """Yield what is done by two edits that go together, and by plans of invented bases."""
    for edits in list_pairs(attacked.document):
        document = edit_document(attacked, edits)
        if document is not None:
            yield from apply_document(document, attacked, attacked.states[:1])
    for forged in forge_reviews(attacked, drawn=60):
        yield apply_review(forged, attacked, attacked.base)


@pytest.mark.parametrize("attacked", REFUSED_BY_ONE_GROUP.values(), ids=REFUSED_BY_ONE_GROUP)
def test_leaving_the_reason_out_of_the_base_does_not_get_around_a_refusal(attacked: AttackedPlan) -> None:
    assert {apply_review(forged, attacked, attacked.base) for forged in forge_reviews(attacked, drawn=60)} == {()}
