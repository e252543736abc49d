"""Names without quotes that YAML reads otherwise than they look: as a key, a list, two lines in one, half a name."""

from __future__ import annotations

import functools
import re
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from groupsync.config.checks.keys import known_keys
from groupsync.config.problems import show_text
from groupsync.config.source.located import LocatedList, LocatedMapping, Unquoted
from groupsync.schema import MOST_VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from groupsync.config.problems import ConfigProblem
    from groupsync.config.source.located import Document
    from groupsync.schema import KeyPath

_NOT_PLAIN = frozenset("\"'|>")  # what a scalar begins with that is quoted or a block
_NO_TEXT = re.compile(r"(?:\w+:)?[ \t]+#")
_COMMENT = re.compile(r"[ \t]+(#\S+)")


def find_slips(document: Document) -> Iterator[ConfigProblem]:
    """Yield a problem for each name, pattern or id over several lines, and for each group such as `name:VIP`."""
    return islice(_find_slips(document), MOST_VIOLATIONS + 1)


def _find_slips(document: Document) -> Iterator[ConfigProblem]:
    for path, text, offset in _find_plain(document, document.value, ()):
        if not document.file.text.startswith(text, offset):  # YAML folds the lines of a plain scalar into one
            sentence = f"{show_text(text)} goes over several lines: quote it, or check the indentation and the commas"
            yield document.file.problem(offset, sentence, path)
        elif (key := _find_key(text)) and path[:-1] == ("groups",):
            sentence = f'{show_text(text)} is read as a name: put a blank after "{key}:", or quote the name'
            yield document.file.problem(offset, sentence, path)


def _find_key(text: str) -> str:
    return text.partition(":")[0] if text.startswith(_list_beginnings()) else ""


@functools.cache
def _list_beginnings() -> tuple[str, ...]:
    return tuple(f"{key}:" for key in known_keys(("groups", 0)))


def find_cut_names(document: Document) -> Iterator[ConfigProblem]:
    """Yield a warning at each comment that begins like a part of the name before it."""
    return islice(_find_cut_names(document), MOST_VIOLATIONS + 1)


def _find_cut_names(document: Document) -> Iterator[ConfigProblem]:
    if not any(beginning in document.file.text for beginning in (" #", "\t#")):
        return
    for path, text, offset in _find_plain(document, document.value, ()):
        comment = _COMMENT.match(document.file.text, offset + len(text))
        if comment and path[-1] != "id":
            sentence = f'what follows " #" is a comment: quote the name if {show_text(comment[1])} belongs to it'
            yield document.file.problem(comment.start(1), sentence, path)


def _find_plain(document: Document, value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str, int]]:
    """Yield the way, the text and the place of each plain scalar that is a list item, a name or an id."""
    for step, part, offset in _parts(value):
        if not isinstance(part, str):
            yield from _find_plain(document, part, (*path, step))
        elif (isinstance(step, int) or step in {"name", "id"}) and document.file.text[offset] not in _NOT_PLAIN:
            yield (*path, step), part, offset


def _parts(value: Any) -> Iterable[tuple[str | int, Any, int]]:
    if isinstance(value, LocatedList):
        return zip(count(), value, value.offsets, strict=False)
    if isinstance(value, LocatedMapping):
        return zip(value.keys(), value.values(), value.offsets[1::2], strict=True)
    return ()


def advise_quotes(document: Document, path: KeyPath) -> str:
    """Return the advice to quote what reads `A: B` or `- A` where text may stand; empty where it is none of these."""
    if not path or not isinstance(path[-1], int) or path[0] == "removed":
        return ""
    found, offset = document.find(path)
    text = "" if document.file.text[offset] in "[{" else _find_meant_text(found)
    what = "pattern" if path[0] in {"ignore", "protected"} else "name"
    return f"if this is a {what}, quote it: {show_text(text)}" if text else ""


def _find_meant_text(found: Any) -> str:
    if isinstance(found, LocatedList) and len(found) == 1 and _is_scalar(found[0]):
        return f"- {_show_scalar(found[0])}"
    if isinstance(found, LocatedMapping) and len(found) == 1 and not found.keys() & set(known_keys(("groups", 0))):
        [(key, value)] = found.items()
        return f"{key}: {_show_scalar(value)}".rstrip() if _is_scalar(value) else ""
    return ""


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, (LocatedList, LocatedMapping))


def _show_scalar(value: str | int | Unquoted) -> str:
    return value.text if isinstance(value, Unquoted) else str(value)


def stands_before_comment(document: Document, offset: int) -> bool:
    """Tell whether a comment follows where a value was left empty; the offset is that of its key if it has one."""
    return _NO_TEXT.match(document.file.text, offset) is not None
