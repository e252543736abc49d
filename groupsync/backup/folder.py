"""The folder of the backups: only their owner can read them, and no backup replaces another."""

from __future__ import annotations

import contextlib
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from groupsync.backup.content import dump_backup
from groupsync.display import format_time
from groupsync.files import make_folder, remove_leftovers, write_file
from groupsync.model.backup import Backup
from groupsync.names import name_without_suffix, normalize
from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from groupsync.model.account import Target
    from groupsync.model.contacts import Contact
    from groupsync.model.groups import GroupId

_LONGEST_NAME = 40
_UNSAFE = re.compile(r"[^A-Za-z0-9]+")


class BackupFolder:
    """The backups of one account's groups; `now` returns the time in UTC."""

    def __init__(self, path: Path, target: Target, now: Callable[[], datetime]) -> None:
        self.path = path
        self._target = target
        self._now = now

    def __str__(self) -> str:
        return str(self.path)

    def prepare(self) -> None:
        """Create the folder if it is missing, and remove leftovers; raise FileError if no file can be written to it."""
        remove_leftovers(self.path)
        make_folder(self.path)
        probe = self.path / f".groupsync-{secrets.token_hex(4)}"
        write_file(probe, b"can this folder keep a file?\n")
        probe.unlink(missing_ok=True)

    def save(self, group_id: GroupId, name: str, contacts: Sequence[Contact]) -> str:
        """Write the members of a group to a new file, which is on the disk when its name is returned.

        A group at a temporary name is saved under its earlier name, because a restore cannot use a temporary one.
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
        unique = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        path = self.path / f"{make_file_prefix(name)}{group_id}.{unique}.json"
        write_file(path, dump_backup(backup))
        return str(path)

    def discard(self, name: str) -> None:
        """Remove a file that `save` has just written, because its group was not deleted after all."""
        with contextlib.suppress(OSError):
            Path(name).unlink(missing_ok=True)


def make_file_prefix(name: str) -> str:
    """Return the letters and digits of a group's name, as ASCII, and a dot; empty if there are none."""
    ascii_only = normalize("NFKD", name[:_LONGEST_NAME]).encode("ascii", "ignore").decode()
    safe = _UNSAFE.sub("-", ascii_only)[:_LONGEST_NAME].strip("-")
    return f"{safe}." if safe else ""
