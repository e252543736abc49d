"""Group names: which are allowed, which count as the same, and temporary names."""

from __future__ import annotations

import pytest

from groupsync.names import (
    find_name_fault,
    find_name_without_suffix,
    fold_look_alikes,
    name_without_suffix,
    same_name_key,
    temporary_name,
)
from tests.unit.core import make_id


@pytest.mark.parametrize(
    "name", ["VIP", "Kundid, kes ei soovi kõnesid", "日本", "👩‍👩‍👧 Perheet", "می‌خواهم", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "a  b", "[x]", "ᠨ\u180b"]
)
def test_names_of_every_language_are_allowed(name: str) -> None:
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
        ("a\u2065b", "contains the invisible character U+2065"),
        ("a\u034fb", "contains the invisible character U+034F"),
        ("VIP\U000e0041\U000e0042", "contains the invisible character U+E0041"),
        ("VIP\ufe0f\U000e0041", "contains the invisible character U+E0041"),
        ("VIP\U0001d159", "contains the invisible character U+1D159"),
        ("VIP [groupsync 0123abcd]", "ends like groupsync's own temporary names"),
        ("VIP [GROUPSYNC 0123ABCD]", "ends like groupsync's own temporary names"),
    ],
)
def test_names_that_hide_something_are_not_allowed(name: str, fault: str) -> None:
    assert find_name_fault(name) == fault


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("VIP", "vip"),
        (" VIP", "VIP "),
        ("ﬁn", "FIN"),
        ("Straße", "STRASSE"),
        ("e\u0301", "É"),
        ("a  b", "A b"),
        ("a\tb", "a b"),
        ("ä\u3000 b", "Ä b"),
    ],
)
def test_names_that_a_server_may_take_for_the_same_have_one_key(one: str, other: str) -> None:
    assert same_name_key(one) == same_name_key(other)


def make_look_alike_key(name: str) -> str:
    return fold_look_alikes(same_name_key(name))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("VIP", "VІР"),  # noqa: RUF001
        ("Pärnu", "P\u200bärnu"),
        ("VIP", "V\u034fI\u180bP\ufff0"),
        ("a b", "a  b"),
    ],
)
def test_names_that_look_alike_have_one_key(one: str, other: str) -> None:
    assert one != other
    assert make_look_alike_key(one) == make_look_alike_key(other)


@pytest.mark.parametrize(("one", "other"), [("VIP", "VIP 2"), ("Parnu", "Pärnu"), ("Gold", "Golf")])
def test_names_that_look_different_have_different_keys(one: str, other: str) -> None:
    assert make_look_alike_key(one) != make_look_alike_key(other)


def test_a_temporary_name_is_recognised_only_for_its_own_group() -> None:
    temporary = temporary_name("VIP", make_id(1))

    assert temporary == "VIP [groupsync a72a32da]"
    assert find_name_without_suffix(temporary, make_id(1)) == "VIP"
    assert find_name_without_suffix(temporary, make_id(2)) is None
    assert name_without_suffix(temporary, make_id(1)) == "VIP"
    assert name_without_suffix(temporary, make_id(2)) == temporary
