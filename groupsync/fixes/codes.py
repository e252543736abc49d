"""Which findings of a plan an edit of the configuration can solve. It imports little, so a plan starts fast."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from groupsync.model.review import Review

_PROBLEMS = frozenset(
    {
        "id-not-live",
        "name-taken",
        "name-twice-live",
        "previously-still-live",
        "previously-twice-live",
        "removed-is-listed",
    }
)
_GUARDS = frozenset({"contacts-lost", "interrupted-rename", "max-deletes", "protected", "unknown-count", "unlisted"})


def has_questions(review: Review) -> bool:
    """Return whether a plan probably has something that an edit can solve: what it refuses and suggests says so."""
    return bool(review.suggestions) or not (_PROBLEMS | _GUARDS).isdisjoint(review.refusals)
