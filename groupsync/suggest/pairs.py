"""Which of many names became which: the most alike first, each name once."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupsync.suggest.similarity import Similarity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from groupsync.model.groups import LiveGroup

LEAST_SCORE = 0.55
_OF_CONTACTS = 0.01  # for each power of ten: of two groups the fuller one is missed more
_MOST_LOOKED_AT = 1_000  # names, through one feature after the other
_MOST_CANDIDATES = 4
_MOST_OTHERS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A group and the name that it may have got."""

    group: LiveGroup
    after: str
    score: float


def pair_names(groups: Sequence[LiveGroup], wanted: Sequence[str], others: Iterable[str] = ()) -> tuple[Pair, ...]:
    """Return the groups that look like one of the wanted names, the likeliest pair first.

    `others` are further names in use: what is common among them tells little. Of many of them some tell as much.
    """
    similarity = Similarity({*(group.name for group in groups), *wanted, *_take_evenly(sorted(set(others)))})
    index = _make_index(similarity, wanted, of=[group.name for group in groups])
    pairs = [
        pair
        for group in groups
        for after in _find_candidates(similarity, index, group.name)
        if (pair := _make_pair(similarity, group, after)).score >= LEAST_SCORE
    ]
    return tuple(_take_each_once(sorted(pairs, key=lambda pair: (-pair.score, pair.group.name, pair.after))))


def _take_evenly(names: Sequence[str]) -> Sequence[str]:
    return names[:: 1 + len(names) // _MOST_OTHERS]


def _make_index(similarity: Similarity, wanted: Sequence[str], of: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return the wanted names that have a feature, for each feature of the other names."""
    looked_for = set().union(*map(similarity.find_features, of))
    index: dict[str, list[str]] = defaultdict(list)
    for name in wanted:
        for feature in looked_for & similarity.find_features(name):
            index[feature].append(name)
    return index


def _find_candidates(similarity: Similarity, index: Mapping[str, Sequence[str]], name: str) -> Sequence[str]:
    """Return the names that share most with this one, as far as it is worth to compare them."""
    shared: dict[str, float] = defaultdict(float)
    looked_at = 0
    for feature, weight in similarity.weigh_features(name):
        names = index.get(feature, ())
        looked_at += len(names)
        if looked_at > _MOST_LOOKED_AT:
            break
        for candidate in names:
            shared[candidate] += weight
    least = min(heapq.nlargest(_MOST_CANDIDATES, shared.values()), default=0.0)
    likely = [candidate for candidate, weight in shared.items() if weight >= least]
    return sorted(likely, key=lambda candidate: (-shared[candidate], candidate))[:_MOST_CANDIDATES]


def _make_pair(similarity: Similarity, group: LiveGroup, after: str) -> Pair:
    bonus = _OF_CONTACTS * math.log10(1 + (group.contacts_count or 0))
    score = similarity.compare(group.name, after, least=LEAST_SCORE - bonus)
    return Pair(group=group, after=after, score=score + bonus)


def _take_each_once(pairs: Iterable[Pair]) -> Iterator[Pair]:
    taken: set[str] = set()
    renamed: set[str] = set()
    for pair in pairs:
        if pair.group.id not in renamed and pair.after not in taken:
            renamed.add(pair.group.id)
            taken.add(pair.after)
            yield pair
