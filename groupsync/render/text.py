"""A review as text for a person. Equal reviews give equal bytes."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from groupsync.display import count
from groupsync.model.plan import Create
from groupsync.render.change_lines import render_creates, render_deletion, render_group, render_renames
from groupsync.render.changes import count_as_person
from groupsync.render.escape import join_lines
from groupsync.render.figures import list_agreements, render_loose_limit, render_summary
from groupsync.render.findings import render_problem, render_refusals, render_suggestions
from groupsync.render.ids import find_ids_to_show
from groupsync.render.restrictions import render_outside, render_postponed, render_restrictions
from groupsync.render.view import DEFAULT_VIEW, Detail, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.command import CommandOptions
    from groupsync.model.account import Target
    from groupsync.model.groups import LiveGroup
    from groupsync.model.review import Review
    from groupsync.render.changes import CountedChanges

MOST_PROBLEMS = 100


def render_text(review: Review, view: View = DEFAULT_VIEW) -> str:
    """Return the plan and why it is refused; only the verdict, or every group as well, depending on `view.detail`."""
    if view.detail is Detail.QUIET:
        return join_lines([*render_restrictions(review), *render_verdict(review)]) + "\n"
    blocks = [render_restrictions(review), *_render_plan(review, view), *render_refusals(review, view.excerpt)]
    return "\n\n".join(join_lines(block) for block in blocks if block) + "\n"


def render_verdict(review: Review) -> Iterator[str]:
    """Yield the lines of the verdict: the figures of the plan, and what refuses it."""
    if not review.plan.problems:
        yield from _render_outcome(review, count_as_person(review) if review.refusals else None)
    if review.refusals:
        yield f"Refused: {', '.join(review.refusals)}."


def _render_outcome(review: Review, changes: CountedChanges | None) -> Iterator[str]:
    """Yield the figures of the plan; with the counted changes, also the figures of its parts."""
    if not review.plan.changes:
        yield "No changes." if review.refusals else _describe_no_changes(review)
        return
    yield render_summary(review.plan.changes)
    if changes:
        yield from (f"{title}." for title, _ in list_agreements(review, changes) if title and review.refusals)


def _describe_no_changes(review: Review) -> str:
    if review.plan.is_pending:
        return "No changes, apart from what is excluded or postponed."
    return "No changes. The Phonebook matches the configuration."


def _render_plan(review: Review, view: View) -> Iterator[list[str]]:
    plan, is_verbose = review.plan, view.detail is Detail.VERBOSE
    if plan.problems:
        yield ["groupsync cannot make a plan:"]
        yield from (render_problem(problem, view.excerpt) for problem in plan.problems[:MOST_PROBLEMS])
        if len(plan.problems) > MOST_PROBLEMS:
            yield [f"  ... and {len(plan.problems) - MOST_PROBLEMS:,} more (--format json shows each one)"]
        yield from render_suggestions(review.suggestions, view.excerpt)
        return
    if is_verbose:
        yield render_outside(review)
        yield from _render_unchanged(review)
    changes = count_as_person(review)
    if plan.changes:
        will = "would" if review.refusals else "will"
        yield [f"groupsync {will} make these changes to {describe_target(review.target)}:"]
        yield from _render_changes(review, changes, view)
    yield render_postponed(plan, is_verbose=is_verbose)
    yield [*_render_outcome(review, changes), *map(render_loose_limit, review.loose_limits)]
    if not is_verbose and (unlisted := render_unlisted(review, view.options)):
        yield unlisted
    if review.refusals:
        yield from render_suggestions(review.suggestions, view.excerpt)


def describe_target(target: Target) -> str:
    """Return the account with the host of its Phonebook, such as `acc-5f0c2a9be1d4 (api.messente.com)`."""
    host = target.endpoint.partition("://")[2].partition("/")[0]
    return f"{target.account} ({host})"


def render_unlisted(review: Review, options: CommandOptions) -> list[str]:
    """Return how many unlisted groups the plan keeps, and the command that adds them; no line if there are none."""
    if review.refusals or not review.plan.unlisted:
        return []
    number = len(review.plan.unlisted)
    kept = count(number, "live group that is", "live groups that are")
    them = "it" if number == 1 else "them"
    return [f"Kept: {kept} not in the configuration. To add {them}: {options.write('pull')}"]


def _render_unchanged(review: Review) -> Iterator[list[str]]:
    """Yield the groups that the plan does not change, grouped by reason and sorted by name."""
    for reason, groups in find_unchanged(review).items():
        lines = [line for group in groups for line in render_group(group)]
        yield [f"  # {count(len(groups), 'group', 'groups')} {reason}", *lines]


def find_unchanged(review: Review) -> dict[str, list[LiveGroup]]:
    """Return the groups that the plan does not change, sorted by name, by the reason: `unchanged`, `ignored`, ..."""
    plan = review.plan
    others = {change.group_id for change in plan.changes if not isinstance(change, Create)}
    others |= {group.id for group in (*plan.unlisted, *plan.ignored)}
    others |= {rename.group.id for rename in plan.interrupted}
    others |= {delete.group_id for delete in plan.postponed}
    others |= {group.id for group in plan.excluded}
    parts = {
        "unchanged": [group for group in review.base if group.id not in others],
        f"{'' if review.refusals else 'kept, although '}not in the configuration": plan.unlisted,
        "ignored": plan.ignored,
        "excluded": plan.excluded,
    }
    return {reason: sorted(groups, key=attrgetter("name", "id")) for reason, groups in parts.items() if groups}


def _render_changes(review: Review, changes: CountedChanges, view: View) -> Iterator[list[str]]:
    """Yield the creates, the renames and the deletions; deletions without agreement are last.

    Suggested renames come before the deletions, so that the deletions are next to the question for approval. A refused
    plan has no such question, and its suggestions come later, with the remedies.
    """
    is_verbose = view.detail is Detail.VERBOSE
    ids = frozenset(group.id for group in review.base) if is_verbose else find_ids_to_show(review)
    if changes.creates:
        yield render_creates(changes.creates, is_verbose=is_verbose)
    if changes.renames:
        yield render_renames(changes.renames, ids, is_verbose=is_verbose)
    if not review.refusals:
        yield from render_suggestions(review.suggestions, view.excerpt, mark="  # ")
    for title, deletions in list_agreements(review, changes):
        if title:
            yield [f"  # {title}"]
        yield [line for one in deletions for line in render_deletion(one, ids, is_verbose=is_verbose)]
