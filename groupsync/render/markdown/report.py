"""What an apply did, as Markdown: the verdict, what is not done, where the members of deleted groups are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.model.plan import Create, Delete, Rename
from groupsync.model.report import GOOD_WORDS
from groupsync.planfile.digest import digest_review
from groupsync.render import report as text
from groupsync.render.escape import in_code, in_fence
from groupsync.render.markdown.page import Section, compose
from groupsync.render.markdown.signature import sign
from groupsync.render.view import DEFAULT_VIEW, Detail, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.model.report import Outcome, Report
    from groupsync.model.review import Review

_WHERE = "in the log of this run, or in the file of `--report`"
_TITLES = {Delete.kind: "**Deleted:**", Rename.kind: "**Renamed:**", Create.kind: "**Created:**"}


def render_report_markdown(report: Report, review: Review, view: View = DEFAULT_VIEW) -> str:
    """Return the report of the apply of a reviewed plan, of `view.max_bytes` at most; the first line is for a bot."""
    head = [
        f"<!-- groupsync report account={review.target.account} digest={digest_review(review)} -->",
        f"**{text.render_verdict(report).rstrip('.')}**",
    ]
    sections = [] if view.detail is Detail.QUIET else list(_list_sections(report))
    return compose(head, sections, ["---", sign(review, view)], where=_WHERE, max_bytes=view.max_bytes)


def _list_sections(report: Report) -> Iterator[Section]:
    bad = [outcome for outcome in report.outcomes if outcome.word not in GOOD_WORDS]
    yield Section(
        rank=0,
        title="> [!CAUTION]\n> **Not everything is done.** " + text.render_advice(report) + "\n>",
        items=[f"> - {in_code(text.say_outcome(outcome))}" for outcome in bad] or _tell_unverified(report),
        kind="changes that are not done",
        below_title="\n",
    )
    for rank, (kind, title) in enumerate(_TITLES.items(), start=1):
        good = [one for one in report.outcomes if one.change.kind == kind and one.word in GOOD_WORDS]
        yield Section(rank=rank, title=title, items=[f"- {_show(outcome)}" for outcome in good], kind=f"{kind}s")
    lines = text.render_report(report).split("\n")[:-1]
    folded = ["<details><summary>The report as text</summary>", "", *in_fence(lines, "text"), "", "</details>"]
    yield Section(rank=9, items=["\n".join(folded)])


def _tell_unverified(report: Report) -> list[str]:
    return [f"> - {in_code(line)}" for line in text.tell_unverified(report)]


def _show(outcome: Outcome) -> str:
    backup = f", its members are kept in {in_code(outcome.backup)}" if outcome.backup else ""
    return in_code(text.say_outcome(outcome)) + backup
