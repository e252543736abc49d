"""A review as Markdown, to be read in ten seconds: the verdict, losses, why it is refused, other changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, count_contacts, make_visible, quote_name
from groupsync.model.plan import summarize
from groupsync.render.changes import count_as_person
from groupsync.render.escape import in_code, in_text
from groupsync.render.figures import (
    describe_figures,
    describe_memberships_lost,
    list_agreements,
    render_loose_limit,
)
from groupsync.render.ids import find_ids_to_show
from groupsync.render.markdown.changes import (
    make_creates,
    make_deletions,
    make_renames,
)
from groupsync.render.markdown.findings import make_refusals, make_suggestions
from groupsync.render.markdown.next_step import render_next_step
from groupsync.render.markdown.page import (
    Section,
    compose,
    fold_above,
    make_folded_text,
    render_heading,
    render_signature,
)
from groupsync.render.next_step import render_short_approval
from groupsync.render.restrictions import list_postponed
from groupsync.render.text import render_text, render_unlisted
from groupsync.render.view import DEFAULT_VIEW, Detail, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.model.plan import Plan
    from groupsync.model.review import Review

_WHERE = "with `groupsync plan --verbose`, or with `groupsync show --verbose` on the plan file"


def render_markdown(review: Review, view: View = DEFAULT_VIEW) -> str:
    """Return the page for a pull request, of at most `view.max_bytes`.

    A bot finds its own comment by the first line, which has the account, and the approval if the plan has one.
    """
    approval = render_short_approval(review)
    carried = f" approval={approval}" if approval else ""
    marker = f"<!-- groupsync plan account={make_visible(review.target.account)}{carried} -->"
    is_alert = review.refusals or summarize(review.plan.changes).delete
    alert = "> [!CAUTION]\n> " if is_alert else ""
    head = [marker, *render_heading("Plan", review, view), f"{alert}**{_render_verdict(review)}**"]
    foot = ["---", *render_next_step(review, view), render_signature(review)]
    sections = [] if view.detail is Detail.QUIET else list(_make_sections(review, view))
    return compose(head, sections, foot, where=_WHERE, max_bytes=view.max_bytes)


def _render_verdict(review: Review) -> str:
    plan = review.plan
    if plan.problems:
        return f"Refused, no plan can be made: {count(len(plan.problems), 'problem', 'problems')}"
    refused = f"Refused ({make_visible(', '.join(review.refusals))}): " if review.refusals else ""
    if not plan.changes:
        return f"{refused}no changes" if refused else _describe_no_changes(plan)
    return f"{refused}{describe_figures(plan.changes)}: {describe_memberships_lost(plan.changes)}"


def _describe_no_changes(plan: Plan) -> str:
    if plan.is_pending:
        return "No changes, apart from what is excluded or postponed"
    return "No changes: the Phonebook matches the configuration"


def _make_sections(review: Review, view: View) -> Iterator[Section]:
    """Yield the sections; for a refused plan, first the deletions without agreement and why it is refused."""
    changes, ids = count_as_person(review), find_ids_to_show(review)
    *agreed, (title, deletions) = list_agreements(review, changes) or [("", ())]
    if deletions:
        title = title or f"{count(len(deletions), 'group', 'groups')} to delete"
        yield make_deletions(deletions, ids, title)
    yield make_refusals(review)
    if review.suggestions:
        yield make_suggestions(review.suggestions)
    for title, deletions in reversed(agreed):
        yield make_deletions(deletions, ids, title)
    yield make_renames(changes.renames, ids)
    yield make_creates(changes.creates)
    yield _make_postponed(review.plan)
    yield from _make_remarks(review, view)
    warnings = [f"- {in_text(warning)}" for warning in review.plan.warnings]
    yield Section(rank=5, title="**Warnings**", items=warnings, kind="warnings")
    yield make_folded_text("The plan as text", render_text(review, view))


def _make_postponed(plan: Plan) -> Section:
    items = [
        f"- {in_code(quote_name(one.name))} · {count_contacts(one.contacts_count)} stay" for one in list_postponed(plan)
    ]
    summary = f"{count(len(items), 'deletion is', 'deletions are')} postponed"
    title, end = fold_above(items, summary)
    return Section(rank=2, title=title, items=items, kind="postponed deletions", end=end)


def _make_remarks(review: Review, view: View) -> Iterator[Section]:
    remarks = {
        "**Limits of the configuration**": [render_loose_limit(limit) for limit in review.loose_limits],
        "**Guards that are overridden by `--allow`**": [
            f"{guard.code}: {guard.message}" for guard in review.guards if guard.allowed
        ],
        "**Left alone**": render_unlisted(review, view.options),
    }
    for title, lines in remarks.items():
        yield Section(rank=0, title=title, items=[f"- {in_text(line)}" for line in lines], kind="remarks")
