"""One attempt at one change: a Phonebook that notes its requests, and waits that an interrupt ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from groupsync.errors import ApiError, FileError, NotSentError, PageError, PartialListError
from groupsync.model.report import Cause, Outcome, Word
from groupsync.model.restore import RestoreOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from groupsync.applier.protocols import Phonebook
    from groupsync.errors import GroupsyncError
    from groupsync.interrupt import Interrupt
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.plan import Change
    from groupsync.model.request import Request

AnyOutcome = TypeVar("AnyOutcome", Outcome, RestoreOutcome)

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds to wait after each lost answer, before the group is read or the request is sent again."""


OUT_OF_MEMORY = "memory ran out"
"""The detail of an outcome that is unknown because memory ran out."""


class Journal:
    """The requests of one attempt, or of a whole run, in their order; `why` is noted with the requests that follow."""

    def __init__(self, why: str = "") -> None:
        self.why = why
        self._requests: list[Request] = []

    @property
    def requests(self) -> tuple[Request, ...]:
        """All requests so far."""
        return tuple(self._requests)

    def note(self, request: Request) -> None:
        """Note a request that has ended."""
        self._requests.append(replace(request, why=self.why))


class SeenIds:
    """The ids of the groups that a run has seen; its attempts share them.

    If the answer to a create has one of these ids, the create did not make that group.
    """

    def __init__(self, before: Iterable[GroupId]) -> None:
        self._before = frozenset(before)
        self._listed: set[GroupId] = set()
        self._created: dict[GroupId, object] = {}

    def __contains__(self, group_id: GroupId) -> bool:
        """Return whether the group was live before, was in a list since, or was created by this run."""
        return group_id in self._before or group_id in self._listed or group_id in self._created

    def note_list(self, live: Iterable[LiveGroup]) -> None:
        """Note the groups of a list."""
        self._listed.update(group.id for group in live)

    def note_created(self, group_id: GroupId) -> bool:
        """Note a group that was created; return false if it was live before, or is the group of another create.

        It does not matter if it is in a list: another attempt may have read a list that shows it already.
        """
        mark = object()
        return group_id not in self._before and self._created.setdefault(group_id, mark) is mark


class Attempt:
    """What one change is carried out with; requests made through `phonebook` are noted in `journal`."""

    def __init__(self, phonebook: Phonebook, interrupt: Interrupt, seen_ids: SeenIds) -> None:
        self.journal = Journal()
        self.backup = ""
        """The file with the members of the group to delete; empty if there is none."""
        self.phonebook = phonebook.noting(self.journal.note)
        self.seen_ids = seen_ids
        self._interrupt = interrupt

    def list_groups(self) -> tuple[LiveGroup, ...]:
        """Return all groups, and note that this run has seen them."""
        live = self.phonebook.list_groups()
        self.seen_ids.note_list(live)
        return live

    @property
    def is_interrupted(self) -> bool:
        """Whether no further request should be sent."""
        return self._interrupt.is_set

    def wait(self, seconds: float) -> bool:
        """Wait, and return true if the attempt may go on; return false as soon as there is an interrupt."""
        return not self.is_interrupted and not self._interrupt.wait(seconds)


def describe_failure(error: GroupsyncError) -> str:
    """Return an error with its remedy, as a part of a line."""
    return f"{error} ({error.remedy})" if error.remedy else str(error)


def make_failure(outcome: AnyOutcome, error: GroupsyncError, word: Word = Word.FAILED) -> AnyOutcome:
    """Return the outcome with this word, the error's text, and the cause if the same run would fail again."""
    return replace(outcome, word=word, detail=describe_failure(error), cause=find_cause(error))


def find_cause(error: GroupsyncError) -> Cause | None:
    """Return why the same request would fail again; None if it may succeed later."""
    match error:
        case PageError() | FileError():
            return Cause.WAY
        case PartialListError():
            return Cause.REFUSAL
        case ApiError(is_refusal=True):
            return Cause.REFUSAL
        case ApiError(transient=False) if error.remedy:
            return Cause.WAY
    return None


def catch_failures(change: Change, attempt: Attempt, step: Callable[[], Outcome]) -> Outcome:
    """Return the outcome of a step that may fail."""
    try:
        return step()
    except NotSentError:
        return Outcome(change=change, word=Word.NOT_ATTEMPTED)
    except ApiError as error:
        if attempt.is_interrupted and error.only_reads:  # every read comes before the first write
            return Outcome(change=change, word=Word.NOT_ATTEMPTED)
        return make_failure(Outcome(change=change, word=Word.FAILED), error)
    except FileError as error:
        return make_failure(Outcome(change=change, word=Word.FAILED), error)
