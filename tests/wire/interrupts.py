"""Interrupts for tests: what waits for a run to be stopped, without waiting."""

from __future__ import annotations

from groupsync.errors import ExitCode
from groupsync.interrupt import Interrupt


class NoWaits(Interrupt):
    """Its waits take no time, and are noted. Its clock is the real one, by which requests time out."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        return self.is_set


class NoRetries(Interrupt):
    """It comes with the first wait, so a request is sent once and ends with the error that it had."""

    def wait(self, _seconds: float) -> bool:
        self.set(ExitCode.INTERRUPTED)
        return True


class FakeClock(NoWaits):
    """Its clock advances only by its waits. For requests that are answered at once, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0

    def wait(self, seconds: float) -> bool:
        self._now += seconds
        return super().wait(seconds)

    def monotonic(self) -> float:
        return self._now
