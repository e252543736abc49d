"""Colour for a terminal, put on by how a line begins: the text itself stays the same bytes."""

from __future__ import annotations

_RESET = "\x1b[0m"
_STYLES = (
    ("  + ", "\x1b[32m"),
    ("  ~ ", "\x1b[33m"),
    ("  - ", "\x1b[31m"),
    ("  # ", "\x1b[1m"),
    ("  ? ", "\x1b[36m"),
    ("      | ", "\x1b[1;31m"),
    ("Plan: ", "\x1b[1m"),
    ("Looser than the default", "\x1b[1;33m"),
    ("No changes.", "\x1b[1;32m"),
    ("Apply complete", "\x1b[1;32m"),
    ("Nothing left to do", "\x1b[1;32m"),
    ("Apply incomplete", "\x1b[1;31m"),
    ("The plan still holds", "\x1b[1;32m"),
    ("Restore: ", "\x1b[1m"),
    ("Restore complete", "\x1b[1;32m"),
    ("Restore incomplete", "\x1b[1;31m"),
    ("groupsync cannot ", "\x1b[1;31m"),
    ("ok       ", "\x1b[32m"),
    ("warning  ", "\x1b[1;33m"),
    ("failed   ", "\x1b[1;31m"),
    ("groupsync is ready", "\x1b[1;32m"),
    ("groupsync is not ready", "\x1b[1;31m"),
    ("Refused", "\x1b[1;31m"),
    ("Error", "\x1b[1;31m"),
    ("Warning", "\x1b[1;33m"),
)


def colour_lines(text: str) -> str:
    """Return the text with the lines that have a meaning in its colour."""
    return "\n".join(map(_colour_line, text.split("\n")))


def _colour_line(line: str) -> str:
    style = next((style for prefix, style in _STYLES if line.startswith(prefix)), None)
    return f"{style}{line}{_RESET}" if style else line
