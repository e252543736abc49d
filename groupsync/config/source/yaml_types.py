"""What YAML 1.1 reads an unquoted scalar as, by PyYAML's own tables (https://yaml.org/type/)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from groupsync.config.source.located import Unquoted, read_special

if TYPE_CHECKING:
    import re

_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers
_KINDS = {
    "tag:yaml.org,2002:bool": "a boolean",
    "tag:yaml.org,2002:float": "a number",
    "tag:yaml.org,2002:int": "a number",
    "tag:yaml.org,2002:merge": "a merge key",
    "tag:yaml.org,2002:null": "null",
    "tag:yaml.org,2002:timestamp": "a date",
    "tag:yaml.org,2002:value": "a default key",
}
_WORDS = {str: "text", int: "a number", list: "a list", dict: "a mapping"}


def read_plain(text: str) -> str | int | Unquoted:
    """Return the text itself, an int if it is a decimal number that reads back the same, or what else it is."""
    for tag, expression in _RESOLVERS.get(text[:1], ()):
        if expression.match(text):
            return read_special(text, _find_kind(text, _KINDS[tag]))
    return text


def _find_kind(text: str, kind: str) -> str:
    return "a number in base 60" if kind == "a number" and ":" in text else kind


def describe(value: Any) -> str:
    """Return what a value is, in words: "a list", "text", "a boolean"."""
    if isinstance(value, Unquoted):
        return value.kind if value.text else "nothing"
    return next(words for kind, words in _WORDS.items() if isinstance(value, kind))
