"""A short way to make a review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.review.make import make_review
from tests.unit.core import LIMITS, NOW, TARGET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.review import Review


def review_of(wanted: Config, groups: Sequence[LiveGroup]) -> Review:
    """Return the review of the plan for a configuration and these live groups."""
    return make_review(wanted, groups, TARGET, NOW, LIMITS)
