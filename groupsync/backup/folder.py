"""The folder that keeps backups: readable for their owner only, and never one over another."""

from __future__ import annotations

import contextlib
import re
import secrets
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from groupsync.backup.content import dump_backup
from groupsync.display import format_time
from groupsync.files import make_folder, write_file
from groupsync.model.backup import Backup
from groupsync.names import name_without_suffix
from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from groupsync.model.account import Target
    from groupsync.model.contacts import Contact
    from groupsync.model.groups import GroupId

_LONGEST_NAME = 40
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9]+")


class BackupFolder:
    """Backups of one account's groups; `now` tells the time, in UTC."""

    def __init__(self, path: Path, target: Target, now: Callable[[], datetime]) -> None:
        self.path = path
        self._target = target
        self._now = now

    def __str__(self) -> str:
        return str(self.path)

    def prepare(self) -> None:
        """Make the folder unless it is there, and raise FileError when it cannot keep anything."""
        make_folder(self.path)
        probe = self.path / f".groupsync-{secrets.token_hex(4)}"
        write_file(probe, b"can this folder keep a file?\n")
        probe.unlink(missing_ok=True)

    def save(self, group_id: GroupId, name: str, contacts: Sequence[Contact]) -> str:
        """Keep the members of a group in a new file, which is on the disk when its name is returned.

        A group that is parked for its deletion is kept under the name that it had before: no other can be restored.
        """
        now = self._now()
        name = name_without_suffix(name, group_id)
        backup = Backup(
            created_at=format_time(now),
            groupsync_version=__version__,
            target=self._target,
            group_id=group_id,
            name=name,
            contacts=tuple(contacts),
        )
        path = self.path / f"{_make_plain(name)}{group_id}.{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}.json"
        write_file(path, dump_backup(backup))
        return str(path)

    def discard(self, name: str) -> None:
        """Remove a file that this folder has just kept, for a group that was not deleted after all."""
        with contextlib.suppress(OSError):
            Path(name).unlink(missing_ok=True)


def _make_plain(name: str) -> str:
    """Return what of a group's name any file system can write, with a dot behind it; empty when nothing is left."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = _NOT_PLAIN.sub("-", ascii_only)[:_LONGEST_NAME].strip("-")
    return f"{plain}." if plain else ""
