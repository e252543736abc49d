"""Warnings about groups that would be created without the members that a backup has."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from groupsync.command import write_path
from groupsync.display import count, quote
from groupsync.model.plan import Create

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.model.review import Review
    from groupsync.runs.session import Session

_MOST_WARNINGS = 10


def warn_of_backups(session: Session, review: Review) -> None:
    """Warn of each create for whose name the backup folder has members; without a folder nothing is read."""
    names = [change.name for change in review.plan.changes if isinstance(change, Create)]
    if not names or session.backup_dir is None or _is_empty(session.backup_dir):
        return
    from groupsync.backup import find_backups  # noqa: PLC0415 - few plans need it, and it takes a while to import

    found = find_backups(session.backup_dir, session.target, names=names)
    for backup in sorted((one for one in found if one.contacts_count), key=lambda one: one.name)[:_MOST_WARNINGS]:
        members = count(backup.contacts_count, "member", "members")
        command = session.options.for_commands.write("restore", write_path(backup.file))
        session.surroundings.watcher.on_warning(
            f"group {quote(backup.name)} would be created without members, and a backup of {members} exists: {command}"
        )


def _is_empty(folder: Path) -> bool:
    """Return whether a folder has no files, is missing or cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return True
