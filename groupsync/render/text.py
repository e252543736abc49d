"""A review as text for a person, laid out like Terraform's plans. Equal reviews give equal bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from groupsync.display import count, count_contacts, measure_width, quote_name
from groupsync.model.groups import GroupId
from groupsync.model.plan import Change, Create, Delete, Reason, Rename, Summary, summarize
from groupsync.model.remaining import is_deletion, summarize_remaining
from groupsync.render.escape import for_terminal
from groupsync.render.view import DEFAULT_VIEW, Detail, RenderExcerpt, View, render_no_excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import PlanProblem
    from groupsync.model.remaining import RemainingChanges
    from groupsync.model.review import GuardFinding, LooseLimit, Review, Suggestion

ID_COLUMN = 45
MOST_CREATES = 50
MOST_SUGGESTIONS = 10
MOST_PROBLEMS = 100

Names: TypeAlias = Mapping[GroupId, str]
"""The names of the groups before the plan, by their ids."""


def render_text(review: Review, view: View = DEFAULT_VIEW) -> str:
    """Return the plan and why it is refused; only the verdict, or every group as well, depending on `view.detail`."""
    if view.detail is Detail.QUIET:
        return for_terminal("\n".join(_render_verdict(review)) + "\n")
    blocks = [
        *_render_plan(review, view),
        *_render_suggestions(review.suggestions, view.excerpt),
        *_render_refusals(review, view.excerpt),
    ]
    return for_terminal("\n\n".join("\n".join(block) for block in blocks) + "\n")


def names_before_plan(review: Review) -> Names:
    """Return the names of the groups before the plan, by their ids."""
    return {group.id: group.name for group in review.base}


def _render_verdict(review: Review) -> Iterator[str]:
    if not review.plan.problems:
        yield _render_outcome(review)
    if review.refusals:
        yield f"Refused: {', '.join(review.refusals)}."


def _render_outcome(review: Review) -> str:
    if review.plan.changes:
        return render_summary(review.plan.changes)
    return "No changes." if review.refusals else "No changes. The Phonebook matches the configuration."


def _render_plan(review: Review, view: View) -> Iterator[list[str]]:
    plan, is_verbose = review.plan, view.detail is Detail.VERBOSE
    if plan.problems:
        yield ["groupsync cannot make a plan:"]
        yield from (render_problem(problem, view.excerpt) for problem in plan.problems[:MOST_PROBLEMS])
        if len(plan.problems) > MOST_PROBLEMS:
            yield [f"  ... and {len(plan.problems) - MOST_PROBLEMS:,} more (--format json shows each one)"]
        return
    if plan.changes:
        yield [f"groupsync {'would' if review.refusals else 'will'} perform the following actions:"]
        yield from _render_changes(plan.changes, names_before_plan(review), verbose=is_verbose)
    if is_verbose:
        yield from _render_unchanged(review)
    yield [_render_outcome(review), *map(render_loose_limit, review.loose_limits)]
    if not is_verbose and (unlisted := render_unlisted(review)):
        yield unlisted


def render_unlisted(review: Review) -> list[str]:
    """Return the line that says how many unlisted groups the plan keeps; no line if there are none."""
    if review.refusals or not review.plan.unlisted:
        return []
    kept = count(len(review.plan.unlisted), "live group that is", "live groups that are")
    return [f"Kept: {kept} not in the configuration."]


def _render_unchanged(review: Review) -> Iterator[list[str]]:
    """Yield the groups that the plan does not change, by the reason."""
    plan = review.plan
    others = {change.group_id for change in plan.changes if not isinstance(change, Create)}
    others |= {group.id for group in (*plan.unlisted, *plan.ignored)}
    others |= {rename.group.id for rename in plan.interrupted}
    blocks = {
        "unchanged": [group for group in review.base if group.id not in others],
        f"{'' if review.refusals else 'kept, though '}not in the configuration": plan.unlisted,
        "ignored": plan.ignored,
    }
    for reason, groups in blocks.items():
        if groups:
            yield [f"  # {count(len(groups), 'group', 'groups')} {reason}", *map(_render_group, groups)]


def _render_group(group: LiveGroup) -> str:
    return with_id(f"    group {quote_name(group.name)}", group.id) + f"  {count_contacts(group.contacts_count)}"


def _render_changes(changes: Sequence[Change], names: Names, *, verbose: bool) -> Iterator[list[str]]:
    """Yield a block for each change; of many creates the first ones, then how many more there are."""
    creates = sum(isinstance(change, Create) for change in changes)
    shown = creates if verbose else min(creates, MOST_CREATES)
    seen = 0
    for change in changes:
        if isinstance(change, Create):
            seen += 1
        if seen <= shown or not isinstance(change, Create):
            yield _render_change(change, names)
        elif seen == shown + 1:
            yield [f"  # ... and {creates - shown:,} more groups will be created (--verbose shows each one)"]


def _render_change(change: Change, names: Names) -> list[str]:
    match change:
        case Create(name=name):
            return [
                f"  # group {quote_name(name)} will be created",
                f"  # ({change.source})",
                f"  + group {quote_name(name)}",
            ]
        case Rename(before=before, after=after, group_id=group_id):
            return [
                f"  # group {quote_name(names[group_id])} will be {describe_step(change, names)}",
                f"  # ({describe_rename_reason(change)})",
                with_id(f"  ~ group {quote_name(before)} -> {quote_name(after)}", group_id),
            ]
        case Delete(name=name, group_id=group_id):
            step = "" if name == names[group_id] else ", step 2 of 2"
            return [
                f"  # group {quote_name(names[group_id])} will be deleted{step}",
                f"  # ({describe_delete_reason(change)})",
                with_id(f"  - group {quote_name(name)}", group_id) + f"  {describe_loss(change.contacts_count)}",
            ]


def describe_step(change: Rename, names: Names) -> str:
    """Return what is done to the group, and which of two steps this is."""
    if change.reason is Reason.FREES_NAME:
        return "deleted, step 1 of 2"
    if change.temporary:
        return "renamed, step 1 of 2"
    return "renamed" if change.before == names[change.group_id] else "renamed, step 2 of 2"


def describe_rename_reason(change: Rename) -> str:
    """Return the reason of the rename, where it is listed, and how many contacts stay in the group."""
    why = {
        Reason.PINNED: "pinned by id, ",
        Reason.INTERRUPTED: "finishes an interrupted rename, ",
        Reason.BREAKS_CYCLE: "through a temporary name, because names go round in a circle, ",
        Reason.FREES_NAME: "to a temporary name, because another group takes this one, ",
    }.get(change.reason, "")
    where = change.source or "not in the configuration"
    return f"{why}{where}; {describe_stay(change.contacts_count)}"


def describe_delete_reason(change: Delete) -> str:
    """Return where the deletion is listed, and how many contacts may be lost."""
    if change.source is None:
        return "not in the configuration"
    return f"listed under removed, {change.source}{_describe_consent(change)}"


def _describe_consent(change: Delete) -> str:
    """Return how many contacts the configuration consents to lose; nothing to say if the group is empty."""
    if change.contacts_count == 0:
        return ""
    match change.contacts_at_most:
        case None:
            return "; consent to lose any number"
        case 0:
            return "; no consent to lose anybody"
        case most:
            return f"; consent to lose {most:,} at most"


def with_id(line: str, group_id: str) -> str:
    """Return the line with the id of its group appended, in a column of its own."""
    return line + " " * max(ID_COLUMN - measure_width(line), 2) + f"[id={group_id}]"


def render_summary(changes: Sequence[Change]) -> str:
    """Return the line with the figures of a plan."""
    unknown = sum(isinstance(change, Delete) and change.contacts_count is None for change in changes)
    return _render_figures(summarize(tuple(changes)), unknown)


def render_remaining_summary(remaining: RemainingChanges) -> str:
    """Return the same line for what remains of a plan, with the numbers of now."""
    unknown = sum(is_deletion(one) and one.live_count is None for one in remaining)
    return _render_figures(summarize_remaining(remaining), unknown)


def _render_figures(summary: Summary, unknown: int) -> str:
    more = f", and those of {count(unknown, 'group', 'groups')} whose number is not known" if unknown else ""
    return (
        f"Plan: {summary.create:,} to create, {summary.rename:,} to rename, {summary.delete:,} to delete. "
        f"Memberships lost: {summary.memberships_lost:,}{more}."
    )


def render_loose_limit(limit: LooseLimit) -> str:
    """Return the line that says that a limit allows more to be lost than the default."""
    source = f" ({limit.source})" if limit.source else ""
    return f"Looser than the default of {limit.default}: {limit.key}: {limit.value}{source}."


def _render_suggestions(suggestions: Sequence[Suggestion], excerpt: RenderExcerpt) -> Iterator[list[str]]:
    if suggestions:
        yield [f"{count(len(suggestions), 'pair looks', 'pairs look')} like a rename, which would keep the contacts:"]
    for suggestion in suggestions[:MOST_SUGGESTIONS]:
        contacts = count_contacts(suggestion.contacts_count)
        yield [
            f"  ? {quote_name(suggestion.before)} -> {quote_name(suggestion.after)}  {contacts}",
            *excerpt(suggestion.source),
            *_indent(suggestion.remedy),
        ]
    if len(suggestions) > MOST_SUGGESTIONS:
        yield [f"  ... and {len(suggestions) - MOST_SUGGESTIONS:,} more (--format json shows each one)"]


def _render_refusals(review: Review, excerpt: RenderExcerpt) -> Iterator[list[str]]:
    if review.plan.problems:
        yield ["Refused: no plan can be made until this is resolved."]
    elif review.refusals:
        yield ["Refused: this plan will not be applied."]
        yield from (render_guard(guard, excerpt) for guard in review.guards if not guard.allowed)
    if allowed := [guard for guard in review.guards if guard.allowed]:
        yield ["Let pass by --allow:", *(f"  {guard.code}: {guard.message}" for guard in allowed)]


def render_problem(problem: PlanProblem, excerpt: RenderExcerpt = render_no_excerpt) -> list[str]:
    """Return the lines of a problem: what is wrong, the excerpt, the remedy."""
    source = f"{problem.source}: " if problem.source else ""
    return [f"  {source}{problem.message}", *excerpt(problem.source), *_indent(problem.remedy)]


def render_guard(guard: GuardFinding, excerpt: RenderExcerpt) -> list[str]:
    """Return the lines of what a guard found: what is wrong, the excerpt, the remedy."""
    source = f" ({guard.source})" if guard.source else ""
    return [f"  {guard.code}: {guard.message}{source}", *excerpt(guard.source), *_indent(guard.remedy)]


def _indent(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def describe_loss(count: int | None) -> str:
    """Return how many contacts lose a group; None means unknown."""
    match count:
        case None:
            return "an unknown number of contacts lose this group"
        case 0:
            return "no contact is in it"
        case 1:
            return "1 contact loses this group"
        case _:
            return f"{count:,} contacts lose this group"


def describe_stay(count: int | None) -> str:
    """Return how many contacts keep a group; None means unknown."""
    match count:
        case None:
            return "its contacts stay in it"
        case 0:
            return "no contact is in it"
        case 1:
            return "1 contact stays in it"
        case _:
            return f"{count:,} contacts stay in it"
