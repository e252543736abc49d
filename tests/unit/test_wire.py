"""The Phonebook's JSON, read strictly."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groupsync.api.wire import VendorError, encode_name, parse_errors, parse_group, parse_groups
from groupsync.errors import ApiError
from groupsync.model.groups import GroupId, LiveGroup
from groupsync.strictjson import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable

ID = "5792a02a-e5c2-422b-a0a0-0ae65d814663"
OTHER_ID = "4792a02a-e5c2-422b-a0a0-0ae65d814662"
LIST = "GET /phonebook/groups"
GROUP = {"id": ID, "name": "VIP"}
VIP = LiveGroup(id=GroupId(ID), name="VIP", contacts_count=None)
MORE_WORDS = (
    *("page", "next", "more", "token", "cursor", "offset", "limit", "total", "count", "truncated", "partial", "links"),
    *("paging", "pagination"),
)
PREFIX = "the answer is not what the Phonebook documents: "


def encode(value: Any) -> bytes:
    return json.dumps(value).encode()


def find_problem(body: bytes) -> str:
    """Return what is told of a list, without the words that are always there."""
    with pytest.raises(ApiError) as caught:
        parse_groups(body, LIST)
    assert caught.value.ambiguous
    return str(caught.value).removeprefix(f"{LIST}: {PREFIX}")


def test_a_list_is_all_its_groups_in_the_order_of_the_server() -> None:
    body = encode(
        {
            "groups": [
                {"id": ID.upper(), "name": "VIP", "createdOn": "2019-04-22T11:46:23.753613Z", "contactsCount": 12},
                {
                    "id": OTHER_ID,
                    "name": " Ümlaut \u202e",
                    "createdOn": None,
                    "contactsCount": None,
                    "colour": {"r": 1},
                },
            ],
            "total": 2,
            "next": None,
            "links": {},
            "served": [1.5, 10**99],
        }
    )

    assert parse_groups(body, LIST) == (
        LiveGroup(id=GroupId(ID), name="VIP", contacts_count=12),
        LiveGroup(id=GroupId(OTHER_ID), name=" Ümlaut \u202e", contacts_count=None),
    )


def test_a_list_without_groups_is_empty_only_when_it_says_so() -> None:
    assert parse_groups(b'{"groups": []}', LIST) == ()
    assert find_problem(b"{}") == "groups is missing"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"groups": None}, "groups is missing"),
        ({"group": [GROUP]}, "groups is missing"),
        ({"groups": {}}, "groups is not a list"),
        ({"groups": "none"}, "groups is not a list"),
        ([GROUP], "it is not a JSON object"),
        ({"groups": [None]}, "groups[0] is missing"),
        ({"groups": [GROUP, "VIP"]}, "groups[1] is not an object"),
        ({"groups": [{"name": "VIP"}]}, "groups[0].id is missing"),
        ({"groups": [{"id": 7, "name": "VIP"}]}, "groups[0].id is not a string"),
        ({"groups": [{"id": "../x", "name": "VIP"}]}, "groups[0].id is not a UUID"),
        ({"groups": [{"id": ID}]}, "groups[0].name is missing"),
        ({"groups": [{"id": ID, "name": None}]}, "groups[0].name is missing"),
        ({"groups": [{"id": ID, "name": ["VIP"]}]}, "groups[0].name is not a string"),
        ({"groups": [{"id": ID, "name": "a\ud800"}]}, "a text in it has half a character (a lone surrogate)"),
        ({"groups": [GROUP, {"id": ID.upper(), "name": "B"}]}, "groups[1].id equals groups[0].id"),
    ],
)
def test_anything_less_than_the_whole_list_is_an_error_that_names_the_place(value: Any, problem: str) -> None:
    assert find_problem(encode(value)) == problem


@pytest.mark.parametrize("count", [-1, True, False, "12", 1.0, [], 2**63])
def test_a_count_that_is_none_is_an_error(count: Any) -> None:
    body = encode({"groups": [{**GROUP, "contactsCount": count}]})

    assert find_problem(body) == "groups[0].contactsCount is not a whole number from 0 up"


@pytest.mark.parametrize(
    ("further", "problem"),
    [
        ({"next": "/phonebook/groups?page=2"}, '"next"'),
        ({"cursor": 17}, '"cursor": 17'),
        ({"links": {"self": "x"}}, '"links"'),
        ({"_links": {"next": {"href": "x"}}}, '"_links"'),
        ({"total": 2}, '"total": 2'),
        ({"total": 0}, '"total": 0'),
        ({"total": "1"}, '"total"'),
        ({"total": 1.0}, '"total"'),
        ({"count": True}, '"count": true'),
        ({"hasMore": 1}, '"hasMore": 1'),
        ({"limit": 1}, '"limit": 1'),
        ({"page": 1, "pages": 1}, '"page": 1'),
        ({"totalPages": 1}, '"totalPages": 1'),
        ({"page-count": 1}, '"page-count": 1'),
        ({"meta": {"groups_total": 4}}, '"meta.groups_total": 4'),
        ({"a": {"b": [{"c": [1, {"HasMoreItems": True}]}]}}, '"...0.c.1.HasMoreItems": true'),
        ({"a": {"b": {"c": {"d": {"e": {"Next-Token": "x"}}}}}}, '"...c.d.e.Next-Token"'),
        ({"x" * 99: {"more\n": "x"}}, '"' + "x" * 40 + '.more\\u000a"'),
        ({"data": {"groups": [{"contactsCount": 3}]}}, '"data.groups.0.contactsCount": 3'),
    ],
)
def test_a_list_that_may_go_on_elsewhere_is_an_error(further: dict[str, Any], problem: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_groups(encode({"groups": [GROUP], **further}), LIST)

    assert str(caught.value) == (
        f"{LIST}: the list may be incomplete: next to groups the answer has {problem}; 1 group was received"
    )
    assert (caught.value.ambiguous, caught.value.transient) == (True, False)


@pytest.mark.parametrize("word", MORE_WORDS)
@pytest.mark.parametrize(
    "name", ["{}", "{}s", "the{1}", "{1}Of", "OF_{2}", "x-{}", "@odata.{}Link", "has{}", "HTTP{1}", "page{}", "_{}2"]
)
def test_a_word_that_can_mean_more_is_found_however_it_is_written(word: str, name: str) -> None:
    member = name.format(word, word.title(), word.upper())

    with pytest.raises(ApiError, match=member):
        parse_groups(encode({"groups": [GROUP], member: "x"}), LIST)
    assert parse_groups(encode({"groups": [GROUP], member: None}), LIST) == (VIP,)


@pytest.mark.parametrize(
    "name",
    ["requestId", "accountId", "discount", "account", "country", "nextel", "Linkage", "moreover", "tokenizer", "limes"],
)
@pytest.mark.parametrize("value", [7, True, "x", ["x"], {"name": "x", "createdOn": "2026-01-01", "ids": [1, 2]}])
def test_other_members_are_accepted(name: str, value: object) -> None:
    assert parse_groups(encode({name: value, "groups": [GROUP], "served": {name: [value]}}), LIST) == (VIP,)


def test_the_elements_of_a_list_are_never_searched() -> None:
    groups = [{**GROUP, "contactsCount": 12, "links": {"next": "x"}, "meta": [{"hasMore": True}]}]

    assert len(parse_groups(encode({"groups": groups}), LIST)) == 1


@pytest.mark.parametrize(
    "beside",
    [
        b'{"a": ' * 400 + b"0" + b"}" * 400,
        b'{"a": ' * 400 + b"[" + b"{}," * 200_000 + b"0]" + b"}" * 400,
        b"[" + b'{"a": [0]},' * 200_000 + b"0]",
        b'"' + b"nextel" * 500_000 + b'"',
        b'{"' + b"pagenextis" * 100_000 + b'x": 1}',
    ],
)
def test_a_large_answer_is_searched_once(beside: bytes) -> None:
    body = encode({"groups": [GROUP]})[:-1] + b', "beside": ' + beside + b"}"
    began = time.process_time()

    assert parse_groups(body, LIST) == (VIP,)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "it is empty"),
        (b"<html></html>", "it is not JSON at line 1, column 1"),
        (b'{"groups":\n []', "it is not JSON at line 2, column 4"),
        (b'{"groups": []} {}', "it is not JSON at line 1, column 16"),
        (b"\xef\xbb\xbf{}", "it is not JSON at line 1, column 1"),
        ('{"groups": ["ä"]}'.encode("latin-1"), "it is not UTF-8"),
        ('{"groups": []}'.encode("utf-16"), "it is not UTF-8"),
        (b'{"groups": [], "n": NaN}', "NaN is not JSON"),
        (b'{"groups": [], "n": -Infinity}', "-Infinity is not JSON"),
        (b'{"groups": [], "groups": []}', "an object in it has a key twice"),
        (b'{"groups": [], "n": {"a": 1, "a": 1}}', "an object in it has a key twice"),
        (b'{"groups": ' + b"[" * 100_000, "it is nested too deep"),
        (b'{"groups": [], "n": ' + b"9" * 5000 + b"}", "a number in it has more than 100 digits"),
    ],
)
def test_a_body_that_is_not_strictly_json_is_an_error(body: bytes, problem: str) -> None:
    assert find_problem(body) == problem


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
@pytest.mark.parametrize("text", ["", "\\ud83d\\ude00", "\\ud83d"])
def test_nesting_of_any_depth_is_an_error_of_the_answer_at_most(opening: str, closing: str, text: str) -> None:
    """Reading a value and looking for half characters in it each have a limit of their own."""
    problems = set()
    for depth in range(100, 1_100):
        value = opening * depth + "0" + closing * depth
        body = f'{{"groups": [], "a": "{text}", "x": {value}}}'.encode()
        try:
            parse_json(body)
        except ValueError as error:
            problems.add(str(error))

    half = {"a text in it has half a character (a lone surrogate)"} if text == "\\ud83d" else set()
    assert problems - {"it is nested too deep"} == half


def test_a_single_group_is_read_like_one_of_a_list() -> None:
    assert parse_group(encode({"group": GROUP, "more": 1}), "PUT x") == VIP


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({}, "group is missing"),
        ({"group": []}, "group is not an object"),
        ({"group": {**GROUP, "id": "x"}}, "group.id is not a UUID"),
        ({"groups": [GROUP]}, "group is missing"),
    ],
)
def test_a_single_group_that_is_not_whole_is_an_error(value: Any, problem: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_group(encode(value), "POST x")

    assert (str(caught.value), caught.value.ambiguous) == (f"POST x: {PREFIX}{problem}", True)


def test_errors_are_read_as_the_vendor_tells_them() -> None:
    body = encode(
        {"errors": [{"code": "201", "title": "Invalid data", "detail": "too long"}, {"code": 7, "title": "T"}]}
    )

    assert parse_errors(body) == (
        VendorError(code="201", title="Invalid data", detail="too long"),
        VendorError(code="7", title="T", detail=""),
    )


@pytest.mark.parametrize(
    "body", [b"", b"<h1>502</h1>", b'{"errors": {}}', b'{"errors": [1, {"title": "T"}]}', b"{}", b"[]"]
)
def test_what_is_not_the_vendors_error_body_has_no_errors(body: bytes) -> None:
    assert parse_errors(body) == ()


def test_a_name_is_sent_as_utf_8() -> None:
    assert encode_name('Ä "x"') == '{"name": "Ä \\"x\\""}'.encode()
    with pytest.raises(ValueError, match="surrogates not allowed"):
        encode_name("\ud800")


_KEYS = st.sampled_from(["groups", "group", "errors", "id", "name", "contactsCount", "total", "next", "title", "code"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(ID),
    lambda inner: st.lists(inner) | st.dictionaries(_KEYS, inner),
    max_leaves=10,
)
_BODIES = (
    st.binary()
    | _JSON.map(encode)
    | st.dictionaries(_KEYS, _JSON).map(encode)
    | st.builds(lambda groups: encode({"groups": groups}), st.lists(st.dictionaries(_KEYS, _JSON)))
)


@pytest.mark.parametrize("parse", [parse_groups, parse_group])
@settings(deadline=None)
@given(body=_BODIES)
def test_any_body_is_a_value_or_an_api_error(parse: Callable[[bytes, str], object], body: bytes) -> None:
    """No exception of the JSON library or of a conversion gets out, whatever the server sends."""
    with contextlib.suppress(ApiError):
        parse(body, LIST)
    parse_errors(body)


@settings(deadline=None)
@given(groups=st.dictionaries(st.uuids().map(str), st.tuples(st.text(), st.none() | st.integers(0, 2**63 - 1))))
def test_every_list_of_groups_is_read_as_it_was_written(groups: dict[str, tuple[str, int | None]]) -> None:
    body = encode({"groups": [{"id": key, "name": name, "contactsCount": n} for key, (name, n) in groups.items()]})

    assert parse_groups(body, LIST) == tuple(
        LiveGroup(id=GroupId(key), name=name, contacts_count=n) for key, (name, n) in groups.items()
    )
