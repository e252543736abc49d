"""What breaks the schema in a document, in sentences for the author of the file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from groupsync.config.checks.keys import find_unknown_keys, known_keys
from groupsync.config.checks.misread import advise_quotes, stands_before_comment
from groupsync.config.problems import ConfigProblem, show_text
from groupsync.config.source.located import LocatedMapping, Unquoted
from groupsync.config.source.yaml_types import describe
from groupsync.display import quote_file
from groupsync.schema import MOST_VIOLATIONS, find_violations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from groupsync.config.source.located import Document
    from groupsync.schema import KeyPath, Violation

_BAD_ID = "is not the id of a group: write it as groupsync shows it, such as 5792a02a-e5c2-422b-a0a0-0ae65d814663"

_BAD_ACCOUNT = "is not the fingerprint of an account: write it as `groupsync doctor` shows it, such as acc-5f0c2a9be1d4"
_BAD_SHARE = "is neither a number nor a share from 1% to 100%: write 10, say, or 25%"

_WORDS = {"string": "text", "array": "a list", "object": "a mapping", "integer": "a whole number"}
_NOUNS = {"string": "the text", "integer": "the number"}
_EMPTY = {"array": "[]", "object": "{}"}


def find_schema_problems(document: Document, violations: tuple[Violation, ...]) -> Iterator[ConfigProblem]:
    """Yield a problem for each violation, and one at the end of the file when there may be more."""
    for violation in violations:
        if violation.keyword == "additionalProperties":
            yield from find_unknown_keys(document, violation, advise_quotes(document, violation.path))
        elif not _is_told(document, violation):
            yield document.problem(violation.path, _sentence(document, violation))
    if len(violations) == MOST_VIOLATIONS:
        file = document.file
        text = f"{quote_file(file.name)}: there may be more problems in this file: mend these first"
        yield ConfigProblem(file_number=file.number, line=sys.maxsize, text=text)


def _is_told(document: Document, violation: Violation) -> bool:
    """Tell whether another violation says it: the type of a removal, or the only key of a group, which is no key."""
    if violation.keyword == "oneOf":
        return not isinstance(violation.found, LocatedMapping)
    return violation.keyword == "required" and bool(advise_quotes(document, violation.path))


def find_document_violations(document: Document) -> tuple[Violation, ...]:
    """Return what breaks the schema of configuration files, 100 places at most."""
    return find_violations("groups", document.value)


def _sentence(document: Document, violation: Violation) -> str:
    make = SENTENCES.get(violation.keyword)
    return make(document, violation) if make else violation.message


def _missing_key(document: Document, violation: Violation) -> str:
    missing = next(key for key in violation.wanted if key not in violation.found)
    example = _pair(document, missing, "1" if missing == "version" else '"..."')
    return f'the key "{missing}" is missing: add {example}'


def _wrong_type(document: Document, violation: Violation) -> str:
    wanted = violation.wanted if isinstance(violation.wanted, list) else [violation.wanted]
    found = violation.found
    if isinstance(found, Unquoted) and not found.text:
        return _nothing(document, violation.path, wanted[0])
    if "integer" in wanted:
        return f"must be {_tell_number(wanted)}, found {_show(found)}: write one such as 10"
    if "string" in wanted and isinstance(found, (Unquoted, int)):
        return _unquoted(document, found)
    words = " or ".join(_WORDS[word] for word in wanted)
    return f"must be {words}, found {describe(found)}: {_advice(document, violation.path, wanted[0])}"


def _tell_number(wanted: list[str]) -> str:
    return "a whole number, or a share such as 25%" if "string" in wanted else "a whole number"


def _advice(document: Document, path: KeyPath, wanted: str) -> str:
    if wanted == "array":
        return 'begin each item with "- "' if document.language == "YAML" else "put it in [ ]"
    if wanted == "string":
        return advise_quotes(document, path) or "write one text"
    return f"write keys such as {_pair(document, known_keys(path)[0], '...')}"


def _nothing(document: Document, path: KeyPath, wanted: str) -> str:
    key = path[-1]
    if path == ("groups",):
        return f"nothing stands here: name a group, such as {show_groups_example(document)}"
    if wanted in _EMPTY and isinstance(key, str):
        return f"nothing stands here: write {_pair(document, key, _EMPTY[wanted])}, or remove the key"
    write, remove = ("write the item", "the line") if isinstance(key, int) else (f"write {_NOUNS[wanted]}", "the key")
    if stands_before_comment(document, document.find(path)[1]):
        return f"nothing stands here, for an unquoted # begins a comment: quote the text, or remove {remove}"
    return f"nothing stands here: {write}, or remove {remove}"


def show_groups_example(document: Document) -> str:
    """Return how to name a group at the top of a file; an empty list would be refused later."""
    return _pair(document, "groups", '["Newsletter"]' if document.language == "JSON" else "[Newsletter]")


def _unquoted(document: Document, found: Unquoted | int) -> str:
    text = found.text if isinstance(found, Unquoted) else str(found)
    shown = show_text(text)
    return f"{shown[1:-1]} is read as {describe(found)} by {document.language}, not as text: quote it: {shown}"


def _pair(document: Document, key: str, value: str) -> str:
    return f'`"{key}": {value}`' if document.language == "JSON" else f"`{key}: {value}`"


def _wrong_constant(_document: Document, violation: Violation) -> str:
    wanted = violation.wanted
    return f"must be {wanted}, found {_show(violation.found)}: write {wanted}, groupsync knows no other format"


def _wrong_choice(_document: Document, violation: Violation) -> str:
    *others, last = violation.wanted
    return f"must be {', '.join(others)} or {last}, found {_show(violation.found)}: write one of these"


def _show(found: Any) -> str:
    if isinstance(found, Unquoted) and found.text:
        return show_text(found.text)[1:-1]
    if isinstance(found, str):
        return f"the text {show_text(found)}"
    return str(found) if isinstance(found, int) else describe(found)


def _name_or_id(_document: Document, violation: Violation) -> str:
    has_both = {"name", "id"} <= violation.found.keys()
    return (
        "has both `name` and `id`: keep one of the two" if has_both else "has neither `name` nor `id`: add one of them"
    )


def _too_small(_document: Document, violation: Violation) -> str:
    return f"must be {violation.wanted} or more, found {_show(violation.found)}: write {violation.wanted} for none"


def _empty_list(_document: Document, _violation: Violation) -> str:
    return "is an empty list: write a fingerprint, or remove the key"


def _empty_text(_document: Document, _violation: Violation) -> str:
    return 'is empty: write a pattern such as "Imported *", or remove it'


def _bad_pattern(_document: Document, violation: Violation) -> str:
    wanted = {"account": _BAD_ACCOUNT, "policy": _BAD_SHARE}.get(str(violation.path[0]), _BAD_ID)
    return f"{show_text(violation.found)} {wanted}"


SENTENCES: dict[str, Callable[[Document, Violation], str]] = {
    "const": _wrong_constant,
    "enum": _wrong_choice,
    "maxLength": _bad_pattern,
    "minItems": _empty_list,
    "minLength": _empty_text,
    "minimum": _too_small,
    "oneOf": _name_or_id,
    "pattern": _bad_pattern,
    "required": _missing_key,
    "type": _wrong_type,
}
