"""Steps that several commands take."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from groupsync.api.client import GroupsClient
from groupsync.backup import BackupFolder
from groupsync.config.load import load_config
from groupsync.config.settings import (
    default_config_paths,
    find_backup_dir,
    find_lock_dir,
    list_secret_files,
    load_limits,
)
from groupsync.errors import FileError
from groupsync.files import is_there, read_file
from groupsync.lock import account_lock
from groupsync.planfile import load_review
from groupsync.render.text import render_text
from groupsync.review import require_no_refusal, verify_review

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.applier import Phonebook
    from groupsync.cli.app import App
    from groupsync.cli.signals import Watch
    from groupsync.config.settings import Settings
    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.limits import Limits
    from groupsync.model.review import Review
    from groupsync.render.view import View
    from groupsync.review import VerifiedPlan

MOST_PLAN_BYTES = 256 * 2**20


def read_config(app: App, paths: Sequence[Path]) -> Config:
    """Return the configuration of the files that the user named, or else of those that the environment does."""
    return load_config(paths or default_config_paths(app.environ))


def refuse_to_overwrite(app: App, path: Path | None, *read: Path | str | None) -> None:
    """Raise FileError when a file to be written is one that the run reads: one of these, or of the credentials."""
    files = (*(Path(file) for file in read if file), *list_secret_files(app.environ))
    if path and is_there(path) and any(is_there(file) and path.samefile(file) for file in files):
        raise FileError(str(path), "is read by this run, and nothing is written over it", hint="name another file")


def read_plan(path: Path) -> Review:
    """Return the review that a plan file holds."""
    return load_review(read_file(path, limit=MOST_PLAN_BYTES), str(path))


def find_backup_folder(app: App, path: Path | None, target: Target) -> BackupFolder | None:
    """Return the folder for backups that the user named, or else the environment; None when there is none."""
    folder = path or find_backup_dir(app.environ)
    return BackupFolder(folder, target, app.now) if folder else None


def make_limits(
    app: App, allowed: Sequence[str], backups: BackupFolder | None, *, applies_to: Target | None = None
) -> Limits:
    """Return what this run brings to the guards."""
    return load_limits(app.environ, allowed=allowed, keeps_backups=backups is not None, applies_to=applies_to)


@contextlib.contextmanager
def locked(app: App, target: Target, timeout: float) -> Iterator[None]:
    """Hold this machine's lock of the account."""
    with account_lock(
        find_lock_dir(app.environ),
        target,
        timeout=timeout,
        on_wait=lambda: app.tell("Waiting for another run that works on this account ..."),
    ):
        yield


def open_phonebook(settings: Settings, *, timeout: float, watch: Watch, connections: int = 1) -> GroupsClient:
    """Return the Phonebook of the settings; an interrupt that the watch noted ends every wait in it."""
    return GroupsClient(
        settings.target.endpoint,
        settings.credentials,
        timeout=timeout,
        connections=connections,
        clock=watch,
        is_interrupted=watch.is_interrupted,
    )


def verify_plan(
    app: App,
    review: Review,
    phonebook: Phonebook,
    *,
    config: Config,
    target: Target,
    limits: Limits,
    view: View,
) -> VerifiedPlan:
    """Return what is left of a plan that holds here and now; else show why not, and raise the error that says so."""
    verified = verify_review(review, config, target, phonebook.list_groups(), limits)
    app.warn(warning for warning in verified.review.plan.warnings if warning not in review.plan.warnings)
    if verified.review.refusals:
        app.print_result(render_text(verified.review, view))
    require_no_refusal(verified.review)
    return verified
