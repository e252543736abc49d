"""The client over real HTTP: its five calls at the sandbox, and what it sends."""

from __future__ import annotations

import base64
import logging
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import groupsync
from groupsync.api.client import GroupsClient
from groupsync.errors import ApiError, MissingError, UnauthorizedError
from groupsync.model.account import Credentials
from groupsync.model.contacts import Contact
from groupsync.model.groups import GroupId, LiveGroup
from tests.wire.calls import (
    CALLS,
    CREDENTIALS,
    ID,
    JSON,
    LIST,
    NO_GROUPS,
    PASSWORD,
    TOKEN,
    ask,
    encode_error,
    encode_group,
    fail,
)
from tests.wire.interrupts import NoRetries
from tests.wire.raw_server import RawServer, http, reset, stay_silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from groupsync.model.request import Request
    from groupsync.sandbox import Sandbox
    from tests.wire.raw_server import Behaviour


def make_client(sandbox: Sandbox, *, connections: int = 8) -> GroupsClient:
    credentials = Credentials(username=sandbox.username, password=sandbox.password)
    return GroupsClient(sandbox.url, credentials, connections=connections)


def test_a_group_lives_through_all_five_calls(sandbox: Sandbox) -> None:
    with make_client(sandbox) as client:
        created = client.create_group('Kõne "1" / #2')
        read = client.get_group(created.id)
        renamed = client.rename_group(created.id, "VIP 🎉")
        listed = client.list_groups()
        client.delete_group(created.id)
        left = client.list_groups()

    assert created == read == LiveGroup(id=created.id, name='Kõne "1" / #2', contacts_count=0)
    assert renamed == LiveGroup(id=created.id, name="VIP 🎉", contacts_count=0)
    assert (listed, left) == ((renamed,), ())


def test_contacts_are_counted(sandbox: Sandbox) -> None:
    group_id = GroupId(sandbox.add_group("VIP", contacts=3))

    with make_client(sandbox) as client:
        assert client.list_groups() == (LiveGroup(id=group_id, name="VIP", contacts_count=3),)


def test_a_group_that_is_gone_is_told_apart(sandbox: Sandbox) -> None:
    with make_client(sandbox) as client:
        for call in ("GET", "PUT", "DELETE"):
            with pytest.raises(MissingError, match=f"^{call} /phonebook/groups/{ID}: HTTP 404: Missing resource"):
                CALLS[call](client)


def test_wrong_credentials_are_told_with_the_variables_to_set(sandbox: Sandbox) -> None:
    with GroupsClient(sandbox.url, CREDENTIALS) as client, pytest.raises(UnauthorizedError) as caught:
        client.list_groups()

    assert str(caught.value).startswith(f"{LIST}: HTTP 401: Unauthorized (code 202)")
    assert "MESSENTE_API_USERNAME and MESSENTE_API_PASSWORD" in caught.value.remedy


def test_thirty_two_workers_share_one_client(sandbox: Sandbox) -> None:
    names = [f"Group {number}" for number in range(64)]

    with make_client(sandbox, connections=8) as client, ThreadPoolExecutor(32) as workers:
        created = list(workers.map(client.create_group, names))

    assert [group.name for group in created] == names
    assert sandbox.names() == sorted(names)


# What is sent


def test_a_request_says_who_asks_and_what_it_takes() -> None:
    with RawServer(http("201 Created", encode_group(), JSON)) as server:
        lines = ask(server, "POST").splitlines()

    assert lines[0] == "POST /v1/phonebook/groups HTTP/1.1"
    assert sorted(lines[1 : lines.index("")]) == [
        "Accept-Encoding: gzip, deflate",
        "Accept: application/json",
        f"Authorization: Basic {TOKEN}",
        "Connection: keep-alive",
        "Content-Length: 15",
        "Content-Type: application/json",
        f"Host: 127.0.0.1:{server.port}",
        f"User-Agent: groupsync/{groupsync.__version__}",
    ]
    assert lines[-1] == '{"name": "VIP"}'


def test_a_password_that_is_not_utf_8_is_sent_as_the_environment_holds_it() -> None:
    credentials = Credentials(username="u", password=os.fsdecode(b"caf\xe9"))

    with RawServer(NO_GROUPS) as server, GroupsClient(server.url, credentials) as client:
        client.list_groups()

    assert b"Authorization: Basic " + base64.b64encode(b"u:caf\xe9") in server.requests[0]


def test_cookies_are_not_kept() -> None:
    cookie = http("200 OK", b'{"groups": []}', "Set-Cookie: session=1; Path=/", "Set-Cookie: ;;=\x01; expires=never")

    with RawServer(cookie) as server, GroupsClient(server.url, CREDENTIALS) as client:
        client.list_groups()
        client.list_groups()

    assert len(server.requests) == 2
    assert b"cookie" not in server.requests[1].lower()


def test_credentials_of_a_netrc_are_not_sent(tmp_path: Path) -> None:
    """An own process, since netrc is found through the environment."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    (tmp_path / ".netrc").write_text(netrc.read_text())
    program = (
        "import sys; from groupsync.api.client import GroupsClient; from groupsync.model.account import Credentials;"
        "GroupsClient(sys.argv[1], Credentials(username='', password='')).list_groups()"
    )

    with RawServer(NO_GROUPS) as server:
        environment = {**os.environ, "NETRC": str(netrc), "HOME": str(tmp_path)}
        command = [sys.executable, "-c", program, server.url]
        subprocess.run(command, env=environment, cwd=Path(groupsync.__file__).parents[1], check=True)

    assert b"Authorization: Basic " + base64.b64encode(b":") + b"\r\n" in server.requests[0]


@pytest.mark.parametrize("group_id", ["", "../contacts", f"{ID}/../x", f"{ID}?", "5792a02ae5c2422ba0a00ae65d814663"])
def test_only_a_uuid_gets_into_a_url(group_id: str) -> None:
    with RawServer(NO_GROUPS) as server, GroupsClient(server.url, CREDENTIALS) as client:
        for call in (client.get_group, client.delete_group):
            with pytest.raises(ValueError, match="not a group id"):
                call(GroupId(group_id))

    assert server.requests == []


# Secrets


@pytest.mark.parametrize(
    "behaviour",
    [
        stay_silent,
        reset,
        http("401 X", encode_error("202", "Unauthorized", f"{PASSWORD} is not Basic {TOKEN}"), JSON),
        http("400 X", encode_error("201", f"Invalid {PASSWORD}", "x" * 190 + PASSWORD), JSON),
        http("500 X", f"Authorization: Basic {TOKEN} {PASSWORD}".encode(), "Content-Type: text/plain"),
        http("302 X", b"", f"Location: http://127.0.0.1/{TOKEN}"),
        http("200 X", b"{}"),
    ],
)
def test_the_password_is_in_no_text(behaviour: Behaviour | bytes, caplog: pytest.LogCaptureFixture) -> None:
    """A server that echoes the request is no reason to print it."""
    caplog.set_level(logging.DEBUG)

    error: BaseException | None = fail("POST", behaviour, timeout=0.3)

    texts = [caplog.text, repr(CREDENTIALS), repr(GroupsClient("https://x.invalid/v1", CREDENTIALS))]
    while error is not None:
        texts += [str(error), repr(error), *map(repr, error.args)]
        error = error.__cause__ or error.__context__
    for secret in (PASSWORD, TOKEN, "pässwörd"):
        assert secret not in "\n".join(texts)
    assert "POST /v1/phonebook/groups" in caplog.text or not isinstance(behaviour, bytes)


def test_nothing_is_left_open_by_a_client_that_is_closed() -> None:
    """Neither a thread of the client nor, by pytest's own check, a socket."""
    before = threading.active_count()

    with RawServer(NO_GROUPS) as server, GroupsClient(server.url, CREDENTIALS) as client:
        client.list_groups()

    assert threading.active_count() == before


# Contacts


PHONE = "+37255500001"
CONTACT = Contact(phone=PHONE, fields=(("email", "jüri@example.com"), ("firstName", "Jüri"), ("custom4", "x")))
ADDED = f"/v1/phonebook/groups/{ID}/contacts/%2B37255500001"
CONTACT_CALLS: dict[str, Callable[[GroupsClient], object]] = {
    "GET contacts": lambda client: client.list_contacts(),
    "GET contacts of a group": lambda client: client.list_contacts(ID),
    "POST contact": lambda client: client.create_contact(CONTACT),
    "POST into a group": lambda client: client.add_contact(ID, CONTACT),
}


def test_contacts_are_made_added_and_listed(sandbox: Sandbox) -> None:
    group_id = GroupId(sandbox.add_group("VIP"))
    other = GroupId(sandbox.add_group("Others", contacts=2))

    with make_client(sandbox) as client:
        client.create_contact(CONTACT)
        before = client.list_contacts(group_id)
        client.add_contact(group_id, CONTACT)
        of_one = client.list_contacts(group_id)
        of_other = client.list_contacts(other)
        all_contacts = client.list_contacts()

    assert (before, of_one) == ((), (CONTACT,))
    assert len(of_other) == 2
    assert set(all_contacts) == {*of_one, *of_other}


def test_a_number_without_a_plus_is_a_number() -> None:
    answer = http("200 OK", b'{"contacts": [{"phoneNumber": "37255500001"}]}', JSON)

    with RawServer(answer) as server, GroupsClient(server.url, CREDENTIALS) as client:
        assert client.list_contacts() == (Contact(phone="37255500001"),)


@pytest.mark.parametrize(
    ("call", "answer", "line", "body"),
    [
        ("GET contacts", b'{"contacts": []}', "GET /v1/phonebook/contacts HTTP/1.1", ""),
        (
            "GET contacts of a group",
            b'{"contacts": []}',
            f"GET /v1/phonebook/contacts?groupIds={ID} HTTP/1.1",
            "",
        ),
        (
            "POST contact",
            b'{"contact": {"phoneNumber": "+37255500001"}}',
            "POST /v1/phonebook/contacts HTTP/1.1",
            '{"phoneNumber": "+37255500001", "email": "jüri@example.com", "firstName": "Jüri", "custom4": "x"}',
        ),
        ("POST into a group", b"{}", f"POST {ADDED} HTTP/1.1", ""),
    ],
)
def test_the_requests_about_contacts_are_as_documented(call: str, answer: bytes, line: str, body: str) -> None:
    with RawServer(http("200 OK", answer, JSON)) as server, GroupsClient(server.url, CREDENTIALS) as client:
        CONTACT_CALLS[call](client)

    head, _, sent = server.requests[0].decode().partition("\r\n\r\n")
    assert (head.splitlines()[0], sent) == (line, body)


@pytest.mark.parametrize("phone", ["", "+", "+372/../groups", "+372 555", "%2B3725550", "١٢٣٤", "+3725550\n", "1" * 40])
def test_only_a_phone_number_gets_into_a_url(phone: str) -> None:
    with RawServer(NO_GROUPS) as server, GroupsClient(server.url, CREDENTIALS) as client:
        with pytest.raises(ValueError, match="not a phone number"):
            client.add_contact(ID, Contact(phone=phone))
        with pytest.raises(ValueError, match="not a group id"):
            client.list_contacts(GroupId("*"))

    assert server.requests == []


def test_a_contact_that_is_there_or_not_there_is_told_apart(sandbox: Sandbox) -> None:
    group_id = GroupId(sandbox.add_group("VIP"))

    with make_client(sandbox) as client:
        with pytest.raises(MissingError):
            client.add_contact(group_id, CONTACT)
        client.create_contact(CONTACT)
        client.add_contact(group_id, CONTACT)
        errors = []
        for again in (client.create_contact, lambda contact: client.add_contact(group_id, contact)):
            with pytest.raises(ApiError) as caught:
                again(CONTACT)
            errors.append(caught.value)
        with pytest.raises(MissingError):
            client.add_contact(ID, CONTACT)

    assert [(error.status, error.ambiguous) for error in errors] == [(409, False), (409, False)]


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("GET contacts", b""),
        ("GET contacts", b"{}"),
        ("GET contacts", b'{"contacts": {}}'),
        ("GET contacts", b'{"contacts": ["+37255500001"]}'),
        ("GET contacts", b'{"contacts": [{"phoneNumber": 37255500001}]}'),
        ("GET contacts", b'{"contacts": [{"phoneNumber": "me"}]}'),
        ("GET contacts", b'{"contacts": [{"phoneNumber": "+37255500001", "email": 1}]}'),
        ("GET contacts", b'{"contacts": [{"phoneNumber": "+37255500001"}, {"phoneNumber": "+37255500001"}]}'),
        ("GET contacts of a group", b'{"contacts": [], "next": "+37255500001"}'),
        ("GET contacts of a group", b'{"contacts": [], "total": 1}'),
        ("POST contact", b""),
        ("POST contact", b'{"contact": {}}'),
        ("POST contact", b'{"contact": {"phoneNumber": "+37255500001"'),
        ("POST into a group", b""),
        ("POST into a group", b"[]"),
        ("POST into a group", b"<html>"),
    ],
)
def test_a_broken_answer_about_contacts_is_an_ambiguous_error(call: str, body: bytes) -> None:
    error = fail_about_contacts(call, http("200 OK", body, JSON))

    assert error.ambiguous


def test_another_number_than_was_sent_is_an_error() -> None:
    error = fail_about_contacts("POST contact", http("201 X", b'{"contact": {"phoneNumber": "+37255500002"}}', JSON))

    assert str(error) == "POST /phonebook/contacts: the server stored another phone number"


@pytest.mark.parametrize("call", CONTACT_CALLS)
@pytest.mark.parametrize(
    "answer",
    [
        http("400 X", encode_error("201", "Invalid +37255500001", "the number %2B37255500001 of +372 555 00001"), JSON),
        http("409 X", encode_error("204", "Conflict", "37255500001 is in the group"), JSON),
        http("404 X", encode_error("203", "Missing resource", "there is no contact +37255500001"), JSON),
        http("500 X", b'{"phoneNumber": "+37255500001"}', "Content-Type: text/plain"),
        http("302 X", b"", "Location: /v1/phonebook/contacts/+37255500001/groups/%2b37255500001"),
        http("200 X", b'{"contacts": "+37255500001", "contact": "+37255500001"'),
        reset,
    ],
    ids=["400", "409", "404", "500", "302", "200", "reset"],
)
def test_a_phone_number_is_in_no_text(call: str, answer: Behaviour | bytes, caplog: pytest.LogCaptureFixture) -> None:
    """It is somebody's, and reports and logs are kept in more places than the address book."""
    noted: list[Request] = []

    error: BaseException | None = fail_about_contacts(call, answer, noted.append)

    texts = [repr(CONTACT), repr(noted), *(record.getMessage() for record in caplog.records)]
    while error is not None:
        texts += [str(error), repr(error)]
        error = error.__cause__
    shown = "\n".join(texts)
    assert "55500001" not in shown.replace(" ", "")
    assert [request.method for request in noted] == [call.partition(" ")[0]]


def fail_about_contacts(
    call: str, answer: Behaviour | bytes, note: Callable[[Request], None] = lambda _: None
) -> ApiError:
    with (
        RawServer(answer) as server,
        GroupsClient(server.url, CREDENTIALS, interrupt=NoRetries()) as client,
        pytest.raises(ApiError) as caught,
    ):
        CONTACT_CALLS[call](client.noting(note))
    return caught.value
