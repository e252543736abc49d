"""What breaks the schema in a document, in sentences for the author of the file."""

from __future__ import annotations

import difflib
import re
import sys
from typing import TYPE_CHECKING, Any

from groupsync.config.checks.misread import describe_quotes_remedy, is_before_comment
from groupsync.config.problems import ConfigProblem, limit_problems, quote_short
from groupsync.config.source.located import LocatedList, LocatedMapping, Unquoted, describe_kind
from groupsync.schema import MOST_VIOLATIONS, find_violations, known_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from groupsync.config.source.located import Document
    from groupsync.schema import KeyPath, Violation

_SHORTEST_BEGINNING = 3  # of a key, such as `desc` for `description`
_BAD_ID = "is not the id of a group: write it as groupsync shows it, such as 5792a02a-e5c2-422b-a0a0-0ae65d814663"
_BAD_ACCOUNT = "is not the fingerprint of an account: write it as `groupsync doctor` shows it, such as acc-5f0c2a9be1d4"
_BAD_SHARE = "is neither a number nor a share from 1% to 100%: write one such as 10 or 25%"

_WITH_SEPARATORS = re.compile(r"[0-9]{1,3}(?:[,_' \u00a0\u202f\u2019][0-9]{3})+")  # a number such as 1,204

_OWN_OUTPUT = (
    "this is a file that groupsync wrote, such as a plan, and not a configuration: "
    "name it without -c, as in groupsync show FILE"
)

_TYPES = {"string": "text", "array": "a list", "object": "a mapping", "integer": "a whole number"}
_NOUNS = {"string": "the text", "integer": "the number"}
_LISTS_OF_TEXTS = frozenset({"scope", "ignore", "protected", "previously"})
_EMPTY = {"array": "[]", "object": "{}"}


def find_document_violations(document: Document) -> tuple[Violation, ...]:
    """Return what breaks the schema of configuration files, 100 violations at most."""
    return find_violations("groups", document.value)


def find_schema_problems(document: Document, violations: tuple[Violation, ...]) -> Iterator[ConfigProblem]:
    """Yield a problem for each violation, and one at the end of the file if there may be more."""
    if is_own_output(document):
        yield document.problem((), _OWN_OUTPUT)
        return
    for violation in violations:
        if violation.keyword == "additionalProperties":
            yield from limit_problems(_find_unknown_keys(document, violation))
        elif not _is_covered(document, violation):
            yield document.problem(violation.path, _describe_violation(document, violation))
    if len(violations) == MOST_VIOLATIONS:
        file = document.file
        sentence = "there may be more problems in this file: fix these first"
        yield ConfigProblem(file_number=file.number, line=sys.maxsize, file=file.name, sentence=sentence)


def is_own_output(document: Document) -> bool:
    """Return whether groupsync wrote the file, such as a plan: then it is of no use to correct its keys."""
    value = document.value
    return isinstance(value, LocatedMapping) and {"format_version", "groupsync_version"} <= value.keys()


def _find_unknown_keys(document: Document, violation: Violation) -> Iterator[ConfigProblem]:
    """Yield a problem for each unknown key of a mapping."""
    known = known_keys(violation.path)
    quotes_remedy = describe_quotes_remedy(document, violation.path)
    for key, offset in violation.found.key_offsets():
        if key in known:
            continue
        sentence = f"unknown key {quote_short(key)}"
        close = [name for name in known if len(key) >= _SHORTEST_BEGINNING and name.startswith(key)]
        close = close or difflib.get_close_matches(key, known, n=1)
        if close and quotes_remedy:
            sentence += f', did you mean "{close[0]}"? {quotes_remedy}'
        elif close:
            sentence += f', did you mean "{close[0]}"?'
        elif quotes_remedy:
            sentence += f": {quotes_remedy}"
        elif not violation.path and key in known_keys(("policy",)):
            sentence += ": write it under policy"
        else:
            sentence += f", correct or remove it (known here: {', '.join(known)})"
        yield document.file.problem(offset, sentence, violation.path)


def _is_covered(document: Document, violation: Violation) -> bool:
    """Return whether another violation says the same.

    A removal that is not a mapping has the wrong type, and in a group such as `- A: B` the key `A` is unknown.
    """
    if violation.keyword == "oneOf":
        return not isinstance(violation.found, LocatedMapping)
    return violation.keyword == "required" and bool(describe_quotes_remedy(document, violation.path))


def _describe_violation(document: Document, violation: Violation) -> str:
    describe = SENTENCES.get(violation.keyword)
    return describe(document, violation) if describe else violation.message


def _describe_missing_key(document: Document, violation: Violation) -> str:
    missing = next(key for key in violation.expected if key not in violation.found)
    example = _write_pair(document, missing, "1" if missing == "version" else '"..."')
    return f'the key "{missing}" is missing: add {example}'


def _describe_wrong_type(document: Document, violation: Violation) -> str:
    expected = violation.expected if isinstance(violation.expected, list) else [violation.expected]
    found = violation.found
    if not violation.path:
        return _describe_no_configuration(document, found)
    if isinstance(found, Unquoted) and not found.text:
        return _describe_empty_value(document, violation.path, expected[0])
    if "integer" in expected:
        number = "a whole number, or a share such as 25%" if "string" in expected else "a whole number"
        return f"must be {number}, found {_describe_found(found)}: write {_write_number(found)}"
    if "string" in expected and isinstance(found, (Unquoted, int)):
        return _describe_unquoted(document, found)
    types = " or ".join(_TYPES[name] for name in expected)
    remedy = _describe_remedy(document, violation.path, expected[0])
    if isinstance(found, str) and violation.path[-1] in _LISTS_OF_TEXTS:
        remedy = f"write {_write_pair(document, str(violation.path[-1]), f'[{quote_short(found)}]')}"
    return f"must be {types}, found {describe_kind(found)}: {remedy}"


def _write_number(found: object) -> str:
    """Return a number without its separators, such as the 1,204 that a plan shows; else say that one is needed."""
    text = found.text if isinstance(found, Unquoted) else str(found)
    return re.sub(r"[^0-9]", "", text) if _WITH_SEPARATORS.fullmatch(text) else "one such as 10"


def _describe_no_configuration(document: Document, found: object) -> str:
    """Say what to do with a file that has no keys at all, such as a list of names or a table from a spreadsheet."""
    version = _write_pair(document, "version", "1")
    if isinstance(found, LocatedList):
        return f"a list alone is not a configuration: write {version} above it, and put the list under the key groups"
    return (
        f"this is not a configuration: begin it with {version}, "
        "or write your live groups to a new file: groupsync export --out FILE"
    )


def _describe_remedy(document: Document, path: KeyPath, expected: str) -> str:
    if expected == "array":
        return 'begin each item with "- "' if document.language == "YAML" else "put it in [ ]"
    if expected == "string":
        return describe_quotes_remedy(document, path) or "write one text"
    return f"write keys such as {_write_pair(document, known_keys(path)[0], '...')}"


def _describe_empty_value(document: Document, path: KeyPath, expected: str) -> str:
    key = path[-1]
    if path == ("groups",):
        return f"there is no value here: name a group, such as {make_groups_example(document)}"
    if path == ("scope",):
        pair = _write_pair(document, "scope", '["Marketing *"]')
        return f"there is no value here: name the groups, such as {pair}, or remove the key"
    if expected in _EMPTY and isinstance(key, str):
        return f"there is no value here: write {_write_pair(document, key, _EMPTY[expected])}, or remove the key"
    what = "the line" if isinstance(key, int) else "the key"
    if is_before_comment(document, document.find(path)[1]):
        return f"there is no value here, because an unquoted # begins a comment: quote the text, or remove {what}"
    value = "the item" if isinstance(key, int) else _NOUNS[expected]
    return f"there is no value here: write {value}, or remove {what}"


def make_groups_example(document: Document) -> str:
    """Return how to name a group at the top of a file; an empty list would be refused later."""
    return _write_pair(document, "groups", '["Newsletter"]' if document.language == "JSON" else "[Newsletter]")


def _describe_unquoted(document: Document, found: Unquoted | int) -> str:
    text = found.text if isinstance(found, Unquoted) else str(found)
    quoted = quote_short(text)
    return f"{quoted[1:-1]} is read as {describe_kind(found)} by {document.language}, not as text: quote it: {quoted}"


def _write_pair(document: Document, key: str, value: str) -> str:
    return f'`"{key}": {value}`' if document.language == "JSON" else f"`{key}: {value}`"


def _describe_wrong_constant(_document: Document, violation: Violation) -> str:
    expected, found = violation.expected, _describe_found(violation.found)
    return f"must be {expected}, found {found}: write {expected}, groupsync knows no other format"


def _describe_wrong_choice(_document: Document, violation: Violation) -> str:
    *others, last = violation.expected
    return f"must be {', '.join(others)} or {last}, found {_describe_found(violation.found)}: write one of these"


def _describe_found(found: Any) -> str:
    if isinstance(found, Unquoted) and found.text:
        return quote_short(found.text)[1:-1]
    if isinstance(found, str):
        return f"the text {quote_short(found)}"
    return str(found) if isinstance(found, int) else describe_kind(found)


def _describe_name_or_id(_document: Document, violation: Violation) -> str:
    if {"name", "id"} <= violation.found.keys():
        return "has both `name` and `id`: keep one of the two"
    return "has neither `name` nor `id`: add one of them"


def _describe_too_small(_document: Document, violation: Violation) -> str:
    expected, found = violation.expected, _describe_found(violation.found)
    return f"must be {expected} or more, found {found}: write {expected} for none"


def _describe_empty_list(_document: Document, violation: Violation) -> str:
    what = 'a pattern such as "Marketing *"' if violation.path == ("scope",) else "a fingerprint"
    return f"is an empty list: write {what}, or remove the key"


def _describe_empty_text(_document: Document, _violation: Violation) -> str:
    return 'is empty: write a pattern such as "Imported *", or remove it'


def _describe_bad_pattern(_document: Document, violation: Violation) -> str:
    sentence = {"account": _BAD_ACCOUNT, "policy": _BAD_SHARE}.get(str(violation.path[0]), _BAD_ID)
    return f"{quote_short(violation.found)} {sentence}"


SENTENCES: dict[str, Callable[[Document, Violation], str]] = {
    "const": _describe_wrong_constant,
    "enum": _describe_wrong_choice,
    "maxLength": _describe_bad_pattern,
    "minItems": _describe_empty_list,
    "minLength": _describe_empty_text,
    "minimum": _describe_too_small,
    "oneOf": _describe_name_or_id,
    "pattern": _describe_bad_pattern,
    "required": _describe_missing_key,
    "type": _describe_wrong_type,
}
"""What to say when a keyword of the schema fails."""
