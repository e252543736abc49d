"""Handles a name that the Phonebook stored differently: undoes the create, or renames the group back."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.applier.attempt import PAUSES
from groupsync.applier.update import GroupUpdate
from groupsync.display import quote, write_scalar
from groupsync.errors import ApiError, MissingError, NotSentError, StoredNameError
from groupsync.model.groups import GroupId
from groupsync.model.report import GOOD_WORDS, Cause, Outcome, Word
from groupsync.names import find_name_fault

if TYPE_CHECKING:
    from groupsync.applier.attempt import Attempt
    from groupsync.applier.rules import UndoRules
    from groupsync.model.plan import Rename

_WHY = "the Phonebook stored a different name"


def undo_create(outcome: Outcome, error: StoredNameError, attempt: Attempt, rules: UndoRules) -> Outcome:
    """Delete a group that was created under another name if that is certainly safe, and return the outcome.

    It is safe if the group is certainly new (the answer was 201, and this run has not seen its id), if a new read shows
    it as in the answer and without members, and if nothing forbids the deletion. Otherwise the group stays, because
    somebody may already use it. The DELETE is sent only once, even if its answer is lost.
    """
    group_id = GroupId(error.group_id)
    obstacle = _find_obstacle(error, group_id, attempt, rules)
    what = f"the new group is kept, because {obstacle}" if obstacle else _delete(group_id, attempt, rules)
    detail = f"{describe_stored_name(error)}; {what} [id={group_id}]"
    return replace(outcome, word=Word.FAILED, group_id=group_id, detail=detail, cause=Cause.STORED_NAME)


def _find_obstacle(error: StoredNameError, group_id: GroupId, attempt: Attempt, rules: UndoRules) -> str:
    """Return why the group must not be deleted; empty if a new read shows that it may be."""
    if error.status != HTTPStatus.CREATED:
        return f"the answer was HTTP {error.status}, so it may have existed before"
    if group_id in attempt.seen_ids:
        return "this run has seen it before"
    if rules.is_protected(error.stored_name):
        return "its name is protected"
    obstacle = "" if attempt.is_interrupted else _look(error, group_id, attempt)
    return "the run was interrupted" if attempt.is_interrupted else obstacle


def _look(error: StoredNameError, group_id: GroupId, attempt: Attempt) -> str:
    """Read the group again and return what forbids its deletion; empty if nothing does."""
    attempt.journal.why = f"look before the undo of the create: {_WHY}"
    try:
        members = attempt.phonebook.list_contacts(group_id)
        group = attempt.phonebook.get_group(group_id)
    except ApiError as problem:
        return f"it could not be read: {problem}"
    if members or group.contacts_count:
        return "it may have members"
    return "" if group.name == error.stored_name else f"its name is {quote(group.name)} now"


def _delete(group_id: GroupId, attempt: Attempt, rules: UndoRules) -> str:
    """Delete the group and return the outcome."""
    if not rules.take_deletion():
        return "the new group is kept, because this run may delete nothing more"
    attempt.journal.why = f"undo of the create: {_WHY}"
    try:
        attempt.phonebook.delete_group(group_id)
    except MissingError:
        return "the new group is gone again"
    except NotSentError:
        return "the new group is kept, because the run was interrupted"
    except ApiError as problem:
        if not problem.ambiguous:
            return f"the new group is kept, because it could not be deleted: {problem}"
        return _look_after_lost_answer(group_id, attempt, problem)
    return "the new group was deleted again"


def _look_after_lost_answer(group_id: GroupId, attempt: Attempt, problem: ApiError) -> str:
    """Return the outcome of a deletion whose answer was lost, as far as a new read shows it."""
    attempt.journal.why = f"look after a lost answer: {problem}"
    if attempt.wait(PAUSES[0]):
        try:
            attempt.phonebook.get_group(group_id)
        except MissingError:
            return "the new group was deleted again"
        except ApiError:
            pass  # the journal has it
    return f"it is not known whether the new group was deleted again: look for it in a minute ({problem})"


def rename_back(change: Rename, error: StoredNameError, attempt: Attempt) -> Outcome:
    """Undo a rename that the Phonebook stored as another name, and return the outcome."""
    what = _rename_back(change, error.stored_name, attempt)
    remedy = _describe_temporary_name(error) if change.temporary else describe_stored_name(error)
    detail = f"{remedy}; {what}"
    return Outcome(change=change, word=Word.FAILED, group_id=change.group_id, detail=detail, cause=Cause.STORED_NAME)


def _rename_back(change: Rename, stored_name: str, attempt: Attempt) -> str:
    """Rename the group back unless somebody else has renamed it; return its present name, as far as known."""
    if stored_name == change.before:
        return f"the group keeps its name {quote(stored_name)}"
    back = replace(change, before=stored_name, after=change.before)
    update = GroupUpdate(back, attempt)
    attempt.journal.why = f"look before the undo of the rename: {_WHY}"
    try:
        outcome = update.look()
        if outcome is None:
            attempt.journal.why = f"undo of the rename: {_WHY}"
            outcome = update.send(lambda: attempt.phonebook.rename_group(back.group_id, back.after))
            attempt.journal.why = f"look after the undo of the rename: {_WHY}"
            outcome = update.look() or outcome
    except StoredNameError as problem:
        now = f"previously: [{write_scalar(problem.stored_name)}]"
        return f"it was renamed back, and the Phonebook now calls it {quote(problem.stored_name)}: also write {now}"
    except ApiError as problem:
        return f"it could not be renamed back from {quote(stored_name)} to {quote(change.before)}: {problem}"
    if outcome.word in GOOD_WORDS:
        return f"the group has its old name {quote(change.before)} again"
    return f"it was not renamed back from {quote(stored_name)} to {quote(change.before)}: {outcome.detail}"


def describe_stored_name(error: StoredNameError) -> str:
    """Return the name that the Phonebook stores in place of this one, and the remedy."""
    stored = quote(error.stored_name)
    if fault := find_name_fault(error.stored_name):
        return f"the Phonebook stores it as {stored}, a name that {fault}, so choose another name"
    return f"the Phonebook stores it as {stored}, so write that name"


def _describe_temporary_name(error: StoredNameError) -> str:
    return (
        f"the Phonebook stores the temporary name {quote(error.sent_name)} as {quote(error.stored_name)}, so make this "
        "change in two plans: the first frees the name that the group needs"
    )
