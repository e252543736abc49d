"""The encoders between foreign text (names, file names, what a server says) and an output."""

from __future__ import annotations

import unicodedata

from groupsync.names import make_visible


def for_terminal(text: str) -> str:
    """Return the text, line by line, without anything that a terminal would act on or hide."""
    return "\n".join(map(make_visible, text.split("\n")))


def measure_width(text: str) -> int:
    """Return how many columns a terminal gives to the text (UAX #11: wide characters take two)."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def _width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
