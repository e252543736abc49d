"""The report of a restore as a page, without phone numbers; also why nothing was restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.display import count, describe_time
from groupsync.model.report import GOOD_WORDS
from groupsync.model.scope import EVERYTHING, describe_scope
from groupsync.render.findings import split_remedy
from groupsync.render.html.environment import render_template
from groupsync.render.html.page import Fact, Figure, Status, fold, make_finding
from groupsync.render.report import render_late_list
from groupsync.render.restore import render_restore_step, render_restore_verdict
from groupsync.render.view import render_no_excerpt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.account import Target
    from groupsync.model.plan import PlanProblem
    from groupsync.model.restore import RestoreOutcome, RestoreReport
    from groupsync.model.scope import Scope
    from groupsync.render.view import RenderExcerpt


_ASK = "Ask the person who runs groupsync to do what is described here, and to restore the group again."


class RestoredGroup(Struct, frozen=True, kw_only=True):
    """A group with the outcome of its restore and the numbers of its contacts."""

    name: str
    word: str
    is_done: bool
    details: Sequence[tuple[str, str]]


def render_restore_html(report: RestoreReport, target: Target, finished_at: str = "", scope: Scope = EVERYTHING) -> str:
    """Return the page about a restore; `finished_at` is empty until the run has ended."""
    is_running = not finished_at
    remarks = [] if is_running else [*render_restore_step(report.outcomes), *render_late_list(report)]
    facts = _list_facts(target)
    if finished_at:
        facts.append(Fact(label="Run finished", value=describe_time(finished_at)))
    return render_template(
        "restore.html",
        what="Report of a restore",
        account=target.account,
        status=_find_status(report, is_running=is_running),
        verdict="This run has not ended." if is_running else render_restore_verdict(report),
        remarks=[*describe_scope(scope), *remarks],
        figures=_list_figures(report),
        groups=fold([_make_group(outcome, is_running=is_running) for outcome in report.outcomes]),
        remedy=[*map(split_remedy, report.remedy)],
        facts=facts,
    )


def render_obstacles_html(  # noqa: PLR0913 - where the page comes from
    problems: Sequence[PlanProblem],
    target: Target,
    ended_at: str,
    *,
    reason: str,
    scope: Scope = EVERYTHING,
    excerpt: RenderExcerpt = render_no_excerpt,
) -> str:
    """Return the page that says why nothing was restored; there are no problems if the user stopped it."""
    return render_template(
        "obstacles.html",
        what="Restore",
        account=target.account,
        status=Status(tone="danger", label="Refused" if problems else "Nothing restored"),
        verdict=f"Nothing was restored: {reason}.",
        remarks=describe_scope(scope),
        figures=[],
        findings=[make_finding(problem, excerpt, ask=_ASK) for problem in problems],
        facts=[*_list_facts(target), Fact(label="Run ended", value=describe_time(ended_at))],
    )


def _list_facts(target: Target) -> list[Fact]:
    return [Fact(label="Account", value=target.account), Fact(label="Phonebook", value=target.endpoint)]


def _find_status(report: RestoreReport, *, is_running: bool) -> Status:
    if is_running:
        return Status(tone="warning", label="Not finished")
    return Status(tone="calm", label="Complete") if report.is_complete else Status(tone="danger", label="Incomplete")


def _list_figures(report: RestoreReport) -> list[Figure]:
    tallies = [outcome.tally for outcome in report.outcomes]
    restored = sum(outcome.word in GOOD_WORDS for outcome in report.outcomes)
    not_added = sum(tally.not_added for tally in tallies)
    return [
        Figure(number=restored, noun="group", what="restored"),
        Figure(number=sum(tally.added for tally in tallies), noun="contact", what="added"),
        Figure(number=not_added, noun="contact", what="not added", is_alarming=not_added > 0),
        Figure(number=sum(tally.gone for tally in tallies), noun="contact", what="skipped"),
    ]


def _make_group(outcome: RestoreOutcome, *, is_running: bool) -> RestoredGroup:
    tally, restore = outcome.tally, outcome.restore
    contacts = {
        "added": tally.added,
        "recreated": tally.recreated,
        "in it already": tally.already_in,
        "skipped, because they are no longer in the address book": tally.gone,
        "not added": tally.not_added,
    }
    were = count(tally.in_backup, "contact", "contacts")
    figures = ", ".join(f"{number:,} {what}" for what, number in contacts.items() if number)
    details = {
        "Contacts": figures or "none",
        "In the backup": f"{were}, saved {describe_time(restore.backup.created_at)}",
        "Backup": restore.destination.backup_file.file,
        "Id": outcome.group_id or "",
        "Detail": outcome.detail,
    }
    return RestoredGroup(
        name=outcome.name,
        word="not finished" if is_running else outcome.word.value,
        is_done=outcome.word in GOOD_WORDS,
        details=[(label, value) for label, value in details.items() if value],
    )
