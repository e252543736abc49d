"""What may go wrong with one request, on the wire between a client and a server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Refused:
    """Connections are refused (ECONNREFUSED) before this request, which is the first to come through afterwards.

    That begins when the request before it is received whole (for number 1: with the proxy), as `refuse` says. It ends
    so many seconds after the request before it is over, or with `listen`. Attempts are not counted: the kernel sees
    them, the proxy does not.
    """

    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ResetBefore:
    """The request is received whole and not forwarded; a TCP reset ends its connection."""


@dataclass(frozen=True, slots=True)
class Hang:
    """The request is received whole, not forwarded, and never answered."""


@dataclass(frozen=True, slots=True)
class HoldBefore:
    """`held` is set, and the request waits for `release`; it is never forwarded if its client is gone by then."""


@dataclass(frozen=True, slots=True)
class Latency:
    """The request is forwarded after so many seconds, even if its client is gone by then."""

    seconds: float


@dataclass(frozen=True, slots=True)
class ActedThenReset:
    """The server acts and its answer is received whole; a TCP reset ends the connection instead of it."""


@dataclass(frozen=True, slots=True)
class ActedThen:
    """The server acts; this status (400 or more) answers instead: 500 in the Phonebook's words, others in HTML."""

    status: int = 500


@dataclass(frozen=True, slots=True)
class ActedThenHang:
    """The server acts; its answer is never passed on."""


@dataclass(frozen=True, slots=True)
class HoldAfter:
    """The server acts, `held` is set, and the answer waits for `release`, or is lost with its client."""


@dataclass(frozen=True, slots=True)
class CutHead:
    """The server acts; so many bytes of the answer's head, at most all but one, are passed on, then FIN."""

    size: int


@dataclass(frozen=True, slots=True)
class CutBody:
    """The server acts; the head and so many bytes of the body, at most all but one, are passed on, then FIN.

    An answer without a body (204) loses the last byte of its head instead, which many a client does not miss.
    """

    size: int


@dataclass(frozen=True, slots=True)
class Drip:
    """The server acts; its answer is passed on byte by byte, so many seconds apart."""

    pause: float


Before: TypeAlias = ResetBefore | Hang | HoldBefore | Latency
After: TypeAlias = ActedThenReset | ActedThen | ActedThenHang | HoldAfter | CutHead | CutBody | Drip
Fault: TypeAlias = Before | After
Choose: TypeAlias = Callable[[int, str, str], Fault | None]  # by the number, method and path of a request


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A request, the fault it met, and the status of the server's own answer; None where there was none yet."""

    method: str
    path: str
    fault: Fault | None = None
    status: int | None = None
