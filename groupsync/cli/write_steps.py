"""Steps of the commands that write, and of those that read what others will carry out."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from groupsync.backup import BackupFolder
from groupsync.cli.steps import choose_backup_dir
from groupsync.environment import find_lock_dir
from groupsync.files import read_file
from groupsync.lock import account_lock
from groupsync.planfile.review import load_review
from groupsync.render.text import render_text
from groupsync.review.require import require_no_refusal
from groupsync.review.verify import verify_review

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from groupsync.applier.protocols import Phonebook
    from groupsync.cli.terminal import Terminal
    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.limits import RunPolicy
    from groupsync.model.review import Review
    from groupsync.render.view import View
    from groupsync.review.verify import VerifiedPlan

MOST_PLAN_BYTES = 256 * 2**20


def read_plan(path: Path) -> Review:
    """Return the review that a plan file holds."""
    return load_review(read_file(path, limit=MOST_PLAN_BYTES), str(path))


def find_backup_folder(app: Terminal, path: Path | None, target: Target) -> BackupFolder | None:
    """Return the folder for backups that the user named, or else the environment; None when there is none."""
    folder = choose_backup_dir(app, path)
    return BackupFolder(folder, target, app.now) if folder else None


@contextlib.contextmanager
def locked(app: Terminal, target: Target, timeout: float) -> Iterator[None]:
    """Hold this machine's lock of the account."""
    with account_lock(
        find_lock_dir(app.environ),
        target,
        timeout=timeout,
        on_wait=lambda: app.tell("Waiting for another run that works on this account ..."),
    ):
        yield


def verify_plan(
    app: Terminal,
    review: Review,
    phonebook: Phonebook,
    *,
    config: Config,
    target: Target,
    run_policy: RunPolicy,
    view: View,
) -> VerifiedPlan:
    """Return what is left of a plan that holds here and now; else show why not, and raise the error that says so."""
    verified = verify_review(review, config, target, phonebook.list_groups(), run_policy)
    app.warn(warning for warning in verified.review.plan.warnings if warning not in review.plan.warnings)
    if verified.review.refusals:
        app.print_result(render_text(verified.review, view))
    require_no_refusal(verified.review)
    return verified
