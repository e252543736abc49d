"""A list is whole, or it is an error: each example of the table in docs/safety.md."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from groupsync.api.client import GroupsClient
from groupsync.errors import ApiError
from tests.unit.core import make_id
from tests.wire.calls import CREDENTIALS
from tests.wire.list_signs import ANSWERS, CONTACTS, GROUPS, SUSPICIOUS, WHOLE
from tests.wire.raw_server import RawServer, http

if TYPE_CHECKING:
    from tests.wire.list_signs import ListAnswer

KEYS = ("groups", "contacts")


def read_list(url: str, list_key: str) -> int:
    """Return how many elements a list has."""
    with GroupsClient(url, CREDENTIALS) as client:
        return len(client.list_groups() if list_key == "groups" else client.list_contacts(make_id(1)))


def encode(answer: ListAnswer, list_key: str) -> bytes:
    return answer.encode(list_key, GROUPS if list_key == "groups" else CONTACTS)


def test_the_table_has_examples_for_every_row() -> None:
    assert (len(WHOLE), len(SUSPICIOUS)) == (32, 43)
    assert {name for answer in ANSWERS for name in answer.headers} == {
        *("Link", "Content-Range", "X-Total", "X-Total-Count", "X-Next-Page", "X-Next-Cursor", "X-Has-More")
    }


@pytest.mark.parametrize("list_key", KEYS)
@pytest.mark.parametrize("answer", WHOLE, ids=[answer.example for answer in WHOLE])
def test_a_list_without_more_is_whole(answer: ListAnswer, list_key: str) -> None:
    with RawServer(encode(answer, list_key)) as server:
        assert read_list(server.url, list_key) == 2


@pytest.mark.parametrize("list_key", KEYS)
@pytest.mark.parametrize("answer", SUSPICIOUS, ids=[answer.example for answer in SUSPICIOUS])
def test_a_list_that_may_have_more_is_an_error_that_names_the_sign(answer: ListAnswer, list_key: str) -> None:
    """It is asked for once: the next answer would say the same."""
    sign = next(iter((*answer.members, *answer.headers)), "206")

    with RawServer(encode(answer, list_key)) as server, pytest.raises(ApiError, match=sign) as caught:
        read_list(server.url, list_key)

    assert len(server.requests) == 1
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "header",
    [
        "X-Request-Id: 7",
        "X-RateLimit-Limit: 100",
        "X-RateLimit-Remaining: 99",
        "RateLimit: limit=100, remaining=99",
        "X-Page-Token: x",
        "x-total-count: 2",
        "X-NEXT-PAGE:  ",
        "Content-Range: 0-1/2",
        "Link: </a>; rel=prev, </next>; rel=first",
    ],
)
def test_other_headers_are_accepted(header: str) -> None:
    body = ANSWERS[0].encode("groups", GROUPS).partition(b"\r\n\r\n")[2]

    with RawServer(http("200 OK", body, header)) as server:
        assert read_list(server.url, "groups") == 2


@pytest.mark.parametrize(
    ("headers", "shown"),
    [
        (("x-total-count: 4",), "X-Total-Count says 4"),
        (("X-Total: 2", "X-Total: 2"), "X-Total is present"),
        (("X-Total: -2",), "X-Total says -2"),
        (("X-Total: ２".encode().decode("latin-1"),), "X-Total is present"),  # noqa: RUF001 - full-width
        (("X-Has-More: 0",), "X-Has-More says 0"),
        (("X-Next-Cursor: s3cret-cursor",), "X-Next-Cursor is present"),
        (("Content-Range: bytes 0-199/200",), "Content-Range says bytes 0-199/200"),
        (("Content-Range: groups 1-2/2",), "Content-Range says groups 1-2/2"),
        (("Content-Range: */2",), "Content-Range says */2"),
        (("Content-Range: 0-1/2, 0-1/2",), "Content-Range is present"),
        (('Link: </a>; rel="prev"', 'Link: </b>; title="x"; REL="last NEXT"'), "Link has rel=next"),
    ],
)
def test_a_header_is_named_and_shown_only_if_it_holds_a_number(headers: tuple[str, ...], shown: str) -> None:
    body = ANSWERS[0].encode("groups", GROUPS).partition(b"\r\n\r\n")[2]

    with RawServer(http("200 OK", body, *headers)) as server, pytest.raises(ApiError) as caught:
        read_list(server.url, "groups")

    assert str(caught.value) == (
        f"GET /phonebook/groups: the list may be incomplete: the header {shown}, and 2 groups were received"
    )


@pytest.mark.parametrize(
    "members",
    [
        {"isLastPage": False},
        {"last": False},
        {"is_final": False},
        {"noMore": False},
        {"complete": False},
        {"meta": {"isComplete": "False"}},
        {"full-list": 0},
        {"allLoaded": "no"},
        {"islastpage": False},
        {"endOfResults": False},
        {"notTruncated": False},
        {"isLastPage": True},  # who knows which list it means; nobody documents it
        {"noMore": True},
        {"nextlink": "x"},
        {"NextURL": "x"},
        {"nexthref": "x"},
        {"nextpagetokens": ["x"]},
        {"moreresults": True},
        {"pagesize": 2},
        {"perpage": 2},
        {"totalgroups": 3},
        {"link": "x"},
        {"incomplete_results": True},
        {"remaining": 3},
        {"remainingitems": 3},
    ],
    ids=str,
)
def test_more_can_be_said_by_a_negation_or_in_one_word(members: dict[str, Any]) -> None:
    body = json.dumps({**members, "groups": GROUPS}).encode()

    with RawServer(http("200 OK", body)) as server, pytest.raises(ApiError, match="the list may be incomplete"):
        read_list(server.url, "groups")


@pytest.mark.parametrize(
    "members",
    [
        {"complete": True},
        {"last": None, "final": "", "end": []},
        {"incomplete_results": False, "nextlink": None, "moreresults": False, "link": ""},
        {"totalgroups": 2},
        {"lastModified": "2026-11-23T12:00:00Z", "status": "complete"},
        {"discount": 5, "account": 4, "accountId": 4, "country": "EE", "countryCode": "EE", "encounter": 1},
        {"requestId": "7", "linkedin": "x", "homepage": "x", "context": "x", "allowed": False, "notify": False},
        {"nototal" * 100_000: False, "notend" * 100_000 + "z": False},
    ],
    ids=lambda members: ", ".join(members)[:60],
)
def test_members_that_only_resemble_a_sign_are_accepted(members: dict[str, Any]) -> None:
    body = json.dumps({**members, "groups": GROUPS}).encode()

    with RawServer(http("200 OK", body)) as server:
        assert read_list(server.url, "groups") == 2


def test_an_empty_list_is_whole_if_its_counts_are_0() -> None:
    answer = http("200 OK", b'{"groups": [], "total": 0, "count": 0}', "Content-Range: */0", "X-Total: 0")

    with RawServer(answer) as server:
        assert read_list(server.url, "groups") == 0
