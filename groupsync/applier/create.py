"""Creating a group: at most one POST, and a look at the list if its answer was lost."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.applier.attempt import AnyOutcome, make_failure
from groupsync.display import quote
from groupsync.errors import ApiError, StoredNameError
from groupsync.model.report import Word

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from groupsync.applier.attempt import Attempt
    from groupsync.model.groups import GroupId

LIST_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each look at the list after a lost answer: a server may list a new group late."""


def create_group(outcome: AnyOutcome, name: str, known_ids: Collection[GroupId], attempt: Attempt) -> AnyOutcome:
    """Create a group of this name and return the outcome.

    `known_ids` are the groups that were live before. Raises StoredNameError if the group was created under another
    name, and any other ApiError if it was certainly not created. After an ambiguous answer it may have been, so the
    request is not sent again. An answer with the id of a group that was live before is a conflict.
    """
    try:
        group = attempt.phonebook.create_group(name)
    except StoredNameError:
        raise
    except ApiError as error:
        if error.status == HTTPStatus.CONFLICT:
            attempt.journal.why = f"look after HTTP {HTTPStatus.CONFLICT}: somebody else may have created the group"
            found = _find_created(outcome, name, known_ids, attempt, (0.0,))
            return found or make_failure(outcome, error)
        if not error.ambiguous:
            raise
        attempt.journal.why = f"look after a lost answer: {error}"
        found = _find_created(outcome, name, known_ids, attempt, LIST_PAUSES)
        return found or make_failure(outcome, error, Word.UNKNOWN)
    if not attempt.seen_ids.note_created(group.id):
        detail = f"the Phonebook answered with a group that was there before [id={group.id}]"
        return replace(outcome, word=Word.CONFLICT, detail=detail)
    return replace(outcome, word=Word.DONE, group_id=group.id)


def _find_created(
    outcome: AnyOutcome, name: str, known_ids: Collection[GroupId], attempt: Attempt, pauses: Sequence[float]
) -> AnyOutcome | None:
    """Look for a new group of this name after each pause; return None if there is none."""
    for pause in pauses:
        if not attempt.wait(pause):
            return None
        try:
            live = attempt.list_groups()
        except ApiError:
            continue  # the journal has it; the next look may succeed
        new = [group.id for group in live if group.name == name and group.id not in known_ids]
        if len(new) == 1:
            return replace(outcome, word=Word.ADOPTED, group_id=new[0])
        if new:
            detail = f"{len(new)} groups named {quote(name)} appeared: {', '.join(sorted(new))}"
            return replace(outcome, word=Word.DUPLICATE, detail=detail)
    return None
