"""A review as Markdown: the verdict, who loses a group, what else changes, why it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, count_contacts, quote_name
from groupsync.model.plan import Delete, summarize
from groupsync.planfile.approval import make_approval, render_approval
from groupsync.render.changes import count_as_person
from groupsync.render.escape import in_code, in_fence
from groupsync.render.figures import render_loose_limit
from groupsync.render.findings import MOST_SUGGESTIONS, render_guard, render_problem
from groupsync.render.markdown.page import BLANK_LINE, Section, compose, render_signature
from groupsync.render.phrases import describe_loss, describe_removal, describe_renames
from groupsync.render.text import render_text, render_unlisted
from groupsync.render.view import DEFAULT_VIEW, Detail, View

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.plan import Create
    from groupsync.model.review import Review, Suggestion
    from groupsync.render.changes import CountedChanges, DeletedGroup, RenamedGroup

LONGEST_APPROVAL = 500
"""How many characters of an approval a page carries, which is in it twice: about a hundred deletions."""

_WHERE = "with `groupsync plan --verbose`, or with `groupsync show --verbose` on the plan file"


def render_markdown(review: Review, view: View = DEFAULT_VIEW) -> str:
    """Return the page for a pull request, of at most `view.max_bytes`.

    A bot finds its own comment by the first line, which has the account, and the approval if the plan has one.
    """
    approval = _render_short_approval(review)
    carried = f" approval={approval}" if approval else ""
    marker = f"<!-- groupsync plan account={review.target.account}{carried} -->"
    foot = ["---", *_render_how_to_apply(review, approval), render_signature(review, view)]
    sections = [] if view.detail is Detail.QUIET else list(_make_sections(review, view))
    return compose([marker, f"**{_render_verdict(review)}**"], sections, foot, where=_WHERE, max_bytes=view.max_bytes)


def _render_short_approval(review: Review) -> str:
    """Return the approval of the plan as text; empty if it has none, or one that has no room on the smallest page."""
    approval = make_approval(review)
    text = render_approval(approval) if approval else ""
    return text if len(text) <= LONGEST_APPROVAL else ""


def _render_verdict(review: Review) -> str:
    plan = review.plan
    if plan.problems:
        return f"Refused, no plan can be made: {count(len(plan.problems), 'problem', 'problems')}"
    refused = f"Refused ({', '.join(review.refusals)}): " if review.refusals else ""
    if not plan.changes:
        return f"{refused}no changes" if refused else "No changes"
    summary = summarize(plan.changes)
    figures = f"{summary.create:,} to create, {summary.rename:,} to rename, {summary.delete:,} to delete"
    return f"{refused}{figures}: {_describe_memberships_lost(review)}"


def _describe_memberships_lost(review: Review) -> str:
    lost = summarize(review.plan.changes).memberships_lost
    known = count(lost, "membership", "memberships") if lost else "no membership"
    unknown = sum(isinstance(change, Delete) and change.contacts_count is None for change in review.plan.changes)
    more = f", and those of {count(unknown, 'group', 'groups')} of unknown size" if unknown else ""
    return f"{known} lost{more}"


def _make_sections(review: Review, view: View) -> Iterator[Section]:
    changes = count_as_person(review)
    yield _make_deletions(review, changes)
    yield _make_refusals(review, view)
    if review.suggestions:
        yield _make_suggestions(review.suggestions)
    yield _make_renames(changes)
    yield _make_creates(changes.creates)
    yield from _make_remarks(review)
    yield _make_warnings(review)
    lines = render_text(review, view).split("\n")[:-1]
    folded = ["<details><summary>The plan as text</summary>", "", *in_fence(lines, "text"), "", "</details>"]
    yield Section(rank=9, items=["\n".join(folded)])


def _make_deletions(review: Review, changes: CountedChanges) -> Section:
    groups = count(len(changes.deletions), "group", "groups")
    will = "would" if review.refusals else "will"
    return Section(
        rank=1,
        title=f"> [!CAUTION]\n> **{groups} {will} be deleted: {_describe_memberships_lost(review)}**\n>",
        items=list(map(_render_delete, changes.largest_first)),
        kind="deletions",
        below_title="\n",
    )


def _render_delete(deletion: DeletedGroup) -> str:
    name, reason = in_code(quote_name(deletion.name)), in_code(describe_removal(deletion))
    return f"> - {name}: **{describe_loss(deletion.contacts_count)}** ({reason})"


def _make_refusals(review: Review, view: View) -> Section:
    problems = [render_problem(problem, view.excerpt) for problem in review.plan.problems]
    guards = [render_guard(guard, view.excerpt) for guard in review.guards if not guard.allowed]
    return Section(
        rank=0,
        title="**No plan can be made until this is resolved:**" if problems else "**Why it is refused:**",
        items=["\n".join(in_fence([line[2:] for line in lines], "text")) for lines in (*problems, *guards)],
        kind="reasons",
        between=BLANK_LINE,
    )


def _make_suggestions(suggestions: Sequence[Suggestion]) -> Section:
    pairs = count(len(suggestions), "pair looks", "pairs look")
    likeliest = f", the likeliest {MOST_SUGGESTIONS}" if len(suggestions) > MOST_SUGGESTIONS else ""
    return Section(
        rank=2,
        title=f"**{pairs} like a rename, which would keep the contacts{likeliest}:**",
        items=[_render_suggestion(suggestion) for suggestion in suggestions[:MOST_SUGGESTIONS]],
        kind="suggestions",
        between=BLANK_LINE,
    )


def _render_suggestion(suggestion: Suggestion) -> str:
    before, after = in_code(quote_name(suggestion.before)), in_code(quote_name(suggestion.after))
    pasted = [line[2:] if line.startswith("  ") else f"# {line}" for line in suggestion.remedy]
    return "\n".join(
        [f"{before} → {after}, {count_contacts(suggestion.contacts_count)}", "", *in_fence(pasted, "yaml")]
    )


def _make_renames(changes: CountedChanges) -> Section:
    groups = [group for item in changes.renames for group in item.groups]
    return Section(rank=3, title="**Renamed:**", items=list(map(_render_rename, groups)), kind="renames")


def _render_rename(group: RenamedGroup) -> str:
    reason = in_code(describe_renames([group]))
    return f"- {in_code(quote_name(group.before))} → {in_code(quote_name(group.after))} ({reason})"


def _make_creates(creates: Sequence[Create]) -> Section:
    return Section(
        rank=4,
        title="**Created:**",
        items=[f"- {in_code(quote_name(create.name))} ({in_code(str(create.source))})" for create in creates],
        kind="creates",
    )


def _make_remarks(review: Review) -> Iterator[Section]:
    remarks = {
        "**Looser than by default:**": [render_loose_limit(limit) for limit in review.loose_limits],
        "**Overridden by `--allow`:**": [f"{guard.code}: {guard.message}" for guard in review.guards if guard.allowed],
        "**Left alone:**": render_unlisted(review),
    }
    for title, lines in remarks.items():
        yield Section(rank=0, title=title, items=[f"- {in_code(line)}" for line in lines], kind="remarks")


def _make_warnings(review: Review) -> Section:
    warnings = [f"- {in_code(warning)}" for warning in review.plan.warnings]
    return Section(rank=5, title="**Warnings:**", items=warnings, kind="warnings")


def _render_how_to_apply(review: Review, approval: str) -> Iterator[str]:
    if not review.plan.changes or review.refusals:
        return
    if approval:
        yield "To apply exactly this plan:"
        expected = approval
    else:
        yield (
            "This plan deletes so many groups that its approval does not fit here. Somebody must approve the plan "
            "before it is applied. To apply by hand, read the new plan before the second command:"
        )
        expected = '"$(jq -r .approval plan.json)"'
    steps = ("groupsync plan --out plan.json", f"groupsync apply plan.json --expect-digest {expected}")
    yield "\n".join(in_fence(steps, "sh"))
