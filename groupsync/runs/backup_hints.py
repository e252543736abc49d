"""Warnings about groups that would be created without the members that a backup has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.backup import find_backups
from groupsync.command import write_path
from groupsync.display import count, quote
from groupsync.model.plan import Create

if TYPE_CHECKING:
    from groupsync.model.review import Review
    from groupsync.runs.session import Session

_MOST_WARNINGS = 10


def warn_of_backups(session: Session, review: Review) -> None:
    """Warn of each create for whose name the backup folder has members; without a folder nothing is read."""
    names = [change.name for change in review.plan.changes if isinstance(change, Create)]
    if not names or session.backup_dir is None:
        return
    found = find_backups(session.backup_dir, session.target, names=names)
    for backup in sorted((one for one in found if one.contacts_count), key=lambda one: one.name)[:_MOST_WARNINGS]:
        members = count(backup.contacts_count, "member", "members")
        command = session.options.for_commands.write("restore", write_path(backup.file))
        session.surroundings.watcher.on_warning(
            f"group {quote(backup.name)} would be created without members, and a backup of {members} exists: {command}"
        )
