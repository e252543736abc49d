"""A summary of many accounts as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import cut
from groupsync.errors import ExitCode
from groupsync.model.summary import State, find_exit_code
from groupsync.render.html.environment import render_template
from groupsync.render.html.page import Figure, Status, fold
from groupsync.render.summary import describe_files, describe_lost, describe_verdict

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
    lost = sum(one.memberships_lost for one in summaries)
    return render_template(
        "summary.html",
        what="Groups of all accounts",
        account="",
        status=_STATUSES[find_exit_code(summaries)],
        verdict=describe_verdict(summaries),
        remarks=[],
        figures=[
            Figure(number=lost, noun="membership", what="lost", is_alarming=lost > 0),
            Figure(number=sum(one.delete for one in summaries), noun="deletion", what="", is_alarming=lost > 0),
            Figure(number=sum(one.rename for one in summaries), noun="rename", what=""),
            Figure(number=sum(one.create for one in summaries), noun="create", what=""),
        ],
        rows=fold(summaries),
        no_figures={State.UNREADABLE, State.MISSING},
        tones={code: status.tone for code, status in _STATUSES.items()},
        cut=cut,
        describe_files=describe_files,
        describe_lost=describe_lost,
        facts=[],
    )
