"""One change: the requests that carry it out, and how it ended as far as they tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.decide import State, decide_changes
from groupsync.errors import ApiError, MissingGroupError
from groupsync.model.plan import Change, Create, Delete, Rename
from groupsync.model.report import Outcome, Word

if TYPE_CHECKING:
    from collections.abc import Callable

    from groupsync.applier.protocols import Phonebook


def carry_out(change: Change, phonebook: Phonebook, is_stopped: Callable[[], bool]) -> Outcome:
    """Return how the change ended; a failure of the API is an outcome, too. Once stopped, nothing is written."""
    if is_stopped():
        return Outcome(change=change, word=Word.NOT_ATTEMPTED)
    try:
        match change:
            case Create(name=name):
                return Outcome(change=change, word=Word.DONE, group_id=phonebook.create_group(name).id)
            case Rename(group_id=group_id, after=name):
                phonebook.rename_group(group_id, name)
                return Outcome(change=change, word=Word.DONE, group_id=group_id)
            case Delete():
                return _delete(change, phonebook, is_stopped)
    except ApiError as error:
        lost = error.ambiguous and isinstance(change, Create)
        detail = f"{error} ({error.hint})" if error.hint else str(error)
        return Outcome(change=change, word=Word.UNKNOWN if lost else Word.FAILED, detail=detail)


def _delete(change: Delete, phonebook: Phonebook, is_stopped: Callable[[], bool]) -> Outcome:
    """Delete the group if a fresh look shows what was reviewed: name, and no more contacts than were counted then."""
    try:
        group = phonebook.get_group(change.group_id)
        (decision,) = decide_changes((change,), (), (group,))
        if decision.state is not State.PENDING:
            return Outcome(change=change, word=Word.CONFLICT, group_id=group.id, detail=decision.detail)
        if is_stopped():
            return Outcome(change=change, word=Word.NOT_ATTEMPTED)
        phonebook.delete_group(change.group_id)
    except MissingGroupError:
        return Outcome(change=change, word=Word.ALREADY_DONE, group_id=change.group_id)
    return Outcome(change=change, word=Word.DONE, group_id=change.group_id)
