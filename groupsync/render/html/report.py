"""The report of an apply as a page."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.display import describe_time, first_lines
from groupsync.model.plan import describe_change, summarize
from groupsync.model.report import GOOD_WORDS, Word
from groupsync.planfile.digest import digest_review
from groupsync.render import report as text
from groupsync.render.changes import count_as_person
from groupsync.render.done import find_backups, select_done
from groupsync.render.html.changes import make_creates, make_renames
from groupsync.render.html.environment import render_template
from groupsync.render.html.page import Fact, Figure, Status, fold, list_facts
from groupsync.render.ids import find_ids_to_show
from groupsync.render.phrases import describe_loss
from groupsync.render.restrictions import render_restrictions
from groupsync.render.view import DEFAULT_VIEW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.groups import GroupId
    from groupsync.model.report import Report
    from groupsync.model.review import Review
    from groupsync.render.changes import DeletedGroup
    from groupsync.render.html.page import Rows
    from groupsync.render.view import View

MEANINGS = {
    Word.FAILED: "The change was not made.",
    Word.CONFLICT: "The group is not as the plan expects, so it was left alone.",
    Word.UNKNOWN: "No answer came, so nobody knows yet whether the change was made.",
    Word.DUPLICATE: "More than one group has this name now.",
    Word.NOT_ATTEMPTED: "The run ended before this change.",
}
"""What an outcome means for a group, in a sentence."""


class NotDone(Struct, frozen=True, kw_only=True):
    """A change that is not done: what it is, how it ended, what that means."""

    change: str
    word: str
    meaning: str
    detail: str


class Wave(Struct, frozen=True, kw_only=True):
    """The steps of a wave: how many ended in which way, and the share that is done, in %."""

    number: int
    outcomes: str
    share: int


class DoneDeletion(Struct, frozen=True, kw_only=True):
    """A deleted group and the file with its members; empty if there is none."""

    name: str
    loss: str
    backup: str


def render_report_html(report: Report, review: Review, view: View = DEFAULT_VIEW, finished_at: str = "") -> str:
    """Return the page about the apply of a review; `finished_at` is empty until the run has ended."""
    done = select_done(report, review)
    changes, ids, backups = count_as_person(done), find_ids_to_show(done), find_backups(report)
    is_running = not finished_at
    not_done = [] if is_running else _list_not_done(report)
    return render_template(
        "report.html",
        what="Report of an apply",
        account=review.target.account,
        status=_find_status(report, is_running=is_running),
        verdict="This run has not ended." if is_running else text.render_verdict(report),
        remarks=[*render_restrictions(review), *_list_remarks(report, is_running=is_running)],
        figures=_list_figures(report, done),
        not_done=fold(not_done),
        remedy="" if is_running or report.is_complete else text.render_remedy(report),
        waves=_list_waves(report),
        deletions=_list_deletions(changes.largest_first, backups),
        has_backups=bool(backups),
        renames=make_renames(changes.renames, ids),
        creates=make_creates(changes.creates),
        newcomers=fold([group.name for group in report.newcomers]),
        since=first_lines(text.render_since(report.since), text.MOST_LINES) if report.since else [],
        facts=_list_facts(review, view, finished_at),
    )


def _find_status(report: Report, *, is_running: bool) -> Status:
    if is_running:
        return Status(tone="warning", label="Not finished")
    if report.is_complete:
        return Status(tone="calm", label="Complete" if report.remaining else "Nothing to do")
    return Status(tone="danger", label="Incomplete")


def _list_remarks(report: Report, *, is_running: bool) -> list[str]:
    if is_running:
        return ["Open this page again when the run has ended. If it was killed, run the same command again."]
    return [*text.render_unverified(report), *text.render_late_list(report)]


def _list_figures(report: Report, done: Review) -> list[Figure]:
    if not report.outcomes:
        return []
    figures = summarize(done.plan.changes)
    not_done = sum(outcome.word not in GOOD_WORDS for outcome in report.counted)
    return [
        Figure(number=not_done, noun="change", what="not done", is_alarming=not_done > 0),
        Figure(number=figures.delete, noun="group", what="deleted"),
        Figure(number=figures.rename, noun="group", what="renamed"),
        Figure(number=figures.create, noun="group", what="created"),
    ]


def _list_not_done(report: Report) -> list[NotDone]:
    """Return the changes that are not done; those that were tried come first."""
    outcomes = [outcome for outcome in report.counted if outcome.word not in GOOD_WORDS]
    outcomes.sort(key=lambda outcome: outcome.word is Word.NOT_ATTEMPTED)
    return [
        NotDone(
            change=describe_change(outcome.change),
            word=outcome.word.value,
            meaning=MEANINGS[outcome.word],
            detail=outcome.detail,
        )
        for outcome in outcomes
    ]


def _list_waves(report: Report) -> list[Wave]:
    waves: dict[int, Counter[Word]] = {}
    for outcome in report.outcomes:
        waves.setdefault(outcome.change.wave, Counter())[outcome.word] += 1
    return [
        Wave(
            number=number,
            outcomes=", ".join(f"{words[word]:,} {word.value}" for word in Word if words[word]),
            share=100 * sum(words[word] for word in GOOD_WORDS) // words.total(),
        )
        for number, words in sorted(waves.items())
    ]


def _list_deletions(deletions: Sequence[DeletedGroup], backups: dict[GroupId, str]) -> Rows[DoneDeletion]:
    return fold(
        [
            DoneDeletion(
                name=one.name,
                loss=describe_loss(one.contacts_count).replace(" loses ", " lost ").replace(" lose ", " lost "),
                backup=backups.get(one.group_id, ""),
            )
            for one in deletions
        ]
    )


def _list_facts(review: Review, view: View, finished_at: str) -> list[Fact]:
    facts = list_facts(review, view)
    if finished_at:
        facts.append(Fact(label="Run finished", value=describe_time(finished_at)))
    return [*facts, Fact(label="Digest", value=digest_review(review))]
