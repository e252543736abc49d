"""The calls for groups and their contacts, as the vendor documents them."""

from __future__ import annotations

import copy
import time
import urllib.parse
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Generic, TypeVar

from groupsync.api.answer import Answer, make_refusal, refuse_next_page
from groupsync.api.patience import MOST_RETRIES, Patience
from groupsync.api.transport import Transport
from groupsync.api.wire import (
    encode_contact,
    encode_name,
    parse_contact,
    parse_contacts,
    parse_group,
    parse_groups,
    require_object,
)
from groupsync.display import quote
from groupsync.errors import ApiError, StoredNameError
from groupsync.model.contacts import is_phone
from groupsync.model.groups import parse_group_id
from groupsync.model.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import TracebackType

    from typing_extensions import Self

    from groupsync.api.patience import Clock
    from groupsync.model.account import Credentials
    from groupsync.model.contacts import Contact
    from groupsync.model.groups import GroupId, LiveGroup

T = TypeVar("T")

_GROUPS = "/phonebook/groups"
_CONTACTS = "/phonebook/contacts"
_LIST_LIMIT = 2**26
_ONE_LIMIT = 2**20
_OK = frozenset({HTTPStatus.OK})
_CREATED = frozenset({HTTPStatus.CREATED, HTTPStatus.OK})
_DELETED = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.OK})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call(Generic[T]):
    """A request and what makes a value of its answer; `shown` is its path without what nobody may read."""

    method: str
    path: str
    shown: str
    read: Callable[[Answer], T]
    body: bytes | None = field(default=None, repr=False)
    good: frozenset[HTTPStatus] = _OK
    limit: int = _ONE_LIMIT

    @property
    def request(self) -> str:
        """What errors call it."""
        return f"{self.method} {self.shown}"

    @property
    def of_one(self) -> bool:
        """Whether it names one group or contact, so that a 404 is about that."""
        return self.shown not in (_GROUPS, _CONTACTS)


class GroupsClient:
    """The groups of one account. Every call raises ApiError when it fails, and MissingError for what is not there.

    A request that only reads is tried again after a fault, one that writes only if it was certainly not carried out;
    `patience` holds the rule. Calls may be made from many threads; more of them than there are `connections` wait for
    each other. `timeout` is in seconds. Once `is_interrupted` answers true nothing waits, and what is under way has
    five seconds. An endpoint without TLS that is not this machine raises SettingsError.
    """

    def __init__(  # noqa: PLR0913 - what callers and tests choose
        self,
        endpoint: str,
        credentials: Credentials,
        *,
        timeout: float = 30.0,
        connections: int = 8,
        retries: int = MOST_RETRIES,
        clock: Clock = time,
        is_interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        self._transport = Transport(
            endpoint, credentials, timeout=timeout, connections=connections, is_interrupted=is_interrupted
        )
        self._patience = Patience(clock, is_interrupted, retries=retries)
        self._note: Callable[[Request], None] = lambda _request: None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def server_time(self) -> datetime | None:
        """What the server's clock said in its latest answer, None when it did not."""
        return self._transport.server_time

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def noting(self, note: Callable[[Request], None]) -> GroupsClient:
        """Return a client over the same connections that tells each of its requests once it has ended."""
        client = copy.copy(self)
        client._note = note  # noqa: SLF001 - of its own class
        return client

    def list_groups(self) -> tuple[LiveGroup, ...]:
        """Return all groups in the server's order; a list that may be a part of them raises ApiError."""
        return self._send(_Call(method="GET", path=_GROUPS, shown=_GROUPS, read=_read_groups, limit=_LIST_LIMIT))

    def get_group(self, group_id: GroupId) -> LiveGroup:
        """Return the group of that id."""
        path = _make_path(group_id)
        return self._send(
            _Call(method="GET", path=path, shown=path, read=lambda answer: _read_same_group(answer, group_id))
        )

    def create_group(self, name: str) -> LiveGroup:
        """Return the new group, which has exactly this name and an id that the server chose."""
        return self._send(
            _Call(
                method="POST",
                path=_GROUPS,
                shown=_GROUPS,
                body=encode_name(name),
                good=_CREATED,
                read=lambda answer: _require_name(_read_group(answer), name, answer),
            )
        )

    def rename_group(self, group_id: GroupId, name: str) -> LiveGroup:
        """Return the group under exactly its new name."""
        path = _make_path(group_id)
        return self._send(
            _Call(
                method="PUT",
                path=path,
                shown=path,
                body=encode_name(name),
                read=lambda answer: _require_name(_read_same_group(answer, group_id), name, answer),
            )
        )

    def delete_group(self, group_id: GroupId) -> None:
        """Delete the group; its contacts stay, without it."""
        path = _make_path(group_id)
        self._send(_Call(method="DELETE", path=path, shown=path, good=_DELETED, read=_require_no_page))

    def list_contacts(self, group_id: GroupId | None = None) -> tuple[Contact, ...]:
        """Return all contacts, or those in one group; a list that may be a part of them raises ApiError."""
        query = f"?groupIds={_require_group_id(group_id)}" if group_id else ""
        path = _CONTACTS + query
        return self._send(_Call(method="GET", path=path, shown=path, read=_read_contacts, limit=_LIST_LIMIT))

    def create_contact(self, contact: Contact) -> None:
        """Make a contact, which is in no group yet; a status of 409 says that there is one of that number."""
        self._send(
            _Call(
                method="POST",
                path=_CONTACTS,
                shown=_CONTACTS,
                body=encode_contact(contact),
                good=_CREATED,
                read=lambda answer: _require_phone(answer, contact),
            )
        )

    def add_contact(self, group_id: GroupId, contact: Contact) -> None:
        """Put a contact into a group; a status of 409 says that it is in it."""
        path = f"{_make_path(group_id)}/contacts/"
        self._send(
            _Call(
                method="POST",
                path=path + _encode_phone(contact.phone),
                shown=f"{path}***",
                good=_CREATED,
                read=lambda answer: require_object(answer.body, answer.request),
            )
        )

    def _send(self, call: _Call[T]) -> T:
        return self._patience.send(call.request, lambda: self._try(call), only_reads=call.method == "GET")

    def _try(self, call: _Call[T]) -> T:
        """Send the request once, note it, and return what its answer means."""
        began = time.perf_counter()
        status: int | None = None
        problem = ""
        try:
            answer = self._transport.send(call.method, call.path, call.body, request=call.request, limit=call.limit)
            status = answer.status
            return _read(answer, call)
        except ApiError as error:
            problem = str(error).removeprefix(f"{call.request}: ")
            raise
        finally:
            milliseconds = round((time.perf_counter() - began) * 1000)
            self._note(
                Request(method=call.method, path=call.shown, status=status, milliseconds=milliseconds, problem=problem)
            )


def _read(answer: Answer, call: _Call[T]) -> T:
    if answer.status not in call.good:
        raise make_refusal(answer, of_one=call.of_one)
    return call.read(answer)


def _require_group_id(group_id: GroupId) -> GroupId:
    """Return the canonical id; only a UUID gets into a URL, all else is a mistake in this program."""
    canonical = parse_group_id(group_id)
    if canonical is None:
        raise ValueError(f"not a group id: {group_id!r}")
    return canonical


def _make_path(group_id: GroupId) -> str:
    return f"{_GROUPS}/{_require_group_id(group_id)}"


def _encode_phone(phone: str) -> str:
    if not is_phone(phone):
        raise ValueError("not a phone number")
    return urllib.parse.quote(phone, safe="")


def _require_no_page(answer: Answer) -> None:
    """Raise ApiError when there is a body that is none of the Phonebook's."""
    if answer.body:
        require_object(answer.body, answer.request)


def _read_groups(answer: Answer) -> tuple[LiveGroup, ...]:
    refuse_next_page(answer)
    return parse_groups(answer.body, answer.request)


def _read_contacts(answer: Answer) -> tuple[Contact, ...]:
    refuse_next_page(answer)
    return parse_contacts(answer.body, answer.request)


def _read_group(answer: Answer) -> LiveGroup:
    return parse_group(answer.body, answer.request)


def _read_same_group(answer: Answer, group_id: GroupId) -> LiveGroup:
    group = _read_group(answer)
    if group.id != parse_group_id(group_id):
        raise ApiError(
            answer.request, f"the server answered with another group: {group.id}", ambiguous=True, transient=True
        )
    return group


def _require_name(group: LiveGroup, name: str, answer: Answer) -> LiveGroup:
    if group.name != name:
        problem = f"the server stored {quote(group.name)} instead of {quote(name)}"
        raise StoredNameError(answer.request, problem, group.id)
    return group


def _require_phone(answer: Answer, contact: Contact) -> None:
    if parse_contact(answer.body, answer.request).phone != contact.phone:
        raise ApiError(answer.request, "the server stored another phone number")
