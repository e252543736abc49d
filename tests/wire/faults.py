"""What can go wrong with one request on the wire between a client and a server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Refused:
    """Connections are refused (ECONNREFUSED) before this request, which is the first one accepted afterwards.

    The refusal begins when the previous request has been received (for number 1: with the proxy), as `refuse` says. It
    ends `seconds` after the previous request is over, or with `listen`. Refused attempts are not counted: only the
    kernel sees them.
    """

    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ResetBefore:
    """The request is received and not forwarded; a TCP reset ends its connection."""


@dataclass(frozen=True, slots=True)
class Hang:
    """The request is received, not forwarded, and never answered."""


@dataclass(frozen=True, slots=True)
class HoldBefore:
    """The request waits for `release`, with `held` set; it is not forwarded if its client is gone by then."""


@dataclass(frozen=True, slots=True)
class Latency:
    """The request is forwarded after some seconds, even if its client is gone by then."""

    seconds: float


@dataclass(frozen=True, slots=True)
class ActedThenReset:
    """The server acts and answers; instead of the answer the client gets a TCP reset."""


@dataclass(frozen=True, slots=True)
class ActedThen:
    """The server acts; the client gets this status (400 or more): 500 as the Phonebook's JSON, any other as HTML."""

    status: int = 500


@dataclass(frozen=True, slots=True)
class ActedThenHang:
    """The server acts; the client gets no answer."""


@dataclass(frozen=True, slots=True)
class HoldAfter:
    """The server acts; its answer waits for `release`, with `held` set, or is lost if its client is gone by then."""


@dataclass(frozen=True, slots=True)
class CutHead:
    """The server acts; `size` bytes of the answer's head (at most all but one) are passed on, then FIN."""

    size: int


@dataclass(frozen=True, slots=True)
class CutBody:
    """The server acts; the head and `size` bytes of the body (at most all but one) are passed on, then FIN.

    An answer without a body (204) loses the last byte of its head instead, which many clients do not notice.
    """

    size: int


@dataclass(frozen=True, slots=True)
class Drip:
    """The server acts; its answer is passed on byte by byte, `pause` seconds apart."""

    pause: float


Before: TypeAlias = ResetBefore | Hang | HoldBefore | Latency
After: TypeAlias = ActedThenReset | ActedThen | ActedThenHang | HoldAfter | CutHead | CutBody | Drip
Fault: TypeAlias = Before | After
Choose: TypeAlias = Callable[[int, str, str], Fault | None]  # from number, method and path of a request


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A request, the fault it met, and the status of the server's own answer; None if there is none (yet)."""

    method: str
    path: str
    fault: Fault | None = None
    status: int | None = None
