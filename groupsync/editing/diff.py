"""The difference between two texts of a file: as `git apply` and `patch` accept it, and as lines to write by hand."""

from __future__ import annotations

from difflib import SequenceMatcher, unified_diff
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_NEWLINE = "\\ No newline at end of file"


def render_diff(path: str, old: str, new: str) -> str:
    """Return the unified diff of two texts of a file, each with its byte order mark if it has one; empty if equal.

    Lines end with LF only, as git counts them: a CR is a part of its line.
    """
    lines = unified_diff(_split(old), _split(new), f"a/{path}", f"b/{path}", lineterm="")
    return "".join(_end_lines(lines))


class ChangedLines(Struct, frozen=True, kw_only=True):
    """The lines `first` to `last` of the old text become the lines `new`; `last` is `first - 1` if lines are added."""

    first: int
    last: int
    new: tuple[str, ...]


def list_changed_lines(old: str, new: str) -> tuple[ChangedLines, ...]:
    """Return what changes from a text to another, the last lines first: so no change moves the lines of the others."""
    before, after = _list_lines(old), _list_lines(new)
    opcodes = SequenceMatcher(None, before, after).get_opcodes()
    changes = (
        ChangedLines(first=first + 1, last=last, new=tuple(after[start:end]))
        for tag, first, last, start, end in opcodes
        if tag != "equal"
    )
    return tuple(changes)[::-1]


def _list_lines(text: str) -> list[str]:
    """Return the lines without their ends."""
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


def _split(text: str) -> list[str]:
    """Return the lines with their LF, which a last line may lack."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _end_lines(lines: Iterator[str]) -> Iterator[str]:
    """Yield the lines of a diff, each with its end; a line of a text that has none is marked."""
    for number, line in enumerate(lines):
        if line.endswith("\n"):
            yield line
        elif number < len(("---", "+++")) or line.startswith("@@"):
            yield f"{line}\n"
        else:
            yield f"{line}\n{_NO_NEWLINE}\n"
