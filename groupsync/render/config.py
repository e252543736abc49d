"""A configuration in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.render.escape import for_terminal

if TYPE_CHECKING:
    from groupsync.model.config import Config


def render_config(config: Config) -> str:
    """Return the line that says that these files are valid and what they hold."""
    figures = [
        f"{len(config.groups):,} {'group' if len(config.groups) == 1 else 'groups'}",
        f"{len(config.removed):,} removed",
        f"{len(config.ignore):,} ignore {'pattern' if len(config.ignore) == 1 else 'patterns'}",
    ]
    return for_terminal(f"Valid: {', '.join(config.files)}: {', '.join(figures)}.\n")
