"""How similar two names are: by their words, by groups of three letters, by the edits from one to the other.

A word that many names have says little, so words and letters weigh by how rare they are (inverse document frequency;
Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 2008, section 6.2).
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from groupsync.names import same_name_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    Entry: TypeAlias = "tuple[int, float, int, tuple[str, ...]]"
    """A feature in an index: its rank, the rarest first, its weight, and the names that have it, before them a number.

    Features that the same names have hold the same number.
    """

_WORD = re.compile(r"[^\W\d_]+|\d+")
_SHORTER_WEIGHT = 0.6  # the least score of a name that is contained in a longer one
_LETTERS_WEIGHT = 0.75  # letters in the same order mean less than words: "Status: Resolved", "Status: Released"
_LEAST_TRIGRAMS = 0.15  # names that share fewer trigrams are many edits apart


def list_words(name: str) -> frozenset[str]:
    """Return the words and numbers of a name; names that count as the same have the same ones.

    A name without letters and digits is one word.
    """
    return _split_key(same_name_key(name))


def _split_key(key: str) -> frozenset[str]:
    return frozenset(_WORD.findall(key) or (key,))


class _Trigrams:
    """Makes the trigrams of names. Those of words are kept, because many names have the same words."""

    def __init__(self) -> None:
        self._trigrams: dict[str, frozenset[str]] = {}

    def list_all(self, words: Iterable[str]) -> frozenset[str]:
        """Return each three consecutive characters of each word, with a blank before and after the word."""
        return frozenset().union(*map(self._list, words))

    def _list(self, word: str) -> Collection[str]:
        if word not in self._trigrams:
            padded = f" {word} "
            trigrams = [padded[start : start + 3] for start in range(len(padded) - 2)]
            if word.isdecimal():
                return trigrams  # few names have the same number
            self._trigrams[word] = frozenset(trigrams)
        return self._trigrams[word]


class Similarity:
    """Compares pairs of `names`; how rare a word is follows from all names, also from `others`."""

    def __init__(self, names: AbstractSet[str], others: AbstractSet[str] = frozenset()) -> None:
        trigrams = _Trigrams()
        self.keys = {name: same_name_key(name) for name in names}
        words_of_names = {name: _split_key(key) for name, key in self.keys.items()}
        words_of_others = [list_words(name) for name in others - names]
        total = len(words_of_names) + len(words_of_others)
        self.words = Features(words_of_names, words_of_others, total)
        self.trigrams = Features(
            {name: trigrams.list_all(words) for name, words in words_of_names.items()},
            map(trigrams.list_all, words_of_others),
            total,
        )

    def compare(self, before: str, after: str, *, least: float = 0.0) -> float:
        """Return how similar two of the names are, from 0 to 1.

        A score below `least` may be too low, because it need not be exact.
        """
        if self.keys[before] == self.keys[after]:
            return 1.0
        by_trigrams = self.trigrams.compare(before, after)
        score = max(self.words.compare(before, after), by_trigrams)
        if by_trigrams < _LEAST_TRIGRAMS or score >= _LETTERS_WEIGHT:
            return score
        return max(score, self._compare_letters(before, after, least=max(score, least)))

    def _compare_letters(self, before: str, after: str, *, least: float) -> float:
        one, other = self.keys[before], self.keys[after]
        if _LETTERS_WEIGHT * _share_letters(one, other) < least:
            return 0.0  # saves the slower comparison
        return _LETTERS_WEIGHT * 2 * count_common_letters(one, other) / (len(one) + len(other))


class Features:
    """The features of one kind, words or trigrams, of names, and how much each feature weighs.

    The features of other names only count for the weights, and are not kept. `total` is the number of all names.
    """

    def __init__(self, features: Mapping[str, frozenset[str]], of_others: Iterable[frozenset[str]], total: int) -> None:
        self._features = features
        frequency = Counter(chain(chain.from_iterable(features.values()), chain.from_iterable(of_others)))
        self._weights = {feature: math.log(1 + total / number) for feature, number in frequency.items()}
        self._sums: dict[str, float] = {}

    def make_index(self, names: Iterable[str], old_names: Iterable[str]) -> Mapping[str, Entry]:
        """Return the index of the names; only features of the old names are in it."""
        old_features = frozenset().union(*map(self._features.__getitem__, old_names))
        found: dict[str, list[str]] = defaultdict(list)
        for name in names:
            for feature in old_features & self._features[name]:
                found[feature].append(name)
        weights = self._weights
        ranked = sorted(found, key=lambda feature: (-weights[feature], feature))
        numbers: dict[tuple[str, ...], int] = {}
        index: dict[str, Entry] = {}
        for rank, feature in enumerate(ranked):
            names_with = tuple(found[feature])
            number = numbers.setdefault(names_with, rank)
            index[feature] = (rank, weights[feature], number, names_with)
        return index

    def look_up(self, name: str, index: Mapping[str, Entry]) -> list[Entry]:
        """Return what the index has of the features of a name, the rarest first."""
        return sorted([index[feature] for feature in self._features[name] if feature in index])

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
    """Return the share of letters that both have, whatever their order, from 0 to 1."""
    letters = frozenset(one)
    return 2 * sum(map(min, map(one.count, letters), map(other.count, letters))) / (len(one) + len(other))


def count_common_letters(one: str, other: str) -> int:
    """Return the length of the longest text that is left of both if letters are removed from them.

    That is the longest common subsequence. One integer holds a row of the table, a bit for each letter of `one` (Hyyrö,
    "Bit-parallel LCS-length computation revisited", 2004). So the time grows with the length of `other` only.
    """
    places: dict[str, int] = defaultdict(int)
    for place, letter in enumerate(one):
        places[letter] |= 1 << place
    row = full = (1 << len(one)) - 1
    for letter in other:
        if letter in places:
            matches = row & places[letter]
            row = ((row + matches) | (row - matches)) & full
    return len(one) - row.bit_count()
