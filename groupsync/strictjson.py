"""JSON as RFC 8259 means it: UTF-8, no NaN, no key twice, no half characters, no nesting without end."""

from __future__ import annotations

import json
from typing import Any, NoReturn

_LONGEST_INTEGER = 100  # the time that `int` takes grows with the square of the digits


def parse_json(content: bytes) -> Any:
    """Return the value of a JSON document; raise ValueError, in words for a user, when it is not one."""
    if not content:
        raise ValueError("it is empty")
    try:
        text = content.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_make_object, parse_int=_parse_integer, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if "\\ud" in text.lower():
        _refuse_half_characters(value)
    return value


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("an object in it has a key twice")
    return made


def _parse_integer(digits: str) -> int:
    if len(digits) > _LONGEST_INTEGER:
        raise ValueError(f"a number in it has more than {_LONGEST_INTEGER} digits")
    return int(digits)


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _refuse_half_characters(value: object) -> None:
    """Raise ValueError when a text holds half of a surrogate pair, which no encoding can write."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("a text in it has half a character (a lone surrogate)") from error
