"""Match the name patterns of `ignore` and `protected`: `*` is any characters, `?` is one; case counts."""

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
    """Return a function that returns whether a name matches one of the patterns."""
    if not patterns:
        return _match_nothing
    # fnmatch also knows [seq]. Here a bracket is an ordinary character, so it becomes a set of one.
    translated = (fnmatch.translate(pattern.replace("[", "[[]")) for pattern in patterns)
    expression = re.compile("|".join(translated))
    return lambda name: expression.match(name) is not None


def make_ignorer(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return a function like `make_matcher`'s that also tries the name without a temporary suffix."""
    if not patterns:
        return _match_nothing
    matches = make_matcher(patterns)
    return lambda name: matches(name) or matches(strip_any_suffix(name))


def find_idle_patterns(patterns: Sequence[str], names: Collection[str]) -> tuple[str, ...]:
    """Return the patterns that match none of the names."""
    return tuple(pattern for pattern in patterns if not any(map(make_matcher((pattern,)), names)))


def _match_nothing(_name: str) -> bool:
    return False
