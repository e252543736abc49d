"""The record of a run: its report as JSON, for an operator who looks afterwards, and for machines."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from groupsync.model.report import GOOD_WORDS, Report, Word
from groupsync.model.restore import RestoreReport
from groupsync.planfile.changes import dump_change
from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.account import Target
    from groupsync.model.report import Outcome
    from groupsync.model.request import Request
    from groupsync.model.restore import RestoreOutcome

FORMAT_VERSION = "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What is true of a run whatever it did; times are UTC in ISO 8601, `finished_at` is empty until it has ended."""

    command: str
    started_at: str
    finished_at: str
    target: Target
    plan_digest: str
    requests: tuple[Request, ...]


def render_record(run: Run, report: Report | RestoreReport) -> str:
    """Return the record of a run."""
    document = {
        "format_version": FORMAT_VERSION,
        "groupsync_version": __version__,
        "command": run.command,
        "started_at": run.started_at,
        "finished_at": run.finished_at or None,
        "endpoint": run.target.endpoint,
        "account": run.target.account,
        "plan_digest": run.plan_digest or None,
        "exit_code": int(report.exit_code) if run.finished_at else None,
        "complete": bool(run.finished_at) and report.is_complete,
        "interrupted": report.interrupt is not None,
        **_dump_report(report, is_finished=bool(run.finished_at)),
        "requests": _dump_requests(run.requests),
    }
    return json.dumps(document, indent=2) + "\n"


def _dump_report(report: Report | RestoreReport, *, is_finished: bool) -> dict[str, Any]:
    match report:
        case Report():
            return {
                "verification_problem": report.verification_problem,
                "changes": [_dump_outcome(outcome, is_finished=is_finished) for outcome in report.outcomes],
                "restores": [],
                "strangers": [{"id": group.id, "name": group.name} for group in report.newcomers],
            }
        case RestoreReport():
            restores = [_dump_restore(outcome, is_finished=is_finished) for outcome in report.outcomes]
            return {"verification_problem": "", "changes": [], "restores": restores, "strangers": []}


def _dump_restore(outcome: RestoreOutcome, *, is_finished: bool) -> dict[str, Any]:
    kept = outcome.restore.place.kept
    return {
        "file": kept.file,
        "name": kept.backup.name,
        "old_id": kept.backup.group_id,
        "group_id": outcome.group_id,
        "word": _tell_word(outcome.word, is_finished=is_finished),
        "detail": outcome.detail,
        "contacts": dataclasses.asdict(outcome.tally),
        "requests": _dump_requests(outcome.requests),
    }


def _dump_outcome(outcome: Outcome, *, is_finished: bool) -> dict[str, Any]:
    change = dump_change(outcome.change)
    kept = ("id", "kind", "before", "after", "contacts_count", "wave", "temporary")
    return {
        **{key: change[key] for key in kept},
        "group_id": outcome.group_id or change["group_id"],
        "word": _tell_word(outcome.word, is_finished=is_finished),
        "detail": outcome.detail,
        "backup": outcome.backup or None,
        "requests": _dump_requests(outcome.requests),
    }


def _tell_word(word: Word, *, is_finished: bool) -> str | None:
    """Return the word; before the end what is not done yet has none, for it may have been done when that is read."""
    return word.value if is_finished or word in GOOD_WORDS else None


def _dump_requests(requests: Sequence[Request]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(request) for request in requests]
