"""A short way to make a review."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from groupsync.model.account import make_target
from groupsync.review.make import make_review
from tests.unit.core import LIMITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.review import Review

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=timezone.utc)


def review_of(wanted: Config, groups: Sequence[LiveGroup]) -> Review:
    """Return the review of the plan for these live groups."""
    return make_review(wanted, groups, make_target("https://api.messente.com/v1", "user"), NOW, LIMITS)
