"""Laws of the fast paths for ordinary names and lists: the result is that of the slow path."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from groupsync.names import (
    find_name_fault,
    fold_look_alikes,
    join_ordinary_names,
    list_look_alike_keys,
    look_alike_key,
    same_name_key,
)
from groupsync.sealed import seal
from groupsync.suggest.similarity import count_common_letters

ORDINARY = st.text(st.sampled_from("abcXYZ 01lI|-"), min_size=1, max_size=12)
ODD = st.text(st.sampled_from("aZ 1|]\t\n\u00a0\u200bßİıéе\u0301ﬁ²\u2028\x85\u3164\uff3dK"), max_size=8)  # noqa: RUF001
LONG = st.integers(998, 1_003).map("a".__mul__)
NAMES = st.lists(st.one_of(ORDINARY, ORDINARY, ODD, LONG), max_size=12)
JSON = st.recursive(
    st.sampled_from(["}, {", "a##b", "#", 1, None, "é"]),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "}, {"]), parts),
)


@given(names=NAMES)
def test_the_keys_of_many_names_are_those_of_each(names: list[str]) -> None:
    each = [fold_look_alikes(same_name_key(name)) for name in names]

    assert [look_alike_key(name) for name in names] == each
    assert sorted(list_look_alike_keys(names)) == sorted(each)


@given(names=NAMES)
def test_ordinary_names_have_no_fault_and_no_name_gets_lost(names: list[str]) -> None:
    texts, others = join_ordinary_names(names)

    ordinary = [name for text in texts for name in text.split("\n")]
    assert sorted([*ordinary, *others]) == sorted(names)
    assert not any(map(find_name_fault, ordinary))


@given(value=st.lists(JSON, max_size=4))
def test_each_element_of_a_sealed_list_is_on_a_line_of_its_own(value: list[object]) -> None:
    lines = [json.dumps(element).replace("##", "#\\u0023") for element in value]
    expected = "[\n" + ",\n".join(f"    {line}" for line in lines) + "\n  ]" if lines else "[]"

    assert seal({"list": value}).decode().startswith(f'{{\n  "list": {expected},\n')


@given(one=st.text("abcé", max_size=12), other=st.text("abcü", max_size=12))
def test_common_letters_are_the_longest_common_subsequence(one: str, other: str) -> None:
    lengths = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for row, letter in enumerate(one):
        for column, other_letter in enumerate(other):
            longest = max(lengths[row][column + 1], lengths[row + 1][column])
            lengths[row + 1][column + 1] = lengths[row][column] + 1 if letter == other_letter else longest

    assert count_common_letters(one, other) == lengths[-1][-1]
