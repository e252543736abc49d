"""Finds which of many names became which: the most similar first, each name once."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.suggest.similarity import Similarity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from groupsync.model.groups import LiveGroup

LEAST_SCORE = 0.55
_CONTACTS_BONUS = 0.01  # for each power of ten: of two similar groups, prefer the one with more contacts

# The limits on the work for thousands of groups. Higher ones find the same renames (`tests/laws/renames`).

_MOST_LOOKED_AT = 1_000
"""How many names are compared for one group, rarest features first.

A name that shares only common features is a bad candidate, and there are many: without this limit, 5,000 groups take
three times as long.
"""

_MOST_CANDIDATES = 4
"""How many names are compared with one group. A comparison is slow, and a fifth candidate is hardly ever right."""

_MOST_OTHERS = 2_000
"""How many other names are counted to find out how rare a word is. A sample of them shows it in half the time."""


class Pair(Struct, frozen=True, kw_only=True):
    """A group and the name that it may have been renamed to."""

    group: LiveGroup
    after: str
    score: float


def pair_names(groups: Sequence[LiveGroup], new_names: Sequence[str], others: Iterable[str] = ()) -> tuple[Pair, ...]:
    """Return the groups that look like one of the new names, the most similar pair first.

    `others` are further names in use. A word that many of them have counts little. Of many others a sample is used.
    """
    old_names = [group.name for group in groups]
    similarity = Similarity({*old_names, *new_names}, {*_take_sample(sorted(set(others)))})
    index = _Index(similarity, new_names, old_names)
    pairs: list[Pair] = []
    for group in groups:
        for after in index.find_candidates(group.name):
            score = _score(similarity, group, after)
            if score >= LEAST_SCORE:
                pairs.append(Pair(group=group, after=after, score=score))
    pairs.sort(key=lambda pair: (-pair.score, pair.group.name, pair.after))
    return tuple(_take_each_once(pairs))


def _take_sample(names: Sequence[str]) -> Sequence[str]:
    """Return every nth name, so that there are no more than a sample may have."""
    return names[:: 1 + len(names) // _MOST_OTHERS]


class _Index:
    """The new names by their keys, words and trigrams."""

    def __init__(self, similarity: Similarity, new_names: Sequence[str], old_names: Sequence[str]) -> None:
        self._keys = similarity.keys
        self._kinds = [
            (kind, kind.make_index(new_names, old_names)) for kind in (similarity.words, similarity.trigrams)
        ]
        self._names_by_key: dict[str, list[str]] = defaultdict(list)
        for name in new_names:
            self._names_by_key[self._keys[name]].append(name)

    def find_candidates(self, name: str) -> Sequence[str]:
        """Return the new names that share most with this one, and that are worth a comparison."""
        longest_first = sorted(self._find_shared(name), key=_count_names, reverse=True)
        shared: dict[str, float] = defaultdict(float)
        for new_names, weight in longest_first[:1]:
            shared.update(dict.fromkeys(new_names, weight))
        for new_names, weight in longest_first[1:]:
            for candidate in new_names:
                shared[candidate] += weight
        least = min(sorted(shared.values())[-_MOST_CANDIDATES:], default=0.0)
        likely = sorted([candidate for candidate, weight in shared.items() if weight >= least])
        return sorted(likely, key=shared.__getitem__, reverse=True)[:_MOST_CANDIDATES]

    def _find_shared(self, name: str) -> Iterator[tuple[tuple[str, ...], float]]:
        """Yield new names that share features with this one, and how much these features weigh together.

        Names with the same word share all of its trigrams too, so one weight for all of them saves most of the work.
        """
        same_key = tuple(self._names_by_key.get(self._keys[name], ()))
        yield same_key, math.inf
        looked_at = len(same_key)
        for kind, index in self._kinds:
            found: dict[int, tuple[str, ...]] = {}
            weights: dict[int, float] = defaultdict(float)
            for _, weight, number, new_names in kind.look_up(name, index):
                looked_at += len(new_names)
                if looked_at > _MOST_LOOKED_AT:
                    break
                found[number] = new_names
                weights[number] += weight
            yield from zip(found.values(), weights.values(), strict=True)


def _count_names(shared: tuple[tuple[str, ...], float]) -> int:
    return len(shared[0])


def _score(similarity: Similarity, group: LiveGroup, after: str) -> float:
    bonus = _CONTACTS_BONUS * math.log10(1 + (group.contacts_count or 0))
    return bonus + similarity.compare(group.name, after, least=LEAST_SCORE - bonus)


def _take_each_once(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """Yield the first pair of each group and of each new name."""
    renamed: set[str] = set()
    taken: set[str] = set()
    for pair in pairs:
        if pair.group.id not in renamed and pair.after not in taken:
            renamed.add(pair.group.id)
            taken.add(pair.after)
            yield pair
