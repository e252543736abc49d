"""What a run reports while it works."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from groupsync.model.wait import ListWait, LockWait

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.errors import StalePlanError
    from groupsync.model.config import Config
    from groupsync.model.plan import PlanProblem
    from groupsync.model.report import Progress, Report
    from groupsync.model.restore import Restore, RestoreReport
    from groupsync.model.review import Review
    from groupsync.model.scope import Scope
    from groupsync.model.wait import Wait
    from groupsync.review.verify import VerifiedPlan


class Watcher:
    """Receives everything that a run reports while it works; this one ignores it.

    A run of `runs/` calls the methods in this order; override those that you need. The watchers of the commands are in
    `cli/`, and `LoggingWatcher` is for users of the library. All methods are called by the thread that runs, with two
    exceptions. The thread that tries a change calls `on_begin`, `on_bug`, `on_wait` and `on_wait_end`. Only the command
    line calls `on_interrupt` and `on_quit`, inside a signal handler, so they must not print through `sys.stderr`.
    """

    def on_wait(self, wait: Wait) -> None:
        """The run, or a thread of it, begins to wait."""

    def on_wait_end(self, wait: Wait) -> None:
        """That wait is over, with or without success."""

    def on_warning(self, text: str) -> None:
        """Something is allowed, but probably a mistake."""

    def on_plan(self, review: Review, config: Config) -> None:
        """A plan was made; it is applied next, if it has changes, nothing refuses it, and it is approved."""

    def on_questions(self, review: Review) -> None:
        """Questions about this plan are asked next."""

    def on_restores(self, restores: Sequence[Restore], scope: Scope) -> None:
        """The preview of a restore is ready; it is carried out next, if it has anything to do and is approved."""

    def on_obstacles(self, problems: Sequence[PlanProblem], scope: Scope) -> None:
        """Nothing can be restored, for these reasons."""

    def on_refusal(self, review: Review, config: Config) -> None:
        """A saved or approved plan still fits, and a guard refuses it now."""

    def on_stale(self, review: Review, error: StalePlanError) -> None:
        """The run ends with this error, because the plan is not the one to apply here and now."""

    def on_start(self, verified: VerifiedPlan | None) -> None:
        """The first change is about to be made; a restore has no plan."""

    def on_begin(self, change: str) -> None:
        """A change is about to be tried."""

    def on_progress(self, step: Progress) -> None:
        """A step of a change was tried; most changes have one."""

    def on_count(self, number: int, total: int, name: str) -> None:
        """This many of all contacts for the group of this name were tried."""

    def on_end(self, change: str) -> None:
        """The outcome of a change is known."""

    def on_bug(self, error: Exception) -> None:
        """A bug in groupsync ended a change; its outcome is unknown."""

    def on_interrupt(self) -> None:
        """The run was asked to stop: requests in flight end, nothing more is begun."""

    def on_quit(self) -> None:
        """The process is about to end at once, without waiting for requests in flight."""

    def on_report(self, report: Report, review: Review) -> None:
        """The apply has ended, and the lock is released; not called for a new plan without changes."""

    def on_restore_report(self, report: RestoreReport) -> None:
        """The restore has ended, and the lock is released; not called if there was nothing to do."""


@contextlib.contextmanager
def waiting(watcher: Watcher, wait: Wait) -> Iterator[None]:
    """Report a wait to the watcher for as long as the context is open."""
    watcher.on_wait(wait)
    try:
        yield
    finally:
        watcher.on_wait_end(wait)


class LoggingWatcher(Watcher):
    """Reports to the logger `groupsync`: the watcher of a caller who brings none."""

    def __init__(self) -> None:
        import logging  # noqa: PLC0415 - only users of the library log

        self._logger = logging.getLogger("groupsync")

    def on_wait(self, wait: Wait) -> None:
        """Log the wait."""
        log = self._logger.info if isinstance(wait, LockWait | ListWait) else self._logger.debug
        log("waiting: %s", wait)

    def on_warning(self, text: str) -> None:
        """Log a warning."""
        self._logger.warning("%s", text)

    def on_plan(self, review: Review, config: Config) -> None:  # noqa: ARG002 - for those that quote the configuration
        """Log why the plan is refused, if it is."""
        self._log_refusals(review)

    def on_refusal(self, review: Review, config: Config) -> None:  # noqa: ARG002 - as above
        """Log why the plan is refused."""
        self._log_refusals(review)

    def on_obstacles(self, problems: Sequence[PlanProblem], scope: Scope) -> None:  # noqa: ARG002 - as above
        """Log why nothing can be restored."""
        for problem in problems:
            self._logger.error("%s: %s", problem.code, problem.message)

    def on_begin(self, change: str) -> None:
        """Log what is begun."""
        self._logger.debug("begun: %s", change)

    def on_progress(self, step: Progress) -> None:
        """Log how a step of a change ended."""
        outcome = step.outcome
        if step.is_first_step:
            self._logger.info("first step: %s: %s", outcome.word.value, outcome.change.id)
            return
        self._logger.info(
            "%d of %d: %s: %s %s", step.number, step.total, outcome.word.value, outcome.change.id, outcome.detail
        )

    def on_count(self, number: int, total: int, name: str) -> None:
        """Log how far the contacts of a group are."""
        self._logger.debug("%d of %d contacts of group %s", number, total, name)

    def on_bug(self, error: Exception) -> None:
        """Log the exception with its traceback."""
        self._logger.error("a bug in groupsync", exc_info=error)

    def _log_refusals(self, review: Review) -> None:
        for problem in review.plan.problems:
            self._logger.error("%s: %s", problem.code, problem.message)
        for guard in review.guards:
            if not guard.allowed:
                self._logger.error("%s: %s", guard.code, guard.message)
