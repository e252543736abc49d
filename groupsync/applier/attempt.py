"""What carries out one change: the Phonebook with a journal, and a way to wait and to be stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupsync.applier.journal import Journal

if TYPE_CHECKING:
    from groupsync.applier.protocols import Phonebook, Watcher
    from groupsync.errors import GroupsyncError
    from groupsync.model.groups import GroupId
    from groupsync.model.report import Word

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds to wait after each lost answer, before what was written is looked at or sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How something ended, as far as its requests tell."""

    word: Word
    group_id: GroupId | None = None
    detail: str = ""
    backup: str = ""


class Hand:
    """One hand for one change; `phonebook` notes what it is asked in `journal`."""

    def __init__(self, phonebook: Phonebook, watcher: Watcher) -> None:
        self.journal = Journal()
        self.phonebook = phonebook.noting(self.journal.note)
        self._watcher = watcher

    @property
    def is_interrupted(self) -> bool:
        """Whether nothing more shall be sent."""
        return self._watcher.interrupt is not None

    def wait(self, seconds: float) -> bool:
        """Wait and return true; return false as soon as there is an interrupt."""
        if not self.is_interrupted:
            self._watcher.sleep(seconds)
        return not self.is_interrupted


def explain(error: GroupsyncError) -> str:
    """Return a failure with the remedy at what to do, as a part of a line."""
    return f"{error} ({error.remedy})" if error.remedy else str(error)
