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
    lines = [describe_validity(verified)]
    if verified.remaining:
        lines = [f"{lines[0]} Applying it would do this:", render_remaining_summary(verified.remaining)]
    return join_lines([*render_restrictions(verified.review), *lines, *list_remarks(verified)]) + "\n"


def describe_validity(verified: VerifiedPlan) -> str:
    """Return that the plan is still valid, and how many of its changes are done."""
    all_changes = count_changes(decision.change for decision in verified.decisions)
    remaining = count_changes(one.change for one in verified.remaining)
    if not all_changes:
        return "The plan is still valid: it has no changes."
    if not remaining:
        return f"The plan is still valid, and nothing is left to do: its changes ({all_changes:,}) are all done."
    done = f", {all_changes - remaining:,} of {all_changes:,} changes are done" if remaining < all_changes else ""
    return f"The plan is still valid{done}."


def list_remarks(verified: VerifiedPlan) -> list[str]:
    """Return the lines about loose limits and newcomers."""
    lines = [*map(render_loose_limit, verified.review.loose_limits)]
    if verified.newcomers:
        lines.append(f"New since the plan, and left alone: {count(len(verified.newcomers), 'group', 'groups')}.")
    return lines
