"""Render the record of a run: its report as JSON, for an operator afterwards and for machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec import Struct, to_builtins

from groupsync.model.report import GOOD_WORDS, Report, Word
from groupsync.model.restore import RestoreReport
from groupsync.planfile.changes import dump_change
from groupsync.planfile.record import FORMAT_VERSION
from groupsync.planfile.restrictions import dump_scope
from groupsync.version import __version__

if TYPE_CHECKING:
    from groupsync.model.account import Target
    from groupsync.model.plan import PlanOptions
    from groupsync.model.report import Outcome
    from groupsync.model.request import Request
    from groupsync.model.restore import RestoreOutcome
    from groupsync.model.scope import Scope


class Run(Struct, frozen=True, kw_only=True):
    """A run, without its report; times are UTC in ISO 8601, and `finished_at` is empty until the run has ended."""

    command: str
    started_at: str
    finished_at: str
    target: Target
    plan_digest: str
    scope: Scope
    options: PlanOptions
    requests: tuple[Request, ...]


def render_record(run: Run, report: Report | RestoreReport) -> str:
    """Return the record of a run as JSON, which is also written before the run has ended."""
    is_finished = bool(run.finished_at)
    document = {
        "format_version": FORMAT_VERSION,
        "groupsync_version": __version__,
        "command": run.command,
        "started_at": run.started_at,
        "finished_at": run.finished_at or None,
        "endpoint": run.target.endpoint,
        "account": run.target.account,
        "plan_digest": run.plan_digest or None,
        **dump_scope(run.scope),
        **to_builtins(run.options),
        "exit_code": int(report.exit_code) if is_finished else None,
        "complete": is_finished and report.is_complete,
        "interrupted": report.interrupt is not None,
        **_dump_report(report, is_finished=is_finished),
        "requests": to_builtins(run.requests),
    }
    return json.dumps(document, indent=2) + "\n"


def _dump_report(report: Report | RestoreReport, *, is_finished: bool) -> dict[str, Any]:
    match report:
        case Report():
            return {
                "verification_problem": report.verification_problem,
                "list_is_late": report.list_is_late,
                "changes": [_dump_outcome(outcome, is_finished=is_finished) for outcome in report.outcomes],
                "restores": [],
                "strangers": [{"id": group.id, "name": group.name} for group in report.newcomers],
            }
        case RestoreReport():
            return {
                "verification_problem": "",
                "list_is_late": report.list_is_late,
                "changes": [],
                "restores": [_dump_restore(outcome, is_finished=is_finished) for outcome in report.outcomes],
                "strangers": [],
            }


def _dump_restore(outcome: RestoreOutcome, *, is_finished: bool) -> dict[str, Any]:
    restore = outcome.restore
    return {
        "file": restore.destination.backup_file.file,
        "name": restore.backup.name,
        "old_id": restore.backup.group_id,
        "group_id": outcome.group_id,
        "word": _dump_word(outcome.word, is_finished=is_finished),
        "detail": outcome.detail,
        "contacts": to_builtins(outcome.tally),
        "requests": to_builtins(outcome.requests),
    }


def _dump_outcome(outcome: Outcome, *, is_finished: bool) -> dict[str, Any]:
    change = dump_change(outcome.change)
    return {
        "id": change["id"],
        "kind": change["kind"],
        "before": change["before"],
        "after": change["after"],
        "contacts_count": change["contacts_count"],
        "wave": change["wave"],
        "temporary": change["temporary"],
        "group_id": outcome.group_id or change["group_id"],
        "word": _dump_word(outcome.word, is_finished=is_finished),
        "detail": outcome.detail,
        "backup": outcome.backup or None,
        "requests": to_builtins(outcome.requests),
    }


def _dump_word(word: Word, *, is_finished: bool) -> str | None:
    """Return the word; None for a change that is not done yet in an unfinished run, because it may be done later."""
    return word.value if is_finished or word in GOOD_WORDS else None
