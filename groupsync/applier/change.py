"""One change: the requests that carry it out, and how it ended as far as they tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from groupsync.applier.attempt import describe_failure
from groupsync.applier.create import create_group
from groupsync.applier.update import GroupUpdate
from groupsync.errors import ApiError, FileError, NotSentError
from groupsync.model.plan import Change, Create, Delete, Rename
from groupsync.model.report import Outcome, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from groupsync.applier.attempt import Attempt
    from groupsync.applier.protocols import Backups
    from groupsync.model.groups import GroupId
    from groupsync.model.remaining import RemainingChange


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRules:
    """What holds for every change of a run.

    `known_ids` are the groups of the plan's base. Without `backups` a group is deleted only while nobody is in it,
    unless `without_backup`. Once `is_stopped` returns true, nothing more is begun.
    """

    known_ids: Collection[GroupId]
    backups: Backups | None
    without_backup: bool
    is_stopped: Callable[[], bool]


def carry_out(remaining: RemainingChange[Change], attempt: Attempt, rules: ChangeRules) -> Outcome:
    """Carry out one change and return how it ended; a failure of the API or of a backup is an outcome, too."""
    return _catch_failures(remaining.change, attempt, lambda: _carry_out(remaining, attempt, rules))


def _catch_failures(change: Change, attempt: Attempt, step: Callable[[], Outcome]) -> Outcome:
    """Return the outcome of a step that may fail."""
    try:
        return step()
    except NotSentError:
        return Outcome(change=change, word=Word.NOT_ATTEMPTED)
    except ApiError as error:
        if attempt.is_interrupted and error.only_reads:  # every read comes before the first write
            return Outcome(change=change, word=Word.NOT_ATTEMPTED)
        return Outcome(change=change, word=Word.FAILED, detail=describe_failure(error))
    except FileError as error:
        return Outcome(change=change, word=Word.FAILED, detail=describe_failure(error))


def _carry_out(remaining: RemainingChange[Change], attempt: Attempt, rules: ChangeRules) -> Outcome:
    match remaining.change:
        case Create(name=name) as change:
            outcome = Outcome(change=change, word=Word.NOT_ATTEMPTED)
            return create_group(outcome, name, rules.known_ids, attempt)
        case Rename(group_id=group_id, after=name) as change:
            update = GroupUpdate(change, attempt)
            return update.send(lambda: attempt.phonebook.rename_group(group_id, name))
        case Delete() as change if rules.backups and remaining.may_lose != 0:
            return _delete_with_backup(change, remaining.may_lose, attempt, rules, rules.backups)
        case Delete() as change:
            saved = None if rules.without_backup else 0
            update = GroupUpdate(change, attempt, may_lose=remaining.may_lose, saved=saved)
            return _delete_if_as_reviewed(change, update, attempt, rules)


def _delete_with_backup(
    change: Delete, may_lose: int | None, attempt: Attempt, rules: ChangeRules, backups: Backups
) -> Outcome:
    """Save the members, then delete the group while it has exactly as many; remove the file if it was not deleted."""
    attempt.journal.why = "backup of the members"
    contacts = attempt.phonebook.list_contacts(change.group_id)
    backup = backups.save(change.group_id, change.name, contacts) if contacts else ""
    update = GroupUpdate(change, attempt, may_lose=may_lose, saved=len(contacts))
    outcome = _catch_failures(change, attempt, lambda: _delete_if_as_reviewed(change, update, attempt, rules))
    if backup and not update.has_sent and outcome.word is not Word.ALREADY_DONE:
        backups.discard(backup)
        return outcome
    return replace(outcome, backup=backup)


def _delete_if_as_reviewed(change: Delete, update: GroupUpdate, attempt: Attempt, rules: ChangeRules) -> Outcome:
    """Delete the group if a fresh look shows what was reviewed."""
    attempt.journal.why = "look before the deletion"
    if outcome := update.look():
        return outcome
    if rules.is_stopped():
        return Outcome(change=change, word=Word.NOT_ATTEMPTED)
    attempt.journal.why = ""
    return update.send(lambda: attempt.phonebook.delete_group(change.group_id))
