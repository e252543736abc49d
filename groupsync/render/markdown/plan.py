"""A review as Markdown: the verdict, who loses a group, what else changes, what stands against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, count_contacts, quote
from groupsync.model.plan import Create, Delete, Reason, Rename, summarize
from groupsync.planfile.digest import digest_review
from groupsync.render import text
from groupsync.render.escape import in_code, in_fence
from groupsync.render.markdown.page import BLANK_LINE, Section, compose
from groupsync.render.markdown.signature import sign
from groupsync.render.view import DEFAULT_VIEW, Detail, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.model.review import Review, Suggestion

_WHERE = "with `groupsync plan --verbose`, or with `groupsync show --verbose` on the plan file"


def render_markdown(review: Review, view: View = DEFAULT_VIEW) -> str:
    """Return the page for a pull request, of `view.max_bytes` at most.

    Its first line is for a bot to find its own comment by, with the digest of the plan.
    """
    digest = digest_review(review)
    head = [f"<!-- groupsync plan account={review.target.account} digest={digest} -->", f"**{_say_verdict(review)}**"]
    foot = ["---", *_tell_how_to_apply(review, digest), sign(review, view)]
    sections = [] if view.detail is Detail.QUIET else list(_list_sections(review, view))
    return compose(head, sections, foot, where=_WHERE, max_bytes=view.max_bytes)


def _say_verdict(review: Review) -> str:
    plan = review.plan
    if plan.problems:
        return f"Refused, no plan can be made: {count(len(plan.problems), 'problem', 'problems')}"
    refused = f"Refused ({', '.join(review.refusals)}): " if review.refusals else ""
    if not plan.changes:
        return f"{refused}no changes" if refused else "No changes"
    summary = summarize(plan.changes)
    figures = f"{summary.create:,} to create, {summary.rename:,} to rename, {summary.delete:,} to delete"
    return f"{refused}{figures}: {_say_lost(review)}"


def _say_lost(review: Review) -> str:
    lost = summarize(review.plan.changes).memberships_lost
    unknown = sum(isinstance(change, Delete) and change.contacts_count is None for change in review.plan.changes)
    more = f", and those of {count(unknown, 'group', 'groups')} of unknown size" if unknown else ""
    return f"{count(lost, 'membership', 'memberships') if lost else 'no membership'} lost{more}"


def _list_sections(review: Review, view: View) -> Iterator[Section]:
    yield _list_deletes(review)
    yield _list_refusals(review, view)
    yield from _list_suggestions(review.suggestions)
    yield from _list_writes(review)
    yield from _list_remarks(review)
    lines = text.render_text(review, view).split("\n")[:-1]
    folded = ["<details><summary>The plan as text</summary>", "", *in_fence(lines, "text"), "", "</details>"]
    yield Section(rank=9, items=["\n".join(folded)])


def _list_refusals(review: Review, view: View) -> Section:
    problems = [text.render_problem(problem, view.excerpt) for problem in review.plan.problems]
    guards = [text.render_guard(guard, view.excerpt) for guard in review.guards if not guard.allowed]
    return Section(
        rank=0,
        title="**No plan can be made until this is resolved:**" if problems else "**This stands against it:**",
        items=["\n".join(in_fence([line[2:] for line in lines], "text")) for lines in (*problems, *guards)],
        kind="reasons",
        between=BLANK_LINE,
    )


def _list_deletes(review: Review) -> Section:
    names = text.name_groups(review)
    deletes = [change for change in review.plan.changes if isinstance(change, Delete)]
    deletes.sort(key=lambda change: (change.contacts_count is not None, -(change.contacts_count or 0), change.group_id))
    will = "would" if review.refusals else "will"
    return Section(
        rank=1,
        title=f"> [!CAUTION]\n> **{count(len(deletes), 'group', 'groups')} {will} be deleted: {_say_lost(review)}**\n>",
        items=[
            f"> - {in_code(quote(names[change.group_id]))}: **{text.say_loss(change.contacts_count)}** "
            f"({in_code(text.explain_delete(change))})"
            for change in deletes
        ],
        kind="deletions",
        below_title="\n",
    )


def _list_suggestions(suggestions: tuple[Suggestion, ...]) -> Iterator[Section]:
    if suggestions:
        pairs = count(len(suggestions), "pair looks", "pairs look")
        likeliest = f", the likeliest {text.MOST_SUGGESTIONS}" if len(suggestions) > text.MOST_SUGGESTIONS else ""
        yield Section(
            rank=2,
            title=f"**{pairs} like a rename, which would keep the contacts{likeliest}:**",
            items=[_show_suggestion(suggestion) for suggestion in suggestions[: text.MOST_SUGGESTIONS]],
            kind="suggestions",
            between=BLANK_LINE,
        )


def _show_suggestion(suggestion: Suggestion) -> str:
    before, after = in_code(quote(suggestion.before)), in_code(quote(suggestion.after))
    pasted = [line[2:] if line.startswith("  ") else f"# {line}" for line in suggestion.remedy]
    return "\n".join(
        [f"{before} → {after}, {count_contacts(suggestion.contacts_count)}", "", *in_fence(pasted, "yaml")]
    )


def _list_writes(review: Review) -> Iterator[Section]:
    names = text.name_groups(review)
    frees_name = Reason.FREES_NAME  # a step of a deletion, which is told with it
    renames = [one for one in review.plan.changes if isinstance(one, Rename) and one.reason is not frees_name]
    creates = [change for change in review.plan.changes if isinstance(change, Create)]
    yield Section(
        rank=3,
        title="**Renamed:**",
        items=[
            f"- {in_code(quote(change.before))} → {in_code(quote(change.after))} "
            f"({in_code(f'{text.tell_step(change, names)}, {text.explain_rename(change)}')})"
            for change in renames
        ],
        kind="renames",
    )
    yield Section(
        rank=4,
        title="**Created:**",
        items=[f"- {in_code(quote(change.name))} ({in_code(str(change.source))})" for change in creates],
        kind="creates",
    )


def _list_remarks(review: Review) -> Iterator[Section]:
    allowed = [f"{guard.code}: {guard.message}" for guard in review.guards if guard.allowed]
    remarks = {
        "**Looser than by default:**": map(text.render_loose_limit, review.loose_limits),
        "**Let pass by `--allow`:**": allowed,
        "**Left alone:**": text.tell_left_alone(review),
    }
    for title, lines in remarks.items():
        yield Section(rank=0, title=title, items=[f"- {in_code(line)}" for line in lines], kind="remarks")
    warnings = [f"- {in_code(warning)}" for warning in review.plan.warnings]
    yield Section(rank=5, title="**Warnings:**", items=warnings, kind="warnings")


def _tell_how_to_apply(review: Review, digest: str) -> Iterator[str]:
    if review.plan.changes and not review.refusals:
        steps = ("groupsync plan --out plan.json", f"groupsync apply plan.json --expect-digest {digest}")
        yield "To apply exactly this plan:"
        yield "\n".join(in_fence(steps, "sh"))
