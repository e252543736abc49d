"""How fast requests may start: without limit until the server says 429, then a little slower than it accepted them."""

from __future__ import annotations

import math
from collections import deque

_WINDOW = 1.0  # seconds over which accepted requests are counted
_SHORTEST_WINDOW = 0.1
_FEWEST = 10  # accepted requests that make a measurement
_SHARE = 0.95  # of the rate that was measured: at the server's very limit every second request would be refused
_LEAST_SLOWER = 1.1  # by how much a further 429 lengthens the interval, at least
_MOST_SLOWER = 2.0  # and at most
_REGAINED = 30.0  # seconds after which the 5 % are regained; after two minutes the pace is more than twice as fast


class Pace:
    """The interval between the starts of two requests. All times are of one clock, in seconds.

    `Patience` makes one, asks it when each request may start, and tells it how requests were answered, always under
    its own lock: this class has none. Without a pace requests come in bursts: after each pause as many as the server
    has room for, then a refusal for each thread.
    """

    def __init__(self) -> None:
        self.since = 0.0
        """When the latest pause ends or ended: the answer to an earlier request says nothing about the present pace."""
        self._interval = 0.0
        self._next = 0.0
        self._accepted: deque[float] = deque()

    def book(self, now: float) -> float:
        """Return when the next request may start, and count it as started then."""
        start = max(now, self._next)
        self._next = start + self._find_interval(start)
        return start

    def note_answer(self, now: float) -> None:
        """Count a request that the server accepted."""
        self._accepted.append(now)
        while self._accepted[0] < now - _WINDOW:
            self._accepted.popleft()

    def slow_down(self, now: float, paused_until: float) -> None:
        """Set the pace by what the server accepted before the 429 that has just come, and pause until `paused_until`.

        Too few accepted requests are no measurement, and leave the pace as it is.
        """
        seconds = min(_WINDOW, max(_SHORTEST_WINDOW, now - self.since))
        accepted = sum(time > now - seconds for time in self._accepted)
        if accepted >= _FEWEST:
            self._interval = self._lengthen(self._find_interval(now), measured=seconds / (_SHARE * accepted))
        self.since = self._next = paused_until
        self._accepted.clear()

    def _lengthen(self, present: float, *, measured: float) -> float:
        """Return the measured interval, or if there is a pace already, 1.1 to 2 times the present one."""
        if not present:
            return measured
        return min(max(measured, _LEAST_SLOWER * present), _MOST_SLOWER * present)

    def _find_interval(self, now: float) -> float:
        """Return the interval, which shrinks, slowly at first, to find out whether the server accepts more by now."""
        age = max(0.0, now - self.since)
        return self._interval * math.exp(math.log(_SHARE) * (age / _REGAINED) ** 2)
