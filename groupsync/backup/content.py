"""The backup file, format 1.0."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from groupsync.errors import DamagedBackupError
from groupsync.model.account import Target
from groupsync.model.backup import Backup
from groupsync.model.contacts import FIELDS, Contact
from groupsync.model.groups import GroupId
from groupsync.sealed import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT_VERSION = "1.0"


def dump_backup(backup: Backup) -> bytes:
    """Return the content of the file of a backup."""
    return seal(
        {
            "format_version": FORMAT_VERSION,
            "groupsync_version": backup.groupsync_version,
            "created_at": backup.created_at,
            "endpoint": backup.target.endpoint,
            "account": backup.target.account,
            "group": {"id": backup.group_id, "name": backup.name, "contacts_count": len(backup.contacts)},
            "contacts": [
                {"phoneNumber": contact.phone, **dict(contact.fields)}
                for contact in sorted(backup.contacts, key=attrgetter("phone"))
            ],
        }
    )


def load_backup(content: bytes, name: str) -> Backup:
    """Return the backup that a file holds; raise DamagedBackupError when it is not just what `dump_backup` wrote.

    `name` is the file's, for the error.
    """
    try:
        return unseal(content, schema="backup", version=FORMAT_VERSION, load=_load_document, dump=dump_backup)
    except ValueError as error:
        raise DamagedBackupError(name, str(error)) from error


def _load_document(document: Mapping[str, Any]) -> Backup:
    return Backup(
        created_at=document["created_at"],
        groupsync_version=document["groupsync_version"],
        target=Target(endpoint=document["endpoint"], account=document["account"]),
        group_id=GroupId(document["group"]["id"]),
        name=document["group"]["name"],
        contacts=tuple(
            Contact(
                phone=contact["phoneNumber"],
                fields=tuple((field, contact[field]) for field in FIELDS if field in contact),
            )
            for contact in document["contacts"]
        ),
    )
