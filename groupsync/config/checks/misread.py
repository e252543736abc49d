"""Unquoted names that YAML reads differently from how they look: as a key, a list, one line of two, half a name."""

from __future__ import annotations

import functools
import re
from itertools import count
from typing import TYPE_CHECKING, Any

from groupsync.config.problems import quote_short
from groupsync.config.source.located import LocatedList, LocatedMapping, Unquoted
from groupsync.schema import known_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from groupsync.config.problems import ConfigProblem
    from groupsync.config.source.located import Document
    from groupsync.schema import KeyPath

_QUOTED_OR_BLOCK = frozenset("\"'|>")  # the first characters of a scalar that is not a plain one
_EMPTY_BEFORE_COMMENT = re.compile(r"(?:\w+:)?[ \t]+#")
_CURLY_QUOTES = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb"  # double, single and angle quotes
_CURLY = f"[{_CURLY_QUOTES}]"
_IN_CURLY_QUOTES = re.compile(f"{_CURLY}(.+){_CURLY}")
_COMMENT = re.compile(r"[ \t]+(#\S+)")


def find_misread_names(document: Document) -> Iterator[ConfigProblem]:
    """Yield a problem for each name, pattern or id over several lines, and for each group such as `name:VIP`."""
    if _has_only_plain_names(document):
        return
    for path, text, offset in _find_plain_scalars(document, document.value, ()):
        if not document.file.text.startswith(text, offset):  # YAML folds the lines of a plain scalar into one
            sentence = f"{quote_short(text)} goes over several lines: quote it, or check the indentation and the commas"
            yield document.file.problem(offset, sentence, path)
        elif path[:-1] == ("groups",) and text.startswith(_keys_with_colon()):
            key = text.partition(":")[0]
            sentence = f'{quote_short(text)} is read as a name: put a space after "{key}:", or quote the name'
            yield document.file.problem(offset, sentence, path)


def _has_only_plain_names(document: Document) -> bool:
    """Return whether all names are in lists, as texts or in mappings of texts, written as they are read.

    No name in a list of texts begins as a key does. This is much faster than a look at each item, and true of most
    large files.
    """
    text = document.file.text
    return _is_without_names(document.value) and all(_is_plain_part(text, part) for part in document.value.values())


def _is_plain_part(text: str, part: Any) -> bool:
    if isinstance(part, LocatedList):
        if _are_texts(part):
            begins_as_key = any(key in text for key in _keys_with_colon())
            return not begins_as_key and all(map(text.startswith, part, part.offsets))
        return all(_is_plain_entry(text, item) for item in part)
    return _is_scalar(part) or (_is_without_names(part) and all(map(_is_scalar, part.values())))


def _is_plain_entry(text: str, item: Any) -> bool:
    return (
        isinstance(item, LocatedMapping)
        and _are_texts(item.values())
        and all(map(text.startswith, item.values(), item.offsets[1::2]))
    )


def _are_texts(values: Iterable[Any]) -> bool:
    return set(map(type, values)) <= {str}


def _is_without_names(value: Any) -> bool:
    return isinstance(value, LocatedMapping) and value.keys().isdisjoint({"name", "id"})


@functools.cache
def _keys_with_colon() -> tuple[str, ...]:
    return tuple(f"{key}:" for key in known_keys(("groups", 0)))


def find_cut_names(document: Document) -> Iterator[ConfigProblem]:
    """Yield a warning for each comment that could be meant as a part of the name before it, as in `Team #1`."""
    if " #" not in document.file.text and "\t#" not in document.file.text:
        return
    for path, text, offset in _find_plain_scalars(document, document.value, ()):
        comment = _COMMENT.match(document.file.text, offset + len(text))
        if comment and path[-1] != "id":
            sentence = f'what follows " #" is a comment: quote the name if {quote_short(comment[1])} belongs to it'
            yield document.file.problem(comment.start(1), sentence, path)


def find_curly_quotes(document: Document) -> Iterator[ConfigProblem]:
    """Yield a warning for each unquoted name in curly quotes, as spreadsheets write them: YAML reads them as text."""
    if not any(quotation_mark in document.file.text for quotation_mark in _CURLY_QUOTES):
        return
    for path, text, offset in _find_plain_scalars(document, document.value, ()):
        if (quoted := _IN_CURLY_QUOTES.fullmatch(text)) and path[-1] != "id":
            sentence = f"the curly quotes are part of this name: write {quote_short(quoted[1])} if they should not be"
            yield document.file.problem(offset, sentence, path)


def _find_plain_scalars(document: Document, value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str, int]]:
    """Yield path, text and offset of each unquoted text that is a list item, a name or an id."""
    for step, part, offset in list_parts(value):
        if not isinstance(part, str):
            yield from _find_plain_scalars(document, part, (*path, step))
        elif (isinstance(step, int) or step in {"name", "id"}) and document.file.text[offset] not in _QUOTED_OR_BLOCK:
            yield (*path, step), part, offset


def list_parts(value: Any) -> Iterable[tuple[str | int, Any, int]]:
    """Return key or index, value and offset of each part of a mapping or a list."""
    if isinstance(value, LocatedList):
        return zip(count(), value, value.offsets, strict=False)
    if isinstance(value, LocatedMapping):
        return zip(value.keys(), value.values(), value.offsets[1::2], strict=True)
    return ()


def describe_quotes_remedy(document: Document, path: KeyPath) -> str:
    """Return the remedy to quote a value that reads `A: B` or `- A` if text is allowed there, empty for any other."""
    if not path or not isinstance(path[-1], int) or path[0] == "removed":
        return ""
    value, offset = document.find(path)
    if document.file.text[offset] in "[{":
        return ""
    text = _find_meant_text(value)
    what = "pattern" if path[0] in {"ignore", "protected", "scope"} else "name"
    return f"if this is a {what}, quote it: {quote_short(text)}" if text else ""


def _find_meant_text(value: Any) -> str:
    """Return the text that was read as a list or a mapping of one scalar, empty if it was not."""
    if isinstance(value, LocatedList) and len(value) == 1 and _is_scalar(value[0]):
        return f"- {_find_written_text(value[0])}"
    if isinstance(value, LocatedMapping) and len(value) == 1:
        [(key, part)] = value.items()
        if key not in known_keys(("groups", 0)) and _is_scalar(part):
            return f"{key}: {_find_written_text(part)}".rstrip()
    return ""


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, (LocatedList, LocatedMapping))


def _find_written_text(value: str | int | Unquoted) -> str:
    return value.text if isinstance(value, Unquoted) else str(value)


def is_before_comment(document: Document, offset: int) -> bool:
    """Return whether a comment follows an empty value; the offset is that of its key if it has one."""
    return _EMPTY_BEFORE_COMMENT.match(document.file.text, offset) is not None
