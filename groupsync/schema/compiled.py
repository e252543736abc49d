"""Compiles a JSON Schema into a function that tells whether a value is valid.

The function takes a tenth of the time that jsonschema takes to list what is wrong, and that list is needed only if
something is wrong. The schema stays the single source of truth: the function is made from it, and a keyword that is not
known here is an error. The keywords known here are those that groupsync's schemas use.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence, Sized

    ValueCheck: TypeAlias = Callable[[Any], bool]
    ListCheck: TypeAlias = Callable[[list[Any]], bool]  # whether each element is valid
    Schema: TypeAlias = Mapping[str, Any]

_ANNOTATIONS = frozenset(
    ("$schema", "$id", "$defs", "$comment", "title", "description", "default", "examples", "format")
)
_PAIR = 2
_PARTS_OF = {"additionalProperties": "properties", "then": "if", "else": "if"}
"""Keywords that are compiled together with another one."""

_OF_SAME_KEYS = frozenset(("type", "properties", "required"))
"""Keywords that hold if all values are objects with the same keys, and the values of each key are valid."""


class UnknownKeywordError(Exception):
    """The schema has a keyword that cannot be compiled."""


def compile_schema(schema: Schema) -> ValueCheck:
    """Return a function that tells whether a value is valid; raise UnknownKeywordError if the schema needs more."""
    return _Compiler(schema).compile(schema)


class _Compiler:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._references: dict[str, ValueCheck] = {}

    def compile(self, schema: Schema) -> ValueCheck:
        checks = [self._compile_keyword(keyword, schema) for keyword in schema if not _is_ignored(keyword, schema)]
        return _make_all_check(checks)

    def _compile_keyword(self, keyword: str, schema: Schema) -> ValueCheck:
        """Return the check of one keyword; it accepts values that the keyword does not apply to."""
        expected = schema[keyword]
        if keyword in _SIMPLE:
            return _SIMPLE[keyword](expected)
        if keyword in _COMBINED:
            return _COMBINED[keyword]([self.compile(part) for part in expected])
        if keyword == "$ref":
            return self._compile_reference(expected)
        if keyword == "items":
            return partial(_check_items, self._compile_items(expected))
        if keyword == "properties":
            return self._compile_properties(schema)
        if keyword == "if":
            return self._compile_condition(schema)
        raise UnknownKeywordError(keyword)

    def _compile_reference(self, reference: str) -> ValueCheck:
        if reference not in self._references:
            self._references[reference] = self.compile(self._find_part(reference))
        return self._references[reference]

    def _find_part(self, reference: str) -> Schema:
        part: Any = self._root
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
        return part  # type: ignore[no-any-return]

    def _compile_items(self, schema: Schema) -> ListCheck:
        """Return the check of all elements of a list; objects with the same keys are checked key by key, so faster."""
        if "$ref" in schema and schema.keys() <= {"$ref", *_ANNOTATIONS}:
            return self._compile_items(self._find_part(schema["$ref"]))
        keywords = [keyword for keyword in schema if not _is_ignored(keyword, schema)]
        checks: list[ListCheck] = []
        if _has_same_keys(schema):
            columns = {key: self._compile_items(part) for key, part in schema["properties"].items()}
            checks.append(partial(_check_columns, columns))
            keywords = [keyword for keyword in keywords if keyword not in _OF_SAME_KEYS]
        checks += [self._compile_items_keyword(keyword, schema) for keyword in keywords]
        return _make_all_check(checks)

    def _compile_items_keyword(self, keyword: str, schema: Schema) -> ListCheck:
        check_each = partial(_check_each, self._compile_keyword(keyword, schema))
        if keyword != "type":
            return check_each
        names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        types = frozenset(_EXACT_TYPES[name] for name in names)
        return lambda values: types.issuperset(map(type, values)) or check_each(values)

    def _compile_condition(self, schema: Schema) -> ValueCheck:
        condition = self.compile(schema["if"])
        then = self.compile(schema.get("then", {}))
        otherwise = self.compile(schema.get("else", {}))
        return partial(_check_condition, condition, then, otherwise)

    def _compile_properties(self, schema: Schema) -> ValueCheck:
        checks = {key: self.compile(part) for key, part in schema["properties"].items()}
        allows_others = schema.get("additionalProperties", True)
        if not isinstance(allows_others, bool):
            raise UnknownKeywordError("additionalProperties")
        if allows_others:
            return partial(_check_some_properties, tuple(checks.items()))

        def check_properties(value: Any) -> bool:
            if not isinstance(value, dict):
                return True
            for key, part in value.items():
                check = checks.get(key)
                if check is None or not check(part):
                    return False
            return True

        return check_properties


def _has_same_keys(schema: Schema) -> bool:
    """Return whether all valid values are objects with the same keys."""
    return (
        schema.get("type") == "object"
        and schema.get("additionalProperties") is False
        and schema.get("properties", {}).keys() == {*schema.get("required", ())}
    )


def _is_ignored(keyword: str, schema: Schema) -> bool:
    """Return whether a keyword needs no check of its own."""
    return keyword in _ANNOTATIONS or _PARTS_OF.get(keyword) in schema


def _make_type_check(names: str | Sequence[str]) -> ValueCheck:
    expected = [names] if isinstance(names, str) else names
    checks = [_NUMBERS[name] for name in expected if name in _NUMBERS]
    types = tuple(_TYPES[name] for name in expected if name not in _NUMBERS)
    if len(types) == 1:
        [only] = types
        checks.insert(0, lambda value: isinstance(value, only))
    elif types:
        checks.insert(0, lambda value: isinstance(value, types))
    return _make_any_check(checks)


def _is_integer(value: Any) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool)
    return isinstance(value, float) and value.is_integer()


def _is_number(value: Any) -> bool:
    return type(value) is int or (isinstance(value, (int, float)) and not isinstance(value, bool))


_TYPES: dict[str, type] = {"string": str, "object": dict, "array": list, "boolean": bool, "null": type(None)}
_NUMBERS: dict[str, ValueCheck] = {"integer": _is_integer, "number": _is_number}
_EXACT_TYPES: dict[str, type] = {**_TYPES, "integer": int, "number": int}
"""Types that are certainly valid; a value of another type may be."""


def _make_enum_check(values: Sequence[Any]) -> ValueCheck:
    """Check that a value is one of these; as JSON Schema has it, 1.0 equals 1, and true does not."""
    if all(isinstance(one, str) for one in values):
        texts = frozenset(values)
        return lambda value: isinstance(value, str) and value in texts
    return lambda value: any(value == one and isinstance(value, bool) is isinstance(one, bool) for one in values)


def _make_constant_check(expected: Any) -> ValueCheck:
    return _make_enum_check([expected])


def _make_required_check(keys: Sequence[str]) -> ValueCheck:
    expected = frozenset(keys)
    return lambda value: not isinstance(value, dict) or expected <= value.keys()


def _make_pattern_check(pattern: str) -> ValueCheck:
    search = re.compile(pattern).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _make_least_size_check(kind: type[Sized], least: int) -> ValueCheck:
    return lambda value: not isinstance(value, kind) or len(value) >= least


def _make_most_size_check(kind: type[Sized], most: int) -> ValueCheck:
    return lambda value: not isinstance(value, kind) or len(value) <= most


def _make_minimum_check(least: float) -> ValueCheck:
    return lambda value: not _is_number(value) or value >= least


def _make_maximum_check(most: float) -> ValueCheck:
    return lambda value: not _is_number(value) or value <= most


def _make_all_check(checks: Sequence[ValueCheck]) -> ValueCheck:
    if len(checks) == 1:
        return checks[0]
    if len(checks) == _PAIR:
        one, other = checks
        return lambda value: one(value) and other(value)

    def check_all(value: Any) -> bool:
        for check in checks:  # noqa: SIM110 - `all` and a generator take twice as long
            if not check(value):
                return False
        return True

    return check_all


def _make_any_check(checks: Sequence[ValueCheck]) -> ValueCheck:
    if len(checks) == 1:
        return checks[0]

    def check_any(value: Any) -> bool:
        for check in checks:  # noqa: SIM110 - `any` and a generator take twice as long
            if check(value):
                return True
        return False

    return check_any


def _make_one_check(checks: Sequence[ValueCheck]) -> ValueCheck:
    return lambda value: sum(check(value) for check in checks) == 1


def _check_items(check: ListCheck, value: Any) -> bool:
    return not isinstance(value, list) or check(value)


def _check_each(check: ValueCheck, values: list[Any]) -> bool:
    return all(map(check, values))


def _check_columns(checks: Mapping[str, ListCheck], values: list[Any]) -> bool:
    """Return whether all values are objects with just these keys, and for each key the values are valid."""
    if not all(isinstance(value, dict) for value in values):
        return False
    if not all(checks.keys() == {*keys} for keys in {*map(tuple, values)}):
        return False
    return all(check([value[key] for value in values]) for key, check in checks.items())


def _check_some_properties(checks: Sequence[tuple[str, ValueCheck]], value: Any) -> bool:
    """Return whether the keys that have a check and are there are valid; there may be others."""
    if not isinstance(value, dict):
        return True
    for key, check in checks:  # noqa: SIM110 - as above
        if key in value and not check(value[key]):
            return False
    return True


def _check_condition(condition: ValueCheck, then: ValueCheck, otherwise: ValueCheck, value: Any) -> bool:
    return then(value) if condition(value) else otherwise(value)


_SIMPLE: dict[str, Callable[[Any], ValueCheck]] = {
    "type": _make_type_check,
    "enum": _make_enum_check,
    "const": _make_constant_check,
    "required": _make_required_check,
    "pattern": _make_pattern_check,
    "minLength": partial(_make_least_size_check, str),
    "maxLength": partial(_make_most_size_check, str),
    "minItems": partial(_make_least_size_check, list),
    "maxItems": partial(_make_most_size_check, list),
    "minimum": _make_minimum_check,
    "maximum": _make_maximum_check,
}
_COMBINED: dict[str, Callable[[Sequence[ValueCheck]], ValueCheck]] = {
    "allOf": _make_all_check,
    "anyOf": _make_any_check,
    "oneOf": _make_one_check,
}
