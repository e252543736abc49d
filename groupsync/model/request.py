"""A request as it went."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it went: `status` is None when no whole answer came, `problem` says what was wrong with it.

    `why` is the reason for a request that is not the change itself, such as a look after a lost answer.
    """

    method: str
    path: str
    status: int | None
    milliseconds: int
    problem: str = ""
    why: str = ""
