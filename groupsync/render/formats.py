"""The formats in which a review can be shown, by the names that the command line knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from groupsync.planfile import dump_review
from groupsync.render.text import Excerpt, no_excerpt, render_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupsync.model.review import Review


class ReviewFormat(Protocol):
    """A function from a review to what is printed."""

    def __call__(self, review: Review, *, verbose: bool = False, excerpt: Excerpt = no_excerpt) -> str:
        """Return the review in this format; `excerpt` gives the lines of a place in the configuration."""


def render_json(review: Review, *, verbose: bool = False, excerpt: Excerpt = no_excerpt) -> str:  # noqa: ARG001
    """Return the plan file, which is always whole and quotes nothing."""
    return dump_review(review).decode()


REVIEW_FORMATS: Mapping[str, ReviewFormat] = {"text": render_text, "json": render_json}
