"""Numbers of things and times, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def count(number: int, one: str, many: str) -> str:
    """Return the number, with separators for thousands, and the word that goes with it."""
    return f"{number:,} {one if number == 1 else many}"


def count_contacts(number: int | None) -> str:
    """Return how many contacts are in a group; None means that the server does not say."""
    return "number of contacts unknown" if number is None else count(number, "contact", "contacts")


def format_time(moment: datetime) -> str:
    """Return a time of UTC in ISO 8601, to the second."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
