"""What a run is limited to, in the first lines of every output: scope, exclusions and postponed deletions."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from groupsync.display import count, count_contacts, join_names
from groupsync.model.scope import describe_scope
from groupsync.names import find_name_without_suffix
from groupsync.render.layout import DETAIL, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.model.plan import Delete, Plan, PlanOptions
    from groupsync.model.review import Review

MOST_POSTPONED = 50


def render_restrictions(review: Review) -> list[str]:
    """Return the lines that say what a plan is limited to; none if it is not."""
    return [*describe_scope(review.scope), *_render_options(review.plan, review.options)]


def _render_options(plan: Plan, options: PlanOptions) -> Iterator[str]:
    if options.exclude:
        names = [*map(attrgetter("name"), plan.excluded), *map(attrgetter("name"), plan.excluded_entries)]
        pending = "changes to them are pending" if plan.is_excluded_pending else "nothing is pending for them"
        found = f"{join_names(sorted(set(names)))}; {pending}" if names else "nothing"
        yield f"Excluded (--exclude {join_names(options.exclude)}): {found}."
    if options.no_deletes:
        postponed = count(len(plan.postponed), "deletion is postponed", "deletions are postponed")
        yield f"No deletions (--no-deletes or GROUPSYNC_NO_DELETES): {postponed}."


def list_postponed(plan: Plan) -> list[Delete]:
    """Return the postponed deletions, the largest first."""
    return sorted(plan.postponed, key=lambda delete: (-(delete.contacts_count or 0), delete.name))


def render_postponed(plan: Plan, *, is_verbose: bool = False) -> list[str]:
    """Return the lines of the postponed deletions, the largest first; none if there are none."""
    if not plan.postponed:
        return []
    largest_first = list_postponed(plan)
    shown = len(largest_first) if is_verbose else MOST_POSTPONED
    lines = ["  # Postponed, and not part of this plan:"]
    for delete in largest_first[:shown]:
        lines += _render_delete(delete)
    if len(largest_first) > shown:
        lines.append(f"  ... and {len(largest_first) - shown:,} more (--verbose shows each one)")
    return lines


def _render_delete(delete: Delete) -> Iterator[str]:
    yield from lay_out("#", [delete.name], "", f"{count_contacts(delete.contacts_count)} stay")
    where = str(delete.source) + ", removed" if delete.source else "not in the configuration (policy.unlisted: delete)"
    yield f"{DETAIL}{where}"
    if find_name_without_suffix(delete.name, delete.group_id) is not None:
        yield f"{DETAIL}this is a temporary name, from a run that did not finish; the group keeps it for now"


def render_outside(review: Review) -> list[str]:
    """Return the line that says how many live groups are outside the scope; none if all are in it, or if unknown."""
    if not review.outside:
        return []
    return [f"  # {count(review.outside, 'live group is', 'live groups are')} outside the scope"]
