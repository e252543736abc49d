"""In which order names can be taken so that no step makes two groups share one.

A write waits for the groups that still hold its name. Where writes wait in a circle, one of their groups is parked
under a temporary name first: then it holds nothing any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The wave of each write, counted from 1, and the writes whose group is parked in wave 1 before."""

    waves: tuple[int, ...]
    parked: frozenset[int]


def schedule_writes(blockers: Sequence[Collection[int]], delayed: Collection[int]) -> Schedule:
    """Put writes, numbered by their place, into the earliest waves in which nothing holds their names.

    `blockers[n]` are the writes that move a holder of n's name away; `delayed` wait for a parking of wave 1.
    Of a circle the write with the lowest number is parked.
    """
    waiting = [set(holders) for holders in blockers]
    dependents: list[list[int]] = [[] for _ in blockers]
    for number, holders in enumerate(blockers):
        for holder in holders:
            dependents[holder].append(number)

    waves: dict[int, int] = {}
    parked: set[int] = set()
    ready = [number for number, holders in enumerate(waiting) if not holders]
    unplaced = 0
    while len(waves) < len(blockers):
        if ready:
            number = ready.pop()
            freed_in = [1 if holder in parked else waves[holder] for holder in blockers[number]]
            freed_in += [1] if number in parked or number in delayed else []
            waves[number] = 1 + max(freed_in, default=0)
            if number in parked:
                continue  # nothing waits for it since it was parked
        else:
            unplaced = next(number for number in range(unplaced, len(blockers)) if number not in waves)
            number = min(_find_circle(waiting, unplaced))
            parked.add(number)
        ready += _release(number, dependents[number], waiting)
    return Schedule(waves=tuple(waves[number] for number in range(len(blockers))), parked=frozenset(parked))


def _find_circle(waiting: Sequence[Collection[int]], start: int) -> list[int]:
    """Follow who waits for whom from a write that waits; return the circle that this must end in."""
    path: dict[int, int] = {}
    number = start
    while number not in path:
        path[number] = len(path)
        number = min(waiting[number])
    return list(path)[path[number] :]


def _release(number: int, dependents: Sequence[int], waiting: Sequence[set[int]]) -> list[int]:
    """Let the dependents of a write wait for it no longer; return those that now wait for nothing."""
    for dependent in dependents:
        waiting[dependent].discard(number)
    return [dependent for dependent in dependents if not waiting[dependent]]
