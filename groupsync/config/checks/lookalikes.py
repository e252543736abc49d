"""Warnings about pairs of entries that are valid but probably a mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.config.problems import limit_problems
from groupsync.display import quote
from groupsync.model.config import RemovedName
from groupsync.names import describe_difference, fold_look_alikes, list_look_alike_keys, same_name_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.config.entries import ConfigEntries, Located, LocatedItems
    from groupsync.config.problems import ConfigProblem
    from groupsync.model.config import GroupEntry, Removal

_LONGEST_DIFFERENCE = 80


def find_likely_mistakes(entries: ConfigEntries) -> Iterator[ConfigProblem]:
    """Yield a warning at the later entry of each pair: names that look alike, a name that is removed twice."""
    yield from limit_problems(_find_look_alikes(entries.groups))
    yield from limit_problems(_find_removals_twice(entries.removed))


def _find_look_alikes(groups: LocatedItems[GroupEntry]) -> Iterator[ConfigProblem]:
    if len({*list_look_alike_keys(group.name for group in groups.values)}) == len(groups):
        return  # nearly always; what follows knows the pairs
    first_same: dict[str, Located[GroupEntry]] = {}
    first_alike: dict[str, Located[GroupEntry]] = {}
    for group in groups:
        name = group.value.name
        key = same_name_key(name)
        same = first_same.setdefault(key, group)
        alike = first_alike.setdefault(fold_look_alikes(key), group)
        differs_only_in_form = same is not group
        other = same if differs_only_in_form else alike
        have_ids = group.value.id is not None and other.value.id is not None
        if other.value.name == name or have_ids:
            continue  # of two entries with an id, both are meant
        sentence = _describe_same(name, other) if differs_only_in_form else _describe_alike(name, other)
        yield group.problem(sentence, "name")


def _describe_same(name: str, other: Located[GroupEntry]) -> str:
    return (
        f"{quote(name)} and {quote(other.value.name)} (at {other.source}) "
        "differ only in case, form or blanks: check that you mean both"
    )


def _describe_alike(name: str, other: Located[GroupEntry]) -> str:
    difference = describe_difference(name, other.value.name)
    return (
        f"{quote(name)} looks like {quote(other.value.name)} (at {other.source}){difference}: check that you mean both"
    )


def _find_removals_twice(removed: LocatedItems[Removal]) -> Iterator[ConfigProblem]:
    first: dict[str, Located[Removal]] = {}
    for removal in removed:
        if not isinstance(removal.value, RemovedName):
            continue
        name = removal.value.name
        if name in first:
            sentence = f"{quote(name)} is removed already at {first[name].source}: one entry is enough"
            yield removal.problem(sentence, "name")
        first.setdefault(name, removal)
