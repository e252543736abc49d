"""The difference between two texts of a file, as `git apply` and `patch` accept it."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_NEWLINE = "\\ No newline at end of file"


def render_diff(path: str, old: str, new: str) -> str:
    """Return the unified diff of two texts of a file, each with its byte order mark if it has one; empty if equal.

    Lines end with LF only, as git counts them: a CR is a part of its line.
    """
    lines = unified_diff(_split(old), _split(new), f"a/{path}", f"b/{path}", lineterm="")
    return "".join(_end_lines(lines))


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
