"""Renaming or deleting one live group: after a lost answer the group is read, and its change is decided again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.applier.attempt import PAUSES, describe_failure, find_cause
from groupsync.decide import ChangeState, decide_changes
from groupsync.errors import ApiError, MissingError, NotSentError
from groupsync.model.report import Outcome, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from groupsync.applier.attempt import Attempt
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Delete, Rename


class GroupUpdate:
    """The requests of one rename or deletion.

    `may_lose` is that of its RemainingChange. `find_obstacle` is called after each read, with a group whose name and
    count allow the change. It returns what else prevents the change (empty if nothing does), or raises ApiError.
    `has_sent` is true once the server may carry out the change, perhaps later.
    """

    def __init__(
        self,
        change: Rename | Delete,
        attempt: Attempt,
        *,
        may_lose: int | None = 0,
        find_obstacle: Callable[[LiveGroup], str] | None = None,
    ) -> None:
        self._change = change
        self._may_lose = {change.id: may_lose}
        self._attempt = attempt
        self._find_obstacle = find_obstacle
        self.has_sent = False

    def look(self) -> Outcome | None:
        """Read the group, and return how the change ended; None if it is still to be made."""
        try:
            live = (self._attempt.phonebook.get_group(self._change.group_id),)
        except MissingError:
            return self._decide(())
        return self._decide(live)

    def _decide(self, live: tuple[LiveGroup, ...]) -> Outcome | None:
        (decision,) = decide_changes((self._change,), (), live, may_lose=self._may_lose)
        match decision.state:
            case ChangeState.DONE:
                return self._make_outcome(Word.ALREADY_DONE)
            case ChangeState.CONFLICT:
                return self._make_outcome(Word.CONFLICT, decision.detail)
            case ChangeState.PENDING | ChangeState.WAITING:
                obstacle = self._find_obstacle(decision.group) if self._find_obstacle and decision.group else ""
                return self._make_outcome(Word.CONFLICT, obstacle) if obstacle else None

    def send(self, request: Callable[[], object]) -> Outcome:
        """Send the request and return how it ended; it is sent again if a look shows that it was not carried out.

        Raises ApiError if it certainly failed, and NotSentError if an interrupt came before it.
        """
        problem, cause = "", None
        for pause in PAUSES:
            try:
                self.has_sent = True
                request()
                return self._make_outcome(Word.DONE)
            except MissingError:
                outcome = self._decide(())
            except NotSentError:
                if problem:
                    return Outcome(change=self._change, word=Word.UNKNOWN, detail=problem, cause=cause)
                self.has_sent = False
                raise
            except ApiError as error:
                if not error.ambiguous:
                    self.has_sent = bool(problem)
                    raise
                problem, cause = describe_failure(error), find_cause(error)
                outcome = self._look_after(pause, problem)
            if outcome:
                is_own = bool(problem) and outcome.word is Word.ALREADY_DONE
                return replace(outcome, word=Word.DONE) if is_own else outcome
        return Outcome(change=self._change, word=Word.FAILED, detail=problem, cause=cause)

    def _look_after(self, pause: float, problem: str) -> Outcome | None:
        if not self._attempt.wait(pause):
            return Outcome(change=self._change, word=Word.UNKNOWN, detail=problem)
        self._attempt.journal.why = f"look after a lost answer: {problem}"
        try:
            return self.look()
        except ApiError as error:
            return Outcome(change=self._change, word=Word.UNKNOWN, detail=f"{problem}; then {error}")
        finally:
            self._attempt.journal.why = "sent again: the first request was not carried out"

    def _make_outcome(self, word: Word, detail: str = "") -> Outcome:
        return Outcome(change=self._change, word=word, group_id=self._change.group_id, detail=detail)
