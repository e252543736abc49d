"""A valid configuration in one line, after its scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, quote_file
from groupsync.model.scope import describe_scope
from groupsync.render.escape import join_lines

if TYPE_CHECKING:
    from groupsync.model.config import Config


def render_config(config: Config) -> str:
    """Return the lines that say which scope the files have, that they are valid, and how many entries they have."""
    counts = [
        count(len(config.groups), "group", "groups"),
        count(len(config.removed), "removed", "removed"),
        count(len(config.ignore), "ignore pattern", "ignore patterns"),
    ]
    if config.protected:
        counts.append(count(len(config.protected), "protected pattern", "protected patterns"))
    files = ", ".join(map(quote_file, config.files))
    lines = [*describe_scope(config.make_scope()), f"Valid: {files}: {', '.join(counts)}."]
    return join_lines(lines) + "\n"
