"""The `Retry-After` header: seconds, a date, or nothing of use."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from groupsync.api.answer import parse_retry_after
from tests.unit.core import NOW


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7\t", 7),
        ("007", 7),
        ("315360000", 315_360_000),
        ("9" * 15, 999_999_999_999_999),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30),
        ("Mon, 23 Nov 2026 14:00:30 +0200", 30),
        ("Mon, 23 Nov 2026 12:00:30 -0000", 30),
        ("Monday, 23-Nov-26 12:00:30 GMT", 30),
        ("Mon Nov 23 12:00:30 2026", 30),
        ("Mon, 23 Nov 2026 12:00:00 GMT", 0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
        ("Mon, 01 Jan 0001 00:00:00 GMT", 0),
    ],
)
def test_seconds_and_the_dates_of_http_are_understood(header: str, seconds: float) -> None:
    """All three forms of a date that RFC 9110, section 5.6.7, wants recipients to accept."""
    assert parse_retry_after(header, NOW) == seconds


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "-5",
        "+5",
        "1.5",
        "5s",
        "1e3",
        "1, 2",
        "٣",
        "nan",
        "inf",
        "soon",
        "Mon, 99 Nov 2026 12:00:00 GMT",
        "9" * 400,
    ],
)
def test_what_is_neither_is_not_there(header: str) -> None:
    assert parse_retry_after(header, NOW) is None


@given(st.integers(min_value=0, max_value=10**9))
def test_a_date_is_as_far_away_as_it_says(seconds: int) -> None:
    header = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)

    assert parse_retry_after(header, NOW) == seconds


@given(st.text() | st.text(alphabet="0123456789 ,:+-/MonNvGT", max_size=40))
@example("Mon, 23 Nov 2026 12:00:00 +9999999999")
@example("Mon, 23 Nov 9999 23:59:59 -2359")
@example("Mon, 23 Nov 0001 00:00:00 +2359")
@example("Mon, 23 Nov 99999999999999999999 12:00:00 GMT")
def test_any_header_is_a_number_from_0_up_or_nothing(header: str) -> None:
    seconds = parse_retry_after(header, NOW)

    assert seconds is None or 0 <= seconds < float("inf")
