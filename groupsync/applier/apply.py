"""Carrying a plan out: wave after wave, nothing deleted while anything else is undone, and a look at the end."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from groupsync.applier.change import carry_out
from groupsync.applier.crew import work_off
from groupsync.applier.hand import Ending, Hand
from groupsync.applier.settle import settle_report
from groupsync.decide import State
from groupsync.model.plan import Create, label_change
from groupsync.model.report import GOOD_WORDS, Outcome, Progress, Report, Word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groupsync.applier.protocols import Backups, Phonebook, Watcher
    from groupsync.decide import Decision
    from groupsync.model.config import Config
    from groupsync.model.plan import Change
    from groupsync.review import VerifiedPlan


def apply_plan(  # noqa: PLR0913 - the parts of the program that come together here
    verified: VerifiedPlan,
    config: Config,
    phonebook: Phonebook,
    *,
    parallelism: int,
    watcher: Watcher,
    backups: Backups | None = None,
) -> Report:
    """Carry out what is left of a verified plan and return what became of every change.

    Up to `parallelism` changes of one wave run at the same time. The first failure ends the wave: what is under way is
    finished, nothing more is begun. An interrupt of the watcher does the same, and is waited for a few seconds only.
    Without `backups`, groups that hold contacts are deleted without keeping who they were. What the report says is
    settled by a list at the end.
    """
    run = _Run(verified, phonebook, watcher, backups)
    run.carry_out(parallelism)
    before = make_first_report(verified)
    outcomes = tuple(run.outcomes.get(outcome.change.id, outcome) for outcome in before.outcomes)
    report = replace(before, outcomes=outcomes, interrupt=watcher.interrupt)
    return settle_report(report, verified, config, phonebook) if verified.left else report


def make_first_report(verified: VerifiedPlan) -> Report:
    """Return what could be said of a run that has not begun yet."""
    return Report(
        outcomes=tuple(
            _find_done(decision)
            if decision.state is State.DONE
            else Outcome(change=decision.change, word=Word.NOT_ATTEMPTED)
            for decision in verified.decisions
        ),
        left=len(verified.left),
        strangers=verified.newcomers,
    )


def _find_done(decision: Decision) -> Outcome:
    """Return the outcome of a change that was done before this run: a create by a group that nobody knew of."""
    word = Word.ADOPTED if isinstance(decision.change, Create) else Word.ALREADY_DONE
    return Outcome(change=decision.change, word=word, group_id=decision.group_id)


class _Run:
    """One pass over the changes that are left; `outcomes` are by change, also of those that were never begun."""

    def __init__(self, verified: VerifiedPlan, phonebook: Phonebook, watcher: Watcher, backups: Backups | None) -> None:
        self._changes = verified.left
        self._known_ids = {group.id for group in verified.review.base}
        self._phonebook = phonebook
        self._watcher = watcher
        self._backups = backups
        self._tried = 0
        self._failed = threading.Event()
        self.outcomes = {change.id: Outcome(change=change, word=Word.NOT_ATTEMPTED) for change in self._changes}

    def carry_out(self, parallelism: int) -> None:
        try:
            for _, wave in groupby(self._changes, key=attrgetter("wave")):
                self._collect(work_off(tuple(wave), self._attempt, threads=parallelism, watcher=self._watcher))
        except BaseException:
            self._failed.set()  # or the threads would go on without anybody who listens
            raise

    def _collect(self, outcomes: Iterable[Outcome]) -> None:
        """Note the outcomes of a wave as they come in."""
        for outcome in outcomes:
            self.outcomes[outcome.change.id] = outcome
            if outcome.word is not Word.NOT_ATTEMPTED:
                self._tried += 1
                self._watcher.on_progress(Progress(number=self._tried, total=len(self._changes), outcome=outcome))
            self._watcher.on_end(label_change(outcome.change))

    def _attempt(self, change: Change) -> Outcome:
        """Try a change, unless the run was stopped before."""
        if self._is_stopped():
            return Outcome(change=change, word=Word.NOT_ATTEMPTED)
        self.outcomes[change.id] = Outcome(change=change, word=Word.UNKNOWN, detail="the run ended before its answer")
        hand = Hand(self._phonebook, self._watcher)
        self._watcher.on_begin(label_change(change))
        ending = self._carry_out(change, hand)
        if ending.word not in GOOD_WORDS:
            self._failed.set()
        return Outcome(
            change=change,
            word=ending.word,
            group_id=ending.group_id,
            detail=ending.detail,
            backup=ending.backup,
            requests=hand.journal.requests,
        )

    def _carry_out(self, change: Change, hand: Hand) -> Ending:
        try:
            return carry_out(
                change, hand, known_ids=self._known_ids, backups=self._backups, is_stopped=self._is_stopped
            )
        except Exception as error:  # noqa: BLE001 - what was written must be reported all the same
            self._watcher.on_bug(error)
            return Ending(word=Word.UNKNOWN, detail=f"a mistake in groupsync itself: {type(error).__name__}")

    def _is_stopped(self) -> bool:
        return self._failed.is_set() or self._watcher.interrupt is not None
