"""How a review is to be shown: how much of it, with which lines of the configuration, in how many bytes."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
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
    """What a renderer is told besides the review.

    `commit` is that of the configuration, empty where it is not known. `max_bytes` is for Markdown alone, which leaves
    out what matters least rather than exceed it.
    """

    detail: Detail = Detail.CONCISE
    excerpt: Excerpt = no_excerpt
    commit: str = ""
    max_bytes: int = MOST_BYTES


DEFAULT_VIEW = View()
