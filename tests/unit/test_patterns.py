"""Name patterns: what they match."""

from __future__ import annotations

import pytest

from groupsync.patterns import make_ignorer, make_matcher


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("Imported *", "Imported 1", True),
        ("Imported *", "imported 1", False),
        ("Imported *", "Imported", False),
        ("T?rtu", "Tartu", True),
        ("T?rtu", "Trtu", False),
        ("[ab]*", "a", False),
        ("[ab]*", "[ab] c", True),
        ("a.b", "axb", False),
        ("*", "two\nlines", True),
        ("VIP", "VIP ", False),
    ],
)
def test_a_pattern_has_two_wildcards_and_nothing_else(pattern: str, name: str, matches: bool) -> None:
    assert make_matcher((pattern,))(name) is matches


def test_a_pattern_designed_to_be_slow_is_fast() -> None:
    assert make_matcher(("*a" * 40 + "b",))("a" * 5_000) is False


@pytest.mark.parametrize("pattern", ["VIP", "* [groupsync *", "V?P", "*"])
def test_an_ignored_name_is_ignored_with_and_without_a_temporary_suffix(pattern: str) -> None:
    """Whichever of the two the pattern means, not to change the group is safe."""
    assert make_ignorer((pattern,))("VIP [groupsync deadbeef]")
