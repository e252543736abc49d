"""Plan files edited by somebody who can also make their digest and checksum fit.

An edited file does nothing, or what an honest one would do.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from groupsync.errors import DamagedPlanError
from groupsync.model.config import Unlisted
from groupsync.planfile.review import dump_review, load_document, load_review
from tests.laws.tampering.applying import UNREADABLE, apply_document, require_harmless, seal, seal_text
from tests.laws.tampering.attacked import AttackedPlan, apply_review, list_steps
from tests.laws.tampering.edits import Edit, draw_pairs, edit_document, list_edits, list_pairs
from tests.laws.tampering.examples import HONEST, SWAP_AND_INTERRUPTED
from tests.laws.tampering.single_edits import try_single_edits
from tests.unit.core import config, live

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

on_every_plan = pytest.mark.parametrize("attacked", HONEST.values(), ids=HONEST)


@on_every_plan
def test_no_single_edit_makes_a_plan_do_anything_else(attacked: AttackedPlan) -> None:
    tried = try_single_edits(attacked, attacked.states[:1])

    assert min(tried.values()) > 150
    assert tried.total() > 600


@pytest.mark.slow
@on_every_plan
def test_no_single_edit_makes_a_plan_do_anything_else_on_a_changed_phonebook(attacked: AttackedPlan) -> None:
    tried = try_single_edits(attacked, attacked.states)

    assert min(tried.values()) > 500
    assert tried.total() > 4000


@on_every_plan
def test_edits_that_go_together_do_nothing_that_was_not_reviewed(attacked: AttackedPlan) -> None:
    assert try_pairs(attacked, list_pairs(attacked.document)) > 400


@on_every_plan
def test_random_edits_do_nothing_that_was_not_reviewed(attacked: AttackedPlan) -> None:
    assert try_pairs(attacked, islice(draw_pairs(attacked.document, seed=1), 400)) > 700


@pytest.mark.slow
@on_every_plan
def test_many_random_edits_do_nothing_that_was_not_reviewed(attacked: AttackedPlan) -> None:
    assert try_pairs(attacked, islice(draw_pairs(attacked.document, seed=2), 30_000)) > 55_000


def try_pairs(attacked: AttackedPlan, pairs: Iterable[tuple[Edit, Edit]]) -> int:
    """Assert that every step is one of the plan that was reviewed, or of one made now; return how many were tried."""
    tried = 0
    for number, pair in enumerate(pairs):
        document = edit_document(attacked, pair)
        if document is None:
            continue
        states = attacked.choose_states(number)
        for changes, state in zip(apply_document(document, attacked, states), states, strict=True):
            require_harmless(changes, attacked, state)
            assert {step.in_any_wave() for step in list_steps(changes)} <= state.allowed_steps, pair
            tried += 1
    return tried


def test_an_edited_file_is_damaged_when_read_from_its_bytes_or_makes_no_difference() -> None:
    attacked = AttackedPlan(
        config=config("New", removed=(1,), unlisted=Unlisted.KEEP), base=(live(1, "Sale", 3), live(2, "Kept"))
    )
    state = attacked.states[0]
    tried: Counter[str] = Counter()
    for edit in list_edits(attacked.document):
        document = edit_document(attacked, [edit])
        assert document is not None
        for content in {seal(document), *complete(document)}:
            try:
                review = load_review(content, "plan.json")
            except DamagedPlanError:
                tried["damaged"] += 1
                continue
            steps = list_steps(apply_review(review, attacked, state.groups))

            assert steps in {(), state.honest_steps}, edit
            tried["applied" if steps else "refused"] += 1
    assert min(tried.values()) > 30
    assert tried.total() > 400


def complete(document: dict[str, Any]) -> list[bytes]:
    """Return the plan file of the document with counts and digests that fit, if it can have them."""
    try:
        return [dump_review(load_document(document))]
    except UNREADABLE:
        return []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"wave": 1,', '"wave":  1,'),
        ('"wave": 1,', '"wave": 1e0,'),
        ('"wave": 1,', '"wave": true,'),
        ('"wave": 1,', '"wave": 1, "wave": 1,'),
        ('"contacts_count": 0', '"contacts_count": -0'),
        ('"contacts_count": 0', '"contacts_count": "0"'),
        ('"name": "Kept"', '"name": "\\u004bept"'),
        ('"kind": "delete", "actions": ["delete"]', '"actions": ["delete"], "kind": "delete"'),
        ("\n  ],\n", "\n  ] ,\n"),
        ("{\n", "\ufeff{\n"),
        ("\n", "\r\n"),
        ("{\n", "{\n  // reviewed\n"),
        ("{\n", '{\n  "comment": "reviewed",\n'),
    ],
)
def test_a_file_that_says_the_same_in_another_way_is_damaged(old: str, new: str) -> None:
    """Its checksum is right, but groupsync would not have written these bytes."""
    attacked = replace(SWAP_AND_INTERRUPTED, base=(*SWAP_AND_INTERRUPTED.base, live(6, "Also kept")))
    body = dump_review(attacked.review).decode().rpartition('  "checksum": ')[0]
    assert seal_text(body) == dump_review(attacked.review)
    assert old in body

    with pytest.raises(DamagedPlanError):
        load_review(seal_text(body.replace(old, new)), "plan.json")
