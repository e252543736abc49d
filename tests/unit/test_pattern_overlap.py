"""Two patterns that can match one name: found with an example, and never missed for a name that has one form."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from groupsync.pattern_overlap import Overlap, TooMuchWorkError, find_overlaps
from groupsync.patterns import list_pattern_forms, make_matcher
from tests.unit.test_patterns import LETTERS

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW = "ab é?**"  # few letters, so that patterns often overlap
PATTERNS = st.one_of(st.text(FEW, min_size=1, max_size=6), st.text(LETTERS + "***???", min_size=1, max_size=6))


@st.composite
def patterns_of_one_name(draw: st.DrawFn) -> tuple[str, str, str]:
    """Draw a name, and two patterns made of it: some of its characters are replaced by wildcards."""
    name = draw(st.text(LETTERS, min_size=1, max_size=6))
    return name, _blur(draw, name), _blur(draw, name)


def _blur(draw: st.DrawFn, name: str) -> str:
    replaced = draw(st.lists(st.sampled_from(("", "", "?", "*", "c")), min_size=len(name), max_size=len(name)))
    parts = [wildcard if wildcard in {"?", "*"} else char for wildcard, char in zip(replaced, name, strict=True)]
    return "".join([*parts, draw(st.sampled_from(("", "", "*")))])


def find_example(pattern: str, other: str) -> str | None:
    found = next(find_overlaps([pattern], [other]), None)
    return found.example if found else None


@pytest.mark.parametrize(
    ("pattern", "other", "name"),
    [
        ("Marketing *", "Marketing EE*", "Marketing EE"),
        ("Marketing *", "*", "Marketing 1"),
        ("Marketing *", "* EE", "Marketing 1 EE"),
        ("MARKETING *", "marketing e?", "marketing e1"),
        ("a*b*c", "a*d*c", "abdc"),
        ("?a*", "b?c*", "bac"),
        ("a?c", "ab?", "abc"),
        ("*?x", "a??", "a1x"),
        ("*b*d*", "?b?d?", "bbdd1"),
        ("*b*b*", "?b?", "bb1"),
        ("a*bb*", "?bb", "abb"),
        ("Newsletter", "news*", "Newsletter"),
        ("news*", "Newsletter", "Newsletter"),
        ("VIP", "vip", "VIP"),
        ("Straße *", "STRASSE ?", "strasse 1"),
        ("Ame\u0301lie *", "Amélie E*", "amélie e"),
        ("a  b*", "A B c*", "a b c"),
        ("＊*", "＊1", "＊1"),  # noqa: RUF001 - a full-width asterisk is no wildcard
    ],
)
def test_patterns_with_a_common_name_overlap(pattern: str, other: str, name: str) -> None:
    found = find_example(pattern, other)

    assert found == name
    assert make_matcher((pattern,))(name)
    assert make_matcher((other,))(name)


@pytest.mark.parametrize(
    ("pattern", "other"),
    [
        ("Marketing *", "Sales *"),
        ("Marketing *", "Marketing"),
        ("* EE", "* LV"),
        ("a?", "a??"),
        ("a*bb*", "?b"),
        ("a*aa", "aa"),
        ("*b*b*b*b*", "?b?"),
        ("ab?", "?c?"),
        ("Newsletter", "Newsletters"),
        ("＊a", "?b"),  # noqa: RUF001
        ("x*", "é"),
    ],
)
def test_patterns_without_a_common_name_do_not(pattern: str, other: str) -> None:
    assert find_example(pattern, other) is None
    assert find_example(other, pattern) is None


@given(pattern=PATTERNS, other=PATTERNS)
@example(pattern="?\u0301*", other="e*")
def test_an_example_matches_both_patterns(pattern: str, other: str) -> None:
    found = find_example(pattern, other)

    event("overlap" if found else "none")
    assert found is None or (make_matcher((pattern,))(found) and make_matcher((other,))(found))


def has_one_form(name: str) -> bool:
    """Return whether a matcher compares only the name itself with patterns: a name is a pattern without wildcards."""
    return {"".join(parts) for parts in list_pattern_forms(name)} == {name}


def has_common_form(name: str, pattern: str, other: str) -> bool:
    """Return whether a form of the name, taken as a name that has only this form, matches both patterns."""
    forms = {"".join(parts) for parts in list_pattern_forms(name)}
    return any(make_matcher((pattern,))(form) and make_matcher((other,))(form) for form in filter(has_one_form, forms))


@given(drawn=patterns_of_one_name())
def test_no_overlap_of_a_name_with_one_form_is_missed(drawn: tuple[str, str, str]) -> None:
    name, pattern, other = drawn
    is_common = has_common_form(name, pattern, other)

    event("common name" if is_common else "none")
    if is_common:
        assert find_example(pattern, other) is not None
        assert find_example(other, pattern) is not None


@given(pattern=PATTERNS, other=PATTERNS)
def test_the_order_does_not_matter(pattern: str, other: str) -> None:
    assert (find_example(pattern, other) is None) == (find_example(other, pattern) is None)


def test_every_overlapping_pair_of_patterns_is_found_once() -> None:
    found = list(find_overlaps(["VIP *", "News", "x*"], ["news", "vip EE*", "N*", "VIP *"]))

    assert found == [
        Overlap(index=1, other_index=0, example="News"),
        Overlap(index=0, other_index=1, example="vip ee"),
        Overlap(index=0, other_index=3, example="VIP 1"),
    ]


@pytest.mark.parametrize(
    ("pattern", "other"),
    [
        ("a{:03} *", "b{:03} *"),
        ("*a{:03}", "*b{:03}"),
        ("?a{:03}?", "?b{:03}?"),
        ("*A{:03}é", "*B{:03}é"),
        ("a{:03}*" + "x*" * 100, "b{:03}*" + "x*" * 100),
    ],
)
def test_a_thousand_patterns_are_compared_with_a_thousand_in_seconds(pattern: str, other: str) -> None:
    begin = time.process_time()

    found = list(find_overlaps(make_many(pattern), make_many(other)))

    assert found == []
    assert time.process_time() - begin < 15


@pytest.mark.parametrize(
    ("pattern", "other"),
    [
        ("x" + "?" * 900 + "a{:03}?", "x" + "?" * 900 + "b{:03}?"),
        ("*" + "a?" * 200 + "b{:03}*", "a" * 900 + "{:03}?"),
        ("x*" + "ab*" * 300 + "{:03}a", "?" * 950 + "{:03}b?"),
    ],
)
def test_patterns_that_take_too_long_to_compare_are_said_to(pattern: str, other: str) -> None:
    few = slice(0, 3)

    with pytest.raises(TooMuchWorkError):
        list(find_overlaps(make_many(pattern)[few], make_many(other)[few], most_work=1_000))

    assert list(find_overlaps(make_many(pattern)[few], make_many(other)[few])) == []


def make_many(pattern: str) -> Sequence[str]:
    return [pattern.format(number) for number in range(1_000)]


def test_a_hundred_thousand_names_are_compared_with_a_thousand_patterns_in_seconds() -> None:
    names = [f"Sales {number}" for number in range(100_000)]
    begin = time.process_time()

    found = list(find_overlaps(names, [*make_many("Marketing {:03} *"), *(f"Marketing {n}" for n in range(100_000))]))

    assert found == []
    assert time.process_time() - begin < 15
