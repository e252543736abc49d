"""The note that a restore leaves beside a backup: which group it created, so that the next run fills the same group."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from groupsync.errors import FileError
from groupsync.files import is_there, read_file, remove_file, remove_leftovers, write_file
from groupsync.model.groups import parse_group_id
from groupsync.strictjson import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groupsync.model.groups import GroupId
    from groupsync.model.restore import BackupFile

_LARGEST_NOTE = 2**16


NOTE_SUFFIX = ".restored"
"""The end of a note's file name, after the name of its backup."""


class RestoreNoteFiles:
    """The files `BACKUP.restored`: an object with the `group_id`, which is null until the group is created."""

    def find_path(self, backup: str | Path) -> Path:
        """Return the path of the note of a backup."""
        return Path(f"{backup}{NOTE_SUFFIX}")

    def read(self, backup: str) -> GroupId | None:
        """Return the id of the group that was created from a backup; None if none is known.

        Raise FileError if there is a note that does not say: taken for none, it would create the group twice.
        """
        path = self.find_path(backup)
        if not is_there(path):
            return None
        content = read_file(path, limit=_LARGEST_NOTE)
        try:
            return _load_note(parse_json(content))
        except ValueError as error:
            remedy = "if the group was created, give its id: --into ID; otherwise remove the file"
            raise FileError(str(path), "does not say which group was created", remedy=remedy) from error

    def read_into(self, backup_file: BackupFile) -> BackupFile:
        """Return the backup with what an earlier restore noted."""
        is_begun = is_there(self.find_path(backup_file.file))
        restored_id = self.read(backup_file.file)
        return replace(backup_file, restored_id=restored_id, is_begun=is_begun and restored_id is None)

    def settle(self, backup_file: BackupFile, group_id: GroupId) -> None:
        """Note the group that the user chose, if there is a note that does not name it.

        A later restore then goes on with that group. Raise FileError if the note cannot be written.
        """
        path = self.find_path(backup_file.file)
        if not is_there(path):
            return
        try:
            is_settled = self.read(backup_file.file) == group_id
        except FileError:
            is_settled = False
        if not is_settled:
            self.write(backup_file.file, group_id)

    def remove_leftovers(self, backups: Iterable[Path]) -> None:
        """Remove temporary files of runs that died while they wrote a note beside one of the backups."""
        for folder in {backup.parent for backup in backups}:
            remove_leftovers(folder)

    def write(self, backup: str, group_id: GroupId | None) -> None:
        """Note the id. None says that the group is about to be created; it also proves that the note can be written."""
        write_file(self.find_path(backup), f"{json.dumps(_dump_note(group_id))}\n".encode())

    def remove(self, backup: str) -> None:
        """Remove the note, because the group was certainly not created."""
        remove_file(self.find_path(backup))


def _dump_note(group_id: GroupId | None) -> dict[str, Any]:
    return {"group_id": group_id}


def _load_note(document: Any) -> GroupId | None:
    """Return the id of a note; raise ValueError if there is neither an id nor null."""
    if not isinstance(document, dict) or "group_id" not in document:
        raise ValueError("it has no group_id")
    text = document["group_id"]
    if text is None:
        return None
    group_id = parse_group_id(text) if isinstance(text, str) else None
    if group_id is None:
        raise ValueError("its group_id is not the id of a group")
    return group_id
