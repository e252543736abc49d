"""A watcher for tests: waits take no time, and all that happens is recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from groupsync.errors import ExitCode
    from groupsync.model.report import Progress


@dataclass
class Follower:
    """A watcher that records what it is told, and a clock that only its sleeps advance."""

    interrupt: ExitCode | None = None
    pauses: list[float] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    steps: list[Progress] = field(default_factory=list)
    counts: list[tuple[int, int, str]] = field(default_factory=list)
    bugs: list[Exception] = field(default_factory=list)

    def monotonic(self) -> float:
        return sum(self.pauses)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def on_begin(self, label: str) -> None:
        self.begun.append(label)

    def on_end(self, label: str) -> None:
        self.ended.append(label)

    def on_progress(self, step: Progress) -> None:
        self.steps.append(step)

    def on_count(self, number: int, total: int, name: str) -> None:
        self.counts.append((number, total, name))

    def on_bug(self, error: Exception) -> None:
        self.bugs.append(error)
