"""The calls for groups and their contacts, as the vendor documents them."""

from __future__ import annotations

import copy
import time
import urllib.parse
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct

from groupsync.api.answer import Answer, make_status_error, require_no_page, require_whole_list
from groupsync.api.patience import Patience
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
from groupsync.errors import ApiError, StoredNameError
from groupsync.fields import hide
from groupsync.interrupt import Interrupt
from groupsync.model.contacts import is_phone
from groupsync.model.groups import parse_group_id
from groupsync.model.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import TracebackType

    from typing_extensions import Self

    from groupsync.model.account import Credentials
    from groupsync.model.contacts import Contact
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.watcher import Watcher

T = TypeVar("T")

_GROUPS = "/phonebook/groups"
_CONTACTS = "/phonebook/contacts"
_LIST_LIMIT = 2**26  # bytes
_ONE_LIMIT = 2**20
_OK = frozenset({HTTPStatus.OK})
_CREATED = frozenset({HTTPStatus.CREATED, HTTPStatus.OK})
_DELETED = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.OK})


@hide("body")
class _Call(Struct, Generic[T], frozen=True, kw_only=True):
    """One request, and how its answer is read.

    `what` tells the watcher what the request is about. `shown_path` is the path without phone numbers, for errors and
    reports. An answer with one of the `successes` is given to `read`, which returns the value of the call or raises
    ApiError; any other status is an error. `limit` is how many bytes a success may have.
    """

    method: str
    path: str
    shown_path: str
    what: str
    read: Callable[[Answer], T]
    body: bytes | None = None
    successes: frozenset[HTTPStatus] = _OK
    limit: int = _ONE_LIMIT

    @property
    def request(self) -> str:
        """What errors call the request."""
        return f"{self.method} {self.shown_path}"

    @property
    def is_about_one(self) -> bool:
        """Whether the path names one group or contact, so that a 404 can be about that."""
        return self.shown_path not in (_GROUPS, _CONTACTS)


class GroupsClient:
    """The groups and contacts of one account. A failed call raises ApiError, MissingError if nothing was found.

    A request that only reads is sent again after a fault, one that writes only if it was certainly not carried out;
    `Patience` has the rules. Calls may come from many threads; more of them than there are `connections` wait for each
    other. `timeout` is how many seconds one request may take. Once `interrupt` is set nothing waits, and requests in
    flight get five seconds more. Every wait is reported to `watcher`. An endpoint without TLS that is not this machine
    raises SettingsError.
    """

    def __init__(  # noqa: PLR0913 - what a caller may choose
        self,
        endpoint: str,
        credentials: Credentials,
        *,
        timeout: float = 30.0,
        connections: int = 8,
        interrupt: Interrupt | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        interrupt = interrupt or Interrupt()
        self._transport = Transport(
            endpoint, credentials, timeout=timeout, connections=connections, interrupt=interrupt
        )
        self._patience = Patience(interrupt, watcher, self._transport.host)
        self._note: Callable[[Request], None] = lambda _request: None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def server_time(self) -> datetime | None:
        """What the server's clock said in its latest answer, None if it did not say."""
        return self._transport.server_time

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def noting(self, note: Callable[[Request], None]) -> GroupsClient:
        """Return a client over the same connections that calls `note` with each of its requests when it has ended."""
        client = copy.copy(self)
        client._note = note  # noqa: SLF001 - of its own class
        return client

    def list_groups(self) -> tuple[LiveGroup, ...]:
        """Return all groups in the server's order; a list that may be incomplete raises ApiError."""
        return self._send(
            _Call(
                method="GET",
                path=_GROUPS,
                shown_path=_GROUPS,
                what="the list of groups",
                read=_read_groups,
                limit=_LIST_LIMIT,
            )
        )

    def get_group(self, group_id: GroupId) -> LiveGroup:
        """Return the group with this id."""
        path = _make_path(group_id)
        return self._send(
            _Call(
                method="GET", path=path, shown_path=path, what="one group", read=partial(_read_group, group_id=group_id)
            )
        )

    def create_group(self, name: str) -> LiveGroup:
        """Create a group and return it: with exactly this name, and an id that the server chose."""
        return self._send(
            _Call(
                method="POST",
                path=_GROUPS,
                shown_path=_GROUPS,
                what="a new group",
                body=encode_name(name),
                successes=_CREATED,
                read=partial(_read_group, name=name),
            )
        )

    def rename_group(self, group_id: GroupId, name: str) -> LiveGroup:
        """Rename a group and return it, with exactly its new name."""
        path = _make_path(group_id)
        return self._send(
            _Call(
                method="PUT",
                path=path,
                shown_path=path,
                what="a new name",
                body=encode_name(name),
                read=partial(_read_group, group_id=group_id, name=name),
            )
        )

    def delete_group(self, group_id: GroupId) -> None:
        """Delete a group; its contacts stay, without it."""
        path = _make_path(group_id)
        self._send(
            _Call(
                method="DELETE", path=path, shown_path=path, what="a deletion", successes=_DELETED, read=_read_deletion
            )
        )

    def list_contacts(self, group_id: GroupId | None = None) -> tuple[Contact, ...]:
        """Return all contacts, or those in one group; a list that may be incomplete raises ApiError."""
        query = f"?groupIds={_require_group_id(group_id)}" if group_id else ""
        path = _CONTACTS + query
        what = "the members of a group" if group_id else "the list of contacts"
        return self._send(
            _Call(method="GET", path=path, shown_path=path, what=what, read=_read_contacts, limit=_LIST_LIMIT)
        )

    def create_contact(self, contact: Contact) -> None:
        """Create a contact, which is in no group yet; an error with status 409 means that its number exists already."""
        self._send(
            _Call(
                method="POST",
                path=_CONTACTS,
                shown_path=_CONTACTS,
                what="a new contact",
                body=encode_contact(contact),
                successes=_CREATED,
                read=partial(_read_created_contact, phone=contact.phone),
            )
        )

    def add_contact(self, group_id: GroupId, contact: Contact) -> None:
        """Add a contact to a group; an error with status 409 means that it is in the group already."""
        path = f"{_make_path(group_id)}/contacts/"
        self._send(
            _Call(
                method="POST",
                path=path + _encode_phone(contact.phone),
                shown_path=f"{path}***",
                what="a contact for a group",
                successes=_CREATED,
                read=_read_object,
            )
        )

    def _send(self, call: _Call[T]) -> T:
        """Send a request as often as `Patience` allows, and return the value of its answer."""
        return self._patience.send(
            call.request, partial(self._send_once, call), only_reads=call.method == "GET", what=call.what
        )

    def _send_once(self, call: _Call[T]) -> T:
        """Send a request once, note it, and return the value of its answer."""
        began = time.perf_counter()
        status: int | None = None
        problem = ""
        try:
            answer = self._transport.send(call.method, call.path, call.body, request=call.request, limit=call.limit)
            status = answer.status
            if status not in call.successes:
                raise make_status_error(answer, is_about_one=call.is_about_one)
            require_no_page(answer)
            return call.read(answer)
        except ApiError as error:
            problem = str(error).removeprefix(f"{call.request}: ")
            raise
        finally:
            self._note(
                Request(
                    method=call.method,
                    path=call.shown_path,
                    status=status,
                    milliseconds=round((time.perf_counter() - began) * 1000),
                    problem=problem,
                )
            )


def _require_group_id(group_id: GroupId) -> GroupId:
    """Return the canonical id; only a UUID gets into a URL, and anything else is a mistake in this program."""
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


# How the answers of the calls are read; each raises ApiError if the answer is not what is documented.


def _read_groups(answer: Answer) -> tuple[LiveGroup, ...]:
    groups = parse_groups(answer.body, answer.request, mask=answer.secrets.mask)
    require_whole_list(answer, "groups", len(groups))
    return groups


def _read_contacts(answer: Answer) -> tuple[Contact, ...]:
    contacts = parse_contacts(answer.body, answer.request, mask=answer.secrets.mask)
    require_whole_list(answer, "contacts", len(contacts))
    return contacts


def _read_group(answer: Answer, *, group_id: GroupId | None = None, name: str | None = None) -> LiveGroup:
    """Return the group of an answer, which must have the id and the name that are given."""
    group = parse_group(answer.body, answer.request)
    if group_id is not None and group.id != parse_group_id(group_id):
        problem = f"the server answered with another group: {group.id}"
        raise ApiError(answer.request, problem, ambiguous=True, transient=True)
    if name is not None and group.name != name:
        raise StoredNameError(
            answer.request, group_id=group.id, sent_name=name, stored_name=group.name, status=answer.status
        )
    return group


def _read_created_contact(answer: Answer, *, phone: str) -> None:
    if parse_contact(answer.body, answer.request).phone != phone:
        raise ApiError(answer.request, "the server stored another phone number")


def _read_object(answer: Answer) -> None:
    require_object(answer.body, answer.request)


def _read_deletion(answer: Answer) -> None:
    """Accept an empty body: a deletion is usually answered with 204."""
    if answer.body:
        _read_object(answer)
