"""Files that groupsync writes and reads back itself: JSON with a version and a checksum over every byte.

To read a file, groupsync loads its value and dumps it again. If that does not give the same bytes, groupsync did not
write the file.
"""

from __future__ import annotations

import hashlib
import json
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec import ValidationError

from groupsync.display import cut
from groupsync.schema import find_violations, is_valid
from groupsync.strictjson import MOST_OBJECTS, MOST_VALUES, parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Value = TypeVar("Value")

_VERSION = re.compile(r"(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})")


class OlderFormatError(ValueError):
    """The file was made by an older groupsync, in a format that this one no longer reads."""


def seal(document: Mapping[str, Any], written: Mapping[str, Sequence[str]] = MappingProxyType({})) -> bytes:
    """Return the content of a file. Each element of a list is one line, so that two files are easy to compare.

    `written` has the elements of some lists as JSON already.
    """
    lines = [
        f"  {json.dumps(key)}: {_join_elements(written[key]) if key in written else _write_value(value)},\n"
        for key, value in document.items()
    ]
    body = ("{\n" + "".join(lines)).encode()
    return body + f'  "checksum": "{_hash(body)}"\n}}\n'.encode()


def unseal(
    content: bytes,
    *,
    schema: str,
    version: str,
    load: Callable[[Mapping[str, Any]], Value],
    dump: Callable[[Value], bytes],
) -> Value:
    """Return the value of a file; raise ValueError, with a message for users, unless `dump` wrote this content.

    The error is an OlderFormatError if the file has an older version. `load` returns the value of a document that is
    valid by the schema, and may raise ValueError itself.
    """
    value = _unseal_fast(content, schema=schema, version=version, load=load, dump=dump)
    if value is not None:
        return value
    try:
        value = load(read_document(content, schema=schema, version=version))
    except ValidationError as error:  # such as 1.0 for a number of contacts, an integer in JSON Schema
        raise ValueError("groupsync did not write it like this: it was changed after it was written") from error
    if dump(value) != content:
        raise ValueError("its checksum does not match its content: it was changed after it was written")
    return value


def _unseal_fast(
    content: bytes,
    *,
    schema: str,
    version: str,
    load: Callable[[Mapping[str, Any]], Value],
    dump: Callable[[Value], bytes],
) -> Value | None:
    """Return the value of a file; None if `dump` would not write it, for a reason that the strict reader explains.

    msgspec reads JSON in half the time. Of keys that an object has twice it takes the last one, but then `dump` does
    not write this content.
    """
    if content.count(b",") > MOST_VALUES or content.count(b"{") > MOST_OBJECTS:
        return None
    try:
        document = msgspec.json.decode(content)
        if (
            not isinstance(document, dict)
            or document.get("format_version") != version
            or not is_valid(schema, document)
        ):
            return None
        value = load(document)
        del document  # frees much memory before `dump` needs it
    except (ValueError, RecursionError):
        return None
    return value if dump(value) == content else None


def read_document(content: bytes, *, schema: str, version: str) -> Mapping[str, Any]:
    """Return the JSON object of a file; raise ValueError unless it is of this version and valid by the schema."""
    document = parse_json(content)
    found = document.get("format_version") if isinstance(document, dict) else None
    if found != version:
        raise _make_version_error(found, version)
    if violations := find_violations(schema, document):
        path = "/".join(map(str, violations[0].path)) or "the document"
        raise ValueError(f"{path} is not as the schema says")
    valid: Mapping[str, Any] = document
    return valid


def _make_version_error(found: object, version: str) -> ValueError:
    versions = f"its format_version is {cut(json.dumps(found))}, this groupsync reads {version}"
    parsed = _parse_version(found)
    if parsed is None:
        return ValueError(versions)
    if parsed < (_parse_version(version) or parsed):
        return OlderFormatError(f"it was made by an older groupsync: {versions}")
    return ValueError(f"it was made by a newer groupsync: {versions}")


def _parse_version(text: object) -> tuple[int, int] | None:
    """Return the numbers of a version such as `2.0`; None if the value is not one."""
    found = _VERSION.fullmatch(text) if isinstance(text, str) else None
    return (int(found[1]), int(found[2])) if found else None


def hash_text(text: str) -> str:
    """Return `sha256:` and the hex digest of the text in UTF-8."""
    return _hash(text.encode())


def _hash(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _write_value(value: object) -> str:
    """Return the value as JSON, with one line for each element if it is a list."""
    if not isinstance(value, list | tuple) or not value:
        return _write_line(value)
    together = _write_line(value)
    if together.count("}, {") == len(value) - 1 and all(isinstance(element, dict) for element in value):
        return "[\n    " + together[1:-1].replace("}, {", "},\n    {") + "\n  ]"  # four times as fast, the same text
    return _join_elements([_write_line(element) for element in value])


def _join_elements(elements: Sequence[str]) -> str:
    return _escape("[\n    " + ",\n    ".join(elements) + "\n  ]") if elements else "[]"


def _write_line(value: object) -> str:
    """Return the value as JSON on one line."""
    return _escape(json.dumps(value))


def _escape(text: str) -> str:
    """Return JSON with `##` escaped: CI systems may take `##[...]` in a log for a command."""
    return text.replace("##", "#\\u0023")
