"""A request that was sent, and how it ended."""

from __future__ import annotations

from msgspec import Struct


class Request(Struct, frozen=True, kw_only=True):
    """A request that was sent, and how it ended.

    `status` is None if no complete response came. `problem` says what went wrong and is empty if nothing did. `why` is
    the reason for a request that is not the change itself, such as reading a group after a lost response.
    """

    method: str
    path: str
    status: int | None
    milliseconds: int
    problem: str = ""
    why: str = ""
