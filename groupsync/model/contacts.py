"""A contact, with what is needed to create it again."""

from __future__ import annotations

import re

from msgspec import Struct

from groupsync.fields import hide

FIELDS = ("email", "firstName", "lastName", "company", "title", "custom", "custom2", "custom3", "custom4")
"""The fields that the vendor documents, except the phone number and the deletion date, which the server sets."""

_PHONE = re.compile(r"\+?[0-9]{3,20}")


def is_phone(text: str) -> bool:
    """Return whether the text is a phone number: E.164, or close enough to it to be safe in a URL."""
    return _PHONE.fullmatch(text) is not None


@hide("phone", "fields")
class Contact(Struct, frozen=True, kw_only=True):
    """A phone number and the fields that are set, in the order of FIELDS; a repr shows neither."""

    phone: str
    fields: tuple[tuple[str, str], ...] = ()
