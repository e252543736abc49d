"""Carrying a plan out: wave after wave, nothing deleted while anything else is undone, and a look at the end."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from groupsync.applier.attempt import Ending, Hand
from groupsync.applier.change import carry_out
from groupsync.applier.final_check import find_made, settle_report
from groupsync.applier.looks import list_with_late_ones
from groupsync.applier.watcher import Unwatched
from groupsync.applier.workers import wait_for, work_off
from groupsync.decide import ChangeState
from groupsync.errors import ApiError
from groupsync.model.plan import Create, label_change
from groupsync.model.report import GOOD_WORDS, Outcome, Progress, Report, Word
from groupsync.review.require import require_no_refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from groupsync.applier.protocols import Backups, Phonebook, Watcher
    from groupsync.decide import Decision
    from groupsync.model.config import Config
    from groupsync.model.plan import Change
    from groupsync.review.verify import VerifiedPlan


def apply_plan(  # noqa: PLR0913 - the parts of the program that come together here
    verified: VerifiedPlan,
    config: Config,
    phonebook: Phonebook,
    *,
    parallelism: int = 8,
    watcher: Watcher | None = None,
    backups: Backups | None = None,
    without_backup: bool = False,
) -> Report:
    """Carry out what is left of a verified plan and return what became of every change.

    Raises RefusedError when a guard stands against the plan. A request that fails raises nothing: the report says so.
    Up to `parallelism` changes of one wave run at the same time. The first failure ends the wave: what is under way is
    finished, nothing more is begun. An interrupt of the watcher does the same, and is waited for a few seconds only.
    Without `backups` a group is deleted only while nobody is in it, unless `without_backup` waives that. What the
    report says is settled by a list at the end.
    """
    require_no_refusal(verified.review)
    watcher = watcher or Unwatched()
    run = _Run(verified, phonebook, watcher)
    run.carry_out(parallelism, backups, without_backup=without_backup)
    before = make_initial_report(verified)
    outcomes = tuple(run.outcomes.get(outcome.change.id, outcome) for outcome in before.outcomes)
    report = replace(before, outcomes=outcomes)
    if verified.left:
        report = _look_and_settle(report, verified, config, phonebook, watcher)
    return replace(report, interrupt=watcher.interrupt)


def _look_and_settle(
    report: Report, verified: VerifiedPlan, config: Config, phonebook: Phonebook, watcher: Watcher
) -> Report:
    made = find_made(report)
    try:
        live = wait_for(lambda: list_with_late_ones(phonebook, made), watcher)
    except ApiError as error:
        return replace(report, verification_problem=str(error))
    return settle_report(report, verified, config, live)


def make_initial_report(verified: VerifiedPlan) -> Report:
    """Return what could be said of a run that has not begun yet."""
    return Report(
        outcomes=tuple(
            _find_done(decision)
            if decision.state is ChangeState.DONE
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

    def __init__(self, verified: VerifiedPlan, phonebook: Phonebook, watcher: Watcher) -> None:
        self._changes = verified.left
        self._known_ids = {group.id for group in verified.review.base}
        self._phonebook = phonebook
        self._watcher = watcher
        self._under_way: dict[str, tuple[Change, Hand]] = {}
        self._tried = 0
        self._failed = threading.Event()
        self.outcomes = {change.id: Outcome(change=change, word=Word.NOT_ATTEMPTED) for change in self._changes}

    def carry_out(self, parallelism: int, backups: Backups | None, *, without_backup: bool) -> None:
        carry_out_one = partial(
            carry_out,
            known_ids=self._known_ids,
            backups=backups,
            without_backup=without_backup,
            is_stopped=self._is_stopped,
        )
        attempt = partial(self._attempt, carry_out_one)
        try:
            for _, wave in groupby(self._changes, key=attrgetter("wave")):
                self._collect(work_off(tuple(wave), attempt, threads=parallelism, watcher=self._watcher))
        except BaseException:
            self._failed.set()  # or the threads would go on without anybody who listens
            raise
        for change, hand in tuple(self._under_way.values()):
            ending = Ending(word=Word.UNKNOWN, detail="the run ended before its answer")
            self.outcomes[change.id] = _make_outcome(change, hand, ending)

    def _collect(self, outcomes: Iterable[Outcome]) -> None:
        """Note the outcomes of a wave as they come in."""
        for outcome in outcomes:
            self._under_way.pop(outcome.change.id, None)
            self.outcomes[outcome.change.id] = outcome
            if outcome.word is not Word.NOT_ATTEMPTED:
                self._tried += 1
                self._watcher.on_progress(Progress(number=self._tried, total=len(self._changes), outcome=outcome))
            self._watcher.on_end(label_change(outcome.change))

    def _attempt(self, carry_out_one: Callable[[Change, Hand], Ending], change: Change) -> Outcome:
        """Try a change, unless the run was stopped before."""
        if self._is_stopped():
            return Outcome(change=change, word=Word.NOT_ATTEMPTED)
        hand = Hand(self._phonebook, self._watcher)
        self._under_way[change.id] = (change, hand)
        self._watcher.on_begin(label_change(change))
        try:
            ending = carry_out_one(change, hand)
        except Exception as error:  # noqa: BLE001 - what was written must be reported all the same
            self._watcher.on_bug(error)
            ending = Ending(word=Word.UNKNOWN, detail=f"a mistake in groupsync itself: {type(error).__name__}")
        if ending.word not in GOOD_WORDS:
            self._failed.set()
        return _make_outcome(change, hand, ending)

    def _is_stopped(self) -> bool:
        return self._failed.is_set() or self._watcher.interrupt is not None


def _make_outcome(change: Change, hand: Hand, ending: Ending) -> Outcome:
    return Outcome(
        change=change,
        word=ending.word,
        group_id=ending.group_id,
        detail=ending.detail,
        backup=ending.backup,
        requests=hand.journal.requests,
    )
