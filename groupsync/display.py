"""Text for a terminal: quoted names, visible characters, numbers with their nouns, excerpts with a caret.

Every text from outside reaches a terminal through one of these functions or an encoder of `render/escape.py`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING

from groupsync.names import (
    BLANKS,
    LONGEST_NAME,
    NOT_ALWAYS_VISIBLE,
    SELECTORS,
    TAGS,
    UNSEEN,
    describe_difference,
    is_emoji,
    iterate_with_base,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

_VARIATION_SELECTOR = re.compile(f"[{SELECTORS}]")
_NEVER_VISIBLE = re.compile(f"[{BLANKS}{UNSEEN}]")
_PLAIN_SCALAR = re.compile(r"[^\W\d_](?:[\w.+/&()'-]| (?! ))*(?<! )")
_NOT_TEXT_IN_YAML = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))  # YAML 1.1
_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_TIME = re.compile(r"\A(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ\Z")
_WIDEST = 100
_BEFORE = 60  # characters kept before the caret when a long line is cut
_CUT = "…"

_MOST_ESCAPED = 2  # how many times longer a text may become because characters of it are escaped
LONGEST_SHOWN = 300
"""How many characters of a text from a file, a server or a variable a message shows."""


def quote(text: str, *, most: int = LONGEST_SHOWN) -> str:
    """Return the text in double quotes on one line; characters that a terminal would act on or hide are escaped.

    A text of more than `most` characters is cut, and the quotes are followed by the number of further characters.
    """
    shown = text if len(text) <= most else text[:LONGEST_SHOWN]
    while len(shown) > 1 and len(quote_whole(shown)) > _MOST_ESCAPED * most:
        shown = shown[: len(shown) // 2]
    if shown == text:
        return quote_whole(text)
    return f"{quote_whole(shown + _CUT)} ({count_more(text, shown)})"


def quote_name(name: str) -> str:
    """Return a name in quotes, whole if groupsync could write it: a reviewer of a plan must see the whole name."""
    return quote(name, most=LONGEST_NAME)


def quote_whole(text: str) -> str:
    """Return the text in double quotes like `quote`, of any length: for lines of YAML to paste."""
    return '"' + make_visible(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def cut(text: str, most: int = LONGEST_SHOWN) -> str:
    """Return the text; if it has more than `most` characters, cut it and add the number of further characters."""
    if len(text) <= most:
        return text
    shown = text[:most]
    return f"{shown}{_CUT} ({count_more(text, shown)})"


def count_more(text: str, shown: str) -> str:
    """Return how many characters a text has beyond the part that is shown."""
    return count(len(text) - len(shown), "more character", "more characters")


def describe_look_alike(name: str, other: str, group_id: str) -> str:
    """Return a clause about a live group whose name `other` looks like `name`, with its id to tell the two apart."""
    return f"{quote(other)} [id={group_id}] looks like it{describe_difference(name, other)}"


def describe_idle_pattern(pattern: str, look_alike: str | None, ids: Mapping[str, str]) -> str:
    """Return that a pattern matches no live group, and name one that looks like it; `ids` maps names to ids."""
    if look_alike is None:
        return f"{quote(pattern)} matches no live group"
    clause = describe_look_alike(pattern, look_alike, ids[look_alike])
    return f"{quote(pattern)} matches no live group; {clause}: if that group is meant, copy its name"


def quote_file(name: str) -> str:
    """Return the name of a file as the user gave it; quoted if a terminal would act on it or hide a part of it."""
    return name if name.isprintable() else quote(name)


def write_scalar(text: str) -> str:
    """Return the text as a YAML scalar on one line; quoted only if YAML 1.1 or 1.2 would read it as something else."""
    is_plain = _PLAIN_SCALAR.fullmatch(text) and text.lower() not in _NOT_TEXT_IN_YAML and make_visible(text) == text
    return text if is_plain else quote_whole(text).replace("##", "#\\x23")  # CI logs may read `##[...]` as a command


def make_visible(text: str) -> str:
    """Return the text with all characters escaped that act on a terminal, are invisible, or look like a blank."""
    if text.isprintable() and (text.isascii() or not NOT_ALWAYS_VISIBLE.search(text)):
        return text
    return "".join(char if _is_visible(char, base) else _escape(char) for char, base in iterate_with_base(text))


def _is_visible(char: str, base: str) -> bool:
    """Return whether a reader can see the character correctly after the character `base`."""
    if _VARIATION_SELECTOR.match(char):
        return not base.isalpha()
    if char == "\u200d" or ord(char) in TAGS:
        return is_emoji(base)
    return char.isprintable() and not _NEVER_VISIBLE.match(char)


def _escape(char: str) -> str:
    return f"\\u{ord(char):04x}" if char <= "\uffff" else f"\\U{ord(char):08x}"


def count(number: int, one: str, many: str) -> str:
    """Return the number, with separators for thousands, and the noun for one or for many."""
    return f"{number:,} {one if number == 1 else many}"


def count_seconds(seconds: float) -> str:
    """Return a number of seconds with its noun, such as `1 second` or `0.5 seconds`."""
    return f"{seconds:g} {'second' if seconds == 1 else 'seconds'}"


def count_contacts(number: int | None) -> str:
    """Return the number of contacts in a group as text; None means that the server does not say."""
    return "number of contacts unknown" if number is None else count(number, "contact", "contacts")


def format_time(moment: datetime) -> str:
    """Return a UTC time in ISO 8601, to the second."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def describe_time(moment: str) -> str:
    """Return a time that `format_time` wrote, to the minute and for people: `2026-11-23 12:00 UTC`."""
    return _TIME.sub(r"\1 \2 UTC", moment)


def first_lines(lines: Sequence[str], most: int, more: str = "... and {:,} more") -> list[str]:
    """Return the first `most` lines; if there are more, also a last line that says how many are left out."""
    shown = [*lines[:most]]
    if len(lines) > most:
        shown.append(more.format(len(lines) - most))
    return shown


def join_names(names: Iterable[str], word: str = "and", *, most: int = 10) -> str:
    """Return the names in quotes, such as `"A", "B" and "C"`; of more than `most`, the first and how many others."""
    quoted = first_lines([quote(name) for name in names], most, "{:,} more")
    *first, last = quoted
    return f"{', '.join(first)} {word} {last}" if first else last


def measure_width(text: str) -> int:
    """Return how many columns the text takes on a terminal (UAX #11: wide characters take two)."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def cut_to_width(text: str, columns: int) -> str:
    """Return as much of the beginning of the text as fits into the columns."""
    if measure_width(text) <= columns:
        return text
    room = columns - measure_width(_CUT)
    kept = ""
    for char in text:
        room -= _width(char)
        if room < 0:
            break
        kept += char
    return kept + _CUT


def _width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


@functools.lru_cache(maxsize=16)
def list_line_starts(text: str) -> tuple[int, ...]:
    """Return the offsets at which the lines of a text start; LF, CR LF and CR end a line."""
    return (0, *(found.end() for found in _LINE_BREAK.finditer(text)))


def render_excerpt(text: str, starts: Sequence[int], line: int, column: int) -> tuple[str, ...]:
    """Return a line of a text and a caret under one of its columns, both counted from 1; () if there is no such line.

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
