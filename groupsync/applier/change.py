"""One change: the requests that carry it out, and how it ended as far as they tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from groupsync.applier.attempt import Ending, explain
from groupsync.applier.create import make_group
from groupsync.applier.update import Writing
from groupsync.errors import ApiError, FileError, NotSentError
from groupsync.model.plan import Change, Create, Delete, Rename
from groupsync.model.report import Word

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from groupsync.applier.attempt import Hand
    from groupsync.applier.protocols import Backups
    from groupsync.model.groups import GroupId


def carry_out(  # noqa: PLR0913 - what decides about one change
    change: Change,
    hand: Hand,
    *,
    known_ids: Collection[GroupId],
    backups: Backups | None,
    without_backup: bool,
    is_stopped: Callable[[], bool],
) -> Ending:
    """Return how the change ended; a failure of the API or of a backup is an ending, too.

    `known_ids` are the groups of the plan's base. Without `backups` only a group that nobody is in is deleted, unless
    `without_backup`. Once stopped, nothing more is begun.
    """
    match change:
        case Create(name=name):
            return _end(hand, lambda: make_group(name, known_ids, hand))
        case Rename(group_id=group_id, after=name):
            return _end(hand, lambda: Writing(change, hand).send(lambda: hand.phonebook.rename_group(group_id, name)))
        case Delete() if backups and change.contacts_count:
            return _end(hand, lambda: _delete_with_backup(change, hand, backups, is_stopped))
        case Delete():
            writing = Writing(change, hand, saved=None if without_backup else 0)
            return _end(hand, lambda: _delete(change, hand, writing, is_stopped))


def _end(hand: Hand, step: Callable[[], Ending]) -> Ending:
    """Return the ending of a step; a read that an interrupt cuts short comes before anything is written."""
    try:
        return step()
    except NotSentError:
        return Ending(word=Word.NOT_ATTEMPTED)
    except ApiError as error:
        is_cut = hand.is_interrupted and error.only_reads
        return Ending(word=Word.NOT_ATTEMPTED) if is_cut else Ending(word=Word.FAILED, detail=explain(error))
    except FileError as error:
        return Ending(word=Word.FAILED, detail=explain(error))


def _delete_with_backup(change: Delete, hand: Hand, backups: Backups, is_stopped: Callable[[], bool]) -> Ending:
    """Keep the members on the disk, then delete the group while it has just as many."""
    hand.journal.why = "backup of the members"
    contacts = hand.phonebook.list_contacts(change.group_id)
    backup = backups.save(change.group_id, change.name, contacts) if contacts else ""
    writing = Writing(change, hand, saved=len(contacts))
    ending = _end(hand, lambda: _delete(change, hand, writing, is_stopped))
    if backup and not writing.has_sent and ending.word is not Word.ALREADY_DONE:
        backups.discard(backup)
        return ending
    return replace(ending, backup=backup)


def _delete(change: Delete, hand: Hand, writing: Writing, is_stopped: Callable[[], bool]) -> Ending:
    """Delete the group if a fresh look shows what was reviewed."""
    hand.journal.why = "look before the deletion"
    if ending := writing.look():
        return ending
    if is_stopped():
        return Ending(word=Word.NOT_ATTEMPTED)
    hand.journal.why = ""
    return writing.send(lambda: hand.phonebook.delete_group(change.group_id))
