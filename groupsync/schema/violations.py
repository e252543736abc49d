"""The JSON Schemas that are installed with groupsync, and where a value breaks one of them."""

from __future__ import annotations

import functools
import json
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

from groupsync.schema.compiled import compile_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.protocols import Validator

    from groupsync.schema.compiled import ValueCheck

KeyPath: TypeAlias = tuple[str | int, ...]
"""The keys and indexes that lead from a whole value to a part of it."""

SCHEMA_NAMES = ("groups", "plan", "backup", "report", "doctor", "summary")
MOST_VIOLATIONS = 100


class Violation(Struct, frozen=True, kw_only=True):
    """A part of a value that breaks its schema.

    `keyword` is the keyword of the schema that fails, `expected` its value in the schema, `found` the part itself,
    `message` the sentence of jsonschema.
    """

    path: KeyPath
    keyword: str
    expected: Any
    found: Any
    message: str


def read_schema(name: str) -> str:
    """Return the text of an installed schema, one of SCHEMA_NAMES."""
    return (_find_folder() / f"{name}.schema.json").read_text(encoding="utf-8")


@functools.cache
def _find_folder() -> Path:
    """Return the folder with the schemas: inside the package if it is installed, beside it in a clone."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "schemas"
    is_installed = (installed / "groups.schema.json").is_file()  # a clone may have an empty folder from earlier
    return installed if is_installed else package.parent / "schemas"


@functools.cache
def known_keys(path: KeyPath) -> tuple[str, ...]:
    """Return the keys that a configuration file may have in the mapping at a path, in the order of the schema."""
    schema = _load_schema("groups")
    for step in path:
        schema = schema["items"] if isinstance(step, int) else schema["properties"][step]
    return tuple(schema["properties"])


def is_valid(name: str, value: Any) -> bool:
    """Return whether a value is valid by the schema of that name."""
    return _load_check(name)(value)


def find_violations(name: str, value: Any) -> tuple[Violation, ...]:
    """Return the first 100 parts of a value that break the schema of that name."""
    if is_valid(name, value):
        return ()
    return tuple(islice(_iterate_violations(name, value), MOST_VIOLATIONS))


def _iterate_violations(name: str, value: Any) -> Iterator[Violation]:
    for error in _load_validator(name).iter_errors(value):
        yield Violation(
            path=tuple(error.absolute_path),
            keyword=str(error.validator),
            expected=error.validator_value,
            found=error.instance,
            message=error.message,
        )


@functools.cache
def _load_schema(name: str) -> Any:
    return json.loads(read_schema(name))


@functools.cache
def _load_check(name: str) -> ValueCheck:
    return compile_schema(_load_schema(name))


@functools.cache
def _load_validator(name: str) -> Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - a heavy import, needed only if a value is invalid

    return Draft202012Validator(_load_schema(name))
