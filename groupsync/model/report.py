"""What an apply did: one outcome for each change of its plan."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.errors import ExitCode
from groupsync.model.plan import Create, is_first_step

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


class Cause(enum.Enum):
    """Why a change is not done, if running the same command again would not help."""

    WAY = "the credentials, the way to the Phonebook or a folder: the detail says what to check"
    REFUSAL = "the Phonebook refuses it"
    STORED_NAME = "the Phonebook stores another name: the detail says which"
    MISTAKE = "a bug in groupsync"


GOOD_WORDS = frozenset({Word.DONE, Word.ADOPTED, Word.ALREADY_DONE})


class Outcome(Struct, frozen=True, kw_only=True):
    """How one change ended.

    `group_id` is the id of the created or changed group, `backup` the file with the members of the deleted group (empty
    if there is none), `requests` what was sent. `cause` is None if the same run may succeed next time.
    """

    change: Change
    word: Word
    group_id: GroupId | None = None
    detail: str = ""
    backup: str = ""
    requests: tuple[Request, ...] = ()
    cause: Cause | None = None


class Progress(Struct, frozen=True, kw_only=True):
    """A step of a change was tried.

    `number` of `total` changes have ended, as a person counts them: a step to a temporary name counts only if it
    failed, because that ends the change. `name` is the name of the group before the plan, or of the new group.
    """

    number: int
    total: int
    name: str
    outcome: Outcome

    @property
    def is_first_step(self) -> bool:
        """Whether the step is done, and another step of the same change follows."""
        return is_first_step(self.outcome.change) and self.outcome.word in GOOD_WORDS


class Report(Struct, frozen=True, kw_only=True):
    """The outcomes of all changes, in the order of the plan.

    - `remaining`: how many of the changes were not done when the run began.
    - `verification_problem`: why the list of groups at the end could not be read; empty if it was.
    - `list_is_late`: the list of groups did not show all changes of the run when it ended. Each of them was confirmed
      by reading its group, but a run that begins now may not see them: wait first.
    - `newcomers`: groups of others that appeared since the plan, or that have a name that the plan gave.
    - `since`: the further changes that a new plan would make; None if that is not known.
    - `interrupt`: the exit code of the signal that ended the run; None if none did.
    """

    outcomes: tuple[Outcome, ...]
    remaining: int
    verification_problem: str = ""
    list_is_late: bool = False
    newcomers: tuple[LiveGroup, ...] = ()
    since: Plan | None = None
    interrupt: ExitCode | None = None

    @property
    def counted(self) -> tuple[Outcome, ...]:
        """One outcome for each change as a person counts them: of two the last, or the first if that is not done."""
        not_done = {
            outcome.change.group_id: outcome
            for outcome in self.outcomes
            if not isinstance(outcome.change, Create)
            and is_first_step(outcome.change)
            and outcome.word not in GOOD_WORDS
        }
        return tuple(
            outcome if isinstance(outcome.change, Create) else not_done.get(outcome.change.group_id, outcome)
            for outcome in self.outcomes
            if not is_first_step(outcome.change)
        )

    @property
    def is_complete(self) -> bool:
        """Whether every change of the plan is known to be done."""
        return not self.verification_problem and all(outcome.word in GOOD_WORDS for outcome in self.outcomes)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a process that made this report."""
        if self.is_complete:
            return ExitCode.DONE
        return self.interrupt or ExitCode.INCOMPLETE
