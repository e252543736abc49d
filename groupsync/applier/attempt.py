"""One attempt at one change: a Phonebook that notes its requests, and waits that an interrupt ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from groupsync.applier.protocols import Phonebook
    from groupsync.errors import GroupsyncError
    from groupsync.interrupt import Interrupt
    from groupsync.model.request import Request

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds to wait after each lost answer, before the group is read or the request is sent again."""


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


class Attempt:
    """What one change is carried out with; requests made through `phonebook` are noted in `journal`."""

    def __init__(self, phonebook: Phonebook, interrupt: Interrupt) -> None:
        self.journal = Journal()
        self.phonebook = phonebook.noting(self.journal.note)
        self._interrupt = interrupt

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
