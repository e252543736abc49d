"""Write a backup to a file, format 1.0, and read it back."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from msgspec import convert

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
    return seal(_dump_document(backup))


def load_backup(content: bytes, name: str) -> Backup:
    """Return the backup in a file; raise DamagedBackupError unless `dump_backup` wrote exactly this content.

    `name` is the file's name, for the error.
    """
    try:
        return unseal(content, schema="backup", version=FORMAT_VERSION, load=_load_document, dump=dump_backup)
    except ValueError as error:
        raise DamagedBackupError(name, str(error)) from error


def _dump_document(backup: Backup) -> dict[str, Any]:
    contacts = sorted(backup.contacts, key=attrgetter("phone"))
    return {
        "format_version": FORMAT_VERSION,
        "groupsync_version": backup.groupsync_version,
        "created_at": backup.created_at,
        "endpoint": backup.target.endpoint,
        "account": backup.target.account,
        "group": {"id": backup.group_id, "name": backup.name, "contacts_count": len(backup.contacts)},
        "contacts": list(map(_dump_contact, contacts)),
    }


def _load_document(document: Mapping[str, Any]) -> Backup:
    return Backup(
        created_at=document["created_at"],
        groupsync_version=document["groupsync_version"],
        target=convert(document, Target),
        group_id=GroupId(document["group"]["id"]),
        name=document["group"]["name"],
        contacts=tuple(map(_load_contact, document["contacts"])),
    )


def _dump_contact(contact: Contact) -> dict[str, str]:
    return {"phoneNumber": contact.phone, **dict(contact.fields)}


def _load_contact(document: Mapping[str, str]) -> Contact:
    fields = tuple((field, document[field]) for field in FIELDS if field in document)
    return Contact(phone=document["phoneNumber"], fields=fields)
