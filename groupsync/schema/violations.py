"""The JSON Schemas that are installed with groupsync, and what in a value breaks them."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from groupsync.schema.compiled import compile_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema.protocols import Validator

KeyPath: TypeAlias = tuple[str | int, ...]

SCHEMA_NAMES = ("groups", "plan", "backup", "report", "doctor")
MOST_VIOLATIONS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A place in a value that breaks its schema: the keyword that fails, what it wants, and what stands there."""

    path: KeyPath
    keyword: str
    wanted: Any
    found: Any
    message: str


def read_schema(name: str) -> str:
    """Return the text of an installed schema, one of SCHEMA_NAMES."""
    return (resources.files("groupsync.schemas") / f"{name}.schema.json").read_text(encoding="utf-8")


def find_violations(name: str, value: Any) -> tuple[Violation, ...]:
    """Return the places at which the value breaks the schema, 100 at most."""
    if _load_check(name)(value):
        return ()
    return tuple(islice(_iterate_violations(name, value), MOST_VIOLATIONS))


def _iterate_violations(name: str, value: Any) -> Iterator[Violation]:
    for error in _load_validator(name).iter_errors(value):
        yield Violation(
            path=tuple(error.absolute_path),
            keyword=str(error.validator),
            wanted=error.validator_value,
            found=error.instance,
            message=error.message,
        )


@functools.cache
def _load_schema(name: str) -> Any:
    return json.loads(read_schema(name))


@functools.cache
def _load_check(name: str) -> Callable[[Any], bool]:
    return compile_schema(_load_schema(name))


@functools.cache
def _load_validator(name: str) -> Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - a heavy import, made when something breaks the schema

    return Draft202012Validator(_load_schema(name))
