"""Restore a group from its backup: what is to be done, and how that ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.errors import ExitCode
from groupsync.model.report import GOOD_WORDS, Word

if TYPE_CHECKING:
    from groupsync.model.backup import Backup
    from groupsync.model.contacts import Contact
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.report import Cause
    from groupsync.model.request import Request


class BackupFile(Struct, frozen=True, kw_only=True):
    """A backup with the name of its file and what an earlier restore noted beside it.

    `restored_id` is the id of the group that an earlier restore created, None if none is known. `is_begun` says that an
    earlier restore was about to create the group and never learned the outcome.
    """

    file: str
    backup: Backup
    restored_id: GroupId | None = None
    is_begun: bool = False


class Destination(Struct, frozen=True, kw_only=True):
    """Where the contacts of a backup go: into the live group `into`, or into a new group if that is None."""

    backup_file: BackupFile
    into: LiveGroup | None


class Restore(Struct, frozen=True, kw_only=True):
    """What is to be done for one group.

    The contacts in `add` exist and are added to the group. Those in `recreate` no longer exist: they are created, then
    added. Those in `gone` no longer exist and are left out. `present` counts those that are in the group already.
    """

    destination: Destination
    add: tuple[Contact, ...]
    recreate: tuple[Contact, ...]
    gone: tuple[Contact, ...]
    present: int

    @property
    def has_work(self) -> bool:
        """Whether there is anything to do."""
        return self.destination.into is None or bool(self.add or self.recreate)

    @property
    def backup(self) -> Backup:
        """The backup that is restored."""
        return self.destination.backup_file.backup


class Tally(Struct, frozen=True, kw_only=True):
    """How many contacts of one backup ended in which way."""

    in_backup: int
    added: int = 0
    already_in: int = 0
    recreated: int = 0
    gone: int = 0
    not_added: int = 0


class RestoreOutcome(Struct, frozen=True, kw_only=True):
    """How the restore of one group ended; `group_id` is the id of the group that has the contacts now.

    `stored_name` is the group's name if the Phonebook stored another name than was sent, else empty. `cause` is None if
    the same restore may succeed next time.
    """

    restore: Restore
    word: Word
    group_id: GroupId | None
    tally: Tally
    detail: str = ""
    requests: tuple[Request, ...] = ()
    stored_name: str = ""
    cause: Cause | None = None

    @property
    def name(self) -> str:
        """The name of the group that has the contacts."""
        into = self.restore.destination.into
        return into.name if into else self.stored_name or self.restore.backup.name

    @property
    def new_id(self) -> GroupId | None:
        """The id of that group if it is certain and differs from the old id; else None."""
        is_known = self.word in {*GOOD_WORDS, Word.FAILED, Word.UNKNOWN}
        return self.group_id if is_known and self.group_id != self.restore.backup.group_id else None


class RestoreReport(Struct, frozen=True, kw_only=True):
    """The outcomes in the order of the files; `interrupt` is the exit code for the signal that ended the run.

    `list_is_late` is true if the list of groups does not show a created group yet. `remedy` says how to write the new
    ids into the configuration, with lines to paste; empty without new ids or without a configuration.
    """

    outcomes: tuple[RestoreOutcome, ...]
    list_is_late: bool = False
    remedy: tuple[str, ...] = ()
    interrupt: ExitCode | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every contact of every backup is known to be in its group."""
        return all(outcome.word in GOOD_WORDS for outcome in self.outcomes)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the process."""
        if self.is_complete:
            return ExitCode.DONE
        return self.interrupt or ExitCode.INCOMPLETE
