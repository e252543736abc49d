"""The calls of the client to a server of raw bytes: what they send and raise."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from groupsync.api.client import GroupsClient
from groupsync.errors import ApiError
from groupsync.model.account import Credentials
from groupsync.model.groups import GroupId
from tests.wire.interrupts import NoRetries
from tests.wire.raw_server import RawServer, http

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wire.raw_server import Behaviour

ID = GroupId("5792a02a-e5c2-422b-a0a0-0ae65d814663")
OTHER_ID = GroupId("4792a02a-e5c2-422b-a0a0-0ae65d814662")
PASSWORD = "pässwörd-Ж-7q3z"
CREDENTIALS = Credentials(username="jürgen", password=PASSWORD)
TOKEN = base64.b64encode(f"jürgen:{PASSWORD}".encode()).decode()
JSON = "Content-Type: application/json"
NO_GROUPS = http("200 OK", b'{"groups": []}', JSON)
LIST = "GET /phonebook/groups"
CALLS: dict[str, Callable[[GroupsClient], object]] = {
    "GET list": lambda client: client.list_groups(),
    "GET": lambda client: client.get_group(ID),
    "POST": lambda client: client.create_group("VIP"),
    "PUT": lambda client: client.rename_group(ID, "VIP"),
    "DELETE": lambda client: client.delete_group(ID),
}


def encode_group(**fields: Any) -> bytes:
    return json.dumps({"group": {"id": ID, "name": "VIP", **fields}}).encode()


def encode_error(code: str, title: str, detail: str = "") -> bytes:
    return json.dumps({"errors": [{"code": code, "title": title, "detail": detail}]}).encode()


def fail(call: str, *behaviours: Behaviour | bytes, timeout: float = 5.0) -> ApiError:
    """Return the error that the call raises at a server with these behaviours; assert that it sends one request."""
    with RawServer(*behaviours) as server:
        error = fail_at(server.url, call, timeout=timeout)
    assert len(server.requests) == 1
    return error


def fail_at(url: str, call: str = "GET list", *, timeout: float = 5.0) -> ApiError:
    with (
        GroupsClient(url, CREDENTIALS, timeout=timeout, interrupt=NoRetries()) as client,
        pytest.raises(ApiError) as caught,
    ):
        CALLS[call](client)
    assert "Pool(" not in str(caught.value)
    assert str(caught.value).isprintable()
    return caught.value


def ask(server: RawServer, call: str = "GET list") -> str:
    """Return the head of the request that the call sends, with plain line breaks."""
    with GroupsClient(server.url, CREDENTIALS) as client:
        CALLS[call](client)
    return server.requests[-1].decode().replace("\r\n", "\n")
