"""Every single edit of a plan file, tried."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from groupsync.planfile.approval import make_approval
from groupsync.planfile.review import load_document
from groupsync.review.require import require_approval
from tests.laws.tampering.applying import apply_document
from tests.laws.tampering.attacked import AttackedPlan, PhonebookState, list_steps
from tests.laws.tampering.edits import edit_document, list_edits

if TYPE_CHECKING:
    from collections.abc import Sequence


def try_single_edits(attacked: AttackedPlan, states: Sequence[PhonebookState]) -> Counter[bool]:
    """Assert that an edited file does nothing, or what the honest file does and what its approval is for.

    Return how often it did something and how often it did not.
    """
    tried: Counter[bool] = Counter()
    approval = make_approval(attacked.review)
    for edit in list_edits(attacked.document):
        document = edit_document(attacked, [edit])
        assert document is not None
        for changes, state in zip(apply_document(document, attacked, states), states, strict=True):
            steps = list_steps(changes)

            assert steps in {(), state.honest_steps}, edit
            if steps:
                assert approval, edit
                require_approval(load_document(document), approval)
            tried[bool(steps)] += 1
    return tried
