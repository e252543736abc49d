"""Beside a backup: the group that a restore has made of it, so that the next run goes on with that one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from groupsync.errors import FileError
from groupsync.files import is_there, read_file, remove_file, write_file
from groupsync.model.groups import parse_group_id
from groupsync.strictjson import parse_json

if TYPE_CHECKING:
    from groupsync.model.groups import GroupId
    from groupsync.model.restore import KeptBackup

_LIMIT = 2**16


class RestoreNoteFiles:
    """The files `BACKUP.restored`: an object with the `group_id`, which is null from before the group is made."""

    def find_path(self, backup: str | Path) -> Path:
        """Return the file beside a backup."""
        return Path(f"{backup}.restored")

    def read(self, backup: str) -> GroupId | None:
        """Return the id of the group that was made of a backup, None when none is known."""
        path = self.find_path(backup)
        if not is_there(path):
            return None
        try:
            document = parse_json(read_file(path, limit=_LIMIT))
            found = document["group_id"]
            group_id = parse_group_id(found) if found is not None else None
        except (ValueError, KeyError, TypeError) as error:
            raise _damaged(path) from error
        if found is not None and group_id is None:
            raise _damaged(path)
        return group_id

    def recall(self, kept: KeptBackup) -> KeptBackup:
        """Return the backup with what an earlier run has kept of it."""
        is_begun = is_there(self.find_path(kept.file))
        restored_id = self.read(kept.file)
        return replace(kept, restored_id=restored_id, is_begun=is_begun and restored_id is None)

    def forget(self, backup: str) -> None:
        """Remove the file: the group was certainly not made."""
        remove_file(self.find_path(backup))

    def keep(self, backup: str, group_id: GroupId | None) -> None:
        """Keep the id; None says that the group is about to be made, and that there is room to keep its id."""
        write_file(self.find_path(backup), f"{json.dumps({'group_id': group_id})}\n".encode())


def _damaged(path: Path) -> FileError:
    remedy = "if the group was made, name it by --into ID; otherwise remove the file"
    return FileError(str(path), "does not say which group was made", remedy=remedy)
