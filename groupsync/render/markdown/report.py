"""The report of an apply as Markdown: the verdict, changes that are not done, deletions with their backups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.command import write_path
from groupsync.display import count, quote_name
from groupsync.model.report import GOOD_WORDS
from groupsync.planfile.digest import digest_review
from groupsync.render import report as text
from groupsync.render.changes import count_as_person
from groupsync.render.done import find_backups, select_done
from groupsync.render.escape import in_cell, in_code, in_fence, in_text
from groupsync.render.ids import find_ids_to_show
from groupsync.render.markdown.changes import make_creates, make_renames
from groupsync.render.markdown.page import (
    Section,
    compose,
    make_folded_text,
    make_row,
    make_table,
    render_heading,
    render_signature,
)
from groupsync.render.view import DEFAULT_VIEW, Detail, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.model.groups import GroupId
    from groupsync.model.report import Report
    from groupsync.model.review import Review
    from groupsync.render.changes import DeletedGroup

_WHERE = "in the log of this run, or in the file of `--report`"


def render_report_markdown(report: Report, review: Review, view: View = DEFAULT_VIEW) -> str:
    """Return the page about the apply of a review, of at most `view.max_bytes`; a bot finds it by its first line."""
    head = [
        f"<!-- groupsync report account={review.target.account} digest={digest_review(review)} -->",
        *render_heading("Apply", review, view),
        f"**{text.render_verdict(report).rstrip('.')}**",
    ]
    sections = [] if view.detail is Detail.QUIET else list(_make_sections(report, review, view))
    return compose(head, sections, ["---", render_signature(review)], where=_WHERE, max_bytes=view.max_bytes)


def _make_sections(report: Report, review: Review, view: View) -> Iterator[Section]:
    yield _make_problems(report)
    if late := text.render_late_list(report):
        yield Section(rank=0, title="> [!WARNING]", items=[f"> {line}" for line in late], below_title="\n")
    done = select_done(report, review)
    changes, ids = count_as_person(done), find_ids_to_show(done)
    backups = find_backups(report)
    yield _make_deletions(changes.deletions[::-1], backups)
    yield _make_restore_commands(backups, view)
    yield make_renames(changes.renames, ids, "renamed")
    yield make_creates(changes.creates, "created")
    yield make_folded_text("The report as text", text.render_report(report, options=view.options))


def _make_problems(report: Report) -> Section:
    not_done = [text.describe_outcome(outcome) for outcome in report.counted if outcome.word not in GOOD_WORDS]
    return Section(
        rank=0,
        title=f"> [!CAUTION]\n> **Not everything is done.** {text.render_remedy(report)}\n>",
        items=[f"> - {in_text(line)}" for line in not_done or text.render_unverified(report)],
        kind="changes that are not done",
        below_title="\n",
    )


def _make_deletions(deletions: tuple[DeletedGroup, ...], backups: dict[GroupId, str]) -> Section:
    columns = ["Group", "#Contacts", *(["Members are saved in"] if backups else [])]
    rows = []
    for deletion in deletions:
        number = "unknown" if deletion.contacts_count is None else f"{deletion.contacts_count:,}"
        backup = backups.get(deletion.group_id, "")
        cells = [in_code(quote_name(deletion.name)), number, *([in_code(backup) if backup else ""] if backups else [])]
        rows.append(make_row([in_cell(cell) for cell in cells]))
    return Section(
        rank=1,
        title=f"**{count(len(deletions), 'group', 'groups')} deleted**\n\n{make_table(columns)}",
        items=rows,
        kind="deletions",
        below_title="\n",
    )


def _make_restore_commands(backups: dict[GroupId, str], view: View) -> Section:
    """Return the commands that restore the deleted groups; none in CI, because the reader does not have the files."""
    commands = [view.options.write("restore", write_path(backup)) for backup in backups.values()]
    return Section(
        rank=6,
        title="To restore a deleted group with its members:",
        items=["\n".join(in_fence([command], "sh")) for command in commands] if view.ci_run is None else [],
        kind="commands",
    )
