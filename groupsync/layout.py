"""Text on a terminal: how wide it is, and a line of a file with a caret under the place to look at."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING

from groupsync.names import make_visible

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_WIDEST = 100
_BEFORE = 60  # columns that stay before the caret when a long line is cut
_CUT = "…"


def measure_width(text: str) -> int:
    """Return how many columns a terminal gives to the text (UAX #11: wide characters take two)."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def _width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


@functools.lru_cache(maxsize=16)
def list_line_starts(text: str) -> tuple[int, ...]:
    """Return the offsets at which the lines of a text begin; LF, CR LF and CR end one."""
    return (0, *(found.end() for found in _LINE_BREAK.finditer(text)))


def show_place(text: str, starts: Sequence[int], line: int, column: int) -> tuple[str, ...]:
    """Return the line of a text and a caret under one of its columns, both counted from 1; nothing where none is.

    `starts` are the offsets of `list_line_starts`.
    """
    if not 1 <= line <= len(starts):
        return ()
    start = starts[line - 1]
    content = _LINE_BREAK.split(text[start : starts[line] if line < len(starts) else None])[0]
    before, after = content[: column - 1], content[column - 1 :]
    if len(content) > _WIDEST:
        before = before if len(before) <= _BEFORE else _CUT + before[-_BEFORE:]
        room = _WIDEST - len(before)
        after = after if len(after) <= room else after[:room] + _CUT
    before, after = make_visible(before), make_visible(after)
    gutter = f"{line:>5} | "
    return (f"{gutter}{before}{after}".rstrip(), f"{'':>5} | {' ' * measure_width(before)}^")
