"""The text of one variable."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from groupsync.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping


def read(environ: Mapping[str, str], variable: str) -> str | None:
    """Return the value of a variable, None if it is not set; raise SettingsError if it is empty."""
    text = environ.get(variable)
    if text is not None and not text.strip():
        raise SettingsError(f"{variable} is empty", remedy="set it, or unset it")
    return text


def decode(text: str) -> str:
    """Return the value of a variable as UTF-8 if it is valid UTF-8: Python decodes it with the locale's encoding."""
    try:
        return text if text.isascii() else os.fsencode(text).decode()
    except ValueError:
        return text
