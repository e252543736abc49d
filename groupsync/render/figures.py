"""The figures of a plan: how much it changes, which deletions are agreed to, which limits are loose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, count_contacts
from groupsync.model.plan import Delete, summarize
from groupsync.model.remaining import is_deletion, summarize_remaining
from groupsync.render.changes import Agreement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.plan import Change, Summary
    from groupsync.model.remaining import RemainingChanges
    from groupsync.model.review import LooseLimit, Review
    from groupsync.render.changes import CountedChanges, DeletedGroup

AGREEMENT_TITLES = {
    Agreement.POLICY: "Within the limits of the policy",
    Agreement.REMOVED: "Agreed to under removed",
    Agreement.OVERRIDDEN: "Allowed only by --allow",
    Agreement.NONE: "Not agreed to",
}
"""The titles of the deletions of each agreement, in the order to show them."""


def render_summary(changes: Sequence[Change]) -> str:
    """Return the line with the figures of a plan."""
    return _render_figures(summarize(tuple(changes)), count_unknown(changes))


def render_remaining_summary(remaining: RemainingChanges) -> str:
    """Return the same line for the remaining changes of a plan, with live numbers."""
    unknown = sum(is_deletion(one) and one.live_count is None for one in remaining)
    return _render_figures(summarize_remaining(remaining), unknown)


def _render_figures(summary: Summary, unknown: int) -> str:
    return (
        f"Plan: {summary.create:,} to create, {summary.rename:,} to rename, {summary.delete:,} to delete. "
        f"Memberships lost: {summary.memberships_lost:,}{_describe_unknown(unknown)}."
    )


def describe_figures(changes: Sequence[Change]) -> str:
    """Return how many groups the changes create, rename and delete; empty if there are none: `1 to create`."""
    summary = summarize(tuple(changes))
    numbers = {"to create": summary.create, "to rename": summary.rename, "to delete": summary.delete}
    return ", ".join(f"{number:,} {what}" for what, number in numbers.items() if number)


def describe_memberships_lost(changes: Sequence[Change]) -> str:
    """Return how many memberships the changes lose: `118 memberships lost`."""
    lost = summarize(tuple(changes)).memberships_lost
    known = count(lost, "membership", "memberships") if lost else "no membership"
    return f"{known} lost{_describe_unknown(count_unknown(changes))}"


def count_unknown(changes: Sequence[Change]) -> int:
    """Return how many of the groups that are deleted are of unknown size."""
    return sum(isinstance(change, Delete) and change.contacts_count is None for change in changes)


def _describe_unknown(unknown: int) -> str:
    return f", and those of {count(unknown, 'group', 'groups')} of unknown size" if unknown else ""


def list_agreements(review: Review, changes: CountedChanges) -> list[tuple[str, tuple[DeletedGroup, ...]]]:
    """Return the deletions in the order to show them, each part with its title.

    A plan that is refused because of deletions has up to four parts; the last has the deletions without agreement.
    Every other plan has one part, with a title only if suggestions are shown before it.
    """
    if not changes.deletions:
        return []
    if not review.refusals or not changes.list_deletions(Agreement.NONE):
        is_titled = review.suggestions and not review.refusals
        return [(_render_title("Deletions", changes.deletions) if is_titled else "", changes.deletions)]
    parts = [(title, changes.list_deletions(agreement)) for agreement, title in AGREEMENT_TITLES.items()]
    return [(_render_title(title, deletions), deletions) for title, deletions in parts if deletions]


def _render_title(title: str, deletions: Sequence[DeletedGroup]) -> str:
    """Return the title of a part with its figures, such as `Not agreed to: 2 groups, 520 contacts`."""
    counts = [deletion.contacts_count for deletion in deletions]
    known = [number for number in counts if number is not None]
    if len(known) == len(counts):
        contacts = count_contacts(sum(known))
    elif known:
        unknown = count(len(counts) - len(known), "group", "groups")
        contacts = f"{count_contacts(sum(known))} and an unknown number in {unknown}"
    else:
        contacts = count_contacts(None)
    return f"{title}: {count(len(deletions), 'group', 'groups')}, {contacts}"


def render_loose_limit(limit: LooseLimit) -> str:
    """Return the line that says that a limit allows more to be lost than the default."""
    source = f" ({limit.source})" if limit.source else ""
    return f"Looser than the default of {limit.default}: {limit.key}: {limit.value}{source}."
