"""Numbers of things, in words."""

from __future__ import annotations


def count(number: int, one: str, many: str) -> str:
    """Return the number, with separators for thousands, and the word that goes with it."""
    return f"{number:,} {one if number == 1 else many}"


def count_contacts(number: int | None) -> str:
    """Return how many contacts are in a group; None means that the server does not say."""
    return "number of contacts unknown" if number is None else count(number, "contact", "contacts")
