"""The Phonebook's JSON, strictly: the bytes of a body -> values, and a name or contact -> the bytes of a body.

The shapes are those of the vendor's OpenAPI description 2.1.0; fields that it does not know are tolerated.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from groupsync.errors import ApiError
from groupsync.model.contacts import FIELDS, Contact, is_phone
from groupsync.model.groups import GroupId, LiveGroup, parse_group_id
from groupsync.strictjson import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Part = TypeVar("Part")

_PAGING_KEYS = ("next", "cursor", "links")
_NO_PAGE: tuple[object, ...] = (None, "", [], {})
_COUNT_LIMIT = 2**63


class _BrokenAnswerError(Exception):
    """The body is not what is documented; the message names the place."""


class _BrokenPartError(Exception):
    """A part of the body is not what is documented; the message follows the part's place."""

    def within(self, place: str) -> _BrokenAnswerError:
        """Return the error of the body."""
        return _BrokenAnswerError(f"{place}{self}")


class _PagedError(_BrokenAnswerError):
    """The list says that there is more of it, and will say so again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorError:
    """One error as the Phonebook tells it; `detail` may be empty."""

    code: str
    title: str
    detail: str


def parse_groups(body: bytes, request: str) -> tuple[LiveGroup, ...]:
    """Return all groups of a `{"groups": [...]}` in its order; raise ApiError for anything less than the whole list."""
    try:
        return _read_groups(_load_object(body))
    except _BrokenAnswerError as error:
        raise _broken(request, error) from error


def parse_group(body: bytes, request: str) -> LiveGroup:
    """Return the group of a `{"group": {...}}`; raise ApiError for anything else."""
    try:
        return _read_part(_load_object(body), "group", _read_group)
    except _BrokenAnswerError as error:
        raise _broken(request, error) from error


def parse_contacts(body: bytes, request: str) -> tuple[Contact, ...]:
    """Return all contacts of a `{"contacts": [...]}` in its order; raise ApiError for anything less."""
    try:
        return _read_contacts(_load_object(body))
    except _BrokenAnswerError as error:
        raise _broken(request, error) from error


def parse_contact(body: bytes, request: str) -> Contact:
    """Return the contact of a `{"contact": {...}}`; raise ApiError for anything else."""
    try:
        return _read_part(_load_object(body), "contact", _read_contact)
    except _BrokenAnswerError as error:
        raise _broken(request, error) from error


def require_object(body: bytes, request: str) -> None:
    """Raise ApiError when the body is not a JSON object."""
    try:
        _load_object(body)
    except _BrokenAnswerError as error:
        raise _broken(request, error) from error


def parse_errors(body: bytes) -> tuple[VendorError, ...]:
    """Return the errors of an `{"errors": [...]}`, none when the body is not the Phonebook's."""
    try:
        errors = _load_object(body).get("errors")
    except _BrokenAnswerError:
        return ()
    return tuple(_make_vendor_error(error) for error in errors if _is_error(error)) if isinstance(errors, list) else ()


def encode_name(name: str) -> bytes:
    """Return the body that sends a name; raise ValueError when it has no UTF-8 form."""
    return json.dumps({"name": name}, ensure_ascii=False).encode()


def encode_contact(contact: Contact) -> bytes:
    """Return the body that makes a contact."""
    return json.dumps({"phoneNumber": contact.phone, **dict(contact.fields)}, ensure_ascii=False).encode()


def _read_list(answer: dict[str, Any], key: str) -> list[Any]:
    """Return the list under a key, which must be the whole of it."""
    found = answer.get(key)
    if not isinstance(found, list):
        raise _BrokenAnswerError(f"{key} is missing" if found is None else f"{key} is not a list")
    _refuse_page(answer, len(found))
    return found


def _read_groups(answer: dict[str, Any]) -> tuple[LiveGroup, ...]:
    found = _read_list(answer, "groups")
    groups: dict[GroupId, LiveGroup] = {}
    for index, group in enumerate(_read_parts(found, "groups", _read_group)):
        if group.id in groups:
            raise _BrokenAnswerError(f"groups[{index}].id is that of groups[{[*groups].index(group.id)}] too")
        groups[group.id] = group
    return tuple(groups.values())


def _read_parts(found: list[Any], key: str, read: Callable[[Any], Part]) -> Iterator[Part]:
    """Yield the values of a list under a key."""
    number = 0
    try:
        for value in found:
            yield read(value)
            number += 1
    except _BrokenPartError as error:
        raise error.within(f"{key}[{number}]") from error


def _read_part(owner: dict[str, Any], key: str, read: Callable[[Any], Part]) -> Part:
    """Return the value under a key."""
    try:
        return read(owner.get(key))
    except _BrokenPartError as error:
        raise error.within(key) from error


def _refuse_page(answer: dict[str, Any], received: int) -> None:
    """Raise when the list says that there is more of it: the API documents none of these fields."""
    if key := next((key for key in _PAGING_KEYS if answer.get(key) not in _NO_PAGE), ""):
        raise _PagedError(f"the list is paged: it has `{key}`")
    total = answer.get("total")
    if total is not None and not (isinstance(total, int) and total <= received):
        raise _PagedError(f"the list is paged: `total` is not the {received} received")


def _read_group(value: Any) -> LiveGroup:
    if not isinstance(value, dict):
        raise _BrokenPartError(" is missing" if value is None else " is not an object")
    group_id = parse_group_id(_read_text(value, "id"))
    if group_id is None:
        raise _BrokenPartError(".id is not a UUID")
    return LiveGroup(
        id=group_id,
        name=_read_text(value, "name"),
        contacts_count=_read_count(value.get("contactsCount")),
    )


def _read_text(owner: dict[str, Any], key: str) -> str:
    text = owner.get(key)
    if not isinstance(text, str):
        raise _BrokenPartError(f".{key} is missing" if text is None else f".{key} is not a string")
    return text


def _read_count(count: Any) -> int | None:
    if count is None:
        return None
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count < _COUNT_LIMIT:
        raise _BrokenPartError(".contactsCount is not a whole number from 0 up")
    return count


def _read_contacts(answer: dict[str, Any]) -> tuple[Contact, ...]:
    found = _read_list(answer, "contacts")
    contacts = tuple(_read_parts(found, "contacts", _read_contact))
    if len({contact.phone for contact in contacts}) != len(contacts):
        raise _BrokenAnswerError("contacts has a phoneNumber twice")
    return contacts


def _read_contact(value: Any) -> Contact:
    if not isinstance(value, dict):
        raise _BrokenPartError(" is missing" if value is None else " is not an object")
    phone = _read_text(value, "phoneNumber")
    if not is_phone(phone):
        raise _BrokenPartError(".phoneNumber is not a phone number")
    fields = tuple((field, _read_text(value, field)) for field in FIELDS if value.get(field) is not None)
    return Contact(phone=phone, fields=fields)


def _is_error(error: Any) -> bool:
    return isinstance(error, dict) and isinstance(error.get("title"), str) and isinstance(error.get("code"), str | int)


def _make_vendor_error(error: dict[str, Any]) -> VendorError:
    detail = error.get("detail")
    return VendorError(code=str(error["code"]), title=error["title"], detail=detail if isinstance(detail, str) else "")


def _load_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that the body is: UTF-8 whatever its headers say (RFC 8259, section 8.1)."""
    try:
        value = parse_json(body)
    except ValueError as error:
        raise _BrokenAnswerError(str(error)) from error
    if not isinstance(value, dict):
        raise _BrokenAnswerError("it is not a JSON object")
    return value


def _broken(request: str, error: _BrokenAnswerError) -> ApiError:
    problem = f"the answer is not what the Phonebook documents: {error}"
    transient = not isinstance(error, _PagedError)
    return ApiError(request, problem, ambiguous=True, transient=transient, remedy="check GROUPSYNC_ENDPOINT")
