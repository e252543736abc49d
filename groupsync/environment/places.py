"""Where the configuration, backups and locks are."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from groupsync.display import quote
from groupsync.environment.reading import read
from groupsync.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_CONFIG = "groups.yaml"
_LONGEST_LABEL = 500
_LABEL = re.compile(r"[A-Za-z0-9._~/:@=+-]+")


def default_config_paths(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the configuration to read if the command line names none: GROUPSYNC_CONFIG, else `groups.yaml`."""
    return (Path(read(environ, "GROUPSYNC_CONFIG") or DEFAULT_CONFIG),)


def find_backup_dir(environ: Mapping[str, str]) -> Path | None:
    """Return the folder for backups that GROUPSYNC_BACKUP_DIR names; None if it is not set."""
    path = read(environ, "GROUPSYNC_BACKUP_DIR")
    return Path(path) if path else None


def find_backup_label(environ: Mapping[str, str]) -> str:
    """Return what reports call the folder for backups, such as a place in a store; empty for its own path."""
    label = read(environ, "GROUPSYNC_BACKUP_LABEL") or ""
    if label and (len(label) > _LONGEST_LABEL or not _LABEL.fullmatch(label)):
        remedy = "set it to a path or URL of printable ASCII characters without blanks, or unset it"
        raise SettingsError(f"GROUPSYNC_BACKUP_LABEL is {quote(label)}, which cannot begin a path", remedy=remedy)
    return label.rstrip("/")


def find_lock_dir(environ: Mapping[str, str]) -> Path:
    """Return the folder for locks: GROUPSYNC_LOCK_DIR, else one that all users of the machine share.

    That is /tmp, because TMPDIR may differ from run to run, or the folder ProgramData of Windows. If there is
    neither, it is the folder for temporary files.
    """
    if path := read(environ, "GROUPSYNC_LOCK_DIR"):
        return Path(path)
    shared = read(environ, "ProgramData") if sys.platform == "win32" else "/tmp"  # noqa: S108 - the lock follows no link there
    if shared and Path(shared).is_dir():
        return Path(shared)
    import tempfile  # noqa: PLC0415 - seldom needed, and slow

    return Path(tempfile.gettempdir())
