"""What a server saw of the program that it is measured with, and how many requests it lets through."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """Requests and answers since the last reset; `most_in_flight`: at the same time; `connections` that carried one.

    `waited`: seconds from each request to its answer, in all.
    """

    requests: int = 0
    connections: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    waited: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)

    def begin(self) -> None:
        """Note a request that came."""
        self.requests += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def end(self, status: int, waited: float) -> None:
        """Note the answer to one of them, and how many seconds after it came."""
        self.in_flight -= 1
        self.waited += waited
        self.statuses[status] += 1

    def as_json(self) -> dict[str, object]:
        """Return what the benchmark reads."""
        return {
            "requests": self.requests,
            "connections": self.connections,
            "most_in_flight": self.most_in_flight,
            "mean_wait": self.waited / max(1, self.requests),
            "statuses": {str(status): number for status, number in sorted(self.statuses.items())},
        }


class Bucket:
    """A bucket of one second's requests that fills again at the rate of the limit, as the sandbox has it."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._tokens = max(1.0, rate)
        self._filled_at = now

    def wait_for(self, now: float) -> float:
        """Return the seconds until the next request is let through; 0 lets this one through. Rate 0: always."""
        if not self._rate:
            return 0.0
        self._tokens = min(max(1.0, self._rate), self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        if self._tokens < 1:
            return (1 - self._tokens) / self._rate
        self._tokens -= 1
        return 0.0
