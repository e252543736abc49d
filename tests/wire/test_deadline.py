"""The limit of time for a whole request, by real clocks: half a second over at most, wherever a server stands still."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from groupsync.api.deadline import Watchdog
from tests.wire.calls import CALLS, fail_at
from tests.wire.raw_server import RawServer, drip, stay_silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.api.deadline import Deadline
    from groupsync.errors import ApiError
    from tests.wire.raw_server import Behaviour

OVERRUN = 0.5
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
TLS_RECORD = b"\x16\x03\x03\x3f\xff\x02"  # the beginning of 16 KiB of handshake


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)


def fail_and_measure(url: str, call: str = "GET list", *, timeout: float) -> tuple[ApiError, float]:
    """Return what the call raises, and after how many seconds."""
    began = time.monotonic()
    error = fail_at(url, call, timeout=timeout)
    return error, time.monotonic() - began


@pytest.mark.parametrize("call", ["GET list", "POST"])
@pytest.mark.parametrize(
    "behaviour",
    [stay_silent, drip(TLS_RECORD, b"\x00", pause=0.02)],
    ids=["silent", "dripping"],
)
def test_a_tls_handshake_that_never_ends_is_left(behaviour: Behaviour, call: str) -> None:
    """A timeout of the socket begins anew with every byte of it."""
    with RawServer(behaviour) as server:
        error, seconds = fail_and_measure(server.url.replace("http:", "https:"), call, timeout=1.0)

    assert str(error).endswith(f"127.0.0.1:{server.port} gave no whole answer within 1 seconds")
    assert 0.9 <= seconds <= 1.0 + OVERRUN


@pytest.mark.parametrize(
    "behaviour",
    [
        stay_silent,
        drip(b"HTTP", b"/", pause=0.02),
        drip(ESTABLISHED, b"", pause=0.02),
    ],
    ids=["silent", "dripping", "silent handshake"],
)
def test_a_proxy_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch, behaviour: Behaviour) -> None:
    with RawServer(behaviour) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")

        _, seconds = fail_and_measure("https://phonebook.invalid/v1", timeout=1.0)

    assert 0.9 <= seconds <= 1.0 + OVERRUN


@pytest.mark.parametrize("call", CALLS)
def test_a_server_that_drips_is_left_in_time(call: str) -> None:
    with RawServer(drip(b"HTTP/1.1 200 OK\r\n\r\n", b" ", pause=0.02)) as server:
        _, seconds = fail_and_measure(server.url, call, timeout=0.5)

    assert 0.45 <= seconds <= 0.5 + OVERRUN


# Interrupts


@pytest.fixture
def interrupt() -> threading.Event:
    return threading.Event()


@pytest.fixture
def watchdog(interrupt: threading.Event) -> Iterator[Watchdog]:
    """One that gives half a second after an interrupt, and 0.3 more to what begins later."""
    watchdog = Watchdog(interrupt.is_set, grace=0.5, last_look=0.3)
    yield watchdog
    watchdog.close()


def wait_for(deadline: Deadline) -> float:
    """Return after how many seconds the deadline is over."""
    began = time.monotonic()
    while not deadline.is_over and time.monotonic() < began + 10:
        time.sleep(0.005)
    return time.monotonic() - began


def test_an_interrupt_leaves_little_time_to_what_is_under_way(watchdog: Watchdog, interrupt: threading.Event) -> None:
    deadline = watchdog.start(30)
    interrupt.set()

    seconds = wait_for(deadline)

    assert 0.4 <= seconds <= 0.5 + OVERRUN
    assert deadline.was_cut_short


def test_an_interrupt_gives_no_more_time_than_there_was(watchdog: Watchdog, interrupt: threading.Event) -> None:
    deadline = watchdog.start(0.1)
    interrupt.set()

    assert wait_for(deadline) <= 0.1 + OVERRUN
    assert not deadline.was_cut_short


def test_what_begins_after_an_interrupt_has_time_for_a_last_look(
    watchdog: Watchdog, interrupt: threading.Event
) -> None:
    before = watchdog.start(30)
    interrupt.set()
    wait_for(before)

    later = watchdog.start(30)

    assert not later.is_over
    assert 0.2 <= wait_for(later) <= 0.3 + OVERRUN
    assert later.was_cut_short


def test_without_an_interrupt_nothing_is_cut_short(watchdog: Watchdog) -> None:
    deadline = watchdog.start(1.2)

    assert 1.1 <= wait_for(deadline) <= 1.2 + OVERRUN
    assert not deadline.was_cut_short


def test_a_deadline_that_was_met_is_never_over(watchdog: Watchdog, interrupt: threading.Event) -> None:
    met, other = watchdog.start(0.1), watchdog.start(0.2)

    met.meet()
    interrupt.set()
    wait_for(other)

    assert not met.is_over
