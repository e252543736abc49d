"""The backup of a group: its members before it was deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from groupsync.model.account import Target
    from groupsync.model.contacts import Contact
    from groupsync.model.groups import GroupId


class Backup(Struct, frozen=True, kw_only=True):
    """A group with all its contacts, sorted by phone number; `created_at` is UTC in ISO 8601, to the second."""

    created_at: str
    groupsync_version: str
    target: Target
    group_id: GroupId
    name: str
    contacts: tuple[Contact, ...]


class BackupSummary(Struct, frozen=True, kw_only=True):
    """What a file of the backup folder holds: how many contacts of which group; `file` is its path as text."""

    file: str
    group_id: GroupId
    name: str
    contacts_count: int
