"""What the sandbox is told, and what it was asked: faults, behaviour, the log of requests."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from groupsync.sandbox.behaviour import Behaviour, Newcomers, RateLimiter
from groupsync.sandbox.errors import SandboxError
from groupsync.sandbox.faults import Answer, Drop, Fault, Faults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupsync.sandbox.faults import When


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request of the log. The path is decoded and without its query; the status is 0 where nothing was answered."""

    method: str
    path: str
    status: int


class Controls:
    """The controls of one sandbox; every one of them may be used while it serves."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.faults = Faults()
        self.rate_limiter = RateLimiter()
        self.newcomers = Newcomers()
        self.stopping = threading.Event()
        self._log: list[Entry] = []

    def wait(self, seconds: float) -> None:
        """Sleep, but no longer than the sandbox serves."""
        if seconds > 0:
            self.stopping.wait(seconds)

    def behave(self, **changes: float) -> None:
        """Replace some of `unique_names`, `latency`, `rate_limit` and `late_lists`, as in Behaviour."""
        try:
            self.behaviour = replace(self.behaviour, **changes)  # type: ignore[arg-type]  # checked by Behaviour
        except TypeError as error:
            raise SandboxError(f"there is no such behaviour: {', '.join(changes)}") from error

    def fail_next(  # noqa: PLR0913 - each is one fact of a fault
        self,
        method: str = "*",
        *,
        status: int = 500,
        times: int = 1,
        when: When = "before",
        path: str | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        pace: float = 0.0,
    ) -> None:
        """Answer the next requests of this method and path (a pattern with * and ?) with this status and body.

        With `when="after"` the request is carried out first. A body of text goes out as HTML unless a header says
        otherwise, bytes as they are, anything else as JSON; without one it is the documented error (below 400:
        empty). A Content-Length among the headers that is not true breaks the answer off. `delay` is the time in
        seconds before the answer, `pace` that between two bytes of its body.
        """
        instead = Answer(status=status, body=body, headers=headers or {}, pace=pace)
        self.faults.add(Fault(method=method, instead=instead, when=when, path=path, delay=delay), times)

    def drop_next(
        self, method: str = "*", *, times: int = 1, when: When = "before", path: str | None = None, delay: float = 0.0
    ) -> None:
        """Close the connection of the next such requests without an answer, before or after they are carried out."""
        self.faults.add(Fault(method=method, instead=Drop(), when=when, path=path, delay=delay), times)

    def delay_next(
        self, method: str = "*", *, seconds: float, times: int = 1, when: When = "before", path: str | None = None
    ) -> None:
        """Wait before the next such requests are carried out, or after that and before they are answered."""
        self.faults.add(Fault(method=method, instead=None, when=when, path=path, delay=seconds), times)

    def clear_faults(self) -> None:
        """Let no fault come that has not come yet."""
        self.faults.clear()

    def note(self, entry: Entry) -> None:
        """Write the request down."""
        self._log.append(entry)

    def log(self) -> tuple[Entry, ...]:
        """Every request below /v1, in the order in which they were answered."""
        return tuple(self._log)

    def requests(self, method: str | None = None) -> int:
        """How many requests there were, of this method or of all."""
        return sum(method in (None, entry.method) for entry in self.log())

    def forget_requests(self) -> None:
        """Begin the log anew."""
        self._log.clear()
