"""Lists the groups after the last change, and waits for the list: it may show changes late."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.applier.workers import run_parallel, run_with_deadline
from groupsync.errors import ApiError, MissingError
from groupsync.interrupt import WORKERS_LAST_LOOK
from groupsync.model.plan import Create, Delete, Rename
from groupsync.model.report import GOOD_WORDS
from groupsync.model.wait import ListWait
from groupsync.watcher import waiting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from groupsync.applier.protocols import Phonebook
    from groupsync.interrupt import Interrupt
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.report import Outcome
    from groupsync.watcher import Watcher

LONGEST_WAIT = 120.0
"""Seconds after which the run no longer waits for the list."""

LIST_PAUSES = (0.5, 1.0, 2.0, 4.0, *(8.0,) * 14)
"""Seconds before each further list; their sum is at most LONGEST_WAIT."""


class Trail(Struct, frozen=True, kw_only=True):
    """The names that a group had in this run, and its last one; None if it was deleted."""

    before: tuple[str, ...]
    after: str | None


class LastLook(Struct, frozen=True, kw_only=True):
    """What is live after a run; `list_is_late` says that the list does not show all of it yet."""

    live: tuple[LiveGroup, ...]
    list_is_late: bool


def find_trails(outcomes: Sequence[Outcome]) -> dict[GroupId, Trail]:
    """Return the trail of each group that an apply created, renamed or deleted, as far as the outcomes say."""
    trails: dict[GroupId, Trail] = {}
    for outcome in outcomes:
        if outcome.word not in GOOD_WORDS:
            continue
        match outcome.change:
            case Create(name=name):
                if outcome.group_id:
                    trails[outcome.group_id] = Trail(before=(), after=name)
            case Rename(group_id=group_id, before=before, after=after):
                trails[group_id] = Trail(before=(*_names_before(trails, group_id), before), after=after)
            case Delete(group_id=group_id, name=name):
                trails[group_id] = Trail(before=(*_names_before(trails, group_id), name), after=None)
    return trails


def look_after_run(
    trails: Mapping[GroupId, Trail], phonebook: Phonebook, *, parallelism: int, watcher: Watcher, interrupt: Interrupt
) -> LastLook:
    """List all groups, and wait until the list shows each group at the end of its trail.

    The next run, on any machine, trusts the list: it would create a missing group again. When the wait ends, each group
    that the list still shows wrongly is read on its own, and the result has it as it was read. Raises ApiError if the
    list or such a group cannot be read.
    """
    live = run_with_deadline(phonebook.list_groups, interrupt)
    if late := _find_late(trails, live):
        with waiting(watcher, ListWait(number=len(late), seconds=LONGEST_WAIT)):
            live = _wait_for_list(trails, live, phonebook, interrupt)
        late = _find_late(trails, live)
    if not late:
        return LastLook(live=live, list_is_late=False)
    read = _read_groups(tuple(late), phonebook, parallelism, interrupt)
    is_confirmed = any((read[group_id].name if group_id in read else None) == late[group_id].after for group_id in late)
    others = (group for group in live if group.id not in late)
    return LastLook(live=(*others, *read.values()), list_is_late=is_confirmed)


def _wait_for_list(
    trails: Mapping[GroupId, Trail], live: tuple[LiveGroup, ...], phonebook: Phonebook, interrupt: Interrupt
) -> tuple[LiveGroup, ...]:
    """Return the first list that is not late, or the last one before the wait ends; `live` is the latest list."""
    began = interrupt.monotonic()
    for pause in LIST_PAUSES:
        if interrupt.monotonic() - began + pause > LONGEST_WAIT or interrupt.wait(pause):
            break
        with contextlib.suppress(ApiError):  # the next list may be whole, and each group is read in the end
            live = run_with_deadline(phonebook.list_groups, interrupt)
        if not _find_late(trails, live):
            break
    return live


def _names_before(trails: dict[GroupId, Trail], group_id: GroupId) -> tuple[str, ...]:
    return trails[group_id].before if group_id in trails else ()


def _find_late(trails: Mapping[GroupId, Trail], live: Sequence[LiveGroup]) -> dict[GroupId, Trail]:
    """Return the groups that the list shows as they were before, or not at all.

    A group under a name that is not in its trail was renamed by somebody else since, so it is not late.
    """
    names = {group.id: group.name for group in live if group.id in trails}
    return {group_id: trail for group_id, trail in trails.items() if _is_late(trail, names.get(group_id))}


def _is_late(trail: Trail, name: str | None) -> bool:
    return name != trail.after and (name is None or name in trail.before)


def _read_groups(
    group_ids: Sequence[GroupId], phonebook: Phonebook, parallelism: int, interrupt: Interrupt
) -> dict[GroupId, LiveGroup]:
    """Return the groups that exist; raise ApiError if one of them cannot be read."""

    def read(group_id: GroupId) -> LiveGroup | None:
        try:
            return phonebook.get_group(group_id)
        except MissingError:
            return None

    found = list(run_parallel(group_ids, read, threads=parallelism, interrupt=interrupt, grace=WORKERS_LAST_LOOK))
    if len(found) < len(group_ids):
        raise ApiError("the last look", "no answer came in the time that was left after the interrupt")
    return {group.id: group for group in found if group}
