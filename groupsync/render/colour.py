"""Colours for a terminal, by the beginning of a line: renderers return plain text, the same for every output."""

from __future__ import annotations

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_RED = "\x1b[31m"
_BOLD_RED = "\x1b[1;31m"
_GREEN = "\x1b[32m"
_BOLD_GREEN = "\x1b[1;32m"
_YELLOW = "\x1b[33m"
_BOLD_YELLOW = "\x1b[1;33m"
_CYAN = "\x1b[36m"
_DIM = "\x1b[2m"

STYLES = {
    "  + ": _GREEN,
    "  ~ ": _YELLOW,
    '  - "': _RED,
    "  # Not agreed to": _BOLD_RED,
    "  # ": _BOLD,
    "  ? ": _CYAN,
    "      | ": _BOLD_RED,
    "Plan: ": _BOLD,
    "Looser than the default": _BOLD_YELLOW,
    "No changes.": _BOLD_GREEN,
    "Apply complete": _BOLD_GREEN,
    "Nothing left to do": _BOLD_GREEN,
    "Apply incomplete": _BOLD_RED,
    "The plan is still valid": _BOLD_GREEN,
    "Restore: ": _BOLD,
    "Restore complete": _BOLD_GREEN,
    "Restore incomplete": _BOLD_RED,
    "groupsync cannot ": _BOLD_RED,
    "ok       ": _GREEN,
    "warning  ": _BOLD_YELLOW,
    "failed   ": _BOLD_RED,
    "groupsync is ready": _BOLD_GREEN,
    "groupsync is not ready": _BOLD_RED,
    "Agreed to under removed": _BOLD,
    "Not agreed to": _BOLD_RED,
    "Refused": _BOLD_RED,
    "Error": _BOLD_RED,
    "Warning": _BOLD_YELLOW,
}
"""The style of each line that begins so. `tests/cli/test_colour.py` fails if no output has such a line."""


CHANGES = ("  + ", "  ~ ", '  - "', '    "')
"""The start of the first line of a change, or of a group that stays. Indented lines below it are dim."""

_DETAIL = "      "


def colour_lines(text: str) -> str:
    """Return the text with each line styled by the way it begins; details of a change are dim."""
    lines = []
    is_in_change = False
    for line in text.split("\n"):
        is_in_change = line.startswith(CHANGES) or (is_in_change and line.startswith(_DETAIL))
        is_detail = is_in_change and not line.startswith(CHANGES)
        lines.append(f"{_DIM}{line}{_RESET}" if is_detail else _colour_line(line))
    return "\n".join(lines)


def _colour_line(line: str) -> str:
    style = next((style for beginning, style in STYLES.items() if line.startswith(beginning)), None)
    return f"{style}{line}{_RESET}" if style else line
