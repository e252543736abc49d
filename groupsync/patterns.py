"""Name patterns of `ignore` and `protected`: `*` stands for any characters, `?` for one; case-sensitive."""

from __future__ import annotations

import fnmatch
import functools
import re
from typing import TYPE_CHECKING

from groupsync.names import strip_any_suffix

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence


@functools.lru_cache(maxsize=64)
def make_matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that tells whether a name matches one of the patterns."""
    if not patterns:
        return _match_nothing
    # fnmatch also knows [seq]; a bracket stands for itself here, so it is passed on as a set of one.
    translated = (fnmatch.translate(pattern.replace("[", "[[]")) for pattern in patterns)
    expression = re.compile("|".join(translated))
    return lambda name: expression.match(name) is not None


def make_ignorer(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that tells whether a name matches one of the patterns, with or without a temporary suffix."""
    if not patterns:
        return _match_nothing
    matches = make_matcher(patterns)
    return lambda name: matches(name) or matches(strip_any_suffix(name))


def find_idle_patterns(patterns: Sequence[str], names: Collection[str]) -> tuple[str, ...]:
    """Return the patterns that match none of the names."""
    return tuple(pattern for pattern in patterns if not any(map(make_matcher((pattern,)), names)))


def _match_nothing(_name: str) -> bool:
    return False
