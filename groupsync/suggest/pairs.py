"""Finds which of many names became which: the most similar first, each name once."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.suggest.similarity import Similarity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

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
    similarity = Similarity({*old_names, *new_names, *_take_sample(sorted(set(others)))})
    index = _make_index(similarity, new_names, old_names)
    pairs: list[Pair] = []
    for group in groups:
        for after in _find_candidates(similarity, index, group.name):
            pair = _make_pair(similarity, group, after)
            if pair.score >= LEAST_SCORE:
                pairs.append(pair)
    pairs.sort(key=lambda pair: (-pair.score, pair.group.name, pair.after))
    return tuple(_take_each_once(pairs))


def _take_sample(names: Sequence[str]) -> Sequence[str]:
    """Return every nth name, so that there are no more than a sample may have."""
    return names[:: 1 + len(names) // _MOST_OTHERS]


def _make_index(
    similarity: Similarity, new_names: Sequence[str], old_names: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    """Return for each feature of the old names the new names that have it."""
    old_features = set().union(*map(similarity.find_features, old_names))
    index: dict[str, list[str]] = defaultdict(list)
    for name in new_names:
        for feature in old_features & similarity.find_features(name):
            index[feature].append(name)
    return index


def _find_candidates(similarity: Similarity, index: Mapping[str, Sequence[str]], name: str) -> Sequence[str]:
    """Return the new names that share most with this one, and that are worth a comparison."""
    shared: dict[str, float] = defaultdict(float)
    looked_at = 0
    for feature, weight in similarity.weigh_features(name):
        new_names = index.get(feature, ())
        looked_at += len(new_names)
        if looked_at > _MOST_LOOKED_AT:
            break
        for candidate in new_names:
            shared[candidate] += weight
    least = min(heapq.nlargest(_MOST_CANDIDATES, shared.values()), default=0.0)
    likely = [candidate for candidate, weight in shared.items() if weight >= least]
    return sorted(likely, key=lambda candidate: (-shared[candidate], candidate))[:_MOST_CANDIDATES]


def _make_pair(similarity: Similarity, group: LiveGroup, after: str) -> Pair:
    bonus = _CONTACTS_BONUS * math.log10(1 + (group.contacts_count or 0))
    score = similarity.compare(group.name, after, least=LEAST_SCORE - bonus)
    return Pair(group=group, after=after, score=score + bonus)


def _take_each_once(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """Yield the first pair of each group and of each new name."""
    renamed: set[str] = set()
    taken: set[str] = set()
    for pair in pairs:
        if pair.group.id not in renamed and pair.after not in taken:
            renamed.add(pair.group.id)
            taken.add(pair.after)
            yield pair
