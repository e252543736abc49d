"""Changing one live group: after an answer that does not say how it ended, the group is looked at and decided again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from groupsync.applier.attempt import PAUSES, Ending, explain
from groupsync.decide import ChangeState, decide_changes
from groupsync.display import count_contacts
from groupsync.errors import ApiError, MissingError, NotSentError
from groupsync.model.report import Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from groupsync.applier.attempt import Hand
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Delete, Rename


class Writing:
    """The requests of one rename or deletion; `saved` is how many members are in its backup, None for no matter.

    `has_sent` tells that the server may carry the change out, perhaps late.
    """

    def __init__(self, change: Rename | Delete, hand: Hand, *, saved: int | None = None) -> None:
        self._change = change
        self._hand = hand
        self._saved = saved
        self.has_sent = False

    def look(self) -> Ending | None:
        """Look at the group; return how the change ended, None when it is still to be made."""
        try:
            live = (self._hand.phonebook.get_group(self._change.group_id),)
        except MissingError:
            return self._decide(())
        return self._decide(live)

    def _decide(self, live: tuple[LiveGroup, ...]) -> Ending | None:
        (decision,) = decide_changes((self._change,), (), live)
        group_id = self._change.group_id
        match decision.state:
            case ChangeState.DONE:
                return Ending(word=Word.ALREADY_DONE, group_id=group_id)
            case ChangeState.CONFLICT:
                return Ending(word=Word.CONFLICT, group_id=group_id, detail=decision.detail)
            case ChangeState.PENDING | ChangeState.WAITING:
                return self._hold_against_backup(decision.group)

    def send(self, request: Callable[[], object]) -> Ending:
        """Send the request and return how it ended; it is sent again when a look shows that it was not carried out.

        Raises ApiError when it failed for certain, and NotSentError when an interrupt came before it.
        """
        problem = ""
        for pause in PAUSES:
            try:
                self.has_sent = True
                request()
                return Ending(word=Word.DONE, group_id=self._change.group_id)
            except MissingError:
                ending = self._decide(())
            except NotSentError:
                if problem:
                    return Ending(word=Word.UNKNOWN, detail=problem)
                self.has_sent = False
                raise
            except ApiError as error:
                if not error.ambiguous:
                    self.has_sent = bool(problem)
                    raise
                problem = explain(error)
                ending = self._look_after(pause, problem)
            if ending:
                is_own = bool(problem) and ending.word is Word.ALREADY_DONE
                return replace(ending, word=Word.DONE) if is_own else ending
        return Ending(word=Word.FAILED, detail=problem)

    def _look_after(self, pause: float, problem: str) -> Ending | None:
        if not self._hand.wait(pause):
            return Ending(word=Word.UNKNOWN, detail=problem)
        self._hand.journal.why = f"look after a lost answer: {problem}"
        try:
            return self.look()
        except ApiError as error:
            return Ending(word=Word.UNKNOWN, detail=f"{problem}; then {error}")
        finally:
            self._hand.journal.why = "sent again: the look showed that it was not carried out"

    def _hold_against_backup(self, group: LiveGroup | None) -> Ending | None:
        """Return a conflict when the backup does not hold just as many members as the group has now."""
        if self._saved is None or group is None or group.contacts_count == self._saved:
            return None
        detail = f"{count_contacts(group.contacts_count)} in the group, {self._saved:,} in a backup of its members"
        return Ending(word=Word.CONFLICT, group_id=group.id, detail=detail)
