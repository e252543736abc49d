"""Deletions and creates that look like a rename."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from groupsync.model.plan import Plan
    from groupsync.model.review import Suggestion


def find_suggestions(_plan: Plan) -> tuple[Suggestion, ...]:
    """Return no suggestion: they come with the next commit."""
    return ()
