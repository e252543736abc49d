"""Keys and values as text, in the style of what is around them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groupsync.display import make_visible, quote_whole, write_scalar
from groupsync.snippets.values import write_value

if TYPE_CHECKING:
    from groupsync.editing.document import CollectionNode, ScalarNode
    from groupsync.snippets.values import Value

_SETTING = re.compile(r"keep|delete|refuse|[0-9]+%?")


def write_setting(value: str | int) -> str:
    """Return a value of the policy; a share such as `25%` needs no quotes."""
    text = str(value)
    return text if _SETTING.fullmatch(text) else write_scalar(text)


def rewrite_value(old: ScalarNode, key: str, value: str | int) -> str:
    """Return a new value in the quotes of the old one; a number has none."""
    if isinstance(value, int):
        return str(value)
    is_visible = make_visible(value) == value and "##" not in value
    if old.style == "'" and is_visible:
        return "'" + value.replace("'", "''") + "'"
    if old.style in {"'", '"'}:
        return quote_whole(value).replace("##", "#\\x23")
    return write_value(key, value)


def write_pair(mapping: CollectionNode, key: str, value: Value) -> str:
    """Return a key with its value for a mapping; in braces in quotes if its first key has double quotes."""
    first = mapping.children[0].key if mapping.children else None
    return write_one(key, value, has_quotes=mapping.is_flow and first is not None and first.style == '"')


def write_one(key: str, value: Value, *, has_quotes: bool) -> str:
    """Return a key with its value, both in double quotes if `has_quotes`."""
    return f'"{key}": {write_quoted(value)}' if has_quotes else f"{key}: {write_value(key, value)}"


def write_quoted(value: Value) -> str:
    """Return a value as in JSON, with double quotes."""
    match value:
        case tuple():
            return f"[{', '.join(map(write_quoted, value))}]"
        case int():
            return str(value)
        case str():
            return quote_whole(value).replace("##", "#\\x23")
