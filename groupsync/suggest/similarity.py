"""How alike two names are: by their words, by groups of three letters, by the edits from one to the other.

A word that many names have says little, so words and letters weigh by how rare they are (inverse document frequency;
Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 2008, section 6.2).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from groupsync.names import same_name_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    Weights = dict[str, float]

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
    return frozenset(f" {word} "[start : start + 3] for word in words for start in range(len(word)))


class Similarity:
    """Compares names, each pair by a number from 0 to 1, in the light of all names there are."""

    def __init__(self, names: Iterable[str]) -> None:
        self._keys = {name: same_name_key(name) for name in names}
        self._words = {name: list_words(name) for name in self._keys}
        self._trigrams = {name: list_trigrams(words) for name, words in self._words.items()}
        self._word_weights = _weigh(self._words.values())
        self._trigram_weights = _weigh(self._trigrams.values())

    def list_features(self, name: str) -> list[tuple[str, float]]:
        """Return that by which names like this one are found, with its weight: its key, words, trigrams, rare first."""
        words = [(f" {word} ", self._word_weights[word]) for word in self._words[name]]
        trigrams = [(trigram, self._trigram_weights[trigram]) for trigram in self._trigrams[name]]
        return [(f"={self._keys[name]}", math.inf), *_rarest_first(words), *_rarest_first(trigrams)]

    def compare(self, before: str, after: str) -> float:
        """Return how alike two of the names are."""
        if self._keys[before] == self._keys[after]:
            return 1.0
        by_words = _compare_sets(self._words[before], self._words[after], self._word_weights)
        by_trigrams = _compare_sets(self._trigrams[before], self._trigrams[after], self._trigram_weights)
        score = max(by_words, by_trigrams)
        may_edits_count = by_trigrams >= _NEAR and score < _OF_EDITS
        return max(score, self._compare_letters(before, after)) if may_edits_count else score

    def _compare_letters(self, before: str, after: str) -> float:
        matcher = SequenceMatcher(None, self._keys[before], self._keys[after], autojunk=False)
        return _OF_EDITS * matcher.ratio()


def _rarest_first(weighed: list[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted(weighed, key=lambda item: (-item[1], item[0]))


def _weigh(sets: Iterable[frozenset[str]]) -> Weights:
    sets = tuple(sets)
    frequency = Counter(feature for features in sets for feature in features)
    return {feature: math.log(1 + len(sets) / number) for feature, number in frequency.items()}


def _compare_sets(one: frozenset[str], other: frozenset[str], weights: Weights) -> float:
    shared = math.fsum(weights[feature] for feature in one & other)
    if not shared:
        return 0.0
    shorter, longer = sorted(math.fsum(map(weights.__getitem__, features)) for features in (one, other))
    return shared * (_OF_THE_SHORTER / shorter + (1 - _OF_THE_SHORTER) / longer)
