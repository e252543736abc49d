"""When a request is sent again, and how long that waits: no clock here ticks by itself."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from groupsync.api.client import GroupsClient
from groupsync.api.patience import LONGEST_WAIT, Patience, choose_wait
from groupsync.errors import ApiError, ExitCode, MissingError, NotSentError, UnauthorizedError
from groupsync.interrupt import Interrupt
from groupsync.model.account import Credentials
from groupsync.sandbox import Sandbox
from tests.wire.calls import CALLS, ID, JSON
from tests.wire.interrupts import FakeClock
from tests.wire.raw_server import RawServer, http

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from groupsync.model.request import Request

READS = ("GET list", "GET")
WRITES = ("POST", "PUT", "DELETE")
TRANSIENT = ApiError("GET /x", "HTTP 503", ambiguous=True, transient=True, status=503)
BOUNDS = (0.5, 1.0, 2.0, 4.0)
UNTIL_A_SECOND_429 = 1.0  # what full jitter may wait at most after the first one


def make_client(sandbox: Sandbox, clock: FakeClock) -> GroupsClient:
    credentials = Credentials(username=sandbox.username, password=sandbox.password)
    return GroupsClient(sandbox.url, credentials, interrupt=clock, timeout=20)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(sandbox: Sandbox, clock: FakeClock) -> Iterator[GroupsClient]:
    sandbox.add_group("VIP", id=ID)
    with make_client(sandbox, clock) as client:
        yield client


# What is sent again


@pytest.mark.parametrize("call", READS)
def test_a_read_is_sent_again_after_a_fault(
    sandbox: Sandbox, client: GroupsClient, clock: FakeClock, call: str
) -> None:
    sandbox.fail_next("GET", status=503, times=2)
    sandbox.drop_next("GET")
    sandbox.fail_next("GET", status=200, body="<html>Welcome</html>")

    CALLS[call](client)

    assert sandbox.requests() == 5
    assert clock.monotonic() <= sum(BOUNDS)


@pytest.mark.parametrize("call", READS)
def test_a_read_is_given_up_after_four_retries(sandbox: Sandbox, client: GroupsClient, call: str) -> None:
    sandbox.fail_next("GET", status=503, times=9)

    with pytest.raises(ApiError, match=r"HTTP 503.* \(tried 5 times\)$"):
        CALLS[call](client)

    assert sandbox.requests() == 5


@pytest.mark.parametrize("call", WRITES)
@pytest.mark.parametrize(
    "fault",
    [
        lambda sandbox: sandbox.fail_next(status=503, headers={"Retry-After": "0"}),
        lambda sandbox: sandbox.fail_next(status=500, when="after"),
        lambda sandbox: sandbox.drop_next(when="before"),
        lambda sandbox: sandbox.drop_next(when="after"),
        lambda sandbox: sandbox.fail_next(status=201, body="{", when="after"),
    ],
    ids=["503", "500 after", "dropped before", "dropped after", "half a body"],
)
def test_a_write_is_not_sent_again_when_it_may_have_been_carried_out(
    sandbox: Sandbox, client: GroupsClient, clock: FakeClock, call: str, fault: Callable[[Sandbox], None]
) -> None:
    fault(sandbox)

    with pytest.raises(ApiError) as caught:
        CALLS[call](client)

    assert "tried" not in str(caught.value)
    assert caught.value.ambiguous
    assert (sandbox.requests(), clock.pauses) == (1, [])


@pytest.mark.parametrize("call", CALLS)
def test_any_request_is_sent_again_after_a_429(sandbox: Sandbox, client: GroupsClient, call: str) -> None:
    """The server says that it has not carried it out (RFC 6585, section 4)."""
    sandbox.fail_next(status=429, times=7)

    CALLS[call](client)

    assert sandbox.requests() == 8


class Opener(FakeClock):
    """Opens the Phonebook with the third wait."""

    def __init__(self, phonebook: Sandbox) -> None:
        super().__init__()
        self.phonebook = phonebook

    def wait(self, seconds: float) -> bool:
        is_set = super().wait(seconds)
        if len(self.pauses) == 3:
            self.phonebook.start()
        return is_set


@pytest.mark.parametrize("call", CALLS)
def test_any_request_is_sent_again_after_a_refused_connection(call: str) -> None:
    """Not a byte of it has been sent."""
    port = find_free_port()
    clock = Opener(Sandbox(port=port))
    credentials = Credentials(username="sandbox", password="let-me-in")

    with GroupsClient(f"http://127.0.0.1:{port}/v1", credentials, interrupt=clock) as client:
        try:
            CALLS[call](client)
        except MissingError:
            assert call in ("GET", "PUT", "DELETE")
        assert clock.phonebook.requests() == 1
    clock.phonebook.stop()


@pytest.mark.parametrize("call", CALLS)
def test_a_connection_that_is_always_refused_is_an_error_after_four_retries(call: str) -> None:
    sent: list[Request] = []
    credentials = Credentials(username="u", password="p")

    with (
        GroupsClient(f"http://127.0.0.1:{find_free_port()}/v1", credentials, interrupt=FakeClock()) as client,
        pytest.raises(ApiError, match="connection refused") as caught,
    ):
        CALLS[call](client.noting(sent.append))

    assert not caught.value.ambiguous
    assert [request.status for request in sent] == [None] * 5


def find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


# What is not


def test_wrong_credentials_are_not_tried_twice(sandbox: Sandbox, clock: FakeClock, client: GroupsClient) -> None:
    """Some accounts are locked after a few."""
    sandbox.fail_next(status=401, times=2)

    with pytest.raises(UnauthorizedError):
        client.list_groups()

    assert (sandbox.requests(), clock.pauses) == (1, [])


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 302])
def test_what_the_server_has_refused_is_not_asked_again(
    sandbox: Sandbox, clock: FakeClock, client: GroupsClient, status: int
) -> None:
    sandbox.fail_next(status=status, times=2)

    with pytest.raises(ApiError):
        client.list_groups()

    assert (sandbox.requests(), clock.pauses) == (1, [])


@pytest.mark.parametrize(
    "answer",
    [
        http("200 OK", b'{"groups": [], "next": "/phonebook/groups?page=2"}', JSON),
        http("200 OK", b'{"groups": [], "total": 1}', JSON),
        http("200 OK", b'{"groups": []}', JSON, 'Link: </v1/phonebook/groups?page=2>; rel="next"'),
    ],
)
def test_a_list_that_is_paged_is_not_asked_for_again(clock: FakeClock, answer: bytes) -> None:
    credentials = Credentials(username="u", password="p")

    with (
        RawServer(answer) as server,
        GroupsClient(server.url, credentials, interrupt=clock) as client,
        pytest.raises(ApiError, match="the list may be incomplete"),
    ):
        client.list_groups()

    assert (len(server.requests), clock.pauses) == (1, [])


# How long it waits


@dataclass
class Attempt:
    """Fails with an error, each time or so many times, and notes when; takes so many seconds."""

    clock: FakeClock
    error: ApiError
    most: float = float("inf")
    takes: float = 0.0
    times: list[float] = field(default_factory=list)

    def __call__(self) -> str:
        self.times.append(self.clock.monotonic())
        if self.takes:
            self.clock.wait(self.takes)
        if len(self.times) <= self.most:
            raise self.error
        return "answer"

    @property
    def waits(self) -> list[float]:
        return [later - earlier for earlier, later in zip(self.times, self.times[1:], strict=False)]


def test_the_waits_are_of_full_jitter_and_double() -> None:
    """Each is anything from nothing to its bound, so that clients that fail together do not come back together."""
    runs = []
    for _ in range(100):
        clock = FakeClock()
        attempt = Attempt(clock, TRANSIENT)
        with pytest.raises(ApiError):
            Patience(clock).send("GET /x", attempt, only_reads=True)
        runs.append(attempt.waits)

    for waits, bound in zip(zip(*runs, strict=True), BOUNDS, strict=True):
        assert max(waits) <= bound + 1e-9
        assert min(waits) < bound / 4
        assert max(waits) > bound * 3 / 4


def test_a_wait_is_a_minute_at_most() -> None:
    assert max(choose_wait(retry) for retry in range(200)) <= LONGEST_WAIT == 60


def test_a_read_that_keeps_failing_is_not_begun_again_after_a_minute(clock: FakeClock) -> None:
    attempt = Attempt(clock, TRANSIENT, takes=29.0)

    with pytest.raises(ApiError):
        Patience(clock).send("GET /x", attempt, only_reads=True)

    assert len(attempt.times) == 3
    assert 58 <= attempt.times[-1] < 60


IN_HALF_A_MINUTE = "in half a minute"
RETRY_AFTER = {
    "seconds": ({"Retry-After": "7"}, 7, 7),
    "zero": ({"Retry-After": "0"}, 0, UNTIL_A_SECOND_429),
    "a date": ({"Retry-After": IN_HALF_A_MINUTE}, 20, 30),
    "in the past": ({"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}, 0, UNTIL_A_SECOND_429),
    "negative": ({"Retry-After": "-5"}, 0, UNTIL_A_SECOND_429),
    "ten years": ({"Retry-After": "315360000"}, 60, 60),
    "in the year 2400": ({"Retry-After": "Sun, 06 Nov 2400 08:49:37 GMT"}, 60, 60),
    "more digits than a number has": ({"Retry-After": "9" * 400}, 0, UNTIL_A_SECOND_429),
    "garbage": ({"Retry-After": "soon; maybe"}, 0, UNTIL_A_SECOND_429),
    "empty": ({"Retry-After": ""}, 0, UNTIL_A_SECOND_429),
    "absent": ({}, 0, UNTIL_A_SECOND_429),
}


@pytest.mark.parametrize(("headers", "least", "most"), RETRY_AFTER.values(), ids=RETRY_AFTER)
@pytest.mark.parametrize(("status", "call"), [(429, "POST"), (429, "GET list"), (503, "GET list")])
def test_what_the_server_asks_for_is_waited_for(
    sandbox: Sandbox,
    client: GroupsClient,
    clock: FakeClock,
    headers: dict[str, str],
    least: float,
    most: float,
    status: int,
    call: str,
) -> None:
    """A minute at most; what makes no sense is as if it was not there."""
    if headers.get("Retry-After") == IN_HALF_A_MINUTE:
        headers = {"Retry-After": format_datetime(datetime.now(timezone.utc) + timedelta(seconds=30), usegmt=True)}
    sandbox.fail_next(status=status, headers=headers)

    CALLS[call](client)

    assert least - 1e-6 <= clock.monotonic() <= most + 1e-6
    assert sandbox.requests() == 2


@pytest.mark.parametrize("headers", [{"Retry-After": "30"}, {"Retry-After": "86400"}, {"Retry-After": "0"}, {}])
def test_five_minutes_of_429_end_in_an_error(
    sandbox: Sandbox, client: GroupsClient, clock: FakeClock, headers: dict[str, str]
) -> None:
    sandbox.fail_next(status=429, times=10_000, headers=headers)

    with pytest.raises(ApiError) as caught:
        client.create_group("New")

    assert (caught.value.status, caught.value.ambiguous) == (429, False)
    assert 300 <= clock.monotonic() < 300 + LONGEST_WAIT
    assert sandbox.requests() < 100


# All threads together


class HandClock(Interrupt):
    """An interrupt by whose clock threads wait until a test sets its time."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self._changed = threading.Condition()
        self._waiting = 0

    def monotonic(self) -> float:
        return self._now

    def wait(self, seconds: float) -> bool:
        with self._changed:
            until = self._now + seconds
            self._waiting += 1
            self._changed.wait_for(lambda: self._now >= until or self.is_set, timeout=20)
            self._waiting -= 1
        return self.is_set

    def set(self, code: ExitCode) -> None:
        super().set(code)
        with self._changed:
            self._changed.notify_all()

    def move_to(self, now: float) -> None:
        with self._changed:
            self._now = now
            self._changed.notify_all()

    @property
    def waiting(self) -> int:
        """How many threads wait."""
        with self._changed:
            return self._waiting


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.002)


def test_one_429_pauses_all_workers(sandbox: Sandbox) -> None:
    clock = HandClock()
    credentials = Credentials(username=sandbox.username, password=sandbox.password)
    sandbox.fail_next(status=429, headers={"Retry-After": "30"})

    with GroupsClient(sandbox.url, credentials, interrupt=clock) as client, ThreadPoolExecutor(9) as workers:
        first = workers.submit(client.create_group, "First")
        wait_until(lambda: clock.waiting == 1)
        others = [workers.submit(client.create_group, f"G{number}") for number in range(8)]
        wait_until(lambda: clock.waiting == 9)
        clock.move_to(29.9)
        time.sleep(0.1)
        while_closed = sandbox.requests()
        clock.move_to(30.0)
        names = [made.result(timeout=20).name for made in (first, *others)]

    assert while_closed == 1
    assert sandbox.names() == sorted(names)
    assert sandbox.requests() == 10


def test_workers_that_are_refused_at_the_same_time_count_as_one_refusal() -> None:
    """Otherwise eight of them would make each other wait for a minute."""
    clock = HandClock()
    patience = Patience(clock)
    together = threading.Barrier(8, timeout=20)
    refused = threading.local()

    def attempt() -> float:
        if not getattr(refused, "before", False):
            refused.before = True
            together.wait()
            raise ApiError("POST /x", "HTTP 429", transient=True, status=HTTPStatus.TOO_MANY_REQUESTS)
        return clock.monotonic()

    with ThreadPoolExecutor(8) as workers:
        sent = [workers.submit(patience.send, "POST /x", attempt, only_reads=False) for _ in range(8)]
        wait_until(lambda: clock.waiting == 8 or all(each.done() for each in sent))
        clock.move_to(1.0)  # eight refusals in a row would wait for up to 60

        assert [each.result(timeout=20) for each in sent] == [1.0] * 8


RATE_LIMITED = ApiError("POST /x", "HTTP 429", transient=True, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=30.0)


def test_a_request_that_waits_for_its_turn_waits_again_when_another_one_meets_a_429() -> None:
    clock = HandClock()
    patience = Patience(clock)
    attempts: list[float] = []

    def attempt() -> float:
        attempts.append(clock.monotonic())
        if len(attempts) in (21, 22):
            raise RATE_LIMITED
        return clock.monotonic()

    for number in range(20):
        clock.move_to(number / 20)
        patience.send("POST /x", attempt, only_reads=False)
    with ThreadPoolExecutor(3) as workers:
        first = workers.submit(patience.send, "POST /x", attempt, only_reads=False)
        wait_until(lambda: clock.waiting == 1)
        others = [workers.submit(patience.send, "POST /x", attempt, only_reads=False) for _ in range(2)]
        wait_until(lambda: clock.waiting == 3)
        clock.move_to(30.96)  # the first pause is over; by the pace it is the turn of one request only
        wait_until(lambda: len(attempts) == 22 and clock.waiting == 3)
        clock.move_to(32.0)  # the turns of the other two are over, but there is a second pause by now
        wait_until(lambda: clock.waiting == 3)
        time.sleep(0.1)
        clock.move_to(62.0)
        for each in (first, *others):
            each.result(timeout=20)

    assert attempts[20:] == [0.95, 30.96, 62.0, 62.0, 62.0]


def test_after_a_429_requests_keep_a_pace_that_the_server_accepts() -> None:
    """Without it there would be a refusal after each of the bursts that the server allows: 6 in 100."""
    clock = FakeClock()
    patience = Patience(clock)
    limit, burst = 50.0, 15.0
    tokens, filled_at, refused = burst, 0.0, 0

    def attempt() -> None:
        nonlocal tokens, filled_at, refused
        now = clock.monotonic()
        tokens, filled_at = min(burst, tokens + (now - filled_at) * limit), now
        clock.wait(0.001)
        if tokens < 1:
            refused += 1
            raise ApiError("POST /x", "HTTP 429", transient=True, status=HTTPStatus.TOO_MANY_REQUESTS)
        tokens -= 1

    for _ in range(2000):
        patience.send("POST /x", attempt, only_reads=False)

    assert refused <= 0.02 * 2000
    assert clock.monotonic() <= 1.2 * 2000 / limit


def test_a_server_with_a_rate_limit_gets_every_request_in_the_end(sandbox: Sandbox) -> None:
    """By real clocks on both sides: eight workers, fifty requests a second."""
    sandbox.behave(rate_limit=50)
    names = [f"G{number:02}" for number in range(80)]
    credentials = Credentials(username=sandbox.username, password=sandbox.password)

    with GroupsClient(sandbox.url, credentials) as client, ThreadPoolExecutor(8) as workers:
        made = list(workers.map(client.create_group, names))

    assert sandbox.names() == names == [group.name for group in made]


# Interrupts


class AtFirstWait(FakeClock):
    """An interrupt that comes when the first wait begins."""

    def wait(self, seconds: float) -> bool:
        self.set(ExitCode.INTERRUPTED)
        return super().wait(min(seconds, 0.1))


@pytest.mark.parametrize("call", READS)
def test_an_interrupt_ends_the_wait_after_a_fault_with_the_error_that_it_was(sandbox: Sandbox, call: str) -> None:
    clock = AtFirstWait()
    sandbox.fail_next(status=503, times=2, headers={"Retry-After": "50"})

    with make_client(sandbox, clock) as client, pytest.raises(ApiError, match="HTTP 503"):
        CALLS[call](client)

    assert sandbox.requests() == 1
    assert clock.monotonic() <= 0.1


@pytest.mark.parametrize("call", CALLS)
def test_an_interrupt_ends_the_wait_after_a_429_and_nothing_was_done(sandbox: Sandbox, call: str) -> None:
    clock = AtFirstWait()
    sandbox.fail_next(status=429, times=2, headers={"Retry-After": "50"})

    with make_client(sandbox, clock) as client, pytest.raises(NotSentError):
        CALLS[call](client)

    assert sandbox.requests() == 1
    assert clock.monotonic() <= 0.1


def test_a_request_that_waits_for_others_is_not_sent_after_an_interrupt(sandbox: Sandbox) -> None:
    clock = HandClock()
    credentials = Credentials(username=sandbox.username, password=sandbox.password)
    sandbox.fail_next(status=429, headers={"Retry-After": "30"})

    with (
        GroupsClient(sandbox.url, credentials, interrupt=clock) as client,
        ThreadPoolExecutor(2) as workers,
    ):
        refused = workers.submit(client.create_group, "A")
        wait_until(lambda: clock.waiting == 1)
        waiting = workers.submit(client.create_group, "B")
        wait_until(lambda: clock.waiting == 2)
        clock.set(ExitCode.INTERRUPTED)
        errors = [refused.exception(timeout=20), waiting.exception(timeout=20)]

    assert [type(error) for error in errors] == [NotSentError, NotSentError]
    assert str(errors[1]) == "POST /phonebook/groups: it was not sent: the run was interrupted"
    assert (sandbox.requests(), sandbox.names()) == (1, [])
