"""The fault proxy: what a client sees of each fault, and whether the Phonebook behind it has acted."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

import pytest
import requests

from tests.wire.fault_proxy import FaultProxy
from tests.wire.faults import (
    ActedThen,
    ActedThenHang,
    ActedThenReset,
    Choose,
    CutBody,
    CutHead,
    Drip,
    Fault,
    Hang,
    HoldAfter,
    HoldBefore,
    Latency,
    Record,
    Refused,
    ResetBefore,
)
from tests.wire.raw_server import RawServer, http

if TYPE_CHECKING:
    from groupsync.sandbox import Sandbox

Begin: TypeAlias = Callable[["Mapping[int, Fault | Refused] | Choose"], FaultProxy]
PATH = "/v1/phonebook/groups"
HEADERS = {"Authorization": "Basic c2FuZGJveDpsZXQtbWUtaW4=", "Content-Type": "application/json"}
LONG = 20.0  # seconds; nothing here takes that long


@pytest.fixture
def begin(sandbox: Sandbox) -> Iterator[Begin]:
    """A function that starts a proxy with these faults in front of the sandbox."""
    with contextlib.ExitStack() as stack:
        yield lambda faults: stack.enter_context(FaultProxy(urlsplit(sandbox.url).port or 0, faults))


def encode(method: str, path: str = PATH, body: bytes = b"") -> bytes:
    fields = {"Host": "phonebook", **HEADERS, "Content-Length": len(body)}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode() + body


NO_GROUPS = b'{"groups":[]}'
GET, POST = encode("GET"), encode("POST", body=b'{"name": "New"}')


def connect(proxy: FaultProxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=LONG)


def receive(connection: socket.socket) -> bytes:
    """Return all bytes until the connection ends; raise ConnectionResetError if it is reset."""
    return b"".join(iter(lambda: connection.recv(4096), b""))


def ask(proxy: FaultProxy, request: bytes) -> bytes:
    with connect(proxy) as connection:
        connection.sendall(request)
        return receive(connection)


def refuses(proxy: FaultProxy) -> bool:
    with contextlib.suppress(ConnectionRefusedError), connect(proxy):
        return False
    return True


@contextlib.contextmanager
def session(proxy: FaultProxy) -> Iterator[Callable[..., requests.Response]]:
    """Yield a function that sends a request over kept connections: method, path below the groups, name."""
    with requests.Session() as session:
        session.trust_env = False
        session.auth = ("sandbox", "let-me-in")
        yield lambda method, path="", name=None: session.request(
            method, f"{proxy.url}/phonebook/groups{path}", json=name and {"name": name}, timeout=LONG
        )


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


# Without a fault


def test_requests_are_passed_on_and_recorded_in_order(sandbox: Sandbox, begin: Begin) -> None:
    group = "/" + sandbox.add_group("Old")
    proxy = begin({})

    with session(proxy) as send:
        answers = [send("PUT", group, "Renamed"), send("DELETE", group), send("POST", "", "New"), send("GET", group)]
        listed = send("GET").json()["groups"]

    assert [answer.status_code for answer in answers] == [200, 204, 201, 404]
    assert listed == [answers[2].json()["group"]]
    assert proxy.requests == (
        Record(method="PUT", path=PATH + group, status=200),
        Record(method="DELETE", path=PATH + group, status=204),
        Record(method="POST", path=PATH, status=201),
        Record(method="GET", path=PATH + group, status=404),
        Record(method="GET", path=PATH, status=200),
    )


def test_one_connection_serves_many_requests_of_every_kind(sandbox: Sandbox, begin: Begin) -> None:
    proxy = begin({3: ActedThen(502)})
    connection = HTTPConnection("127.0.0.1", proxy.port, timeout=LONG)
    bodies: list[list[bytes] | None] = [None, [b'{"name": ', b'"New"}'], None, None]

    with contextlib.closing(connection):
        ways = set()
        for method, body in zip(["HEAD", "POST", "GET", "GET"], bodies, strict=True):
            connection.request(method, PATH, body, HEADERS, encode_chunked=True)
            connection.getresponse().read()
            ways.add(connection.sock.getsockname())

    assert len(ways) == 1
    assert [record.status for record in proxy.requests] == [200, 201, 200, 200]
    assert sandbox.names() == ["New"]


CHUNKED = "Transfer-Encoding: chunked"


@pytest.mark.parametrize(
    "answer",
    [
        http("200 OK", b"5;x=y\r\nhello\r\n0\r\nTrailer: t\r\n\r\n", CHUNKED),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
        b"HTTP/1.0 200 OK\r\n\r\nas long as it lasts",
        b"HTTP/1.1 200 O",
        b"",
    ],
)
def test_an_answer_that_the_server_breaks_off_is_passed_on_as_it_is(answer: bytes) -> None:
    with RawServer(answer) as server, FaultProxy(server.port, {}) as proxy:
        received = ask(proxy, GET)

    assert received == answer


def test_an_incomplete_request_is_not_forwarded(sandbox: Sandbox, begin: Begin) -> None:
    proxy = begin({})

    with connect(proxy) as connection:
        connection.sendall(POST[:-1])
        connection.shutdown(socket.SHUT_WR)
        answer = receive(connection)

    assert answer == b""
    assert (proxy.requests, sandbox.requests()) == ((), 0)


def test_a_client_that_asks_to_close_sees_the_connection_end(begin: Begin) -> None:
    proxy = begin({})

    answer = ask(proxy, GET.replace(b"Host:", b"Connection: close\r\nHost:"))

    assert answer.endswith(NO_GROUPS)


def test_many_connections_are_served_at_a_time(sandbox: Sandbox, begin: Begin) -> None:
    proxy = begin({number: ActedThenReset() if number % 20 else ResetBefore() for number in range(10, 201, 10)})

    def create(worker: int) -> int:
        failures = 0
        with session(proxy) as send:
            for number in range(25):
                with contextlib.suppress(requests.ConnectionError):
                    failures += 1
                    send("POST", "", f"{worker}/{number}")
                    failures -= 1
        return failures

    with ThreadPoolExecutor(8) as pool:
        failures = sum(pool.map(create, range(8)))

    assert (failures, len(proxy.requests), len(sandbox.names())) == (20, 200, 190)
    assert [number for number, record in enumerate(proxy.requests, 1) if record.fault] == list(range(10, 201, 10))
    assert [number for number, record in enumerate(proxy.requests, 1) if not record.status] == list(range(20, 201, 20))


# Refused connections


def test_connections_are_refused_before_a_request_until_the_proxy_listens(sandbox: Sandbox, begin: Begin) -> None:
    proxy = begin({1: Refused(), 3: Refused()})
    refused = []

    with session(proxy) as send:
        for name in ("A", "B", "C"):
            if refuses(proxy):
                with pytest.raises(requests.ConnectionError, match="Connection refused"):
                    send("POST", "", name)
                refused.append(name)
                proxy.listen()
            send("POST", "", name)

    assert refused == ["A", "C"]
    assert sandbox.names() == ["A", "B", "C"]
    assert proxy.requests == (Record(method="POST", path=PATH, status=201),) * 3


def test_a_refusal_ends_after_its_seconds(begin: Begin) -> None:
    proxy = begin({2: Refused(0.2)})

    begun = time.monotonic()
    answer = ask(proxy, GET)
    wait_for(lambda: not refuses(proxy))

    assert answer.endswith(NO_GROUPS)
    assert time.monotonic() - begun >= 0.2


@pytest.mark.parametrize("by_number", [True, False])
def test_a_client_with_a_pooled_connection_is_refused_every_time(
    sandbox: Sandbox, begin: Begin, by_number: bool
) -> None:
    """The end of the pooled connection must always arrive before the client sends its next request."""
    proxy = begin({number: Refused() for number in range(2, 100)} if by_number else {})

    with session(proxy) as send:
        for _ in range(50):
            send("GET")
            if not by_number:
                proxy.refuse()
            with pytest.raises(requests.ConnectionError, match="Connection refused"):
                send("POST", "", "New")
            proxy.listen()

    assert len(proxy.requests) == 50
    assert sandbox.names() == []


def test_a_request_under_way_is_answered_while_connections_are_refused(begin: Begin) -> None:
    proxy = begin({1: HoldAfter()})

    with connect(proxy) as idle, connect(proxy) as busy:
        busy.sendall(GET)
        assert proxy.held.wait(LONG)
        proxy.refuse()
        end_of_idle = receive(idle)
        refused = refuses(proxy)
        proxy.release()
        answer = receive(busy)

    assert (end_of_idle, refused) == (b"", True)
    assert answer.endswith(NO_GROUPS)


def test_a_request_that_arrives_during_the_shutdown_is_not_forwarded(sandbox: Sandbox, begin: Begin) -> None:
    def choose(_number: int, _method: str, _path: str) -> None:
        late.sendall(POST)
        time.sleep(0.05)  # by then it has been received, in most runs
        proxy.refuse()

    proxy = begin(choose)

    with connect(proxy) as late, connect(proxy) as connection:
        connection.sendall(GET)
        answer = receive(connection)
        with contextlib.suppress(ConnectionResetError):
            assert receive(late) == b""

    assert answer.endswith(NO_GROUPS)
    assert (len(proxy.requests), sandbox.names()) == (1, [])


# Faults before the server has acted


def test_a_reset_before_the_request_is_forwarded(sandbox: Sandbox, begin: Begin) -> None:
    proxy = begin({1: ResetBefore()})

    with pytest.raises(ConnectionResetError):
        ask(proxy, POST)

    assert sandbox.requests() == 0
    assert proxy.requests == (Record(method="POST", path=PATH, fault=ResetBefore()),)


@pytest.mark.parametrize(("fault", "names"), [(Hang(), []), (ActedThenHang(), ["New"])])
def test_a_hanging_request_ends_with_the_proxy(sandbox: Sandbox, fault: Fault, names: list[str]) -> None:
    with contextlib.ExitStack() as stack:
        with FaultProxy(urlsplit(sandbox.url).port or 0, {1: fault}) as proxy:
            connection = stack.enter_context(connect(proxy))
            connection.sendall(POST)
            wait_for(lambda: bool(proxy.requests) and sandbox.names() == names)
            connection.settimeout(0.1)
            with pytest.raises(TimeoutError):
                connection.recv(1)
            begun = time.monotonic()
        took = time.monotonic() - begun
        end = connection.recv(1)

    assert (end, sandbox.names()) == (b"", names)
    assert took < LONG / 10


def test_a_late_request_is_forwarded_even_without_its_client(sandbox: Sandbox, begin: Begin) -> None:
    proxy = begin({1: Latency(0.2)})

    begun = time.monotonic()
    with connect(proxy) as connection:
        connection.sendall(POST)
    wait_for(lambda: sandbox.names() == ["New"])

    assert time.monotonic() - begun >= 0.2


# Faults after the server has acted


def test_a_reset_replaces_the_answer(sandbox: Sandbox, begin: Begin) -> None:
    proxy = begin({1: ActedThenReset()})

    with pytest.raises(ConnectionResetError):
        ask(proxy, POST)

    assert sandbox.names() == ["New"]
    assert proxy.requests == (Record(method="POST", path=PATH, fault=ActedThenReset(), status=201),)


@pytest.mark.parametrize(("status", "beginning"), [(500, b'{"errors": [{"code": "205"'), (502, b"<html>")])
def test_another_status_replaces_the_answer(sandbox: Sandbox, begin: Begin, status: int, beginning: bytes) -> None:
    proxy = begin({1: ActedThen(status)})

    with contextlib.closing(HTTPConnection("127.0.0.1", proxy.port, timeout=LONG)) as connection:
        connection.request("POST", PATH, b'{"name": "New"}', HEADERS)
        answer = connection.getresponse()

        assert answer.status == status
        assert answer.read().startswith(beginning)
    assert sandbox.names() == ["New"]


@pytest.mark.parametrize(
    ("fault", "pattern"),
    [
        (CutHead(0), rb""),
        (CutHead(12), rb"HTTP/1.1 201"),
        (CutHead(9999), rb"HTTP/1.1 201 [^{]*\r\n\r"),
        (CutBody(0), rb"HTTP/1.1 201 [^{]*\r\n\r\n"),
        (CutBody(9), rb'HTTP/1.1 201 [^{]*\r\n\r\n{"group":'),
        (CutBody(9999), rb"HTTP/1.1 201 [^{]*\r\n\r\n{.*}"),
    ],
)
def test_an_answer_is_cut(sandbox: Sandbox, begin: Begin, fault: Fault, pattern: bytes) -> None:
    proxy = begin({1: fault})

    answer = ask(proxy, POST)

    assert re.fullmatch(pattern, answer)
    assert not answer.endswith(b"}}")
    assert sandbox.names() == ["New"]


def test_an_answer_without_a_body_is_cut_in_its_head(sandbox: Sandbox, begin: Begin) -> None:
    proxy = begin({1: CutBody(0)})

    answer = ask(proxy, encode("DELETE", f"{PATH}/{sandbox.add_group('Old')}"))

    assert re.fullmatch(rb"HTTP/1.1 204 .*\r\n\r", answer, re.DOTALL)
    assert sandbox.names() == []


def test_an_answer_drips(begin: Begin) -> None:
    proxy = begin({1: Drip(0.001)})
    pieces: list[bytes] = []

    with connect(proxy) as connection:
        connection.sendall(GET)
        begun = time.monotonic()
        while not b"".join(pieces).endswith(NO_GROUPS):
            pieces.append(connection.recv(4096))

    assert len(pieces) > 10
    assert time.monotonic() - begun >= 0.001 * (len(b"".join(pieces)) - 2)


def test_the_end_of_a_connection_comes_with_the_last_byte(begin: Begin) -> None:
    """Tested between processes: in a single one, Python's threads would not run in between."""
    proxy = begin(lambda _number, _method, _path: CutBody(12))
    program = f"""
import socket
for _ in range(500):
    with socket.create_connection(("127.0.0.1", {proxy.port})) as connection:
        connection.sendall({GET!r})
        answer = b""
        while not answer.endswith({NO_GROUPS[:12]!r}):
            answer += connection.recv(4096)
        assert connection.recv(1, socket.MSG_DONTWAIT) == b""
"""

    subprocess.run([sys.executable, "-c", program], check=True, timeout=3 * LONG)


# Requests that are held


@pytest.mark.parametrize(("fault", "names"), [(HoldBefore(), []), (HoldAfter(), ["New"])])
def test_a_client_can_be_killed_while_its_request_is_held(
    sandbox: Sandbox, begin: Begin, fault: Fault, names: list[str]
) -> None:
    proxy = begin({1: fault, 2: fault})
    program = (
        f"import socket; c = socket.create_connection(('127.0.0.1', {proxy.port})); c.sendall({POST!r}); c.recv(1)"
    )

    for _ in range(2):
        with subprocess.Popen([sys.executable, "-c", program]) as process:
            assert proxy.held.wait(LONG)
            process.kill()
        proxy.release()
    wait_for(lambda: proxy.under_way == 0)

    assert sandbox.names() == names * 2
    assert [record.fault for record in proxy.requests] == [fault, fault]


def test_a_held_request_continues_when_it_is_released(sandbox: Sandbox, begin: Begin) -> None:
    proxy = begin({1: HoldBefore(), 2: HoldAfter()})
    seen = []

    with session(proxy) as send, ThreadPoolExecutor(1) as pool:
        for name in ("A", "B"):
            created = pool.submit(send, "POST", "", name)
            assert proxy.held.wait(LONG)
            seen.append((sandbox.names(), created.done(), proxy.under_way))
            proxy.release()
            assert created.result(LONG).status_code == 201

    assert seen == [([], False, 1), (["A", "B"], False, 1)]
    assert not proxy.held.is_set()


def test_a_held_request_ends_with_the_proxy(sandbox: Sandbox) -> None:
    with contextlib.ExitStack() as stack:
        with FaultProxy(urlsplit(sandbox.url).port or 0, {1: HoldBefore()}) as proxy:
            connection = stack.enter_context(connect(proxy))
            connection.sendall(POST)
            assert proxy.held.wait(LONG)

        assert receive(connection) == b""
    assert sandbox.requests() == 0


# Choosing faults, and stopping


def test_a_function_can_choose_faults_and_refuse_connections(sandbox: Sandbox, begin: Begin) -> None:
    asked = []

    def choose(number: int, method: str, path: str) -> Fault | None:
        asked.append((number, method, path))
        if number == 2:
            proxy.refuse()
        return ActedThen(502) if method == "POST" else None

    proxy = begin(choose)

    with session(proxy) as send:
        statuses = [send("POST", "", "New").status_code, send("GET").status_code]
        with pytest.raises(requests.ConnectionError, match="Connection refused"):
            send("GET")

    assert statuses == [502, 200]
    assert asked == [(1, "POST", PATH), (2, "GET", PATH)]
    assert sandbox.names() == ["New"]


def test_faults_can_be_added_while_the_proxy_serves(begin: Begin) -> None:
    faults: dict[int, Fault | Refused] = {}
    proxy = begin(faults)

    with session(proxy) as send:
        send("GET")
        faults[2] = CutBody(3)
        with pytest.raises(requests.RequestException, match="IncompleteRead"):
            send("GET")
        send("GET")

    assert [record.fault for record in proxy.requests] == [None, CutBody(3), None]


def test_a_stopped_proxy_leaves_no_thread_and_no_open_file(sandbox: Sandbox) -> None:
    def count_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = (threading.active_count(), count_files())
    with FaultProxy(urlsplit(sandbox.url).port or 0, {1: Hang(), 2: HoldAfter(), 3: Refused()}) as proxy:
        connections = [connect(proxy) for _ in range(4)]
        for connection in connections[:2]:
            connection.sendall(POST)
        assert proxy.held.wait(LONG)
    for connection in connections:
        connection.close()
    wait_for(lambda: (threading.active_count(), count_files()) == before)  # the sandbox still closes its connections

    assert refuses(proxy)
