"""A contact, as far as it takes to make it again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

FIELDS = ("email", "firstName", "lastName", "company", "title", "custom", "custom2", "custom3", "custom4")
"""What the vendor documents besides the phone number, but for the date of its deletion, which the server sets."""

_PHONE = re.compile(r"\+?[0-9]{3,20}")


def is_phone(text: str) -> bool:
    """Tell whether the text is a phone number: E.164, or near enough to stand in a URL."""
    return _PHONE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A phone number with the fields that are set, in the order of FIELDS; neither is shown in a repr."""

    phone: str = field(repr=False)
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)
