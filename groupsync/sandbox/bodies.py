"""What a request brings, checked: its JSON body, a name, the fields of a contact, a phone number, group ids."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from groupsync.sandbox.contacts import FIELDS, is_phone
from groupsync.sandbox.errors import InvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping

_UUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def is_uuid(text: str) -> bool:
    """Whether the text is a UUID in its usual form, with hyphens."""
    return _UUID.fullmatch(text) is not None


def is_storable(text: str) -> bool:
    r"""Whether the text is Unicode throughout: JSON can bring half a surrogate pair ("\ud800"), UTF-8 cannot."""
    return text.encode(errors="ignore").decode() == text


def read_object() -> dict[str, Any]:
    """The JSON object in the body of this request; InvalidError without one."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("the Content-Type is not application/json")
    try:
        value = json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise InvalidError("the body is not JSON") from error
    if not isinstance(value, dict):
        raise InvalidError("the body is not a JSON object")
    return value


def read_name() -> str:
    """The name in the body: text of at least one character."""
    name = read_object().get("name")
    if not isinstance(name, str) or not name or not is_storable(name):
        raise InvalidError("name: a text of at least one character is required")
    return name


def read_phone(text: object) -> str:
    """The phone number, which is in E.164."""
    if not isinstance(text, str) or not is_phone(text):
        raise InvalidError("phoneNumber: a number in E.164 format is required, such as +37255555555")
    return text


def read_fields(body: Mapping[str, object]) -> dict[str, str | None]:
    """The fields of a contact that the body has, each a text or null; what else it has is passed over."""
    fields: dict[str, str | None] = {}
    for field in FIELDS:
        value = body.get(field)
        if value is not None and not (isinstance(value, str) and is_storable(value)):
            raise InvalidError(f"{field}: a text or null is required")
        if field in body:
            fields[field] = value
    return fields


def read_group_ids() -> list[str]:
    """The groupIds of the query, each a UUID."""
    group_ids = request.args.getlist("groupIds")
    if not all(is_uuid(group_id) for group_id in group_ids):
        raise InvalidError("groupIds: every one must be a UUID")
    return group_ids
