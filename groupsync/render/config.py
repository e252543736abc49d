"""A configuration in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, quote_file
from groupsync.render.escape import for_terminal

if TYPE_CHECKING:
    from groupsync.model.config import Config


def render_config(config: Config) -> str:
    """Return the line that says that these files are valid and what they hold."""
    figures = [
        count(len(config.groups), "group", "groups"),
        count(len(config.removed), "removed", "removed"),
        count(len(config.ignore), "ignore pattern", "ignore patterns"),
        *([count(len(config.protected), "protected pattern", "protected patterns")] if config.protected else []),
    ]
    return for_terminal(f"Valid: {', '.join(map(quote_file, config.files))}: {', '.join(figures)}.\n")
