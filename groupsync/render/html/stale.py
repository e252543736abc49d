"""The page of a check that finds its plan stale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.errors import UnapprovedPlanError
from groupsync.render.html.environment import render_template
from groupsync.render.html.page import Status, list_facts
from groupsync.render.restrictions import render_restrictions
from groupsync.render.view import DEFAULT_VIEW

if TYPE_CHECKING:
    from groupsync.errors import StalePlanError
    from groupsync.model.review import Review
    from groupsync.render.view import View


def render_stale_html(review: Review, error: StalePlanError, view: View = DEFAULT_VIEW, checked_at: str = "") -> str:
    """Return the page that says what has changed since the plan was made, or since it was approved."""
    is_unapproved = isinstance(error, UnapprovedPlanError)
    state = "not what was approved" if is_unapproved else "out of date"
    return render_template(
        "stale.html",
        what="Check of a plan",
        account=review.target.account,
        status=Status(tone="danger", label=f"{state[:1].upper()}{state[1:]}"),
        verdict=f"This plan is {state}, so it will not be applied.",
        remarks=render_restrictions(review),
        figures=[],
        differences=[f"{difference[:1].upper()}{difference[1:]}" for difference in error.differences],
        facts=list_facts(review, view, checked_at),
    )
