"""Backups of the members of groups: a file for each group, written before it is deleted."""

from groupsync.backup.content import dump_backup, load_backup
from groupsync.backup.folder import BackupFolder
from groupsync.backup.notes import RestoreNoteFiles

__all__ = ["BackupFolder", "RestoreNoteFiles", "dump_backup", "load_backup"]
