"""Find secrets in what a server answers, however it writes them: as they are, or escaped for JSON, URLs or HTML."""

from __future__ import annotations

import html.entities
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NO_SECRETS = re.compile("(?!)")
"""Finds nothing."""

_SHORTEST_SECRET = 4  # a shorter one is in many a text by chance
_PADDING = "="
_LAST_OF_PLANE_0 = 0xFFFF  # JSON has two escapes for what follows


def make_secret_finder(secrets: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern that finds the secrets, each character in any of its spellings; too short ones are left out.

    A secret in base64 is also found without the padding at its end.
    """
    patterns = [_make_pattern(secret) for secret in secrets if len(secret) >= _SHORTEST_SECRET]
    return re.compile("|".join(patterns)) if patterns else NO_SECRETS


def _make_pattern(secret: str) -> str:
    bare = secret.rstrip(_PADDING)
    if len(bare) < _SHORTEST_SECRET:
        return "".join(map(_make_character_pattern, secret))
    return "".join(map(_make_character_pattern, bare)) + f"{_make_character_pattern(_PADDING)}*"


def _make_character_pattern(char: str) -> str:
    return f"(?:{'|'.join(_spell(char))})"


def _spell(char: str) -> Iterator[str]:
    """Yield a pattern for each spelling of a character."""
    code = ord(char)
    yield re.escape(char)
    yield from (re.escape(escaped) for escaped in _escape_in_json(char))
    yield f"(?i:{re.escape(json.dumps(char)[1:-1] if code > _LAST_OF_PLANE_0 else f'{chr(92)}u{code:04x}')})"
    yield f"(?i:{''.join(f'%{byte:02x}' for byte in char.encode(errors='replace'))})"
    yield f"(?i:&#0*{code};|&#x0*{code:x};)"
    names = [name for name, text in html.entities.html5.items() if text == char and name.endswith(";")]
    yield from (re.escape(f"&{name}") for name in names)
    if char == " ":
        yield r"\+"  # in the query of a URL


def _escape_in_json(char: str) -> Iterator[str]:
    short = json.dumps(char, ensure_ascii=False)[1:-1]
    if short != char:
        yield short
    if char == "/":
        yield r"\/"
