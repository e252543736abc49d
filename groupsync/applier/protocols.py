"""What an apply and a restore need of the rest of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import Self

    from groupsync.errors import ExitCode
    from groupsync.model.contacts import Contact
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.report import Progress
    from groupsync.model.request import Request


class Phonebook(Protocol):
    """The calls that are needed; each raises ApiError, and MissingError for what is not there."""

    def noting(self, note: Callable[[Request], None]) -> Self:
        """Return the same Phonebook, which tells each of its requests once it has ended."""

    def list_groups(self) -> tuple[LiveGroup, ...]:
        """Return all groups."""

    def get_group(self, group_id: GroupId) -> LiveGroup:
        """Return the group of that id."""

    def create_group(self, name: str) -> LiveGroup:
        """Make a group and return it."""

    def rename_group(self, group_id: GroupId, name: str) -> LiveGroup:
        """Give a group another name and return it."""

    def delete_group(self, group_id: GroupId) -> None:
        """Delete a group; its contacts stay, without it."""

    def list_contacts(self, group_id: GroupId | None = None) -> tuple[Contact, ...]:
        """Return all contacts, or those in one group."""

    def create_contact(self, contact: Contact) -> None:
        """Make a contact, in no group yet."""

    def add_contact(self, group_id: GroupId, contact: Contact) -> None:
        """Put a contact into a group."""


class Backups(Protocol):
    """Where the members of a group are kept before it is deleted."""

    def save(self, group_id: GroupId, name: str, contacts: Sequence[Contact]) -> str:
        """Keep them and return the name of the file, which is on the disk now; raise FileError when it is not."""

    def discard(self, name: str) -> None:
        """Forget a file whose group was not deleted after all."""


class RestoreNotes(Protocol):
    """Where a restore keeps which group it has made of a backup."""

    def write(self, backup: str, group_id: GroupId | None) -> None:
        """Note the id for the backup in this file, None before the group is created; raise FileError if that fails."""

    def remove(self, backup: str) -> None:
        """Remove the note, because the group was certainly not created."""


class Watcher(Protocol):
    """Who follows a run, and may ask it to stop."""

    @property
    def interrupt(self) -> ExitCode | None:
        """The exit code of the signal that asks to begin nothing more; None as long as there was none."""

    def sleep(self, seconds: float, /) -> None:
        """Wait, until an interrupt at most."""

    def on_begin(self, label: str) -> None:
        """Take notice of a change that is about to be tried; called by the thread that tries it."""

    def on_end(self, label: str) -> None:
        """Take notice that it is known how it ended; called by the thread that applies."""

    def on_progress(self, step: Progress) -> None:
        """Take notice of a change that has just been tried; called by the thread that applies."""

    def on_count(self, number: int, total: int, name: str) -> None:
        """Take notice that so many of all contacts of the group of this name have been tried."""

    def on_bug(self, error: Exception) -> None:
        """Take notice of an exception that is a mistake in this program; called by the thread that it ended."""
