"""A summary of many accounts as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import cut
from groupsync.errors import ExitCode
from groupsync.model.summary import FileKind, State, find_exit_code
from groupsync.render.html.environment import render_template
from groupsync.render.html.page import Figure, Status, fold
from groupsync.render.summary import describe_age, describe_files, describe_lost, describe_oldest, describe_verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.summary import AccountSummary

_STATUSES = {
    ExitCode.ERROR: Status(tone="danger", label="Not readable or missing"),
    ExitCode.INCOMPLETE: Status(tone="danger", label="Incomplete"),
    ExitCode.REFUSED: Status(tone="danger", label="Refused"),
    ExitCode.CHANGES_PENDING: Status(tone="warning", label="Pending"),
    ExitCode.DONE: Status(tone="calm", label="Up to date"),
}


def render_summary_html(summaries: Sequence[AccountSummary]) -> str:
    """Return the page of a summary."""
    return render_template(
        "summary.html",
        what="Groups of all accounts",
        account="",
        status=_STATUSES[find_exit_code(summaries)],
        verdict=describe_verdict(summaries),
        remarks=describe_oldest(summaries),
        figures=_list_figures(summaries),
        rows=fold(summaries),
        no_figures={State.UNREADABLE, State.MISSING},
        tones={code: status.tone for code, status in _STATUSES.items()},
        cut=cut,
        describe_age=describe_age,
        describe_files=describe_files,
        describe_lost=describe_lost,
        facts=[],
    )


def _list_figures(summaries: Sequence[AccountSummary]) -> list[Figure]:
    """Return what the plans would do, then what the reports say is done; nothing of a kind that no file is of."""
    figures = []
    for kind, lost_what, words in (
        (FileKind.PLAN, "that would be lost", ("to delete", "to rename", "to create")),
        (FileKind.REPORT, "lost", ("deleted", "renamed", "created")),
    ):
        found = [one for one in summaries if one.kind is kind]
        if not found:
            continue
        lost = sum(one.memberships_lost for one in found)
        numbers = (sum(one.delete for one in found), sum(one.rename for one in found), sum(one.create for one in found))
        figures.append(Figure(number=lost, noun="membership", what=lost_what, is_alarming=lost > 0))
        for number, word in zip(numbers, words, strict=True):
            figures.append(Figure(number=number, noun="group", what=word, is_alarming="delete" in word and lost > 0))
    return figures
