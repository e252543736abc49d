"""How a review is to be shown: how much of it, with which lines of the configuration, in how many bytes."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from groupsync.model.config import Config
    from groupsync.model.groups import Source

MOST_BYTES = 65_000  # GitHub takes comments of 65,536


class Detail(enum.Enum):
    """How much is shown: the verdict alone, what matters, or every group."""

    QUIET = "quiet"
    CONCISE = "concise"
    VERBOSE = "verbose"


Excerpt: TypeAlias = Callable[["Source | None"], Sequence[str]]
"""Returns the line of a place in the configuration with a caret under it, or nothing."""


def no_excerpt(_source: Source | None) -> tuple[str, ...]:
    """Return nothing: the configuration is not at hand."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a review is rendered.

    `commit` is that of the configuration, empty if it is not known. `max_bytes` is for Markdown only: what matters
    least is left out.
    """

    detail: Detail = Detail.CONCISE
    excerpt: Excerpt = no_excerpt
    commit: str = ""
    max_bytes: int = MOST_BYTES

    def quoting(self, config: Config) -> View:
        """Return the view that shows lines of this configuration."""
        return replace(self, excerpt=config.excerpt)


DEFAULT_VIEW = View()
