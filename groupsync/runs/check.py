"""A check of a saved plan: everything that an apply of it verifies before its first change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.review.compare import require_target
from groupsync.review.require import require_approval
from groupsync.runs.options import RunOptions
from groupsync.runs.output_files import prepare_outputs
from groupsync.runs.saved_plan import (
    open_session_for,
    prepare_backups,
    read_plan,
    remove_backup_leftovers,
    reporting_stale,
    verify_plan,
)
from groupsync.runs.session import Surroundings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupsync.model.review import Review
    from groupsync.review.verify import VerifiedPlan


def run_check(
    plan_file: Path,
    options: RunOptions | None = None,
    surroundings: Surroundings | None = None,
    *,
    writes: Sequence[Path | None] = (),
) -> VerifiedPlan:
    """Return what an apply of the plan file would still do.

    `writes` are the files that the caller writes afterwards. What an earlier run wrote there is removed first.

    Raises what the apply would raise: DamagedPlanError, StalePlanError, RefusedError, and so on. The Phonebook stays as
    it is; only the folder for backups is created if it is needed.
    """
    options, surroundings = options or RunOptions(), surroundings or Surroundings()
    prepare_outputs(writes, reads=[plan_file], config_paths=options.config_paths, environ=surroundings.environ)
    saved = read_plan(plan_file, surroundings.watcher)
    with reporting_stale(saved, surroundings.watcher):
        return _check_plan(saved, options, surroundings)


def _check_plan(saved: Review, options: RunOptions, surroundings: Surroundings) -> VerifiedPlan:
    session = open_session_for(saved, options, surroundings)
    remove_backup_leftovers(session)
    require_target(saved, session.target)
    run_policy = session.load_run_policy(applies=True)
    with session.open_phonebook() as phonebook:
        for warning in saved.plan.warnings:
            session.surroundings.watcher.on_warning(warning)
        require_approval(saved, session.options.expect_digest)
        verified = verify_plan(session, saved, phonebook, run_policy)
    prepare_backups(session, verified)
    return verified
