"""The last line of a report follows from why the changes are not done, and from nothing else."""

from __future__ import annotations

import pytest

from groupsync.applier.attempt import find_cause
from groupsync.errors import ApiError, FileError
from groupsync.model.groups import Source
from groupsync.model.plan import Create, Reason
from groupsync.model.report import Cause, Outcome, Report, Word
from groupsync.render.report import render_remedy
from tests.wire.calls import CALLS, JSON, encode_error, fail
from tests.wire.raw_server import http

PAGE = b"\xef\xbb\xbf\n<!-- x -->\n<!DOCTYPE html>\n<html><body>Blocked</body></html>"
HTML = "Content-Type: text/html; charset=utf-8"


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 422, 451, 501, 503, 200])
@pytest.mark.parametrize("header", [HTML, "X-None: 1", "Content-Type: application/json"])
def test_a_page_is_named_and_never_blamed_on_the_credentials(call: str, status: int, header: str) -> None:
    """Also if the page has no content type, or the wrong one."""
    success = {"POST": 201, "DELETE": 200}.get(call, 200)
    error = fail(call, http(f"{success if status == 200 else status} X", PAGE, header))

    assert "HTML page" in str(error)
    assert "MESSENTE_API" not in error.remedy
    assert "GROUPSYNC_ENDPOINT" in error.remedy
    assert "Blocked" not in str(error)


@pytest.mark.parametrize(
    "body", [b"<html>", b" <HTML lang=en>", b"<head>", b"<?xml version='1.0'?><!doctype html>", b"<body>x", b"<title>x"]
)
def test_a_page_is_known_by_its_beginning(body: bytes) -> None:
    assert "HTML page" in str(fail("GET list", http("403 X", body)))


@pytest.mark.parametrize("body", [b"blocked", b"<p>blocked</p>", b"\n\nblocked"])
def test_a_page_is_known_by_its_content_type(body: bytes) -> None:
    for status in ("403 X", "200 X"):
        assert "HTML page" in str(fail("GET list", http(status, body, HTML)))


@pytest.mark.parametrize("body", [b"html", b"htmlx <html>", b"<htmlx>", b'{"html": 1}', b"<p>"])
def test_other_text_is_no_page(body: bytes) -> None:
    assert "HTML page" not in str(fail("GET list", http("403 X", body)))


def test_json_that_is_called_html_is_read() -> None:
    assert "HTML" not in str(fail("GET list", http("403 X", encode_error("244", "Forbidden"), HTML)))


def test_wrong_credentials_are_still_told() -> None:
    assert "check MESSENTE_API_USERNAME" in fail("GET list", http("401 X", encode_error("202", "No"), JSON)).remedy
    assert "check MESSENTE_API_USERNAME" in fail("GET list", http("401 X")).remedy
    assert "may use the Phonebook" in fail("GET list", http("403 X", encode_error("244", "No"), JSON)).remedy


def test_a_proxy_that_wants_credentials_is_named_whatever_it_sends() -> None:
    assert "HTTPS_PROXY" in fail("GET list", http("407 X", PAGE, HTML)).remedy


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (http("400 X", encode_error("201", "No"), JSON), Cause.REFUSAL),
        (http("403 X", encode_error("244", "No"), JSON), Cause.REFUSAL),
        (http("403 X"), Cause.REFUSAL),
        (http("409 X"), Cause.REFUSAL),
        (http("422 X", b"x", "Content-Type: text/plain"), Cause.REFUSAL),
        (http("501 X", PAGE), Cause.WAY),
        (http("401 X", encode_error("202", "No"), JSON), Cause.WAY),
        (http("403 X", PAGE), Cause.WAY),
        (http("404 X", PAGE), Cause.WAY),
        (http("407 X"), Cause.WAY),
        (http("200 X", PAGE), Cause.WAY),
        (http("302 X", b"", "Location: /"), Cause.WAY),
        (http("408 X"), None),
        (http("429 X", PAGE), None),
        (http("500 X"), None),
        (http("503 X", PAGE), None),
        (http("200 X", b"{}"), None),
    ],
)
def test_the_cause_follows_from_the_answer(answer: bytes, cause: Cause | None) -> None:
    assert find_cause(fail("PUT", answer)) is cause


def test_a_folder_that_is_full_is_to_be_fixed_first() -> None:
    assert find_cause(FileError("backups", "no space left on device")) is Cause.WAY


def make_create(name: str) -> Create:
    return Create(name=name, reason=Reason.LISTED, wave=0, source=Source(file="groups.yaml", line=1, column=1))


def make_report(*ends: tuple[Word, Cause | None]) -> Report:
    outcomes = tuple(
        Outcome(change=make_create(str(number)), word=word, cause=cause) for number, (word, cause) in enumerate(ends)
    )
    return Report(outcomes=outcomes, remaining=len(outcomes))


FAILED = Word.FAILED
NEW_PLAN = "make and review a new plan."
WAIT = "An answer was lost, and its change may still be made: wait a minute"


@pytest.mark.parametrize(
    ("ends", "beginning", "end"),
    [
        ([(FAILED, None), (Word.NOT_ATTEMPTED, None)], "Run the same command again", "what is not done yet."),
        ([(Word.NOT_ATTEMPTED, None)], "Run the same command again", "what is not done yet."),
        (
            [(FAILED, Cause.WAY), (FAILED, None)],
            "Fix the problems above, then run the same command again",
            "what is not done yet.",
        ),
        ([(FAILED, Cause.REFUSAL), (FAILED, Cause.WAY)], "Do not run the same command again", NEW_PLAN),
        ([(FAILED, Cause.STORED_NAME), (Word.DONE, None)], "Do not run the same command again", NEW_PLAN),
        ([(Word.UNKNOWN, None)], f"{WAIT}, then run the same command again.", "again."),
        ([(Word.UNKNOWN, Cause.WAY)], f"{WAIT}. Fix the problems above", "what is not done yet."),
        ([(Word.UNKNOWN, None), (FAILED, Cause.REFUSAL)], f"{WAIT}. Do not run the same command again", NEW_PLAN),
        ([(Word.UNKNOWN, None), (Word.CONFLICT, None)], f"{WAIT}. The Phonebook is not as", NEW_PLAN),
        ([(Word.UNKNOWN, Cause.MISTAKE)], "groupsync has a bug: report it", NEW_PLAN),
        ([(Word.DUPLICATE, None), (FAILED, Cause.REFUSAL)], "The Phonebook is not as", NEW_PLAN),
        ([(Word.DONE, Cause.REFUSAL), (FAILED, None)], "Run the same command again", "what is not done yet."),
    ],
)
def test_the_remedy_follows_from_every_mixture(ends: list[tuple[Word, Cause | None]], beginning: str, end: str) -> None:
    remedy = render_remedy(make_report(*ends))

    assert remedy.startswith(beginning)
    assert remedy.endswith(end)


def test_a_request_that_an_interrupt_cut_may_succeed_later() -> None:
    assert find_cause(ApiError("GET /x", "no complete answer", ambiguous=True)) is None
