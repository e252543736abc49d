"""Steps that several commands take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.api.client import GroupsClient
from groupsync.config.load import load_config
from groupsync.environment import default_config_paths, find_backup_dir, load_run_policy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupsync.cli.signals import Watch
    from groupsync.cli.terminal import Terminal
    from groupsync.environment import Settings
    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.limits import RunPolicy


def read_config(app: Terminal, paths: Sequence[Path]) -> Config:
    """Return the configuration of the files that the user named, or else of those that the environment does."""
    return load_config(paths or default_config_paths(app.environ))


def choose_backup_dir(app: Terminal, path: Path | None) -> Path | None:
    """Return the folder for backups that the user named, or else the environment; None when there is none."""
    return path or find_backup_dir(app.environ)


def make_limits(
    app: Terminal, allowed: Sequence[str], backup_dir: Path | None, *, applies_to: Target | None = None
) -> RunPolicy:
    """Return what this run brings to the guards."""
    keeps_backups = choose_backup_dir(app, backup_dir) is not None
    return load_run_policy(app.environ, allowed=allowed, keeps_backups=keeps_backups, applies_to=applies_to)


def open_phonebook(
    settings: Settings, *, timeout: float, watch: Watch | None = None, connections: int = 1
) -> GroupsClient:
    """Return the Phonebook of the settings; a signal that the watch notes, if there is a watch, ends any wait in it."""
    return GroupsClient(
        settings.target.endpoint,
        settings.credentials,
        timeout=timeout,
        connections=connections,
        interrupt=watch.requested_stop if watch else None,
    )
