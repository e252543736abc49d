"""What an apply did, from its report: the changes that are done, and the backups. For Markdown and HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.model.plan import Create
from groupsync.model.report import GOOD_WORDS

if TYPE_CHECKING:
    from groupsync.model.groups import GroupId
    from groupsync.model.report import Outcome, Report
    from groupsync.model.review import Review


def select_done(report: Report, review: Review) -> Review:
    """Return the review with the changes that are done, each with all of its steps."""
    not_done = {_identify(outcome) for outcome in report.outcomes if outcome.word not in GOOD_WORDS}
    done = tuple(outcome.change for outcome in report.outcomes if _identify(outcome) not in not_done)
    return replace(review, plan=replace(review.plan, changes=done))


def _identify(outcome: Outcome) -> str:
    """Return a value that is equal for all steps of a change: the id of its group."""
    return outcome.change.id if isinstance(outcome.change, Create) else outcome.change.group_id


def find_backups(report: Report) -> dict[GroupId, str]:
    """Return the file with the members of each deleted group, by the id of the group."""
    return {
        outcome.change.group_id: outcome.backup
        for outcome in report.outcomes
        if outcome.backup and not isinstance(outcome.change, Create)
    }
