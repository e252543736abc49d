"""Finds groups outside the scope that look like a group that the plan creates: somebody may have renamed them.

Teams often give their groups the same names with another word in front: "Sales Newsletter", "Marketing Newsletter". So
two names must be more similar here than for a suggestion, differ only by the words of the scope's patterns, or be the
same words with spelling mistakes or further words. A group with another word in place of one of the scope is somebody
else's.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from groupsync.model.plan import Create
from groupsync.model.review import OutsideLookalike
from groupsync.names import same_name_key
from groupsync.suggest.pairs import pair_names
from groupsync.suggest.similarity import list_words
from groupsync.suggest.suggestions import LONGEST_COMPARED, MOST_GROUPS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Plan
    from groupsync.suggest.pairs import Pair

_LEAST_SCORE = 0.85  # "Sales Newsletter" and "Marketing Newsletter" reach 0.79
_LEAST_SCORE_OF_WORDS = 0.8  # "marketng" and "marketing" reach 0.94, "leads" and "sales" 0.6
_SEPARATORS = re.compile(r"[\W_]+")


def find_outside_lookalikes(config: Config, outside: Sequence[LiveGroup], plan: Plan) -> tuple[OutsideLookalike, ...]:
    """Return the groups outside the scope that look like one that the plan creates, those with most contacts first.

    A group without contacts is not among them: if it was renamed, no contact is forgotten.
    """
    created = {change.name: change for change in plan.changes if isinstance(change, Create)}
    names = [name for name in created if len(name) <= LONGEST_COMPARED]
    groups = [group for group in outside if group.contacts_count != 0 and len(group.name) <= LONGEST_COMPARED]
    groups = sorted(groups, key=_most_contacts_first)[:MOST_GROUPS]
    if not names or not groups:
        return ()
    scope_words = _ScopeWords(config)
    found = {**_find_equal(groups, names, scope_words), **_find_similar(config, groups, names, scope_words)}
    return tuple(
        OutsideLookalike(group=group, name=found[group], source=created[found[group]].source)
        for group in sorted(found, key=_most_contacts_first)
    )


def _most_contacts_first(group: LiveGroup) -> tuple[int, str]:
    return -(group.contacts_count or 0), group.id


class _ScopeWords:
    """The words of the patterns of a scope, such as `marketing`."""

    def __init__(self, config: Config) -> None:
        patterns = [*(pattern.text for pattern in config.scope), *config.job_scope]
        self._words = sorted(frozenset().union(*map(list_words, patterns)))

    def drop_from(self, name: str) -> frozenset[str]:
        """Return the words of a name without those of the scope, even if they are misspelled."""
        return _find_other_words(list_words(name), self._words)


def _find_equal(groups: Sequence[LiveGroup], names: Sequence[str], scope_words: _ScopeWords) -> Mapping[LiveGroup, str]:
    """Return the groups that have the words of a new name, apart from the words of the scope."""
    by_words = {words: name for name in reversed(names) if (words := scope_words.drop_from(name))}
    pairs = ((group, by_words.get(scope_words.drop_from(group.name))) for group in groups)
    return {group: name for group, name in pairs if name is not None}


def _find_similar(
    config: Config, groups: Sequence[LiveGroup], names: Sequence[str], scope_words: _ScopeWords
) -> dict[LiveGroup, str]:
    others = [entry.name for entry in config.groups if len(entry.name) <= LONGEST_COMPARED]
    return {pair.group: pair.after for pair in pair_names(groups, names, others) if _looks_renamed(pair, scope_words)}


def _looks_renamed(pair: Pair, scope_words: _ScopeWords) -> bool:
    outside, name = pair.group.name, pair.after
    if _has_same_letters(outside, name):
        return True
    is_similar = pair.score >= _LEAST_SCORE or _has_all_words(outside, name)
    return is_similar and not _has_other_words(outside, name, scope_words)


def _has_same_letters(outside: str, name: str) -> bool:
    """Return whether two names differ only by blanks and punctuation: words were joined or split."""
    return _SEPARATORS.sub("", same_name_key(outside)) == _SEPARATORS.sub("", same_name_key(name))


def _has_all_words(outside: str, name: str) -> bool:
    """Return whether a name has all words of the new one, even if they are misspelled.

    It may have further words, but not if the new name is one word: "Sales VIP" need not be "VIP".
    """
    words, outside_words = list_words(name), list_words(outside)
    return (len(words) > 1 or len(outside_words) == 1) and not _find_other_words(words, outside_words)


def _has_other_words(outside: str, name: str, scope_words: _ScopeWords) -> bool:
    """Return whether a name has other words in place of those of the scope, as the groups of another team have."""
    words, outside_words = list_words(name), list_words(outside)
    of_scope = words - scope_words.drop_from(name)
    return bool(_find_other_words(of_scope, outside_words) and _find_other_words(outside_words, words))


def _find_other_words(words: Collection[str], others: Collection[str]) -> frozenset[str]:
    """Return the words that are not among the others, not even misspelled. A number is never misspelled."""
    return frozenset(
        word
        for word in words
        if word not in others
        and (word.isdecimal() or not get_close_matches(word, others, n=1, cutoff=_LEAST_SCORE_OF_WORDS))
    )
