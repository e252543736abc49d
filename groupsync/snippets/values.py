"""Keys and values of an entry as YAML lines, as YAML in braces, and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from groupsync.display import write_scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

Value: TypeAlias = "str | int | tuple[str, ...]"
Values: TypeAlias = "Mapping[str, Value]"


def write_value(key: str, value: Value) -> str:
    """Return the value as YAML on one line, which is also valid in braces."""
    match value:
        case tuple():
            return f"[{', '.join(map(write_scalar, value))}]"
        case int():
            return str(value)
        case str():
            return value if key == "id" else write_scalar(value)  # an id needs no quotes


def write_key(key: str, value: Value) -> str:
    """Return the key and its value as YAML on one line."""
    return f"{key}: {write_value(key, value)}"


def write_block(values: Values, indent: str, *, comment: str = "", gap: str = " ") -> list[str]:
    """Return an entry as lines of YAML: a dash after `indent`, then the keys below each other."""
    first, *others = (write_key(key, value) for key, value in values.items())
    remark = f"  # {comment}" if comment else ""
    return [f"{indent}-{gap}{first}{remark}", *(f"{indent} {' ' * len(gap)}{other}" for other in others)]


def write_flow(values: Values, *, is_json: bool) -> str:
    """Return an entry in braces, as YAML or as JSON."""
    if is_json:
        return json.dumps(values, ensure_ascii=False)
    return f"{{{', '.join(write_key(key, value) for key, value in values.items())}}}"
