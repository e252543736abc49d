"""Laws of the fast paths for ordinary names and lists: the result is that of the slow path."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import to_builtins

from groupsync.api.plain_list import read_plain_list
from groupsync.api.wire import MOST_GROUPS, parse_groups
from groupsync.errors import DamagedPlanError
from groupsync.model.groups import GroupId, LiveGroup
from groupsync.names import (
    find_name_fault,
    fold_look_alikes,
    join_ordinary_names,
    list_look_alike_keys,
    look_alike_key,
    same_name_key,
)
from groupsync.planfile.review import FORMAT_VERSION, dump_review, load_document, load_review, write_groups
from groupsync.render.ids import _find_owners
from groupsync.sealed import read_document, seal
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


@given(base=NAMES, final=st.lists(st.none() | ORDINARY | ODD, max_size=6), created=NAMES)
def test_names_that_all_look_different_need_no_ids(
    base: list[str], final: list[str | None], created: list[str]
) -> None:
    base_names = {GroupId(str(number)): name for number, name in enumerate(base)}
    final_names = dict(zip(base_names, final, strict=False))
    names = [*base, *(name for name in final_names.values() if name is not None), *created]

    if len({*map(look_alike_key, names)}) == len(names):
        assert not final_names.keys() & {*_find_owners(base_names, final_names, created)}


@given(value=st.lists(JSON, max_size=4))
def test_each_element_of_a_sealed_list_is_on_a_line_of_its_own(value: list[object]) -> None:
    lines = [json.dumps(element).replace("##", "#\\u0023") for element in value]
    expected = "[\n" + ",\n".join(f"    {line}" for line in lines) + "\n  ]" if lines else "[]"

    assert seal({"list": value}).decode().startswith(f'{{\n  "list": {expected},\n')


@given(
    groups=st.lists(
        st.builds(LiveGroup, id=ODD, name=ODD | st.text('#é"\\', max_size=5), contacts_count=st.none() | st.integers(0))
    )
)
def test_groups_are_written_as_by_json(groups: list[LiveGroup]) -> None:
    assert seal({"base": []}, {"base": write_groups(groups)}) == seal({"base": to_builtins(groups)})


PLAN = (Path(__file__).parents[1] / "golden" / "case-only-rename" / "plan.json").read_bytes()
FRAGMENTS = [
    b"",
    b"{",
    b'"wave": 1,',
    b'"name": "a", ',
    b"NaN",
    b"1.0",
    b"01",
    b"-",
    b"\\ud800",
    b"\xff",
    b"\t",
    b",",
    b"]",
]


@given(data=st.data())
def test_a_plan_file_that_is_read_is_strict_json_that_groupsync_wrote(data: st.DataObject) -> None:
    start = data.draw(
        st.integers(0, len(PLAN)) | st.sampled_from([at for at, one in enumerate(PLAN) if one == ord("{")])
    )
    end = data.draw(st.integers(start, min(start + 3, len(PLAN))))
    content = PLAN[:start] + data.draw(st.sampled_from(FRAGMENTS)) + PLAN[end:]
    try:
        review = load_review(content, "plan.json")
    except DamagedPlanError:
        return
    assert load_document(read_document(content, schema="plan", version=FORMAT_VERSION)) == review
    assert dump_review(review) == content


@given(one=st.text("abcé", max_size=12), other=st.text("abcü", max_size=12))
def test_common_letters_are_the_longest_common_subsequence(one: str, other: str) -> None:
    lengths = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for row, letter in enumerate(one):
        for column, other_letter in enumerate(other):
            longest = max(lengths[row][column + 1], lengths[row + 1][column])
            lengths[row + 1][column + 1] = lengths[row][column] + 1 if letter == other_letter else longest

    assert count_common_letters(one, other) == lengths[-1][-1]


KEYS = st.sampled_from(["id", "id", "name", "name", "contactsCount", "createdOn", "createdOn", 'x"createdOn', "groups"])
IDS = st.integers(0, 3).map("5792a02a-e5c2-422b-a0a0-0ae65d81466{}".format)
TEXTS = st.sampled_from(
    ['"a"', '":"', '"\\":"', '"\\u003a"', '"{"', '" :"', '"é"', '"\\ud800"', '"\\ud83d\\ude00"', '"a\tb"']
)
VALUES = st.sampled_from(["0", "7", "-1", "1.0", "1e2", "01", "true", "null", "NaN", "9223372036854775808", "[]"])
OBJECTS = st.sampled_from(['{"id":"x"}', '{"id" :1}', '{"a":{"b":"c"}}'])
BLANKS = st.sampled_from(["", "", "", "", " ", "\n", "\t"])
ODD_MEMBERS = st.tuples(KEYS.map(json.dumps), st.one_of(TEXTS, VALUES, OBJECTS, IDS.map(json.dumps)))


@st.composite
def lists_of_groups(draw: st.DrawFn) -> str:
    """Return the text of a list of groups: as documented, but for a few edits."""
    ids = draw(st.lists(IDS, max_size=3, unique=True))
    objects = [
        [('"id"', json.dumps(one)), ('"name"', draw(TEXTS)), ('"contactsCount"', "7"), ('"createdOn"', '"2019"')]
        for one in ids
    ]
    answer = [("groups", "")]
    for edit in draw(st.lists(st.sampled_from(["member", "value", "drop", "id", "around"]), max_size=2)):
        if edit == "around":
            answer.append(draw(ODD_MEMBERS))
        elif objects:
            _edit(draw, edit, draw(st.sampled_from(objects)))
    before_colon = draw(st.sampled_from(["", "", "", "", " ", "\n"]))

    def write(members: list[tuple[str, str]]) -> str:
        return "{" + ",".join(f"{key}{before_colon}:{draw(BLANKS)}{value}" for key, value in members) + "}"

    answer[0] = ('"groups"', f"[{','.join(map(write, objects))}]")
    return write(draw(st.permutations(answer)))


def _edit(draw: st.DrawFn, edit: str, members: list[tuple[str, str]]) -> None:
    place = draw(st.integers(0, len(members) - 1)) if members else 0
    if edit == "member":
        members.insert(place, draw(ODD_MEMBERS))
    elif edit == "id":
        odd_id = st.one_of(IDS, IDS.map(str.upper), st.sampled_from(["", "x", ",", f"{'0' * 36},"]))
        members[0] = ('"id"', json.dumps(draw(odd_id)))
    elif members:
        key, _ = members.pop(place)
        members += [(key, draw(TEXTS | VALUES | OBJECTS))] if edit == "value" else []


@given(text=lists_of_groups(), cut=st.sampled_from([None, None, None, -1]))
def test_a_plain_list_is_what_the_strict_reader_reads(text: str, cut: int | None) -> None:
    body = text.encode()[:cut]
    groups = read_plain_list(body, most_groups=MOST_GROUPS)

    if groups is not None:
        assert groups == _make_strictly(body)


def _make_strictly(body: bytes) -> object:
    """Return the groups of the list, read by the strict reader alone, which takes the blank as a reason to be slow."""
    return parse_groups(b'{"" :0,' + body[1:], "GET /phonebook/groups")


def test_lists_as_documented_are_plain() -> None:
    group = {"id": "5792a02a-e5c2-422b-a0a0-0ae65d814663", "name": 'é: "{" 😀', "contactsCount": 7}
    dated = group | {"id": "5792a02a-e5c2-422b-a0a0-0ae65d814664", "createdOn": "2019-04-22T11:46:23.753613Z"}
    documents: list[dict[str, object]] = [{"groups": []}, {"groups": [group]}, {"groups": [group, dated]}]
    for document in documents:
        compact = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
        for body in (compact, json.dumps(document).encode(), json.dumps(document, indent=2).encode()):
            groups = read_plain_list(body, most_groups=MOST_GROUPS)
            assert groups is not None
            assert groups == _make_strictly(body)


@pytest.mark.parametrize(
    "members",
    [
        '"name":"a","contactsCount":1,"contactsCount":0',
        '"name":"a","contactsCount":1,"contactsCount" :0',
        '"name":"a","contactsCount"\n:1,"contactsCount":0',
        '"name":"a","contactsCount":-1',
        '"name":"a","contactsCount":9223372036854775808',
        '"name":"a","contactsCount":1.0',
        '"name":"a","contactsCount":0,"createdOn":7',
        '"name":"a","contactsCount":0,"more":7',
        '"name":"\\ud800","contactsCount":0',
    ],
)
def test_what_is_not_documented_is_not_plain(members: str) -> None:
    group = f'{{"id":"5792a02a-e5c2-422b-a0a0-0ae65d814663",{members}}}'

    assert read_plain_list(f'{{"groups":[{group}]}}'.encode(), most_groups=MOST_GROUPS) is None
