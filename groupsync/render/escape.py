"""The encoders between foreign text (names, file names, what a server says) and an output."""

from __future__ import annotations

from groupsync.names import make_visible


def for_terminal(text: str) -> str:
    """Return the text, line by line, without anything that a terminal would act on or hide."""
    return "\n".join(map(make_visible, text.split("\n")))
