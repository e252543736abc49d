"""The Phonebook's JSON, strictly: the bytes of a body -> values, and a name or contact -> the bytes of a body.

The shapes are those of the vendor's OpenAPI description 2.1.0; fields that it does not know are tolerated.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from groupsync.api.plain_list import read_plain_list
from groupsync.api.whole import find_suspicious_member, make_partial_list_error
from groupsync.errors import ApiError
from groupsync.model.contacts import FIELDS, Contact, is_phone
from groupsync.model.groups import GroupId, LiveGroup, parse_group_id
from groupsync.strictjson import MOST_OBJECTS, MOST_VALUES, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Part = TypeVar("Part")

MOST_GROUPS = 200_000
"""How many groups an account may have: twice the number that is tested, and can be planned within seconds."""

_MOST_OBJECTS_OF_GROUPS = MOST_GROUPS + MOST_GROUPS // 4  # a small excess is counted exactly
# Less than a file may have, so that a backup of the answer can be read again.
_MOST_VALUES = MOST_VALUES - MOST_VALUES // 4
_MOST_OBJECTS = MOST_OBJECTS - MOST_OBJECTS // 6
_COUNT_LIMIT = 2**63

_write_json = json.JSONEncoder(ensure_ascii=False).encode  # `json.dumps` would make an encoder for each request


class _BrokenAnswerError(Exception):
    """The body is not what is documented; the message says where: `groups[3].name is missing`."""


class _BrokenPartError(Exception):
    """A group or contact is not what is documented; the message says where in it: `.name is missing`."""

    def within(self, place: str) -> _BrokenAnswerError:
        """Return the error of the body in which the part is at this place."""
        return _BrokenAnswerError(f"{place}{self}")


class _PartialListError(Exception):
    """The list may be a part of one; the message says why."""


class VendorError(Struct, frozen=True, kw_only=True):
    """One error in the Phonebook's own words; `detail` may be empty."""

    code: str
    title: str
    detail: str


def parse_groups(body: bytes, request: str, *, mask: Callable[[str], str] = str) -> tuple[LiveGroup, ...]:
    """Return all groups of a `{"groups": [...]}` in its order; raise ApiError unless the list is whole.

    `mask` hides secrets in what the error quotes.
    """
    groups = read_plain_list(body, most_groups=MOST_GROUPS)
    if groups is not None:
        return groups
    with _api_error_if_broken(request):
        return _make_groups(_load_object(body, most_objects=_MOST_OBJECTS_OF_GROUPS), mask)


def parse_group(body: bytes, request: str) -> LiveGroup:
    """Return the group of a `{"group": {...}}`; raise ApiError for anything else."""
    with _api_error_if_broken(request):
        return _make_part(_load_object(body), "group", _make_group)


def parse_contacts(body: bytes, request: str, *, mask: Callable[[str], str] = str) -> tuple[Contact, ...]:
    """Return all contacts of a `{"contacts": [...]}` in its order; raise ApiError unless the list is whole."""
    with _api_error_if_broken(request):
        return _make_contacts(_load_object(body), mask)


def parse_contact(body: bytes, request: str) -> Contact:
    """Return the contact of a `{"contact": {...}}`; raise ApiError for anything else."""
    with _api_error_if_broken(request):
        return _make_part(_load_object(body), "contact", _make_contact)


def require_object(body: bytes, request: str) -> None:
    """Raise ApiError if the body is not a JSON object."""
    with _api_error_if_broken(request):
        _load_object(body)


def parse_errors(body: bytes) -> tuple[VendorError, ...]:
    """Return the errors of an `{"errors": [...]}`, none if the body is not the Phonebook's."""
    try:
        errors = _load_object(body).get("errors")
    except _BrokenAnswerError:
        return ()
    if not isinstance(errors, list):
        return ()
    return tuple(_make_vendor_error(error) for error in errors if _is_error(error))


def encode_name(name: str) -> bytes:
    """Return the body that sends a name; raise ValueError if the name has no UTF-8 form."""
    return _write_json({"name": name}).encode()


def encode_contact(contact: Contact) -> bytes:
    """Return the body that creates a contact."""
    return _write_json({"phoneNumber": contact.phone, **dict(contact.fields)}).encode()


@contextlib.contextmanager
def _api_error_if_broken(request: str) -> Iterator[None]:
    """Turn what is wrong with the body into the ApiError of the request."""
    try:
        yield
    except _BrokenAnswerError as error:
        problem = f"the answer is not what the Phonebook documents: {error}"
        raise ApiError(request, problem, ambiguous=True, transient=True, remedy="check GROUPSYNC_ENDPOINT") from error
    except _PartialListError as error:
        raise make_partial_list_error(request, str(error)) from error


def _get_list(answer: dict[str, Any], key: str, mask: Callable[[str], str]) -> list[Any]:
    """Return the list under a key; raise _PartialListError if there may be more of it."""
    found = answer.get(key)
    if not isinstance(found, list):
        raise _BrokenAnswerError(f"{key} is missing" if found is None else f"{key} is not a list")
    if suspicious := find_suspicious_member(answer, key, len(found), mask=mask):
        raise _PartialListError(suspicious)
    return found


def _make_groups(answer: dict[str, Any], mask: Callable[[str], str]) -> tuple[LiveGroup, ...]:
    found = _get_list(answer, "groups", mask)
    if len(found) > MOST_GROUPS:
        raise _BrokenAnswerError(f"groups has {len(found):,} elements; groupsync works with {MOST_GROUPS:,} at most")
    groups = tuple(_make_parts(found, "groups", _make_group))
    if len({group.id for group in groups}) != len(groups):
        raise _BrokenAnswerError(_describe_repeated_id(groups))
    return groups


def _describe_repeated_id(groups: Sequence[LiveGroup]) -> str:
    """Return which two groups have the same id; two of them have."""
    first: dict[GroupId, int] = {}
    repeated = next(index for index, group in enumerate(groups) if first.setdefault(group.id, index) != index)
    return f"groups[{repeated}].id equals groups[{first[groups[repeated].id]}].id"


def _make_parts(found: list[Any], key: str, make: Callable[[Any], Part]) -> Iterator[Part]:
    """Yield what `make` makes of each item of the list under a key."""
    number = 0
    try:
        for value in found:
            yield make(value)
            number += 1
    except _BrokenPartError as error:
        raise error.within(f"{key}[{number}]") from error


def _make_part(owner: dict[str, Any], key: str, make: Callable[[Any], Part]) -> Part:
    """Return what `make` makes of the value under a key."""
    try:
        return make(owner.get(key))
    except _BrokenPartError as error:
        raise error.within(key) from error


def _make_group(value: Any) -> LiveGroup:
    _require_dict(value)
    group_id = parse_group_id(_get_text(value, "id"))
    if group_id is None:
        raise _BrokenPartError(".id is not a UUID")
    return LiveGroup(id=group_id, name=_get_text(value, "name"), contacts_count=_get_count(value))


def _require_dict(value: Any) -> None:
    if value is None:
        raise _BrokenPartError(" is missing")
    if not isinstance(value, dict):
        raise _BrokenPartError(" is not an object")


def _get_text(owner: dict[str, Any], key: str) -> str:
    text = owner.get(key)
    if text is None:
        raise _BrokenPartError(f".{key} is missing")
    if not isinstance(text, str):
        raise _BrokenPartError(f".{key} is not a string")
    return text


def _get_count(owner: dict[str, Any]) -> int | None:
    count = owner.get("contactsCount")
    if count is None:
        return None
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count < _COUNT_LIMIT:
        raise _BrokenPartError(".contactsCount is not a whole number from 0 up")
    return count


def _make_contacts(answer: dict[str, Any], mask: Callable[[str], str]) -> tuple[Contact, ...]:
    found = _get_list(answer, "contacts", mask)
    contacts = tuple(_make_parts(found, "contacts", _make_contact))
    if len({contact.phone for contact in contacts}) != len(contacts):
        raise _BrokenAnswerError("contacts has a phoneNumber twice")
    return contacts


def _make_contact(value: Any) -> Contact:
    _require_dict(value)
    phone = _get_text(value, "phoneNumber")
    if not is_phone(phone):
        raise _BrokenPartError(".phoneNumber is not a phone number")
    fields = tuple((field, _get_text(value, field)) for field in FIELDS if value.get(field) is not None)
    return Contact(phone=phone, fields=fields)


def _is_error(error: Any) -> bool:
    return isinstance(error, dict) and isinstance(error.get("title"), str) and isinstance(error.get("code"), str | int)


def _make_vendor_error(error: dict[str, Any]) -> VendorError:
    detail = error.get("detail")
    if not isinstance(detail, str):
        detail = ""
    return VendorError(code=str(error["code"]), title=error["title"], detail=detail)


def _load_object(body: bytes, *, most_objects: int = _MOST_OBJECTS) -> dict[str, Any]:
    """Return the JSON object of a body, which is UTF-8 whatever its headers say (RFC 8259, section 8.1)."""
    try:
        value = parse_json(body, most_values=_MOST_VALUES, most_objects=most_objects)
    except ValueError as error:
        raise _BrokenAnswerError(str(error)) from error
    if not isinstance(value, dict):
        raise _BrokenAnswerError("it is not a JSON object")
    return value
