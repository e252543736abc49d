"""Carrying a plan out: wave after wave, nothing deleted while anything else is undone, and a look at the end."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from groupsync.applier.change import carry_out
from groupsync.applier.settle import settle_report
from groupsync.model.plan import Change, Create
from groupsync.model.report import GOOD_WORDS, Outcome, Progress, Report, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.applier.protocols import Phonebook, Watcher
    from groupsync.decide import Decision
    from groupsync.model.config import Config
    from groupsync.review import VerifiedPlan


def apply_plan(
    verified: VerifiedPlan, config: Config, phonebook: Phonebook, *, parallelism: int, watcher: Watcher
) -> Report:
    """Carry out what is left of a verified plan and return what became of every change.

    Up to `parallelism` changes of one wave run at the same time. The first failure ends the wave: what is under way is
    finished, nothing more is begun. An interrupt of the watcher does the same. What the report says is settled by a
    list at the end.
    """
    run = _Run(phonebook, watcher, verified.left)
    run.carry_out(parallelism)
    report = Report(
        outcomes=tuple(run.outcomes.get(decision.change.id) or _find_done(decision) for decision in verified.decisions),
        left=len(verified.left),
        strangers=verified.newcomers,
        interrupt=watcher.interrupt,
    )
    return settle_report(report, verified, config, phonebook) if verified.left else report


def _find_done(decision: Decision) -> Outcome:
    """Return the outcome of a change that was done before this run: a create by a group that nobody knew of."""
    word = Word.ADOPTED if isinstance(decision.change, Create) else Word.ALREADY_DONE
    return Outcome(change=decision.change, word=word, group_id=decision.group_id)


class _Run:
    """One pass over the changes that are left; `outcomes` are by change, also of those that were never begun."""

    def __init__(self, phonebook: Phonebook, watcher: Watcher, changes: Sequence[Change]) -> None:
        self.outcomes = {change.id: Outcome(change=change, word=Word.NOT_ATTEMPTED) for change in changes}
        self._phonebook = phonebook
        self._watcher = watcher
        self._changes = changes
        self._tried = 0
        self._failed = threading.Event()

    def carry_out(self, parallelism: int) -> None:
        with ThreadPoolExecutor(max_workers=parallelism) as executor:
            try:
                for _, wave in groupby(self._changes, key=attrgetter("wave")):
                    self._collect([executor.submit(self._attempt, change) for change in wave])
            except BaseException:
                self._failed.set()  # or leaving the executor would wait for all that is queued
                raise

    def _collect(self, under_way: Sequence[Future[Outcome]]) -> None:
        """Note the outcomes of a wave as they come in."""
        for future in as_completed(under_way):
            outcome = future.result()
            self.outcomes[outcome.change.id] = outcome
            if outcome.word is not Word.NOT_ATTEMPTED:
                self._tried += 1
                self._watcher.on_progress(Progress(number=self._tried, total=len(self._changes), outcome=outcome))

    def _attempt(self, change: Change) -> Outcome:
        outcome = None
        try:
            outcome = carry_out(change, self._phonebook, self._is_stopped)
        finally:
            if outcome is None or outcome.word not in GOOD_WORDS:
                self._failed.set()
        return outcome

    def _is_stopped(self) -> bool:
        return self._failed.is_set() or self._watcher.interrupt is not None
