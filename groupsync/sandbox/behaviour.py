"""How the Phonebook behaves where the vendor promises nothing."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, fields

from groupsync.sandbox.errors import SandboxError


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Unique names or not; the latency of every request; requests per second (0: no limit); how late lists are.

    A late list does not show yet what was created in the last so many seconds. Times are in seconds.
    """

    unique_names: bool = False
    latency: float = 0.0
    rate_limit: float = 0.0
    late_lists: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.unique_names, bool):
            raise SandboxError("unique_names is true or false")
        for field in fields(self)[1:]:
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
                raise SandboxError(f"{field.name} is a number of at least 0")


class RateLimiter:
    """A bucket of one second's requests that fills again at the rate of the limit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens = 0.0
        self._rate = 0.0
        self._filled_at = 0.0

    def wait_for(self, rate: float) -> float:
        """The seconds until the next request is allowed; 0 if this one is, and then it counts. Rate 0: always."""
        if not rate:
            return 0.0
        with self._lock:
            now = time.monotonic()
            most = max(1.0, rate)
            grown = self._tokens + (now - self._filled_at) * rate
            self._tokens = min(most, grown) if rate == self._rate else most
            self._rate, self._filled_at = rate, now
            if self._tokens < 1:
                return (1 - self._tokens) / rate
            self._tokens -= 1
            return 0.0


class Newcomers:
    """The groups created over HTTP and since when they are there, for lists that are late."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def add(self, group_id: str) -> None:
        """Note that this group was created just now."""
        self._since[group_id] = time.monotonic()

    def hidden(self, late: float) -> frozenset[str]:
        """The ids of the groups that a list which is so many seconds late does not show."""
        if not late:
            return frozenset()
        first = time.monotonic() - late
        return frozenset(group_id for group_id, since in list(self._since.items()) if since > first)
