"""A valid configuration in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, quote_file
from groupsync.render.escape import for_terminal

if TYPE_CHECKING:
    from groupsync.model.config import Config


def render_config(config: Config) -> str:
    """Return the line that says that the files are valid, and how many entries they have."""
    counts = [
        count(len(config.groups), "group", "groups"),
        count(len(config.removed), "removed", "removed"),
        count(len(config.ignore), "ignore pattern", "ignore patterns"),
    ]
    if config.protected:
        counts.append(count(len(config.protected), "protected pattern", "protected patterns"))
    files = ", ".join(map(quote_file, config.files))
    return for_terminal(f"Valid: {files}: {', '.join(counts)}.\n")
