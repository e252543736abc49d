"""Read strict JSON (RFC 8259): UTF-8, no NaN, no duplicate keys, no lone surrogates, no unbounded nesting."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_VALUES = 4_000_000
"""How many values a document may have: twice as many as a plan of 100,000 groups has."""

MOST_OBJECTS = 600_000
"""How many objects a document may have: twice as many as the largest plan of 100,000 groups has."""

_LONGEST_INTEGER = 100  # digits; the time that `int` and `float` take grows with their square


def parse_json(content: bytes, *, most_values: int = MOST_VALUES, most_objects: int = MOST_OBJECTS) -> Any:
    """Return the value of a JSON document; raise ValueError, with a message for users, if it is not strict JSON.

    A document with too many values or objects is refused before they take much time or memory.
    """
    if not content:
        raise ValueError("it is empty")
    if sum(map(content.count, (b",", b"[", b"{"))) > most_values:  # never fewer than there are values
        raise ValueError(f"it has more than {most_values:,} values")
    try:
        text = content.decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=_make_object_maker(most_objects),
            parse_int=_parse_integer,
            parse_float=_parse_float,
            parse_constant=_refuse_constant,
        )
        if "\\ud" in text or "\\uD" in text:
            _refuse_lone_surrogates(value)
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    return value


def _make_object_maker(most: int) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    numbers = itertools.count(1)

    def make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        document = dict(pairs)
        if len(document) != len(pairs):
            raise ValueError("an object in it has a key twice")
        if next(numbers) > most:
            raise ValueError(f"it has more than {most:,} objects")
        return document

    return make_object


def _parse_integer(digits: str) -> int:
    if len(digits) > _LONGEST_INTEGER:
        raise ValueError(f"a number in it has more than {_LONGEST_INTEGER} digits")
    return int(digits)


def _parse_float(number: str) -> float:
    if len(number) > _LONGEST_INTEGER:
        raise ValueError(f"a number in it has more than {_LONGEST_INTEGER} characters")
    return float(number)


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _refuse_lone_surrogates(value: object) -> None:
    """Raise ValueError if a text holds half of a surrogate pair, which UTF-8 cannot encode."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("a text in it has half a character (a lone surrogate)") from error
