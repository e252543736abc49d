"""Name patterns: what they match."""

from __future__ import annotations

import fnmatch
import time
import unicodedata
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupsync.patterns import find_idle_patterns, make_group_matcher, make_matcher

if TYPE_CHECKING:
    from collections.abc import Callable

# Hard for folding: ligatures, ß and its capital, final sigma, the Turkish letters i, marks before and after they are
# composed, full-width wildcards and brackets, blanks of several kinds, invisible characters, half of a Hangul syllable.
LETTERS = (
    "aAbZ019*?[]-!.\\ \t\u00a0\u3000éÉe\u0301\u0323ßẞﬁﬀŉ…ςσΣiIıİ\u0307＊？［］Ａ㎏\u00ad\u200b\u200d\ufe0f\u3164각ᄀ"  # noqa: RUF001
    "\u034f\u180b\u1160\U000e0041🏴"
)
NAMES = st.text(LETTERS, max_size=8)
PATTERNS = st.text(LETTERS + "***???", min_size=1, max_size=8)
# Default_Ignorable_Code_Point of Unicode 16, and two characters more that are not rendered.
IGNORABLE = [
    *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010)),
    *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0),
    *(*range(0xFFF0, 0xFFF9), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000)),
    *(0x16FE4, 0x1D159),
]
ENGLAND, SCOTLAND = (
    "🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in f"gb{country}") + "\U000e007f" for country in ("eng", "sct")
)
# None that joins the character before it: a wildcard between the two would change what the name says.
LITERALS = st.text([letter for letter in LETTERS if letter not in "*?\u0301\u0323\u0307ᄀ\U000e0041🏴"], max_size=5)
FORMS = [partial(unicodedata.normalize, form) for form in ("NFC", "NFD", "NFKC", "NFKD")]


def matches_exactly(pattern: str, name: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))


def widen_blanks(text: str) -> str:
    return text.replace(" ", "   ")


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("Imported *", "Imported 1", True),
        ("Imported *", "Imported", False),
        ("T?rtu", "Tartu", True),
        ("T?rtu", "Trtu", False),
        ("[ab]*", "a", False),
        ("[ab]*", "[ab] c", True),
        ("a.b", "axb", False),
        ("*", "two\nlines", True),
        ("*", "", True),
        ("?", "", False),
    ],
)
def test_a_pattern_has_two_wildcards_and_nothing_else(pattern: str, name: str, matches: bool) -> None:
    assert make_matcher((pattern,))(name) is matches


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("Café*", "Cafe\u0301 Tallinn"),
        ("Cafe\u0301*", "Café Tallinn"),
        ("CAFÉ*", "Cafe\u0301 Tallinn"),
        ("vip*", "VIP gold"),
        ("VIP*", "vip gold"),
        ("VIP*", "ＶＩＰ gold"),  # noqa: RUF001 - full-width
        ("ＶＩＰ*", "vip gold"),  # noqa: RUF001
        ("Straße *", "STRASSE 1"),
        ("STRASSE *", "straße 1"),
        ("Final*", "ﬁnal list"),
        ("*ﬁn", "Perfin"),
        ("ΛΟΓΟΣ", "λογος"),
        ("VIP gold*", "VIP  gold 2"),
        ("VIP  gold*", "VIP gold 2"),
        ("VIP gold", "VIP\u00a0gold"),
        ("VIP gold", "VIP \t\u3000gold"),
        ("VIP gold", " VIP gold "),
        (" VIP*", "VIP gold"),
        ("VIP", "VIP "),
        ("VIP gold", "VI\u00adP\u200b gold\ufeff"),
        ("V\u200bIP*", "vip gold"),
        ("❤*", "❤\ufe0f lovers"),
        ("KADIN*", "kadın"),  # noqa: RUF001 - Turkish: the small letter of I
        ("istanbul*", "İSTANBUL"),
        ("한국*", unicodedata.normalize("NFD", "한국 그룹")),
        ("＊VIP", "*vip"),  # noqa: RUF001
        ("[VIP]*", "［vip］ 1"),  # noqa: RUF001
        ("* x", "A  X"),
        (f"{ENGLAND}*", f"{ENGLAND.upper()} FANS"),
        ("VIP gold", "VIP\u3164gold"),
        ("VIP gold", "VIP\u2800gold"),
        ("VIP gold", "VIP \u3164 gold"),
    ],
)
def test_a_pattern_matches_what_looks_the_same(pattern: str, name: str) -> None:
    assert make_matcher((pattern,))(name)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("Stra?e", "STRAßE"),  # the ß itself
        ("Stra??e", "STRAßE"),  # what it becomes: SS
        ("Stra?e", "straẞe"),
        ("?nal", "ﬁNAL"),
        ("??nal", "ﬁNAL"),
        ("caf?", "CAFE\u0301"),
        ("caf??", "cafe\u0301"),
        ("v?p", "V\u200bP"),
        ("vip?gold", "VIP  gold"),
        ("vip??gold", "VIP  gold"),
        ("vip * x", "VIP  X"),  # each blank of the pattern has one of its own
    ],
)
def test_a_question_mark_is_one_character_of_the_name_before_or_after_folding(pattern: str, name: str) -> None:
    assert make_matcher((pattern,))(name)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("Cafe*", "Café Tallinn"),
        ("VIP *", "VIPs"),
        ("VIP *", "VIP"),
        ("* VIP", "VIP"),
        ("VIP* ", "VIP gold"),
        ("* ", "VIP"),
        (" *", "VIP"),
        ("＊", "VIP"),  # noqa: RUF001 - a full-width asterisk is no wildcard
        ("V？P", "VIP"),  # noqa: RUF001
        ("V?P", "VP"),
        ("V?P", "VIIP"),
        ("\u200b*", "VIP"),
        ("*\u00ad", "VIP"),
        ("VIP", "VІР"),  # noqa: RUF001 - Cyrillic: letters of another alphabet
        ("Group 1*", "Group l"),
        (f"{ENGLAND}*", f"{SCOTLAND} fans"),
        (f"{ENGLAND} fans", "🏴 fans"),
        ("\u1160*", "VIP"),
        ("VIPgold", "VIP\u2800gold"),
    ],
)
def test_a_pattern_does_not_match_more_than_what_looks_the_same(pattern: str, name: str) -> None:
    assert not make_matcher((pattern,))(name)


@pytest.mark.parametrize("pattern", ["VIP", "vip*", "V*p", "ＶＩＰ", "V\u200bIP"])  # noqa: RUF001
def test_no_invisible_character_hides_a_name_from_a_pattern(pattern: str) -> None:
    matches = make_group_matcher((pattern,))
    shapes = ("VI{}P", "{}VIP", "VIP{}", "{0}V{0}{0}I{0}P{0}", "{} VIP {}", "VIP{} [groupsync deadbeef]")

    names = [shape.replace("{0}", "{}").replace("{}", chr(code)) for code in IGNORABLE for shape in shapes]

    assert [ascii(name) for name in names if not matches(name)] == []


@given(name=st.lists(st.sampled_from([*"VIP", *map(chr, IGNORABLE)])), pattern=st.sampled_from(["VIP", "V*", "*p"]))
def test_any_mixture_of_invisible_characters_is_no_cover(name: list[str], pattern: str) -> None:
    bare = "".join(char for char in name if char in "VIP")

    assert make_matcher((pattern,))("".join(name)) or not make_matcher((pattern,))(bare)


@given(pattern=PATTERNS, name=NAMES)
def test_folding_only_adds_matches(pattern: str, name: str) -> None:
    assert make_matcher((pattern,))(name) or not matches_exactly(pattern, name)


@given(patterns=st.lists(PATTERNS, min_size=1, max_size=3), more=PATTERNS, name=NAMES)
def test_each_pattern_only_adds_matches(patterns: list[str], more: str, name: str) -> None:
    each = [make_matcher((pattern,))(name) for pattern in (*patterns, more)]

    assert make_matcher((*patterns, more))(name) is any(each)


@given(
    literals=st.lists(LITERALS, min_size=1, max_size=3),
    fills=st.lists(LITERALS, min_size=3, max_size=3),
    change=st.sampled_from((*FORMS, str.upper, str.lower, str.casefold, str.swapcase, widen_blanks)),
)
def test_a_literal_part_matches_in_any_form_case_and_width_of_blanks(
    literals: list[str], fills: list[str], change: Callable[[str], str]
) -> None:
    changed = [change(literal) for literal in literals]
    name = changed[0] + "".join(fill + literal for fill, literal in zip(fills, changed[1:], strict=False))

    assert make_matcher(("*".join(literals),))(name)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("*a" * 40 + "b", "a" * 5_000),
        ("*A" * 40 + "b", "á" * 5_000),
        ("* " * 40 + "b", " " * 5_000),
        ("*?a?" * 40 + "b", "a\u00ad" * 2_500),
        ("*ß" * 40 + "b", "ß" * 5_000),
        ("?" * 1_000, "ﬁ" * 5_000),
        ("*é" * 40 + "b", "e\u0301" * 2_500),
    ],
)
def test_a_pattern_designed_to_be_slow_is_fast(pattern: str, name: str) -> None:
    began = time.process_time()

    assert make_matcher((pattern,))(name) is False
    assert time.process_time() - began < 2


@pytest.mark.parametrize("pattern", ["VIP", "* [groupsync *", "V?P", "*", "vip", "ＶＩＰ"])  # noqa: RUF001
@pytest.mark.parametrize(
    "name",
    [
        "VIP [groupsync deadbeef]",
        "vip [groupsync deadbeef]",
        "VIP [GROUPSYNC DEADBEEF]",
        "VIP  [groupsync  deadbeef] ",
        "VIP ［groupsync deadbeef］",  # noqa: RUF001
    ],
)
def test_a_group_is_matched_with_and_without_a_temporary_suffix(pattern: str, name: str) -> None:
    """Whichever of the two the pattern means, not to change the group is safe; however a server stored the suffix."""
    assert make_group_matcher((pattern,))(name)


def test_a_pattern_is_idle_if_no_name_looks_like_it() -> None:
    patterns = ("vip*", "CAFÉ", "Leads", "nothing*", "*")

    assert find_idle_patterns(patterns, ["VIP gold", "Cafe\u0301", "leads [groupsync deadbeef]"]) == ("nothing*",)
    assert find_idle_patterns(patterns, []) == patterns
