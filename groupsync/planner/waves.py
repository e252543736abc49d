"""Order renames and creates so that no two groups share a name at any time.

A change waits until no other group has its name. If changes wait for each other in a cycle, the group of one of them
is moved to a temporary name first, which frees the name it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


class Schedule(Struct, frozen=True, kw_only=True):
    """The wave of each change, counted from 1; the groups of `moved_away` go to a temporary name in wave 1."""

    waves: tuple[int, ...]
    moved_away: frozenset[int]


def schedule_changes(blockers: Sequence[Collection[int]], delayed: Collection[int]) -> Schedule:
    """Put each change into the earliest wave in which no other group has its name.

    Changes are numbers from 0. `blockers[n]` are the changes that must first free the name that change n needs;
    `delayed` are the changes whose name is freed in wave 1. In a cycle, the change with the lowest number goes through
    a temporary name.
    """
    waiting_for = [set(holders) for holders in blockers]
    dependents: list[list[int]] = [[] for _ in blockers]
    for number, holders in enumerate(blockers):
        for holder in holders:
            dependents[holder].append(number)

    waves: dict[int, int] = {}
    moved_away: set[int] = set()
    ready = [number for number, holders in enumerate(waiting_for) if not holders]
    search_from = 0
    while len(waves) < len(blockers):
        if ready:
            number = ready.pop()
            freed_in = [1 if holder in moved_away else waves[holder] for holder in blockers[number]]
            if number in moved_away or number in delayed:
                freed_in.append(1)
            waves[number] = 1 + max(freed_in, default=0)
            if number in moved_away:
                continue  # its dependents were released when it was moved away
        else:
            search_from = next(number for number in range(search_from, len(blockers)) if number not in waves)
            number = min(_find_cycle(waiting_for, search_from))
            moved_away.add(number)
        ready += _release(number, dependents[number], waiting_for)
    return Schedule(waves=tuple(waves[number] for number in range(len(blockers))), moved_away=frozenset(moved_away))


def _find_cycle(waiting_for: Sequence[Collection[int]], start: int) -> list[int]:
    """Follow a waiting change to what it waits for, again and again; return the cycle in which that must end."""
    path: dict[int, int] = {}
    number = start
    while number not in path:
        path[number] = len(path)
        number = min(waiting_for[number])
    return list(path)[path[number] :]


def _release(number: int, dependents: Sequence[int], waiting_for: Sequence[set[int]]) -> list[int]:
    """Remove a change from what its dependents wait for; return the dependents that now wait for nothing."""
    for dependent in dependents:
        waiting_for[dependent].discard(number)
    return [dependent for dependent in dependents if not waiting_for[dependent]]
