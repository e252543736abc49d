"""The limit of time for a whole request, by real clocks: half a second over at most, wherever a server stands still."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from groupsync.api.client import GroupsClient
from groupsync.api.deadline import Watchdog
from groupsync.errors import ExitCode
from groupsync.interrupt import Interrupt
from tests.wire.calls import CALLS, CREDENTIALS, fail_at
from tests.wire.raw_server import RawServer, drip, stay_silent

if TYPE_CHECKING:
    import socket
    import threading
    from collections.abc import Iterator

    from groupsync.api.deadline import Deadline
    from groupsync.errors import ApiError
    from tests.wire.raw_server import Behaviour

OVERRUN = 0.5
SPEED = 4.0
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
    with RawServer(behaviour) as server:
        error, seconds = fail_and_measure(server.url.replace("http:", "https:"), call, timeout=1.0)

    assert str(error).endswith(f"127.0.0.1:{server.port} sent no complete answer within 1 second")
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


def test_a_slow_proxy_leaves_less_time_to_the_tls_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the two has the whole time as a timeout of its socket."""

    def be_slow(connection: socket.socket, stopping: threading.Event) -> None:
        stopping.wait(0.9)
        connection.sendall(ESTABLISHED)
        stopping.wait()

    with RawServer(be_slow) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")

        _, seconds = fail_and_measure("https://phonebook.invalid/v1", timeout=1.0)

    assert 0.9 <= seconds <= 1.0 + OVERRUN


@pytest.mark.parametrize("behaviour", [stay_silent, drip(TLS_RECORD, b"\x00", pause=0.02)], ids=["silent", "dripping"])
def test_a_tls_proxy_whose_handshake_never_ends_is_left(monkeypatch: pytest.MonkeyPatch, behaviour: Behaviour) -> None:
    with RawServer(behaviour) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{proxy.port}")

        _, seconds = fail_and_measure("https://phonebook.invalid/v1", timeout=0.5)

    assert 0.45 <= seconds <= 0.5 + OVERRUN


@pytest.mark.parametrize("call", CALLS)
def test_a_server_that_drips_is_left_in_time(call: str) -> None:
    with RawServer(drip(b"HTTP/1.1 200 OK\r\n\r\n", b" ", pause=0.02)) as server:
        _, seconds = fail_and_measure(server.url, call, timeout=0.5)

    assert 0.45 <= seconds <= 0.5 + OVERRUN


# Interrupts


class FastClock(Interrupt):
    """An interrupt whose clock is so many times faster."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def monotonic(self) -> float:
        return time.monotonic() * self._speed


@pytest.fixture
def interrupt() -> Interrupt:
    return FastClock(SPEED)


@pytest.fixture
def watchdog(interrupt: Interrupt) -> Iterator[Watchdog]:
    watchdog = Watchdog(interrupt)
    yield watchdog
    watchdog.close()


@pytest.mark.parametrize(
    ("endpoint", "proxy"),
    [
        ("http://127.0.0.1:{port}/v1", ""),
        ("https://127.0.0.1:{port}/v1", ""),
        ("https://phonebook.invalid/v1", "http://127.0.0.1:{port}"),
        ("https://phonebook.invalid/v1", "https://127.0.0.1:{port}"),
    ],
    ids=["answer", "TLS", "proxy", "TLS of a proxy"],
)
def test_an_interrupt_ends_whatever_a_request_waits_for(
    monkeypatch: pytest.MonkeyPatch, endpoint: str, proxy: str
) -> None:
    """Five seconds later, which are half a second by a fast clock."""
    interrupt = FastClock(10)
    with RawServer(stay_silent) as server:
        url = endpoint.format(port=server.port)
        if proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.format(port=server.port))
        with (
            GroupsClient(url, CREDENTIALS, timeout=100, interrupt=interrupt) as client,
            ThreadPoolExecutor(1) as thread,
        ):
            sent = thread.submit(client.list_groups)
            while not server.requests:
                time.sleep(0.01)
            began = time.monotonic()
            interrupt.set(ExitCode.INTERRUPTED)
            error = sent.exception(timeout=20)

    assert time.monotonic() - began <= 0.5 + OVERRUN
    assert str(error).endswith(" sent no complete answer in the time that was left after the interrupt")


def wait_for(deadline: Deadline, interrupt: Interrupt) -> float:
    """Return after how many seconds, by the interrupt's clock, the deadline is over."""
    began = time.monotonic()
    began_by_interrupt = interrupt.monotonic()
    while not deadline.is_over and time.monotonic() < began + 10:
        time.sleep(0.002)
    return interrupt.monotonic() - began_by_interrupt


def test_an_interrupt_leaves_five_seconds_to_what_is_in_flight_and_more_to_what_begins_later(
    watchdog: Watchdog, interrupt: Interrupt
) -> None:
    in_flight = watchdog.start(30)
    interrupt.set(ExitCode.INTERRUPTED)
    later = watchdog.start(30)

    seconds = wait_for(in_flight, interrupt)
    was_later_over = later.is_over
    more_seconds = wait_for(later, interrupt)

    assert 4.9 <= seconds <= 5 + OVERRUN * SPEED
    assert not was_later_over
    assert 6.4 <= seconds + more_seconds <= 6.5 + OVERRUN * SPEED
    assert (in_flight.was_interrupted, later.was_interrupted) == (True, True)


def test_an_interrupt_gives_no_more_time_than_there_was(watchdog: Watchdog, interrupt: Interrupt) -> None:
    deadline = watchdog.start(1)
    interrupt.set(ExitCode.INTERRUPTED)

    assert wait_for(deadline, interrupt) <= 1 + OVERRUN * SPEED
    assert not deadline.was_interrupted


def test_what_begins_five_seconds_after_an_interrupt_has_a_second_and_a_half(
    watchdog: Watchdog, interrupt: Interrupt
) -> None:
    before = watchdog.start(30)
    interrupt.set(ExitCode.INTERRUPTED)
    wait_for(before, interrupt)

    later = watchdog.start(30)

    assert not later.is_over
    assert wait_for(later, interrupt) <= 1.5 + OVERRUN * SPEED
    assert later.was_interrupted


def test_without_an_interrupt_a_deadline_has_all_of_its_time(watchdog: Watchdog, interrupt: Interrupt) -> None:
    deadline = watchdog.start(7)

    assert 6.9 <= wait_for(deadline, interrupt) <= 7 + OVERRUN * SPEED
    assert not deadline.was_interrupted


def test_a_deadline_that_was_released_is_never_over(watchdog: Watchdog, interrupt: Interrupt) -> None:
    released, other = watchdog.start(1), watchdog.start(2)

    released.release()
    interrupt.set(ExitCode.INTERRUPTED)
    wait_for(other, interrupt)

    assert not released.is_over
