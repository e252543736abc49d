"""Read and check what a request brings; make answers in the form that the vendor documents."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from flask import Response, request
from werkzeug.exceptions import UnsupportedMediaType

from groupsync.sandbox.errors import InvalidRequestError
from groupsync.sandbox.phonebook import CONTACT_FIELDS, is_phone

if TYPE_CHECKING:
    from collections.abc import Mapping

_UUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
# https://messente.com/documentation/phonebook-api/reference: the codes of the Phonebook, by HTTP status.
_DOCUMENTED_ERRORS = {
    400: ("201", "Invalid data"),
    401: ("202", "Unauthorized"),
    404: ("203", "Missing resource"),
    409: ("204", "Conflict"),
}
_CLIENT_ERROR = ("244", "Client error")
_GENERAL_ERROR = ("205", "General error")
_FIRST_SERVER_ERROR = 500


def is_uuid(text: str) -> bool:
    """Return whether the text is a UUID in its usual form, with hyphens."""
    return _UUID.fullmatch(text) is not None


def is_storable(text: str) -> bool:
    r"""Return whether the text can be encoded as UTF-8. Half a surrogate pair ("\ud800") cannot, and JSON allows it."""
    return text.encode(errors="ignore").decode() == text


def read_object() -> dict[str, Any]:
    """Return the JSON object in the body of this request; raise InvalidRequestError if it is not one."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("the Content-Type is not application/json")
    try:
        value = json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("the body is not JSON") from error
    if not isinstance(value, dict):
        raise InvalidRequestError("the body is not a JSON object")
    return value


def read_name() -> str:
    """Return the name in the body of this request: text of at least one character."""
    name = read_object().get("name")
    if not isinstance(name, str) or not name or not is_storable(name):
        raise InvalidRequestError("name: a text of at least one character is required")
    return name


def read_group_ids() -> list[str]:
    """Return the groupIds in the query of this request, each a UUID."""
    group_ids = request.args.getlist("groupIds")
    if not all(is_uuid(group_id) for group_id in group_ids):
        raise InvalidRequestError("groupIds: every one must be a UUID")
    return group_ids


def check_phone(value: object) -> str:
    """Return the value if it is a phone number in E.164; raise InvalidRequestError otherwise."""
    if not isinstance(value, str) or not is_phone(value):
        raise InvalidRequestError("phoneNumber: a number in E.164 format is required, such as +37255555555")
    return value


def check_contact_fields(body: Mapping[str, object]) -> dict[str, str | None]:
    """Return the contact fields that the body has, each text or null; ignore all other keys."""
    fields: dict[str, str | None] = {}
    for field in CONTACT_FIELDS:
        value = body.get(field)
        if value is not None and not (isinstance(value, str) and is_storable(value)):
            raise InvalidRequestError(f"{field}: a text or null is required")
        if field in body:
            fields[field] = value
    return fields


def check_contact_changes(body: Mapping[str, object]) -> dict[str, str | None]:
    """Return the contact fields to change, each text or null; raise InvalidRequestError for no fields or unknown ones.

    The vendor documents 400 for an "empty patch body or unknown fields". A phone number cannot be changed.
    """
    if not body:
        raise InvalidRequestError("the body has no field to change")
    unknown = [key for key in body if key not in CONTACT_FIELDS]
    if unknown:
        raise InvalidRequestError(f"{ascii(unknown[0])[1:-1]}: is not a field that can be changed")
    return check_contact_fields(body)


def json_answer(value: object, status: int = 200) -> Response:
    """Return the value as JSON in UTF-8, with every name exactly as it is stored."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status=status, mimetype="application/json")


def empty_answer() -> Response:
    """Return a 204 without a body and without a Content-Type."""
    answer = Response(status=204)
    del answer.headers["Content-Type"]
    return answer


def error_answer(status: int, detail: str) -> Response:
    """Return the documented error for this HTTP status; a 401 has the challenge that RFC 9110 requires."""
    general = _GENERAL_ERROR if status >= _FIRST_SERVER_ERROR else _CLIENT_ERROR
    code, title = _DOCUMENTED_ERRORS.get(status, general)
    answer = json_answer({"errors": [{"code": code, "title": title, "detail": detail}]}, status)
    if status == 401:  # noqa: PLR2004 - the only status that has a challenge
        answer.headers["WWW-Authenticate"] = 'Basic realm="Phonebook sandbox"'
    return answer
