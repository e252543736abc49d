"""Making a group again from its backup: what is to be done, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupsync.errors import ExitCode
from groupsync.model.report import GOOD_WORDS, Word

if TYPE_CHECKING:
    from groupsync.model.backup import Backup
    from groupsync.model.contacts import Contact
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.plan import PlanProblem
    from groupsync.model.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBackup:
    """A backup with its file; `restored_id` is the group that an earlier run has made of it, None without one.

    `is_begun` tells that an earlier run was about to make it, and does not know how that ended.
    """

    file: str
    backup: Backup
    restored_id: GroupId | None = None
    is_begun: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where the contacts of a backup go: into a live group, or into a new one, where `into` is None."""

    kept: KeptBackup
    into: LiveGroup | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Destinations:
    """The places of all backups, or the problems that stand against them."""

    places: tuple[Destination, ...]
    problems: tuple[PlanProblem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """One group to restore: the contacts to put into it, those of them to make again first, and those left out.

    `present` is how many of the backup's are in the group already.
    """

    place: Destination
    add: tuple[Contact, ...]
    recreate: tuple[Contact, ...]
    gone: tuple[Contact, ...]
    present: int

    @property
    def has_work(self) -> bool:
        """Whether anything is to be written."""
        return self.place.into is None or bool(self.add or self.recreate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Numbers of contacts: what became of those of one backup."""

    in_backup: int
    added: int = 0
    already_in: int = 0
    recreated: int = 0
    gone: int = 0
    not_added: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreOutcome:
    """How the restore of one group ended; `group_id` is that of the group that has the contacts now."""

    restore: Restore
    word: Word
    group_id: GroupId | None
    tally: Tally
    detail: str = ""
    requests: tuple[Request, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreReport:
    """The outcomes in the order of the files; `interrupt` is the exit code of the signal that ended the run."""

    outcomes: tuple[RestoreOutcome, ...]
    interrupt: ExitCode | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every contact of every backup is known to be in its group."""
        return all(outcome.word in GOOD_WORDS for outcome in self.outcomes)

    @property
    def exit_code(self) -> ExitCode:
        """What the process says of this report."""
        if self.is_complete:
            return ExitCode.DONE
        return self.interrupt or ExitCode.INCOMPLETE
