"""Backups of the members of groups: a file for each group, written before it is deleted."""

from groupsync.backup.content import dump_backup, load_backup
from groupsync.backup.folder import BackupFolder
from groupsync.backup.restored import RestoredIds

__all__ = ["BackupFolder", "RestoredIds", "dump_backup", "load_backup"]
