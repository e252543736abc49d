"""The groups of the Phonebook, and the calls for them as the vendor documents them."""

from __future__ import annotations

import base64
import uuid
from typing import TYPE_CHECKING, Any

from benchmarks.server.answers import Answer, encode_json, make_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.server.answers import Request

USERNAME, PASSWORD = "bench", "bench-password"
_AUTHORIZATION = "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
_CREATED_ON = "2019-04-22T11:46:23.753613Z"
_STEPS = 2  # "v1" and "phonebook", which every path begins with


class Phonebook:
    """The groups by their ids, the oldest first; the body of the list is made once and kept until something changes."""

    def __init__(self) -> None:
        self._groups: dict[str, dict[str, Any]] = {}
        self._list: bytes | None = None

    def fill(self, groups: Iterable[tuple[str, str, int]]) -> None:
        """Have these groups and no others: id, name and number of contacts of each."""
        self._groups = {group_id: _make_group(group_id, name, count) for group_id, name, count in groups}
        self._list = encode_json({"groups": [*self._groups.values()]})

    def names(self) -> list[str]:
        """Return the name of every group, sorted."""
        return sorted(group["name"] for group in self._groups.values())

    def answer(self, request: Request) -> Answer:
        """Carry a request below /v1/phonebook out."""
        if request.headers.get("authorization") != _AUTHORIZATION:
            return make_error(401, "the username or the password is not that of an account")
        match request.method, request.parts[_STEPS:]:
            case "GET", ("groups",):
                return Answer(status=200, body=self._encode_list())
            case "POST", ("groups",):
                return self._create(request)
            case "GET", ("contacts",):
                return Answer(status=200, body=encode_json({"contacts": []}))  # it keeps none: what is deleted is empty
            case method, ("groups", group_id):
                return self._answer_of_one(method, group_id, request)
            case _:
                return make_error(404, "there is no such path")

    def _encode_list(self) -> bytes:
        if self._list is None:
            self._list = encode_json({"groups": [*self._groups.values()]})
        return self._list

    def _create(self, request: Request) -> Answer:
        name = _read_name(request)
        if not name:
            return make_error(400, "name: a text of at least one character is required")
        group = _make_group(str(uuid.uuid4()), name, 0)
        self._groups[group["id"]] = group
        self._list = None
        return Answer(status=201, body=encode_json({"group": group}))

    def _answer_of_one(self, method: str, group_id: str, request: Request) -> Answer:
        group = self._groups.get(group_id)
        if group is None:
            return make_error(404, f"there is no group with the id {group_id}")
        match method:
            case "GET":
                return Answer(status=200, body=encode_json({"group": group}))
            case "PUT":
                return self._rename(group, request)
            case "DELETE":
                del self._groups[group_id]
                self._list = None
                return Answer(status=204)
            case _:
                return make_error(405, "the method is not allowed")

    def _rename(self, group: dict[str, Any], request: Request) -> Answer:
        name = _read_name(request)
        if not name:
            return make_error(400, "name: a text of at least one character is required")
        group["name"] = name
        self._list = None
        return Answer(status=200, body=encode_json({"group": group}))


def _make_group(group_id: str, name: str, count: int) -> dict[str, Any]:
    return {"id": group_id, "name": name, "createdOn": _CREATED_ON, "contactsCount": count}


def _read_name(request: Request) -> str:
    name = request.read_object().get("name")
    return name if isinstance(name, str) else ""
