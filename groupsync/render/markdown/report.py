"""The report of an apply as Markdown: the verdict, what is not done, where backups of deleted groups are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.model.plan import Create, Delete, Rename
from groupsync.model.report import GOOD_WORDS
from groupsync.planfile.digest import digest_review
from groupsync.render import report as text
from groupsync.render.escape import in_code, in_fence
from groupsync.render.markdown.page import Section, compose, render_signature
from groupsync.render.view import DEFAULT_VIEW, Detail, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.model.report import Outcome, Report
    from groupsync.model.review import Review

_WHERE = "in the log of this run, or in the file of `--report`"
_TITLES = {Delete.kind: "**Deleted:**", Rename.kind: "**Renamed:**", Create.kind: "**Created:**"}


def render_report_markdown(report: Report, review: Review, view: View = DEFAULT_VIEW) -> str:
    """Return the page about the apply of a review, of at most `view.max_bytes`; a bot finds it by its first line."""
    head = [
        f"<!-- groupsync report account={review.target.account} digest={digest_review(review)} -->",
        f"**{text.render_verdict(report).rstrip('.')}**",
    ]
    sections = [] if view.detail is Detail.QUIET else list(_make_sections(report))
    return compose(head, sections, ["---", render_signature(review, view)], where=_WHERE, max_bytes=view.max_bytes)


def _make_sections(report: Report) -> Iterator[Section]:
    yield _make_problems(report)
    if late := text.render_late_list(report):
        yield Section(rank=0, title="> [!WARNING]", items=[f"> {line}" for line in late], below_title="\n")
    for rank, (kind, title) in enumerate(_TITLES.items(), start=1):
        done = [outcome for outcome in report.outcomes if outcome.change.kind == kind and outcome.word in GOOD_WORDS]
        yield Section(rank=rank, title=title, items=[_render_done(outcome) for outcome in done], kind=f"{kind}s")
    lines = text.render_report(report).split("\n")[:-1]
    folded = ["<details><summary>The report as text</summary>", "", *in_fence(lines, "text"), "", "</details>"]
    yield Section(rank=9, items=["\n".join(folded)])


def _make_problems(report: Report) -> Section:
    not_done = [text.describe_outcome(outcome) for outcome in report.outcomes if outcome.word not in GOOD_WORDS]
    return Section(
        rank=0,
        title=f"> [!CAUTION]\n> **Not everything is done.** {text.render_remedy(report)}\n>",
        items=[f"> - {in_code(line)}" for line in not_done or text.render_unverified(report)],
        kind="changes that are not done",
        below_title="\n",
    )


def _render_done(outcome: Outcome) -> str:
    backup = f", its members are kept in {in_code(outcome.backup)}" if outcome.backup else ""
    return f"- {in_code(text.describe_outcome(outcome))}{backup}"
