"""Finds groups outside the scope that look like a group that the plan creates: somebody may have renamed them.

Teams often give their groups the same names with another word in front: "Sales Newsletter", "Marketing Newsletter". So
two names must be more similar here than for a suggestion, or differ only by the words of the scope's patterns.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from groupsync.model.plan import Create
from groupsync.model.review import Departure
from groupsync.suggest.pairs import pair_names
from groupsync.suggest.similarity import list_words
from groupsync.suggest.suggestions import LONGEST_COMPARED, MOST_GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Plan

_LEAST_SCORE = 0.85  # "Sales Newsletter" and "Marketing Newsletter" reach 0.79
_LEAST_SCORE_OF_WORDS = 0.8  # "marketng" and "marketing" reach 0.94, "leads" and "sales" 0.6


def find_departures(config: Config, outside: Sequence[LiveGroup], plan: Plan) -> tuple[Departure, ...]:
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
        Departure(group=group, name=found[group], source=created[found[group]].source)
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
        words = list_words(name)
        return words - {
            word for word in words if get_close_matches(word, self._words, n=1, cutoff=_LEAST_SCORE_OF_WORDS)
        }


def _find_equal(groups: Sequence[LiveGroup], names: Sequence[str], scope_words: _ScopeWords) -> Mapping[LiveGroup, str]:
    """Return the groups that have the words of a new name, apart from the words of the scope."""
    by_words = {words: name for name in reversed(names) if (words := scope_words.drop_from(name))}
    pairs = ((group, by_words.get(scope_words.drop_from(group.name))) for group in groups)
    return {group: name for group, name in pairs if name is not None}


def _find_similar(
    config: Config, groups: Sequence[LiveGroup], names: Sequence[str], scope_words: _ScopeWords
) -> dict[LiveGroup, str]:
    others = [entry.name for entry in config.groups if len(entry.name) <= LONGEST_COMPARED]
    return {
        pair.group: pair.after
        for pair in pair_names(groups, names, others)
        if pair.score >= _LEAST_SCORE and not _has_other_words(pair.group.name, pair.after, scope_words)
    }


def _has_other_words(outside: str, name: str, scope_words: _ScopeWords) -> bool:
    """Return whether a name has other words in place of those of the scope, as the groups of another team have."""
    words = scope_words.drop_from(outside)
    return words == list_words(outside) and scope_words.drop_from(name) < words
