"""A verified plan as text: what applying it would do, and which changes are done already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count
from groupsync.model.plan import count_changes
from groupsync.render.escape import join_lines
from groupsync.render.figures import render_loose_limit, render_remaining_summary
from groupsync.render.restrictions import render_restrictions

if TYPE_CHECKING:
    from groupsync.review.verify import VerifiedPlan


def render_beginning(verified: VerifiedPlan) -> str:
    """Return what `apply` is about to do with a saved plan, what that is limited to, and which guards are overridden.

    It is empty if nothing is left to do and nothing limits the plan.
    """
    allowed = [
        f"Overridden by --allow: {guard.code}: {guard.message}" for guard in verified.review.guards if guard.allowed
    ]
    loose = map(render_loose_limit, verified.review.loose_limits)
    figures = [render_remaining_summary(verified.remaining), *loose, *allowed] if verified.remaining else []
    lines = [*render_restrictions(verified.review), *figures]
    return join_lines(lines) + "\n\n" if lines else ""


def render_check(verified: VerifiedPlan) -> str:
    """Return what applying the plan would still do, and how many newcomers it leaves alone."""
    all_changes = count_changes(decision.change for decision in verified.decisions)
    remaining = count_changes(one.change for one in verified.remaining)
    if not all_changes:
        lines = ["The plan is still valid: it has no changes."]
    elif not remaining:
        lines = [f"The plan is still valid, and nothing is left to do: its changes ({all_changes:,}) are all done."]
    else:
        done = f", {all_changes - remaining:,} of {all_changes:,} changes are done" if remaining < all_changes else ""
        lines = [
            f"The plan is still valid{done}. Applying it would do this:",
            render_remaining_summary(verified.remaining),
        ]
    lines = [*render_restrictions(verified.review), *lines]
    lines += map(render_loose_limit, verified.review.loose_limits)
    if verified.newcomers:
        lines.append(f"New since the plan, and left alone: {count(len(verified.newcomers), 'group', 'groups')}.")
    return join_lines(lines) + "\n"
