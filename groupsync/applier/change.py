"""One change: the requests that carry it out, and how it ended as far as they tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.applier.attempt import catch_failures
from groupsync.applier.create import create_group
from groupsync.applier.delete import Deletion
from groupsync.applier.stored_name import rename_back, undo_create
from groupsync.applier.update import GroupUpdate
from groupsync.errors import StoredNameError
from groupsync.model.plan import Change, Create, Delete, Rename
from groupsync.model.report import Outcome, Word

if TYPE_CHECKING:
    from groupsync.applier.attempt import Attempt
    from groupsync.applier.rules import ChangeRules
    from groupsync.model.remaining import RemainingChange


def carry_out(remaining: RemainingChange[Change], attempt: Attempt, rules: ChangeRules) -> Outcome:
    """Carry out one change and return how it ended; a failure of the API or of a backup is an outcome, too."""
    return catch_failures(remaining.change, attempt, lambda: _carry_out(remaining, attempt, rules))


def _carry_out(remaining: RemainingChange[Change], attempt: Attempt, rules: ChangeRules) -> Outcome:
    match remaining.change:
        case Create(name=name) as change:
            outcome = Outcome(change=change, word=Word.NOT_ATTEMPTED)
            try:
                return create_group(outcome, name, rules.known_ids, attempt)
            except StoredNameError as error:
                return undo_create(outcome, error, attempt, rules.undo_rules)
        case Rename(group_id=group_id, after=name) as change:
            try:
                return GroupUpdate(change, attempt).send(lambda: attempt.phonebook.rename_group(group_id, name))
            except StoredNameError as error:
                return rename_back(change, error, attempt)
        case Delete() as change:
            return Deletion(change, remaining.may_lose, attempt, rules).carry_out()
