"""No text of a plan file makes a line of its own: what looks like a change, a title or a figure is one.

Only a remedy has lines, because these are lines to paste. They come after the changes and the figures.
"""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from groupsync.errors import DamagedPlanError, StalePlanError
from groupsync.model.config import Unlisted
from groupsync.model.groups import Source
from groupsync.model.plan import Delete, Reason
from groupsync.model.review import Excerpt
from groupsync.planfile.review import dump_review, load_review
from groupsync.render.markdown import render_markdown
from groupsync.render.text import render_text
from groupsync.render.view import Detail, View
from groupsync.review.make import make_review
from groupsync.review.verify import verify_review
from groupsync.sealed import seal
from tests.laws.tampering.examples import BY_NAME, CYCLE_CHAIN_AND_NAME_OF_DELETED, REFUSED
from tests.unit.core import NOW, TARGET, config, live

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.model.review import Review
    from tests.laws.tampering.attacked import AttackedPlan

PLANS = {"cycle": CYCLE_CHAIN_AND_NAME_OF_DELETED, "by name": BY_NAME, **REFUSED}
FORGED = '\n  - "FORGED"\n\n## FORGED\n  # FORGED: 1 group\n\nPlan: FORGED\r\x85\u2028FORGED\x1b[2J'
FORGED_LINE = re.compile(r'^\s*(- "FORGED"|## FORGED|# FORGED|Plan: FORGED|FORGED)|[\r\x85\u2028\x1b]', re.MULTILINE)


def find_texts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of each text in a document."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, list | dict):
        for key, inner in enumerate(value) if isinstance(value, list) else value.items():
            yield from find_texts(inner, (*path, key))


def forge_texts(review: Review) -> Iterator[Review]:
    """Yield the reviews of plan files with a forged text at the end of one of their texts, if they can be read."""
    document = json.loads(dump_review(review))
    del document["checksum"]
    for *above, last in find_texts(document):
        if "remedy" in above:
            continue
        forged = copy.deepcopy(document)
        place = forged
        for key in above:
            place = place[key]
        place[last] += FORGED
        try:
            yield load_review(seal(forged), "plan.json")
        except DamagedPlanError:
            continue


@pytest.mark.parametrize("attacked", PLANS.values(), ids=PLANS)
def test_a_text_of_a_plan_file_never_makes_a_line(attacked: AttackedPlan) -> None:
    review = make_review(attacked.config, attacked.base, TARGET, NOW)
    found = (*(problem.source for problem in review.plan.problems), *(guard.source for guard in review.guards))
    sources = [source for source in found if source]
    excerpt = Excerpt(source=min(sources, default=Source(file="g.yaml", line=1)), lines=("    1 | a", "      | ^"))
    forged_reviews = [*forge_texts(replace(review, excerpts=(excerpt,)))]

    for forged in forged_reviews:
        for detail in Detail:
            view = View(detail=detail).quoting(forged)
            for shown in (render_text(forged, view), render_markdown(forged, view)):
                assert not FORGED_LINE.search(shown), shown

    assert len(forged_reviews) > 3


def test_a_forged_source_does_not_make_a_group_one_that_is_removed() -> None:
    wanted = config("A", unlisted=Unlisted.DELETE)
    review = make_review(wanted, (live(1, "A"), live(2, "B")), TARGET, NOW)
    (change,) = review.plan.changes

    forged_change = replace(change, source=Source(file="groups.yaml", line=7))
    forged = replace(review, plan=replace(review.plan, changes=(forged_change,)))

    for render in (render_text, render_markdown):
        assert "not in the configuration (policy.unlisted: delete)" in render(forged)
        assert "removed" not in render(forged)


def test_a_missing_source_does_not_make_a_group_one_that_is_not_listed() -> None:
    wanted = config("A", removed=("B",), unlisted=Unlisted.DELETE)
    review = make_review(wanted, (live(1, "A"), live(2, "B")), TARGET, NOW)
    (change,) = review.plan.changes
    assert isinstance(change, Delete)

    forged = replace(review, plan=replace(review.plan, changes=(replace(change, source=None),)))

    for render in (render_text, render_markdown):
        assert "not in the configuration" not in render(forged)
        assert "removed" in render(forged)
        assert "None" not in render(forged)


@pytest.mark.parametrize(("field", "value"), [("reason", Reason.REMOVED), ("contacts_at_most", None)])
def test_a_forged_consent_is_stale(field: str, value: Any) -> None:
    wanted = config("A", unlisted=Unlisted.DELETE)
    groups = (live(1, "A"), live(2, "B"))
    review = make_review(wanted, groups, TARGET, NOW)
    (change,) = review.plan.changes

    forged_change = replace(change, **{field: value})
    forged = replace(review, plan=replace(review.plan, changes=(forged_change,)))

    with pytest.raises(StalePlanError):
        verify_review(load_review(dump_review(forged), "plan.json"), wanted, TARGET, groups)
