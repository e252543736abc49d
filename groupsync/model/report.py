"""What an apply did: one outcome for each change of its plan."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupsync.errors import ExitCode

if TYPE_CHECKING:
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.plan import Change, Plan
    from groupsync.model.request import Request


class Word(enum.Enum):
    """How a change ended."""

    DONE = "done"
    ADOPTED = "adopted"
    ALREADY_DONE = "already done"
    FAILED = "failed"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"
    DUPLICATE = "duplicate"
    NOT_ATTEMPTED = "not attempted"


GOOD_WORDS = frozenset({Word.DONE, Word.ADOPTED, Word.ALREADY_DONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one change ended, and what there is to know about it.

    `group_id` is that of the group it made or changed, `backup` the file that holds who was in the group it deleted.
    """

    change: Change
    word: Word
    group_id: GroupId | None = None
    detail: str = ""
    backup: str = ""
    requests: tuple[Request, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One more change has been tried: the `number`th of `total`."""

    number: int
    total: int
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcomes in the order of the plan.

    `left` is how many of the changes were not done when the run began; `verification_problem` says why the list at the
    end could not be read; `strangers` are groups that came after the plan or got a name that it has written; `since`
    is what a plan made afterwards would do besides; `interrupt` is the exit code of the signal that ended the run.
    """

    outcomes: tuple[Outcome, ...]
    left: int
    verification_problem: str = ""
    strangers: tuple[LiveGroup, ...] = ()
    since: Plan | None = None
    interrupt: ExitCode | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every change of the plan is known to be done."""
        return not self.verification_problem and all(outcome.word in GOOD_WORDS for outcome in self.outcomes)

    @property
    def exit_code(self) -> ExitCode:
        """What the process says of this report."""
        if self.is_complete:
            return ExitCode.DONE
        return self.interrupt or ExitCode.INCOMPLETE
