"""What was sent, and why: notes for the report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from groupsync.model.request import Request


class Journal:
    """The requests of one change, or of a run as a whole, in their order; `why` is noted with those that follow."""

    def __init__(self, why: str = "") -> None:
        self.why = why
        self._requests: list[Request] = []

    @property
    def requests(self) -> tuple[Request, ...]:
        """All that were noted."""
        return tuple(self._requests)

    def note(self, request: Request) -> None:
        """Note a request that has ended."""
        self._requests.append(replace(request, why=self.why))
