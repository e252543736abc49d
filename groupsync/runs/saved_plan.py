"""A plan that was reviewed: reading its file, verifying it against what is live, and preparing its backups."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from groupsync.backup import BackupFolder
from groupsync.errors import ConfigError, Problem, StalePlanError
from groupsync.files import read_file, remove_leftovers
from groupsync.model.wait import Work
from groupsync.planfile.review import load_review
from groupsync.review.compare import describe_other_files
from groupsync.review.require import require_no_refusal
from groupsync.review.verify import verify_review
from groupsync.runs.session import open_session, write_paths
from groupsync.watcher import waiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from groupsync.applier.protocols import Phonebook
    from groupsync.model.limits import RunPolicy
    from groupsync.model.review import Review
    from groupsync.review.verify import VerifiedPlan
    from groupsync.runs.options import RunOptions
    from groupsync.runs.session import Session, Surroundings
    from groupsync.watcher import Watcher

MOST_PLAN_BYTES = 128 * 2**20


def read_plan(path: Path, watcher: Watcher) -> Review:
    """Return the review that a plan file holds; raise FileError or DamagedPlanError."""
    with waiting(watcher, Work(what="reading the plan")):
        return load_review(read_file(path, limit=MOST_PLAN_BYTES), str(path))


def open_session_for(saved: Review, options: RunOptions, surroundings: Surroundings) -> Session:
    """Return the session of a run of a saved plan.

    If the configuration cannot be read and the plan was made from other files, the ConfigError names those files.
    """
    try:
        return open_session(options, surroundings)
    except ConfigError as error:
        files = describe_other_files(saved, write_paths(options.config_paths))
        if files and not options.config_paths:
            raise ConfigError([Problem(sentence=files)]) from error
        if files:
            error.remedy = files
        raise


@contextlib.contextmanager
def reporting_stale(review: Review, watcher: Watcher) -> Iterator[None]:
    """Report to the watcher that the plan is stale, if the context ends with a StalePlanError."""
    try:
        yield
    except StalePlanError as error:
        watcher.on_stale(review, error)
        raise


def verify_plan(session: Session, review: Review, phonebook: Phonebook, run_policy: RunPolicy) -> VerifiedPlan:
    """Return what remains of a plan that holds here and now.

    Raises StalePlanError if it does not, and RefusedError if a guard refuses it.
    """
    watcher = session.surroundings.watcher
    live = phonebook.list_groups()
    with waiting(watcher, Work(what="comparing the plan with the Phonebook")):
        verified = verify_review(
            review, session.config, session.target, live, run_policy, config_paths=session.config_paths
        )
    for warning in verified.review.plan.warnings:
        if warning not in review.plan.warnings:
            watcher.on_warning(warning)
    if verified.review.refusals:
        watcher.on_refusal(verified.review, session.config)
    require_no_refusal(verified.review)
    return verified


def remove_backup_leftovers(session: Session) -> None:
    """Remove leftovers of dead runs in the folder for backups, even if this run does not need the folder."""
    if session.backup_dir:
        remove_leftovers(session.backup_dir)


def prepare_backups(session: Session, verified: VerifiedPlan) -> BackupFolder | None:
    """Return the folder for backups, which exists and can be written if the plan needs it; None if none is named."""
    if session.backup_dir is None:
        return None
    backups = BackupFolder(session.backup_dir, session.target, session.surroundings.now)
    if verified.needs_backups:
        backups.prepare()
    return backups
