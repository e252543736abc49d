"""The sandbox as a server: persistent connections, many clients, a prompt stop, data in a file."""

from __future__ import annotations

import gc
import http.client
import json
import socket
import sqlite3
import threading
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeAlias

import pytest
import requests

from groupsync.sandbox import Sandbox, SandboxError

if TYPE_CHECKING:
    from pathlib import Path

Call: TypeAlias = Callable[..., requests.Response]
GROUPS = "/phonebook/groups"
HEADERS = {"Authorization": "Basic " + b64encode(b"sandbox:let-me-in").decode(), "Content-Type": "application/json"}


def connect(sandbox: Sandbox) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(sandbox), timeout=10)
    connection.connect()
    return connection


def send(connection: http.client.HTTPConnection, method: str, path: str, body: object = None) -> tuple[int, bytes]:
    """Send a request on this connection, without opening it again, and return status and body of the answer."""
    connection.auto_open = 0
    connection.request(method, f"/v1{path}", body=json.dumps(body) if body is not None else None, headers=HEADERS)
    answer = connection.getresponse()
    return answer.status, answer.read()


def port_of(sandbox: Sandbox) -> int:
    return int(sandbox.url.removeprefix("http://127.0.0.1:").removesuffix("/v1"))


def send_raw(sandbox: Sandbox, request: bytes) -> bytes:
    """Send these bytes and return all that the server sends until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port_of(sandbox)), timeout=10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def find_sandbox_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "sandbox"]


def test_a_connection_stays_open_after_answers_of_every_kind(sandbox: Sandbox) -> None:
    connection = connect(sandbox)
    first = connection.sock
    sandbox.fail_next("DELETE", status=502, body="<h1>Bad gateway</h1>")

    group_id = json.loads(send(connection, "POST", GROUPS, {"name": "VIP"})[1])["group"]["id"]
    answers = [
        send(connection, "DELETE", f"{GROUPS}/{group_id}")[0],
        send(connection, "DELETE", f"{GROUPS}/{group_id}"),
        send(connection, "DELETE", f"{GROUPS}/{group_id}", {"a": "body that nobody reads"})[0],
        send(connection, "POST", GROUPS, "not an object")[0],
        send(connection, "POST", "/nothing", {"name": "unread"})[0],
        send(connection, "HEAD", GROUPS),
        send(connection, "GET", GROUPS),
    ]

    assert answers == [502, (204, b""), 404, 400, 404, (200, b""), (200, b'{"groups":[]}')]
    assert connection.sock is first
    connection.close()


def test_answers_on_an_open_connection_are_not_delayed(sandbox: Sandbox) -> None:
    """With Nagle's algorithm and delayed acknowledgements each answer would take 40 ms."""
    connection = connect(sandbox)
    started = time.monotonic()

    for number in range(50):
        send(connection, "POST", GROUPS, {"name": f"group {number}"})

    assert time.monotonic() - started < 5
    connection.close()


def test_the_connection_is_closed_if_the_client_asks_for_it(sandbox: Sandbox) -> None:
    authorization = HEADERS["Authorization"].encode()

    answers = [
        send_raw(sandbox, b"GET /v1/phonebook/groups HTTP/1.0\r\nAuthorization: %s\r\n\r\n" % authorization),
        send_raw(
            sandbox,
            b"GET /v1/phonebook/groups HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: %s\r\n\r\n"
            % authorization,
        ),
    ]

    for answer in answers:
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert answer.endswith(b'{"groups":[]}')


def test_a_chunked_body_is_read(sandbox: Sandbox, call: Call) -> None:
    answers = [
        call("POST", GROUPS, data=iter([b'{"name":', b' "VIP"}']), headers={"Content-Type": "application/json"}),
        call("GET", GROUPS),
    ]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert sandbox.names() == ["VIP"]


@pytest.mark.parametrize("length", [b"Content-Length: -5", b"Content-Length: many", b"Transfer-Encoding: chunked"])
def test_a_body_of_unclear_length_answers_400_and_closes_the_connection(sandbox: Sandbox, length: bytes) -> None:
    answer = send_raw(sandbox, b"POST /v1/phonebook/groups HTTP/1.1\r\nHost: x\r\n%s\r\n\r\nzz\r\n\r\n" % length)

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_a_request_whose_body_is_cut_off_changes_nothing(sandbox: Sandbox) -> None:
    head = "POST /v1/phonebook/groups HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n"
    request = f'{head}Authorization: {HEADERS["Authorization"]}\r\n\r\n{{"name": "VIP"}}'
    with socket.create_connection(("127.0.0.1", port_of(sandbox)), timeout=10) as connection:
        connection.sendall(request.encode())
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert sandbox.names() == []


def test_a_client_that_disconnects_does_not_disturb_others(
    sandbox: Sandbox, call: Call, capfd: pytest.CaptureFixture[str]
) -> None:
    sandbox.behave(latency=0.05)
    with socket.create_connection(("127.0.0.1", port_of(sandbox))) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # close with a reset
        connection.sendall(b"GET /v1/phonebook/groups HTTP/1.1\r\nHost: x\r\n\r\n")

    time.sleep(0.1)

    assert call("GET", GROUPS).status_code == 200
    assert capfd.readouterr() == ("", "")


def test_no_change_of_32_simultaneous_clients_is_lost(sandbox: Sandbox) -> None:
    def work(client: int) -> None:
        connection = connect(sandbox)
        for number in range(8):
            status, body = send(connection, "POST", GROUPS, {"name": f"{client}/{number}"})
            assert status == 201
            path = f"{GROUPS}/{json.loads(body)['group']['id']}"
            assert send(connection, "PUT", path, {"name": f"{client}/{number} renamed"})[0] == 200
            if number % 2:
                assert send(connection, "DELETE", path)[0] == 204
        connection.close()

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(work, range(32)))

    assert sandbox.names() == sorted(f"{client}/{number} renamed" for client in range(32) for number in range(0, 8, 2))
    assert (sandbox.requests("POST"), sandbox.requests("PUT"), sandbox.requests("DELETE")) == (256, 256, 128)


def test_only_one_of_16_simultaneous_creates_gets_a_unique_name(sandbox: Sandbox) -> None:
    sandbox.behave(unique_names=True)

    def create(_client: int) -> int:
        connection = connect(sandbox)
        status, _ = send(connection, "POST", GROUPS, {"name": "VIP"})
        connection.close()
        return status

    with ThreadPoolExecutor(16) as pool:
        statuses = Counter(pool.map(create, range(16)))

    assert statuses == {201: 1, 409: 15}


def test_10_000_groups_are_listed_in_seconds(sandbox: Sandbox, call: Call) -> None:
    for number in range(10_000):
        sandbox.add_group(f"group {number}", contacts=number % 2)
    started = time.monotonic()

    groups = call("GET", GROUPS).json()["groups"]

    assert time.monotonic() - started < 5
    assert sum(group["contactsCount"] for group in groups) == 5000


def test_stop_is_prompt_and_closes_all_threads_and_sockets() -> None:
    sandbox = Sandbox().start()
    idle, busy = connect(sandbox), connect(sandbox)
    send(idle, "GET", GROUPS)
    sandbox.behave(latency=30)
    busy.request("GET", f"/v1{GROUPS}", headers=HEADERS)
    time.sleep(0.05)
    started = time.monotonic()

    sandbox.stop()

    assert time.monotonic() - started < 5
    assert busy.getresponse().status == 200
    assert find_sandbox_threads() == []
    with pytest.raises(OSError, match="refused"):
        connect(sandbox)
    idle.close()
    busy.close()
    gc.collect()  # a socket that is still open would warn now


def test_stop_is_prompt_while_a_client_sends_requests_without_a_pause() -> None:
    sandbox = Sandbox().start()
    connection = connect(sandbox)

    def hammer() -> None:
        while True:
            send(connection, "GET", GROUPS)

    with ThreadPoolExecutor(1) as pool:
        hammering = pool.submit(hammer)
        time.sleep(0.05)
        started = time.monotonic()
        sandbox.stop()
        seconds = time.monotonic() - started

    assert seconds < 1.0
    assert isinstance(hammering.exception(), (OSError, http.client.HTTPException))
    connection.close()


def test_a_sandbox_can_be_started_again_and_stopped_twice() -> None:
    sandbox = Sandbox()

    with sandbox:
        sandbox.add_group("VIP")
        with pytest.raises(SandboxError, match="serves already"):
            sandbox.start()
    sandbox.stop()
    with sandbox:
        names = sandbox.names()

    assert names == []
    with pytest.raises(SandboxError, match="does not serve"):
        sandbox.names()


def test_a_port_that_cannot_be_used_is_an_error(sandbox: Sandbox) -> None:
    port = port_of(sandbox)

    with pytest.raises(SandboxError, match=f"cannot listen on port {port} of"):
        Sandbox(port=port).start()
    with pytest.raises(SandboxError, match="cannot listen on port 70000 of"):
        Sandbox(port=70000).start()

    assert len(find_sandbox_threads()) == 1


def test_two_sandboxes_share_no_data(sandbox: Sandbox) -> None:
    with Sandbox() as other:
        other.add_group("VIP")

        assert sandbox.names() == []
        assert other.url != sandbox.url


def test_data_in_a_file_is_kept_after_stop(tmp_path: Path) -> None:
    path = tmp_path / "phonebook.db"
    with Sandbox(data=path) as sandbox:
        group_id = sandbox.add_group("VIP", contacts=["+37255555555"])
        before = sandbox.groups()

    with Sandbox(data=path) as sandbox:
        assert sandbox.groups() == before
        assert sandbox.members(group_id) == ["+37255555555"]
    assert [file.name for file in tmp_path.iterdir()] == ["phonebook.db"]


@pytest.mark.parametrize("name", ["folder", "text"])
def test_a_file_that_is_not_a_database_is_refused_and_not_changed(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("groups: [VIP]\n" * 100, encoding="utf-8")

    with pytest.raises(SandboxError, match=f"{name}: cannot be used to keep the sandbox's data: "):
        Sandbox(data=tmp_path / name).start()

    assert (tmp_path / "text").read_text(encoding="utf-8") == "groups: [VIP]\n" * 100


def test_a_failure_inside_the_sandbox_answers_500(tmp_path: Path) -> None:
    path = tmp_path / "phonebook.db"
    with Sandbox(data=path) as sandbox, requests.Session() as session:
        session.trust_env = False
        other = sqlite3.connect(path)
        other.execute("ALTER TABLE groups RENAME TO lost")
        other.close()

        answer = session.get(sandbox.url + GROUPS, auth=("sandbox", "let-me-in"), timeout=10)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (500, "205")
    assert answer.json()["errors"][0]["title"] == "General error"
