"""What the applier needs of the API client and of the folder of backups, which it does not import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import Self

    from groupsync.model.contacts import Contact
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.request import Request


class Phonebook(Protocol):
    """The calls of the API client; each raises ApiError, and MissingError if there is no such group or contact."""

    def noting(self, note: Callable[[Request], None]) -> Self:
        """Return the same Phonebook, which passes each of its requests to `note` once it has ended."""

    def list_groups(self) -> tuple[LiveGroup, ...]:
        """Return all groups."""

    def get_group(self, group_id: GroupId) -> LiveGroup:
        """Return the group of that id."""

    def create_group(self, name: str) -> LiveGroup:
        """Create a group and return it."""

    def rename_group(self, group_id: GroupId, name: str) -> LiveGroup:
        """Give a group another name and return it."""

    def delete_group(self, group_id: GroupId) -> None:
        """Delete a group; its contacts stay, without it."""

    def list_contacts(self, group_id: GroupId | None = None) -> tuple[Contact, ...]:
        """Return all contacts, or those in one group."""

    def create_contact(self, contact: Contact) -> None:
        """Create a contact, in no group yet."""

    def add_contact(self, group_id: GroupId, contact: Contact) -> None:
        """Add a contact to a group."""


class Backups(Protocol):
    """Saves the members of a group before it is deleted."""

    def save(self, group_id: GroupId, name: str, contacts: Sequence[Contact]) -> str:
        """Save them and return the name of the file, which is on the disk then; raise FileError if it cannot be."""

    def discard(self, name: str) -> None:
        """Remove a file whose group was not deleted."""


class RestoreNotes(Protocol):
    """Remembers, beside each backup, which group a restore has created for it."""

    def write(self, backup: str, group_id: GroupId | None) -> None:
        """Note the id for the backup in this file, None before the group is created; raise FileError if that fails."""

    def remove(self, backup: str) -> None:
        """Remove the note, because the group was certainly not created."""
