"""Answers that came, and what they mean when they are not the documented success."""

from __future__ import annotations

import gzip
import json

import pytest

from groupsync.api.client import GroupsClient
from groupsync.errors import ApiError, MissingError, UnauthorizedError
from groupsync.model.groups import LiveGroup
from tests.wire.calls import (
    CALLS,
    CREDENTIALS,
    ID,
    JSON,
    LIST,
    OTHER_ID,
    ask,
    encode_error,
    encode_group,
    fail,
)
from tests.wire.raw_server import RawServer, http


@pytest.mark.parametrize("call", CALLS)
def test_the_vendors_error_becomes_one_sentence(call: str) -> None:
    error = fail(call, http("400 BAD", encode_error("201", "Invalid data", "name: too long"), JSON))

    assert str(error).endswith(": HTTP 400: Invalid data (code 201): name: too long")
    assert (type(error), error.ambiguous) == (ApiError, False)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            http("502 X", b"<h1>x</h1>", "Content-Type: text/html; charset=x"),
            "Bad Gateway (the answer is not from the Phonebook: an HTML page)",
        ),
        (http("504 X"), "Gateway Timeout (the answer is empty)"),
        (
            http("503 X", b"upstream\r\n\tdown \x1b[31m\xff", "Content-Type: text/plain"),
            "Service Unavailable (the answer is not from the Phonebook: text/plain: upstream down \\u001b[31m\ufffd)",
        ),
        (
            http("500 X", b'{"errors": []}', JSON),
            'Internal Server Error (the answer is not from the Phonebook: application/json: {"errors": []})',
        ),
        (
            http("500 X", b'{"errors": [', JSON, "Content-Length: 900"),
            'Internal Server Error (the answer is not from the Phonebook: application/json: {"errors": [)',
        ),
        (http("500 X", encode_error("205", "General error"), JSON), "General error (code 205)"),
    ],
)
def test_a_failure_of_the_server_is_ambiguous_and_told_whoever_answers(answer: bytes, sentence: str) -> None:
    error = fail("POST", answer)

    assert str(error) == f"POST /phonebook/groups: HTTP {answer[9:12].decode()}: {sentence}"
    assert error.ambiguous


def test_a_long_text_is_shortened() -> None:
    error = fail("POST", http("400 X", encode_error("201", "T", "ä" * 5000), JSON))

    assert str(error) == f"POST /phonebook/groups: HTTP 400: T (code 201): {'ä' * 200}..."


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
@pytest.mark.parametrize("call", CALLS)
def test_refused_credentials_are_one_error_for_all_calls(call: str, status: str) -> None:
    error = fail(call, http(status, b"<html>", "Content-Type: text/html"))

    assert (type(error), error.ambiguous) == (UnauthorizedError, False)


@pytest.mark.parametrize("call", ["GET", "PUT", "DELETE"])
def test_only_the_phonebook_says_that_a_group_is_gone(call: str) -> None:
    """A gateway's 404 is about the whole address: a wrong endpoint must not look like a finished deletion."""
    missing = fail(call, http("404 X", encode_error("203", "Missing resource"), JSON))
    gateway = fail(call, http("404 X", b"<html>", "Content-Type: text/html"))

    assert (type(missing), missing.ambiguous) == (MissingError, False)
    assert (type(gateway), gateway.ambiguous) == (ApiError, False)
    assert "GROUPSYNC_ENDPOINT" in gateway.remedy


def test_a_list_that_is_not_found_is_no_missing_group() -> None:
    error = fail("GET list", http("404 X", encode_error("203", "Missing resource"), JSON))

    assert type(error) is ApiError


@pytest.mark.parametrize(
    "status", ["202 Accepted", "206 Partial Content", "304 Not Modified", "101 Switching Protocols", "299 X"]
)
@pytest.mark.parametrize("call", CALLS)
def test_a_status_that_is_not_documented_is_ambiguous(call: str, status: str) -> None:
    error = fail(call, http(status, b"", "Content-Length: 0"))

    assert "is not an answer that the Phonebook documents for this request" in str(error)
    assert error.ambiguous


# A success that is none


@pytest.mark.parametrize("answer", [http("200 OK"), http("200 OK", b"{}"), http("200 OK", b"<html>Welcome</html>")])
@pytest.mark.parametrize("call", ["GET list", "GET", "POST", "PUT"])
def test_a_success_without_a_value_is_an_error(call: str, answer: bytes) -> None:
    error = fail(call, answer)

    assert "the answer is not what the Phonebook documents" in str(error)
    assert error.ambiguous


def test_no_content_is_no_list() -> None:
    assert (
        str(fail("GET list", http("204 No Content")))
        == f"{LIST}: HTTP 204: No Content is not an answer that the Phonebook documents for this request"
    )


@pytest.mark.parametrize(
    "link",
    [
        '<https://x/?page=2>; rel="next"',
        "<a>; rel=prev, <b>; title=x; REL=Next",
        '<a>; rel="last next"',
        "<b>; rel='next'",
    ],
)
def test_a_link_to_a_next_page_is_an_error(link: str) -> None:
    error = fail("GET list", http("200 OK", b'{"groups": []}', f"Link: {link}"))

    assert str(error) == f"{LIST}: the list may be incomplete: the header Link has rel=next, and 0 groups were received"


def test_another_link_is_none_of_our_business() -> None:
    with RawServer(http("200 OK", b'{"groups": []}', 'Link: </next>; rel="self", </docs/next>; rel=help')) as server:
        ask(server)


@pytest.mark.parametrize("call", ["POST", "PUT"])
def test_a_name_that_the_server_changed_is_told(call: str) -> None:
    """It is not ambiguous: the change was carried out, wrongly."""
    error = fail(call, http("200 OK", encode_group(name="VIP\u202e ")))

    assert str(error).endswith(': the server stored "VIP\\u202e " instead of "VIP"')
    assert not error.ambiguous


@pytest.mark.parametrize("call", ["GET", "PUT"])
def test_another_group_than_the_one_asked_for_is_an_error(call: str) -> None:
    error = fail(call, http("200 OK", encode_group(id=OTHER_ID)))

    assert str(error).endswith(f": the server answered with another group: {OTHER_ID}")
    assert error.ambiguous


@pytest.mark.parametrize(
    "answer",
    [
        http("204 No Content"),
        http("200 OK", b"{}", JSON),
        b"HTTP/1.1 100 Continue\r\n\r\n" + http("204 No Content"),
    ],
)
def test_a_deletion_is_done_with_or_without_a_body(answer: bytes) -> None:
    with RawServer(answer) as server:
        assert ask(server, "DELETE").startswith(f"DELETE /v1/phonebook/groups/{ID} HTTP/1.1\n")


def test_a_page_is_no_answer_to_a_deletion() -> None:
    """A gateway that greets everybody with 200 has deleted nothing."""
    assert fail("DELETE", http("200 OK", b"<html>Welcome</html>", "Content-Type: text/html")).ambiguous


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Type: text/html; charset=latin-1",),
        ("Content-Type: application/json; charset=nonsense",),
        ("Content-Encoding: gzip", JSON),
        ("Transfer-Encoding: chunked", JSON),
        (),
    ],
)
def test_a_list_is_utf_8_however_it_is_declared_and_packed(headers: tuple[str, ...]) -> None:
    body = json.dumps({"groups": [{"id": ID, "name": "Ärzte €"}]}, ensure_ascii=False).encode()
    if "Content-Encoding: gzip" in headers:
        body = gzip.compress(body)
    if "Transfer-Encoding: chunked" in headers:
        body = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"

    with RawServer(http("200 OK", body, *headers)) as server, GroupsClient(server.url, CREDENTIALS) as client:
        assert client.list_groups() == (LiveGroup(id=ID, name="Ärzte €", contacts_count=None),)
