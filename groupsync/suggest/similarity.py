"""How similar two names are: by their words, by groups of three letters, by the edits from one to the other.

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
_SHORTER_WEIGHT = 0.6  # the least score of a name that is contained in a longer one
_LETTERS_WEIGHT = 0.75  # letters in the same order mean less than words: "Status: Resolved", "Status: Released"
_MOST_LETTERS = 20_000_000  # pairs of letters to compare; thousands of ordinary groups need half of it
_LEAST_TRIGRAMS = 0.15  # names that share fewer trigrams are many edits apart


def list_words(name: str) -> frozenset[str]:
    """Return the words and numbers of a name; names that count as the same have the same ones.

    A name without letters and digits is one word.
    """
    key = same_name_key(name)
    return frozenset(_WORD.findall(key) or [key])


def list_trigrams(words: Iterable[str]) -> frozenset[str]:
    """Return each three consecutive characters of each word, with a blank before and after the word."""
    trigrams: set[str] = set()
    for word in words:
        padded = f" {word} "
        trigrams.update(padded[start : start + 3] for start in range(len(padded) - 2))
    return frozenset(trigrams)


class Similarity:
    """Compares pairs of names; how rare a word is follows from all names given to the constructor."""

    def __init__(self, names: Iterable[str]) -> None:
        self._letters_left = _MOST_LETTERS
        self._keys = {name: same_name_key(name) for name in names}
        self._words = _Features({name: list_words(name) for name in self._keys})
        self._trigrams = _Features({name: list_trigrams(self._words.get(name)) for name in self._keys})

    def find_features(self, name: str) -> set[str]:
        """Return the features by which similar names are found: the key of the name, its words and its trigrams."""
        return {f"={self._keys[name]}", *(f" {word} " for word in self._words.get(name)), *self._trigrams.get(name)}

    def weigh_features(self, name: str) -> list[tuple[str, float]]:
        """Return the features of a name with their weights: key, words, trigrams; of each kind the rarest first."""
        words = [(f" {word} ", weight) for word, weight in self._words.weigh(name)]
        return [(f"={self._keys[name]}", math.inf), *words, *self._trigrams.weigh(name)]

    def compare(self, before: str, after: str, *, least: float = 0.0) -> float:
        """Return how similar two of the names are, from 0 to 1.

        A score below `least` may be too low, because it need not be exact.
        """
        if self._keys[before] == self._keys[after]:
            return 1.0
        by_trigrams = self._trigrams.compare(before, after)
        score = max(self._words.compare(before, after), by_trigrams)
        if by_trigrams < _LEAST_TRIGRAMS or score >= _LETTERS_WEIGHT:
            return score
        return max(score, self._compare_letters(before, after, least=max(score, least)))

    def _compare_letters(self, before: str, after: str, *, least: float) -> float:
        one, other = self._keys[before], self._keys[after]
        if _LETTERS_WEIGHT * _share_letters(one, other) < least:
            return 0.0  # saves SequenceMatcher, which is slow
        self._letters_left -= len(one) * len(other)
        if self._letters_left < 0:
            return 0.0
        return _LETTERS_WEIGHT * SequenceMatcher(None, one, other, autojunk=False).ratio()


class _Features:
    """The features of one kind, words or trigrams, of all names, and how much each feature weighs."""

    def __init__(self, features: Mapping[str, frozenset[str]]) -> None:
        self._features = features
        frequency = Counter(chain.from_iterable(features.values()))
        self._weights = {feature: math.log(1 + len(features) / number) for feature, number in frequency.items()}
        self._sums: dict[str, float] = {}

    def get(self, name: str) -> frozenset[str]:
        """Return the features of a name."""
        return self._features[name]

    def weigh(self, name: str) -> list[tuple[str, float]]:
        """Return the features of a name with their weights, rarest first."""
        weighed = [(feature, self._weights[feature]) for feature in self._features[name]]
        return sorted(weighed, key=lambda item: (-item[1], item[0]))

    def compare(self, one: str, other: str) -> float:
        """Return how much of the weight of two names they share, from 0 to 1."""
        shared = self._sum_weights(self._features[one] & self._features[other])
        if not shared:
            return 0.0
        shorter, longer = sorted((self._sum_name(one), self._sum_name(other)))
        return shared * (_SHORTER_WEIGHT / shorter + (1 - _SHORTER_WEIGHT) / longer)

    def _sum_name(self, name: str) -> float:
        if name not in self._sums:
            self._sums[name] = self._sum_weights(self._features[name])
        return self._sums[name]

    def _sum_weights(self, features: Iterable[str]) -> float:
        return math.fsum(map(self._weights.__getitem__, features))


def _share_letters(one: str, other: str) -> float:
    """Return the share of letters that both have, whatever their order, from 0 to 1.

    SequenceMatcher, which respects the order, never returns more.
    """
    return 2 * sum(min(one.count(letter), other.count(letter)) for letter in {*one}) / (len(one) + len(other))
