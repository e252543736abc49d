"""A JSON Schema as a function that tells whether a value keeps to it, for the keywords that groupsync's schemas use.

It is ten times faster than to look for what breaks the schema, which is needed only where something does. The schema
stays the only truth: the function is made of it, and of a keyword that is not known here none is made.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence, Sized

    Check: TypeAlias = Callable[[Any], bool]
    Schema: TypeAlias = Mapping[str, Any]

_SAYS_NOTHING = frozenset(
    ("$schema", "$id", "$defs", "$comment", "title", "description", "default", "examples", "format")
)
_SAID_WITH = {"additionalProperties": "properties", "then": "if", "else": "if"}


class UnknownKeywordError(Exception):
    """The schema has a keyword of which no function can be made."""


def compile_schema(schema: Schema) -> Check:
    """Return the function; raise UnknownKeywordError where the schema says more than is understood."""
    return _Compiler(schema).compile(schema)


class _Compiler:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._references: dict[str, Check] = {}

    def compile(self, schema: Schema) -> Check:
        return _check_all(list(self._list_checks(schema)))

    def _list_checks(self, schema: Schema) -> Iterator[Check]:
        """Yield the checks of the keywords, each of which passes what it does not speak of."""
        of_parts: dict[str, Callable[[], Check]] = {
            "$ref": lambda: self._refer(schema["$ref"]),
            "items": lambda: partial(_keep_items, self.compile(schema["items"])),
            "properties": lambda: self._check_properties(schema),
            "if": lambda: partial(_follow, *(self.compile(schema.get(key, {})) for key in ("if", "then", "else"))),
            **{key: partial(self._combine, key, schema) for key in _COMBINED},
        }
        for keyword, wanted in schema.items():
            if keyword in _SIMPLE:
                yield _SIMPLE[keyword](wanted)
            elif keyword in of_parts:
                yield of_parts[keyword]()
            elif keyword not in _SAYS_NOTHING and _SAID_WITH.get(keyword) not in schema:
                raise UnknownKeywordError(keyword)

    def _combine(self, keyword: str, schema: Schema) -> Check:
        return _COMBINED[keyword]([self.compile(part) for part in schema[keyword]])

    def _refer(self, reference: str) -> Check:
        if reference not in self._references:
            found: Any = self._root
            for step in reference.removeprefix("#/").split("/"):
                found = found[step]
            self._references[reference] = self.compile(found)
        return self._references[reference]

    def _check_properties(self, schema: Schema) -> Check:
        parts = {key: self.compile(part) for key, part in schema["properties"].items()}
        others = schema.get("additionalProperties", True)
        if not isinstance(others, bool):
            raise UnknownKeywordError("additionalProperties")

        def check(value: Any) -> bool:
            if not isinstance(value, dict):
                return True
            for key, part in value.items():
                check_part = parts.get(key)
                if not (others if check_part is None else check_part(part)):
                    return False
            return True

        return check


def _check_type(names: str | Sequence[str]) -> Check:
    wanted = [names] if isinstance(names, str) else names
    checks = [_NUMBERS[name] for name in wanted if name in _NUMBERS]
    if kinds := tuple(_TYPES[name] for name in wanted if name not in _NUMBERS):
        checks.insert(0, lambda value: isinstance(value, kinds))
    return _check_any(checks)


def _is_integer(value: Any) -> bool:
    return _is_number(value) and (isinstance(value, int) or value.is_integer())


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_TYPES: dict[str, type] = {"string": str, "object": dict, "array": list, "boolean": bool, "null": type(None)}
_NUMBERS: dict[str, Check] = {"integer": _is_integer, "number": _is_number}


def _check_among(values: Sequence[Any]) -> Check:
    """Tell whether it is one of them, for which true is not 1, and 1.0 is."""
    if all(isinstance(one, str) for one in values):
        texts = frozenset(values)
        return lambda value: isinstance(value, str) and value in texts
    return lambda value: any(value == one and isinstance(value, bool) is isinstance(one, bool) for one in values)


def _check_required(keys: Sequence[str]) -> Check:
    wanted = frozenset(keys)
    return lambda value: not isinstance(value, dict) or wanted <= value.keys()


def _check_pattern(pattern: str) -> Check:
    search = re.compile(pattern).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _check_size(kind: type[Sized], least: int, most: float) -> Check:
    return lambda value: not isinstance(value, kind) or least <= len(value) <= most


def _check_number(least: float, most: float) -> Check:
    return lambda value: not _is_number(value) or least <= value <= most


def _check_all(checks: Sequence[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]

    def check_all(value: Any) -> bool:
        for check in checks:  # noqa: SIM110 - `all` and a generator take twice as long
            if not check(value):
                return False
        return True

    return check_all


def _check_any(checks: Sequence[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]
    return lambda value: any(check(value) for check in checks)


def _check_one(checks: Sequence[Check]) -> Check:
    return lambda value: sum(check(value) for check in checks) == 1


def _keep_items(check: Check, value: Any) -> bool:
    return not isinstance(value, list) or all(map(check, value))


def _follow(condition: Check, then: Check, otherwise: Check, value: Any) -> bool:
    return then(value) if condition(value) else otherwise(value)


_ENDLESS = float("inf")
_SIMPLE: dict[str, Callable[[Any], Check]] = {
    "type": _check_type,
    "enum": _check_among,
    "const": lambda value: _check_among([value]),
    "required": _check_required,
    "pattern": _check_pattern,
    "minLength": lambda least: _check_size(str, least, _ENDLESS),
    "maxLength": lambda most: _check_size(str, 0, most),
    "minItems": lambda least: _check_size(list, least, _ENDLESS),
    "maxItems": lambda most: _check_size(list, 0, most),
    "minimum": lambda least: _check_number(least, _ENDLESS),
    "maximum": lambda most: _check_number(-_ENDLESS, most),
}
_COMBINED: dict[str, Callable[[Sequence[Check]], Check]] = {
    "allOf": _check_all,
    "anyOf": _check_any,
    "oneOf": _check_one,
}
