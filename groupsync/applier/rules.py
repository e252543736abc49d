"""The rules for every change of a run."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from groupsync.applier.protocols import Backups
    from groupsync.model.groups import GroupId


class UndoRules:
    """Decides whether this run may delete a group that it has just created, by the rules for every deletion.

    `most_deletes` is how many groups the run may delete at most, None if it has no limit. Deletions of
    the plan do not count: they begin when every create has succeeded. A limit of lost contacts never matters here,
    because only a group without members is deleted.
    """

    def __init__(self, is_protected: Callable[[str], bool], most_deletes: int | None) -> None:
        self.is_protected = is_protected
        self._most_deletes = most_deletes
        self._deleted = 0
        self._lock = threading.Lock()

    def take_deletion(self) -> bool:
        """Count a deletion that is about to be sent; return false if it would be one too many."""
        with self._lock:
            if self._most_deletes is not None and self._deleted >= self._most_deletes:
                return False
            self._deleted += 1
            return True


class ChangeRules(Struct, frozen=True, kw_only=True):
    """The rules for every change of a run.

    `known_ids` are the groups of the plan's base. Without `backups` a group is deleted only while nobody is in it,
    unless `without_backup`. Once `is_stopped` returns true, nothing more is begun.
    """

    known_ids: Collection[GroupId]
    backups: Backups | None
    without_backup: bool
    is_stopped: Callable[[], bool]
    undo_rules: UndoRules
