"""The five calls for groups, as the vendor documents them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from groupsync.api.answer import Answer, make_refusal, refuse_next_page
from groupsync.api.transport import Transport
from groupsync.api.wire import encode_name, parse_group, parse_groups
from groupsync.errors import ApiError
from groupsync.model.groups import parse_group_id
from groupsync.names import quote

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from groupsync.model.account import Credentials
    from groupsync.model.groups import GroupId, LiveGroup

_GROUPS = "/phonebook/groups"
_LIST_LIMIT = 2**28
_GROUP_LIMIT = 2**20
_OK = frozenset({HTTPStatus.OK})
_CREATED = frozenset({HTTPStatus.CREATED, HTTPStatus.OK})
_DELETED = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.OK})


class GroupsClient:
    """The groups of one account. Every call sends one request, never a second, and raises ApiError when it fails.

    Calls may be made from many threads; more of them than there are `connections` wait for each other. `timeout` is in
    seconds. An endpoint without TLS that is not this machine raises SettingsError.
    """

    def __init__(self, endpoint: str, credentials: Credentials, *, timeout: float = 30.0, connections: int = 8) -> None:
        self._transport = Transport(endpoint, credentials, timeout=timeout, connections=connections)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def list_groups(self) -> tuple[LiveGroup, ...]:
        """Return all groups in the server's order; a list that may be a part of them raises ApiError."""
        answer = self._call("GET", _GROUPS, good=_OK)
        refuse_next_page(answer)
        return parse_groups(answer.body, answer.request)

    def get_group(self, group_id: GroupId) -> LiveGroup:
        """Return the group of that id; raise MissingGroupError when there is none."""
        answer = self._call("GET", _make_path(group_id), good=_OK)
        return _parse_same_group(answer, group_id)

    def create_group(self, name: str) -> LiveGroup:
        """Return the new group, which has exactly this name and an id that the server chose."""
        answer = self._call("POST", _GROUPS, encode_name(name), good=_CREATED)
        return _require_name(parse_group(answer.body, answer.request), name, answer.request)

    def rename_group(self, group_id: GroupId, name: str) -> LiveGroup:
        """Return the group under exactly its new name; raise MissingGroupError when there is none of that id."""
        answer = self._call("PUT", _make_path(group_id), encode_name(name), good=_OK)
        return _require_name(_parse_same_group(answer, group_id), name, answer.request)

    def delete_group(self, group_id: GroupId) -> None:
        """Delete the group; raise MissingGroupError when there is none of that id."""
        self._call("DELETE", _make_path(group_id), good=_DELETED)

    def _call(self, method: str, path: str, body: bytes | None = None, *, good: frozenset[HTTPStatus]) -> Answer:
        of_list = path == _GROUPS and method == "GET"
        answer = self._transport.send(method, path, body, limit=_LIST_LIMIT if of_list else _GROUP_LIMIT)
        if answer.status not in good:
            raise make_refusal(answer, of_group=path != _GROUPS)
        return answer


def _make_path(group_id: GroupId) -> str:
    """Return the path of a group; only a UUID gets into it, all else is a mistake in this program."""
    canonical = parse_group_id(group_id)
    if canonical is None:
        raise ValueError(f"not a group id: {group_id!r}")
    return f"{_GROUPS}/{canonical}"


def _parse_same_group(answer: Answer, group_id: GroupId) -> LiveGroup:
    group = parse_group(answer.body, answer.request)
    if group.id != parse_group_id(group_id):
        raise ApiError(answer.request, f"the server answered with another group: {group.id}", ambiguous=True)
    return group


def _require_name(group: LiveGroup, name: str, request: str) -> LiveGroup:
    if group.name != name:
        raise ApiError(request, f"the server stored {quote(group.name)} instead of {quote(name)}")
    return group
