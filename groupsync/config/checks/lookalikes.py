"""Warnings about names that a reader or the Phonebook could take for one another, and about repeated consent."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from groupsync.display import quote
from groupsync.model.config import RemovedName
from groupsync.names import fold_look_alikes, same_name_key
from groupsync.schema import MOST_VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.config.entries import ConfigEntries, Located
    from groupsync.config.problems import ConfigProblem
    from groupsync.model.config import GroupEntry, Removal


def find_likely_mistakes(entries: ConfigEntries) -> Iterator[ConfigProblem]:
    """Yield a warning at the later of two places that are allowed but hardly meant."""
    yield from islice(_find_look_alikes(entries.groups), MOST_VIOLATIONS + 1)
    yield from islice(_find_removals_twice(entries.removed), MOST_VIOLATIONS + 1)


def _find_look_alikes(groups: tuple[Located[GroupEntry], ...]) -> Iterator[ConfigProblem]:
    first_same: dict[str, Located[GroupEntry]] = {}
    first_alike: dict[str, Located[GroupEntry]] = {}
    for found in groups:
        name = found.value.name
        key = same_name_key(name)
        same = first_same.setdefault(key, found)
        alike = first_alike.setdefault(fold_look_alikes(key), found)
        other = alike if same is found else same
        if other.value.name == name or (found.value.id is not None and other.value.id is not None):
            continue  # a pair of which both have an id is meant
        yield found.problem(_tell_same(name, other) if other is same else _tell_alike(name, other), "name")


def _tell_same(name: str, other: Located[GroupEntry]) -> str:
    return (
        f"{quote(name)} and {quote(other.value.name)} (at {other.source}) "
        "differ only in case, form or outer blanks: make sure that both are meant"
    )


def _tell_alike(name: str, other: Located[GroupEntry]) -> str:
    odd = "".join(f" U+{ord(char):04X}" for char in dict.fromkeys(name) if char not in other.value.name)
    return (
        f"{quote(name)} looks like {quote(other.value.name)} (at {other.source})"
        f"{' but for' + odd if odd else ''}: make sure that both are meant"
    )


def _find_removals_twice(removed: tuple[Located[Removal], ...]) -> Iterator[ConfigProblem]:
    first: dict[str, Located[Removal]] = {}
    for found in removed:
        if not isinstance(found.value, RemovedName):
            continue
        name = found.value.name
        if name in first:
            yield found.problem(
                f"{quote(name)} is removed already at {first[name].source}: one entry is enough", "name"
            )
        first.setdefault(name, found)
