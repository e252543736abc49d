"""How alike two names are: by their words, by groups of three letters, by the edits from one to the other.

A word that many names have says little, so words and letters weigh by how rare they are (inverse document frequency;
Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 2008, section 6.2).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from difflib import SequenceMatcher
from itertools import chain
from typing import TYPE_CHECKING

from groupsync.names import same_name_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WORD = re.compile(r"[^\W\d_]+|\d+")
_OF_THE_SHORTER = 0.6  # the part of the score that a name within another one has for certain
_OF_EDITS = 0.75  # letters in the same order mean less than words: "Status: Resolved", "Status: Released"
_NEAR = 0.15  # names that share fewer trigrams are many edits apart


def list_words(name: str) -> frozenset[str]:
    """Return the words and numbers of a name, alike for names that count as the same; of symbols alone, all as one."""
    key = same_name_key(name)
    return frozenset(_WORD.findall(key) or [key])


def list_trigrams(words: Iterable[str]) -> frozenset[str]:
    """Return each three characters in a row of each word, with a blank at its ends."""
    return frozenset(
        between_blanks[start : start + 3]
        for between_blanks in (f" {word} " for word in words)
        for start in range(len(between_blanks) - 2)
    )


class Similarity:
    """Compares names, each pair by a number from 0 to 1, in the light of all names there are."""

    def __init__(self, names: Iterable[str]) -> None:
        self._keys = {name: same_name_key(name) for name in names}
        self._words = _Features({name: list_words(name) for name in self._keys})
        self._trigrams = _Features({name: list_trigrams(self._words.of(name)) for name in self._keys})

    def find_features(self, name: str) -> set[str]:
        """Return that by which names like this one are found: its key, words, trigrams."""
        return {f"={self._keys[name]}", *(f" {word} " for word in self._words.of(name)), *self._trigrams.of(name)}

    def weigh_features(self, name: str) -> list[tuple[str, float]]:
        """Return the features of a name with their weights: its key, words, trigrams, rare ones first."""
        words = [(f" {word} ", weight) for word, weight in self._words.list_rarest(name)]
        return [(f"={self._keys[name]}", math.inf), *words, *self._trigrams.list_rarest(name)]

    def compare(self, before: str, after: str, *, least: float = 0.0) -> float:
        """Return how alike two of the names are; where that is less than `least`, perhaps less than it is."""
        if self._keys[before] == self._keys[after]:
            return 1.0
        by_trigrams = self._trigrams.compare(before, after)
        score = max(self._words.compare(before, after), by_trigrams)
        may_edits_count = by_trigrams >= _NEAR and score < _OF_EDITS
        return max(score, self._compare_letters(before, after, least=max(score, least))) if may_edits_count else score

    def _compare_letters(self, before: str, after: str, *, least: float) -> float:
        one, other = self._keys[before], self._keys[after]
        if _OF_EDITS * _share_letters(one, other) < least:
            return 0.0
        return _OF_EDITS * SequenceMatcher(None, one, other, autojunk=False).ratio()


class _Features:
    """The features of one kind that each name has, and how much each of them weighs."""

    def __init__(self, features: Mapping[str, frozenset[str]]) -> None:
        self._features = features
        frequency = Counter(chain.from_iterable(features.values()))
        self._weights = {feature: math.log(1 + len(features) / number) for feature, number in frequency.items()}
        self._sums: dict[str, float] = {}

    def of(self, name: str) -> frozenset[str]:
        """Return those of a name."""
        return self._features[name]

    def list_rarest(self, name: str) -> list[tuple[str, float]]:
        """Return those of a name with their weights, rare ones first."""
        weighed = [(feature, self._weights[feature]) for feature in self._features[name]]
        return sorted(weighed, key=lambda item: (-item[1], item[0]))

    def compare(self, one: str, other: str) -> float:
        """Return how much of the weight of two names they share, from 0 to 1."""
        shared = self._weigh(self._features[one] & self._features[other])
        if not shared:
            return 0.0
        shorter, longer = sorted((self._sum_up(one), self._sum_up(other)))
        return shared * (_OF_THE_SHORTER / shorter + (1 - _OF_THE_SHORTER) / longer)

    def _sum_up(self, name: str) -> float:
        if name not in self._sums:
            self._sums[name] = self._weigh(self._features[name])
        return self._sums[name]

    def _weigh(self, features: Iterable[str]) -> float:
        return math.fsum(map(self._weights.__getitem__, features))


def _share_letters(one: str, other: str) -> float:
    """Return what the letters in the same order are at most: all that both have, as a share, from 0 to 1."""
    return 2 * sum(min(one.count(letter), other.count(letter)) for letter in {*one}) / (len(one) + len(other))
