"""How to render a review: how much of it, with which lines of the configuration, in how many bytes."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from groupsync.command import NO_OPTIONS

if TYPE_CHECKING:
    from groupsync.command import CommandOptions
    from groupsync.model.ci_run import CiRun
    from groupsync.model.config import Config
    from groupsync.model.groups import Source
    from groupsync.model.review import Review

MOST_BYTES = 65_000  # GitHub accepts comments of up to 65,536


class Detail(enum.Enum):
    """How much to render: the verdict only, the changes and problems, or every group."""

    QUIET = "quiet"
    CONCISE = "concise"
    VERBOSE = "verbose"


RenderExcerpt: TypeAlias = Callable[["Source | None"], Sequence[str]]
"""Returns the line of a source in the configuration with a caret under it; nothing if there is no such line."""


def render_no_excerpt(_source: Source | None) -> tuple[str, ...]:
    """Return nothing: there is no configuration to quote."""
    return ()


class View(Struct, frozen=True, kw_only=True):
    """The options of a renderer.

    `commit` is the commit of the configuration, empty if unknown. `ci_run` is the run of the CI system; None outside of
    one. `options` and `plan_file` (empty if there is none) are for the commands to run next. `max_bytes` applies to
    Markdown only: a larger page omits the least important items.
    """

    detail: Detail = Detail.CONCISE
    excerpt: RenderExcerpt = render_no_excerpt
    commit: str = ""
    ci_run: CiRun | None = None
    options: CommandOptions = NO_OPTIONS
    plan_file: str = ""
    max_bytes: int = MOST_BYTES

    def quoting(self, quoted: Config | Review) -> View:
        """Return the view that quotes lines of this configuration, or the excerpts of this review."""
        return replace(self, excerpt=quoted.excerpt)


DEFAULT_VIEW = View()
