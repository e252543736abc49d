"""The lines of a configuration file, and which of them an entry takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.display import list_line_starts

if TYPE_CHECKING:
    from groupsync.model.groups import Source

_DASH = re.compile(r"( *)-( +)")
_KEY = re.compile(r"""(["']?)(\w+)\1 *:(?: +(.*))?""")
_OPENING = {"[": "]", "{": "}"}


class FileLines(Struct, frozen=True, kw_only=True):
    """The text of a file, by its lines without their ends; line numbers count from 1."""

    text: str
    starts: tuple[int, ...]

    def line(self, number: int) -> str:
        """Return a line without its end."""
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].rstrip("\r\n")

    def lines(self, first: int, last: int) -> list[str]:
        """Return the lines from the first to the last number."""
        return [self.line(number) for number in range(first, last + 1)]

    def offset(self, source: Source) -> int:
        """Return where in the text a source is."""
        return self.starts[source.line - 1] + source.column - 1

    def find_line(self, offset: int) -> int:
        """Return the number of the line that contains this offset."""
        return self.text.count("\n", 0, offset) + 1

    def replace(self, start: int, end: int, new: str) -> tuple[int, int, list[str]]:
        """Return the first and the last line number of a part of the text, and these lines with the part replaced."""
        first, last = self.find_line(start), self.find_line(end)
        whole = self.text[self.starts[first - 1] : start] + new + self.line(last)[end - self.starts[last - 1] :]
        return first, last, whole.split("\n")


def split_lines(text: str) -> FileLines:
    """Return the lines of a text."""
    return FileLines(text=text, starts=list_line_starts(text))


class BlockEntry(Struct, frozen=True, kw_only=True):
    """An entry of a list that is written as lines: the dash after `indent`, its lines, and its keys if it has some.

    `keys` holds the lines of each key, the first one without the dash. It is None if the entry is not a mapping of
    plain lines, but a text, a mapping in braces, or has quoted text over several lines.
    """

    first: int
    last: int
    indent: str
    gap: str
    keys: dict[str, list[str]] | None


def find_block_entry(lines: FileLines, source: Source) -> BlockEntry | None:
    """Return the entry at a source; None if it does not begin on the line of its dash, or if its end is unclear."""
    first_line = lines.line(source.line)
    found = _DASH.fullmatch(first_line[: source.column - 1])
    if not found:
        return None
    indent, gap = found.groups()
    last = number = source.line
    while number < len(lines.starts):
        number += 1
        line = lines.line(number)
        stripped = line.lstrip(" ")
        if not stripped or stripped.startswith("#"):
            continue
        if len(line) - len(stripped) <= len(indent):
            break
        last = number
    content = [" " * (source.column - 1) + first_line[source.column - 1 :], *lines.lines(source.line + 1, last)]
    if any(_is_open(line) for line in content):
        return None
    return BlockEntry(
        first=source.line, last=last, indent=indent, gap=gap, keys=_split_keys(content, source.column - 1)
    )


def _split_keys(content: list[str], column: int) -> dict[str, list[str]] | None:
    """Return the lines of each key of a mapping; None if it is unclear to which key a line belongs."""
    keys: dict[str, list[str]] = {}
    for line in content:
        stripped = line.lstrip(" ")
        is_remark = not stripped or stripped.startswith("#")
        if keys and (is_remark or len(line) - len(stripped) > column):
            keys[next(reversed(keys))].append(line)
            continue
        found = _KEY.fullmatch(line[column:])
        if not found or found[2] in keys:
            return None
        keys[found[2]] = [line]
    return keys


def _is_open(line: str) -> bool:
    """Return whether quoted text begins on the line, alone or after a key, and does not end there."""
    found = _KEY.fullmatch(line.strip(" "))
    value = (found[3] if found else line.strip(" ")) or ""
    return value[:1] in {'"', "'"} and find_flow_end(value, 0) is None


def is_in_brackets(lines: FileLines, source: Source) -> bool:
    """Return whether an entry of YAML is in a list in brackets: after a bracket or a comma."""
    return lines.text[: lines.offset(source)].rstrip()[-1:] in {"[", ","}


def find_flow_end(text: str, start: int) -> int | None:
    """Return where the YAML or JSON value that starts here ends, inside brackets; None if that is not found."""
    if text[start : start + 1] in {'"', "'"}:
        return _find_quote_end(text, start)
    if text[start : start + 1] not in _OPENING:
        found = re.compile(r"(?:[^,\[\]{}\s:#]|:(?!\s)|(?<! )#| (?=[^ #,\]}]))+").match(text, start)
        return found.end() if found else None
    return _find_bracket_end(text, start)


def _find_quote_end(text: str, start: int) -> int | None:
    pattern = r'"(?:[^"\\]|\\.)*"' if text[start] == '"' else r"'(?:[^']|'')*'"
    found = re.compile(pattern, re.DOTALL).match(text, start)
    return found.end() if found else None


_TOKEN = re.compile(
    r"""(?P<skip>\s+|(?<=\s)\#[^\n]*|[,:?])|(?P<open>[\[{])|(?P<close>[\]}])|(?P<quoted>["'])|(?P<plain>[^\s,\[\]{}"'])"""
)


def _find_bracket_end(text: str, start: int) -> int | None:
    """Return where the list or mapping in brackets ends that starts here."""
    expected: list[str] = []
    position = start
    while token := _TOKEN.match(text, position):
        end: int | None = token.end()
        if token["open"]:
            expected.append(_OPENING[token["open"]])
        elif token["close"]:
            if expected.pop() != token["close"]:
                return None
            if not expected:
                return token.end()
        elif token["quoted"] or token["plain"]:
            end = find_flow_end(text, position)
        if end is None:
            return None
        position = end
    return None
