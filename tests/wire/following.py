"""A watcher for tests: its waits take no time, and it records all that happens."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from typing import TYPE_CHECKING

from groupsync.errors import ExitCode
from groupsync.interrupt import Interrupt
from groupsync.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from groupsync.model.report import Progress


@dataclass(eq=False)
class Follower(Watcher, Interrupt):
    """A watcher and an interrupt whose waits take no time; `stopped_by` sets it from the beginning."""

    stopped_by: InitVar[ExitCode | None] = None
    pauses: list[float] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    steps: list[Progress] = field(default_factory=list)
    counts: list[tuple[int, int, str]] = field(default_factory=list)
    bugs: list[Exception] = field(default_factory=list)

    def __post_init__(self, stopped_by: ExitCode | None) -> None:
        Interrupt.__init__(self)
        if stopped_by is not None:
            self.set(stopped_by)

    def wait(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        return self.is_set

    def on_begin(self, change: str) -> None:
        self.begun.append(change)

    def on_end(self, change: str) -> None:
        self.ended.append(change)

    def on_progress(self, step: Progress) -> None:
        self.steps.append(step)

    def on_count(self, number: int, total: int, name: str) -> None:
        self.counts.append((number, total, name))

    def on_bug(self, error: Exception) -> None:
        self.bugs.append(error)


@dataclass(eq=False)
class ActsAfterWait(Follower):
    """A watcher that does something else after a wait; the first wait has number 1."""

    actions: dict[int, Callable[[], object]] = field(default_factory=dict)

    def wait(self, seconds: float) -> bool:
        super().wait(seconds)
        if len(self.pauses) in self.actions:
            self.actions[len(self.pauses)]()
        return self.is_set


@dataclass(eq=False)
class ActsAfterFirstChange(Follower):
    """A watcher that does something else once the first change has been tried."""

    action: Callable[[], object] = lambda: None

    def on_progress(self, step: Progress) -> None:
        super().on_progress(step)
        if len(self.steps) == 1:
            self.action()


@dataclass(eq=False)
class ActsBeforeChange(Follower):
    """A watcher that does something else right before a change, which it knows by its label, is tried."""

    actions: dict[str, Callable[[], object]] = field(default_factory=dict)

    def on_begin(self, change: str) -> None:
        if change in self.actions:
            self.actions[change]()


@dataclass(eq=False)
class InterruptsAtFirstWait(Follower):
    """A watcher that interrupts the run when it waits for the first time."""

    def wait(self, seconds: float) -> bool:
        super().wait(seconds)
        self.set(ExitCode.INTERRUPTED)
        return self.is_set
