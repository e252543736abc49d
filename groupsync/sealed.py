"""Files that groupsync writes for itself to read again: JSON with a version and a checksum over every byte.

A file is read by building its value and writing that again: what is not the same bytes was not written by groupsync.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, TypeVar

from groupsync.schema import find_violations
from groupsync.strictjson import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Value = TypeVar("Value")


def seal(document: Mapping[str, Any]) -> bytes:
    """Return the content of a file: one line for each element of a list, so that files can be compared by eye."""
    body = "{\n" + "".join(f"  {json.dumps(key)}: {_lay_out(value)},\n" for key, value in document.items())
    return f'{body}  "checksum": "{hash_text(body)}"\n}}\n'.encode()


def unseal(
    content: bytes,
    *,
    schema: str,
    version: str,
    load: Callable[[Mapping[str, Any]], Value],
    dump: Callable[[Value], bytes],
) -> Value:
    """Return the value of a file; raise ValueError, in words for a user, when it is not just what `dump` wrote.

    `load` makes the value of a document that keeps to the schema, and may raise ValueError itself.
    """
    document = parse_json(content)
    found = document.get("format_version") if isinstance(document, dict) else None
    if found != version:
        raise ValueError(f"its format_version is {json.dumps(found)}, this groupsync reads {version}")
    if violations := find_violations(schema, document):
        place = "/".join(map(str, violations[0].path)) or "the document"
        raise ValueError(f"{place} is not as the schema says")
    value = load(document)
    if dump(value) != content:
        raise ValueError("its checksum does not fit its content: it was changed after it was written")
    return value


def hash_text(text: str) -> str:
    """Return `sha256:` and the hex digest of the text in UTF-8."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _lay_out(value: object) -> str:
    """Return JSON with one line for each element of a list that is not empty."""
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"    {_write(element)}" for element in value) + "\n  ]"
    return _write(value)


def _write(value: object) -> str:
    """Return JSON in which no CI system that sees it in a log finds a command such as `##[...]`; it reads the same."""
    return json.dumps(value).replace("##", "#\\u0023")
