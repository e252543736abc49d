"""What an apply needs of the rest of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from groupsync.errors import ExitCode
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.report import Progress


class Phonebook(Protocol):
    """The calls that an apply needs; each raises ApiError, and MissingGroupError where the group is not there."""

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


class Watcher(Protocol):
    """Who follows a run, and may ask it to stop."""

    @property
    def interrupt(self) -> ExitCode | None:
        """The exit code of the signal that asks to begin nothing more; None as long as there was none."""

    def on_progress(self, step: Progress) -> None:
        """Take notice of a change that has just been tried; called by the thread that applies."""
