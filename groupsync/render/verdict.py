"""The verdict of a plan in one sentence, for a reader who does not use git: what the contacts lose comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, quote_name
from groupsync.model.plan import Delete, summarize
from groupsync.render.figures import count_unknown, describe_figures

if TYPE_CHECKING:
    from groupsync.model.review import Review


def describe_verdict(review: Review) -> str:
    """Return what the plan does to the contacts; `would` instead of `will` if it is refused."""
    plan = review.plan
    if plan.problems:
        problems = count(len(plan.problems), "problem must", "problems must")
        return f"No plan can be made: {problems} be resolved first."
    if not plan.changes:
        if plan.is_pending and not review.refusals:
            return "No changes, apart from what is excluded or postponed."
        return "No changes." if review.refusals else "No changes: the Phonebook matches the configuration."
    prefix = "This plan will not be applied: " if review.refusals else ""
    loss = _describe_loss(review, "would" if review.refusals else "will")
    return prefix + (loss[:1].lower() + loss[1:] if prefix else loss)


def _describe_loss(review: Review, will: str) -> str:
    changes = review.plan.changes
    lost, unknown = summarize(changes).memberships_lost, count_unknown(changes)
    losing = [change for change in changes if isinstance(change, Delete) and change.contacts_count]
    if len(losing) == 1 and not unknown:
        contacts = count(lost, "contact", "contacts")
        return f"{contacts} {will} lose the group {quote_name(_find_name(review, losing[0]))}."
    if losing:
        more = f", and those of {count(unknown, 'group', 'groups')} of unknown size" if unknown else ""
        memberships, groups = count(lost, "membership", "memberships"), count(len(losing), "group", "groups")
        return f"{memberships} of {groups} {will} be lost{more}."
    if unknown:
        return f"{count(unknown, 'group', 'groups')} of unknown size {will} be deleted."
    return f"No contact {'would lose' if will == 'would' else 'loses'} a group: {describe_figures(changes)}."


def _find_name(review: Review, delete: Delete) -> str:
    """Return the name of the group before the plan, which may rename it before it deletes it."""
    return next((group.name for group in review.base if group.id == delete.group_id), delete.name)
