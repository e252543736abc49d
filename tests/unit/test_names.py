"""Names: what may be written, what counts as the same, what a reader sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupsync.display import make_visible, quote
from groupsync.names import (
    find_name_fault,
    find_name_without_suffix,
    fold_look_alikes,
    name_without_suffix,
    same_name_key,
    temporary_name,
)
from groupsync.patterns import make_ignorer, make_matcher
from tests.unit.core import make_id


@pytest.mark.parametrize(
    "name", ["VIP", "Kundid, kes ei soovi kõnesid", "日本", "👩‍👩‍👧 Perheet", "می‌خواهم", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "a  b", "[x]"]
)
def test_names_of_every_language_may_be_written(name: str) -> None:
    assert find_name_fault(name) == ""


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", "is empty"),
        (" ", "is empty"),
        ("VIP ", "begins or ends with a blank"),
        ("\u00a0VIP", "begins or ends with a blank"),
        ("a\nb", "contains the invisible character U+000A"),
        ("a\u202eb", "contains the invisible character U+202E"),
        ("a\u2066b", "contains the invisible character U+2066"),
        ("a\ufeffb", "contains the invisible character U+FEFF"),
        ("a\u3164b", "contains the invisible character U+3164"),
        ("VIP [groupsync 0123abcd]", "ends like groupsync's own temporary names"),
        ("VIP [GROUPSYNC 0123ABCD]", "ends like groupsync's own temporary names"),
    ],
)
def test_names_that_hide_something_are_never_written(name: str, fault: str) -> None:
    assert find_name_fault(name) == fault


@pytest.mark.parametrize(
    ("one", "other"), [("VIP", "vip"), (" VIP", "VIP "), ("ﬁn", "FIN"), ("Straße", "STRASSE"), ("e\u0301", "É")]
)
def test_names_that_a_server_may_take_for_one_count_as_the_same(one: str, other: str) -> None:
    assert same_name_key(one) == same_name_key(other)


def make_look_alike_key(name: str) -> str:
    return fold_look_alikes(same_name_key(name))


@pytest.mark.parametrize(("one", "other"), [("VIP", "VІР"), ("Pärnu", "P\u200bärnu"), ("a b", "a  b")])  # noqa: RUF001
def test_names_that_look_alike_have_one_key(one: str, other: str) -> None:
    assert one != other
    assert make_look_alike_key(one) == make_look_alike_key(other)


@pytest.mark.parametrize(("one", "other"), [("VIP", "VIP 2"), ("Parnu", "Pärnu"), ("Gold", "Golf")])
def test_names_that_look_different_have_two(one: str, other: str) -> None:
    assert make_look_alike_key(one) != make_look_alike_key(other)


def test_a_temporary_name_is_known_by_its_own_group_only() -> None:
    parked = temporary_name("VIP", make_id(1))

    assert parked == "VIP [groupsync a72a32da]"
    assert find_name_without_suffix(parked, make_id(1)) == "VIP"
    assert find_name_without_suffix(parked, make_id(2)) is None
    assert name_without_suffix(parked, make_id(1)) == "VIP"
    assert name_without_suffix(parked, make_id(2)) == parked
    assert make_ignorer(("VIP",))(parked)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("VIP", '"VIP"'),
        ('a"b\\c', r'"a\"b\\c"'),
        ("a\nb\x1b[2K", r'"a\u000ab\u001b[2K"'),
        ("\u202eabc", r'"\u202eabc"'),
        ("VIP\u200c", r'"VIP\u200c"'),
        ("VIP\u200d", r'"VIP\u200d"'),
        ("VIP\ufe0f", r'"VIP\ufe0f"'),
        ("VIP\U000e0041", r'"VIP\U000e0041"'),
        ("VIP\u2800", r'"VIP\u2800"'),
        ("a\u00a0b", r'"a\u00a0b"'),
        ("👩‍👧 ❤\ufe0f", '"👩‍👧 ❤\ufe0f"'),
        ("日本 Pärnu", '"日本 Pärnu"'),
    ],
)
def test_a_quoted_name_shows_what_it_would_hide(name: str, shown: str) -> None:
    assert quote(name) == shown


@given(st.text())
def test_a_quoted_name_is_one_line_and_two_names_never_look_the_same(name: str) -> None:
    shown = quote(name)

    assert len(shown.splitlines()) == 1
    assert "\x1b" not in shown
    assert shown[1:-1].replace('\\"', "").replace("\\\\", "").count('"') == 0


@given(st.text(), st.text())
def test_different_names_are_shown_differently(one: str, other: str) -> None:
    assert (quote(one) == quote(other)) == (one == other)


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "Zs"])))
def test_plain_text_is_shown_as_it_is(text: str) -> None:
    assert make_visible(text) == text


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
def test_patterns_know_two_wildcards_and_nothing_else(pattern: str, name: str, matches: bool) -> None:
    assert make_matcher((pattern,))(name) is matches


def test_a_pattern_made_to_be_slow_is_not() -> None:
    assert make_matcher(("*a" * 40 + "b",))("a" * 5_000) is False


@pytest.mark.parametrize("pattern", ["VIP", "* [groupsync *", "V?P", "*"])
def test_an_ignored_name_is_ignored_with_and_without_a_temporary_suffix(pattern: str) -> None:
    """Whichever of the two the pattern meant: never touched is the safe side."""
    assert make_ignorer((pattern,))("VIP [groupsync deadbeef]")
