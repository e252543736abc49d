"""Making a group: one POST at most, and a look at the list when its answer does not say how it ended."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from groupsync.applier.attempt import Ending, explain
from groupsync.display import quote
from groupsync.errors import ApiError, StoredNameError
from groupsync.model.groups import GroupId
from groupsync.model.report import Word

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from groupsync.applier.attempt import Hand

LADDER = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each look at the list after a lost answer: a server may be late with what it has made."""


def make_group(name: str, known_ids: Collection[GroupId], hand: Hand) -> Ending:
    """Make a group of this name; `known_ids` are the groups that were there before.

    Raises ApiError when it was certainly not made. After an ambiguous answer it may have been, and is not sent again.
    """
    try:
        return Ending(word=Word.DONE, group_id=hand.phonebook.create_group(name).id)
    except StoredNameError as error:
        return Ending(word=Word.FAILED, group_id=GroupId(error.group_id), detail=explain(error))
    except ApiError as error:
        if error.status == HTTPStatus.CONFLICT:
            hand.journal.why = f"look after HTTP {HTTPStatus.CONFLICT}: somebody else may have made the group"
            return _find_made(name, known_ids, hand, (0.0,)) or Ending(word=Word.FAILED, detail=explain(error))
        if not error.ambiguous:
            raise
        hand.journal.why = f"look after a lost answer: {error}"
        return _find_made(name, known_ids, hand, LADDER) or Ending(word=Word.UNKNOWN, detail=explain(error))


def _find_made(name: str, known_ids: Collection[GroupId], hand: Hand, pauses: Sequence[float]) -> Ending | None:
    """Look for a new group of this name, again and again; return None when there is none."""
    for pause in pauses:
        if not hand.wait(pause):
            return None
        try:
            live = hand.phonebook.list_groups()
        except ApiError:
            continue  # the journal tells it; the next look may be better
        new = [group.id for group in live if group.name == name and group.id not in known_ids]
        if len(new) == 1:
            return Ending(word=Word.ADOPTED, group_id=new[0])
        if new:
            detail = f"{len(new)} groups named {quote(name)} appeared: {', '.join(sorted(new))}"
            return Ending(word=Word.DUPLICATE, detail=detail)
    return None
