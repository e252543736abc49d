"""How fast requests may begin: at any speed until the server says 429, then a little slower than it took them."""

from __future__ import annotations

import math
from collections import deque

_WINDOW = 1.0  # seconds in which the answers are counted
_SHORTEST_WINDOW = 0.1
_FEWEST = 10  # answers that make a measure
_SLOWER = 0.95  # than the server was seen to take: at its very limit every second request would be refused
_LEAST_SLOWER, _MOST_SLOWER = 1.1, 2.0  # at once, where there is a pace already
_REGAINED = 30.0  # seconds after which the 5 % are regained; after two minutes it is more than twice as fast


class Pace:
    """The time between the beginnings of two requests; times are those of one clock, in seconds. Not for two threads.

    Without it requests come in bursts: after each pause as many as there is room for, then a refusal for each worker.
    """

    def __init__(self) -> None:
        self.since = 0.0
        """When the latest pause ends or ended: what was begun before tells nothing of the present pace."""
        self._interval = 0.0
        self._next = 0.0
        self._answers: deque[float] = deque()

    def book(self, now: float) -> float:
        """Return when the next request may begin, and count it as begun then."""
        begins = max(now, self._next)
        self._next = begins + self._find_interval(begins)
        return begins

    def note_answer(self, now: float) -> None:
        """Count a request that the server took."""
        self._answers.append(now)
        while self._answers[0] < now - _WINDOW:
            self._answers.popleft()

    def slow_down(self, now: float, opens_at: float) -> None:
        """Take the measure of a server that has just refused a request, and wants none before `opens_at`."""
        seconds = min(_WINDOW, max(_SHORTEST_WINDOW, now - self.since))
        taken = sum(answered > now - seconds for answered in self._answers)
        if taken >= _FEWEST:
            present = self._find_interval(now)
            measured = seconds / (_SLOWER * taken)
            slower = min(max(measured, _LEAST_SLOWER * present), _MOST_SLOWER * present)
            self._interval = slower or measured
        self.since = self._next = opens_at
        self._answers.clear()

    def _find_interval(self, now: float) -> float:
        """Return the interval: it shrinks, slowly at first, to find out whether the server takes more by now."""
        return self._interval * math.exp(math.log(_SLOWER) * (max(0.0, now - self.since) / _REGAINED) ** 2)
