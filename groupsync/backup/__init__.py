"""Backups of the members of a group: one file for each group, written before the group is deleted."""

from groupsync.backup.content import dump_backup, load_backup
from groupsync.backup.folder import BackupFolder
from groupsync.backup.listing import find_backups
from groupsync.backup.notes import NOTE_SUFFIX, RestoreNoteFiles

__all__ = ["NOTE_SUFFIX", "BackupFolder", "RestoreNoteFiles", "dump_backup", "find_backups", "load_backup"]
