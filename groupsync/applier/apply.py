"""Carrying a plan out: wave after wave, nothing deleted before everything else is done, and a final check."""

from __future__ import annotations

import threading
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.applier.attempt import OUT_OF_MEMORY, Attempt, SeenIds, describe_failure
from groupsync.applier.change import carry_out
from groupsync.applier.final_check import check_report
from groupsync.applier.last_look import find_trails, look_after_run
from groupsync.applier.rules import ChangeRules, UndoRules
from groupsync.applier.workers import run_parallel
from groupsync.decide import ChangeState
from groupsync.errors import ApiError
from groupsync.interrupt import Interrupt
from groupsync.model.plan import Create, count_changes, describe_change, is_first_step
from groupsync.model.report import GOOD_WORDS, Cause, Outcome, Progress, Report, Word
from groupsync.review.require import require_no_refusal
from groupsync.watcher import LoggingWatcher

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groupsync.applier.protocols import Backups, Phonebook
    from groupsync.decide import Decision
    from groupsync.model.config import Config
    from groupsync.model.plan import Change
    from groupsync.model.remaining import RemainingChange
    from groupsync.review.verify import VerifiedPlan
    from groupsync.watcher import Watcher


def apply_plan(  # noqa: PLR0913 - the parts of the program that come together here
    verified: VerifiedPlan,
    config: Config,
    phonebook: Phonebook,
    *,
    parallelism: int = 8,
    watcher: Watcher | None = None,
    interrupt: Interrupt | None = None,
    backups: Backups | None = None,
    without_backup: bool = False,
) -> Report:
    """Carry out what remains of a verified plan and return how every change ended.

    Raises RefusedError if a guard refuses the plan. A request that fails raises nothing: the report has it. Up to
    `parallelism` changes of one wave run at the same time. The first failure ends the wave: requests in flight are
    finished, nothing more is begun. An interrupt does the same, and waits for a few seconds only. Without `backups` a
    group is deleted only while nobody is in it, unless `without_backup`. At the end the run waits until a list of all
    groups shows its changes, for two minutes at most, and corrects the report by it.
    """
    require_no_refusal(verified.review)
    watcher = watcher or LoggingWatcher()
    interrupt = interrupt or Interrupt()
    run = _Run(verified, phonebook, watcher, interrupt)
    run.carry_out(parallelism, backups, without_backup=without_backup)
    before = make_initial_report(verified)
    outcomes = tuple(run.outcomes.get(outcome.change.id, outcome) for outcome in before.outcomes)
    report = replace(before, outcomes=outcomes)
    if verified.remaining:
        try:
            trails = find_trails(outcomes)
            look = look_after_run(trails, phonebook, parallelism=parallelism, watcher=watcher, interrupt=interrupt)
        except ApiError as error:
            report = replace(report, verification_problem=describe_failure(error))
        except MemoryError:
            report = replace(report, verification_problem=OUT_OF_MEMORY)
        else:
            report = check_report(report, verified, config, look.live)
            report = replace(report, list_is_late=look.list_is_late)
    return replace(report, interrupt=interrupt.code)


def make_initial_report(verified: VerifiedPlan) -> Report:
    """Return the report of a run that has not begun yet."""
    return Report(
        outcomes=tuple(map(_make_initial_outcome, verified.decisions)),
        remaining=len(verified.remaining),
        newcomers=verified.newcomers,
    )


def _make_initial_outcome(decision: Decision) -> Outcome:
    """Return the outcome of a change before this run; a create that is already done is adopted from another run."""
    if decision.state is not ChangeState.DONE:
        return Outcome(change=decision.change, word=Word.NOT_ATTEMPTED)
    word = Word.ADOPTED if isinstance(decision.change, Create) else Word.ALREADY_DONE
    return Outcome(change=decision.change, word=word, group_id=decision.group_id)


class _Run:
    """One pass over the changes that remain; `outcomes` are by change, including those that were never begun."""

    def __init__(self, verified: VerifiedPlan, phonebook: Phonebook, watcher: Watcher, interrupt: Interrupt) -> None:
        self._remaining = verified.remaining
        self._base_names = {group.id: group.name for group in verified.review.base}
        self._known_ids = set(self._base_names)
        self._seen_ids = SeenIds({*self._known_ids, *verified.live_ids})
        self._undo_rules = UndoRules(verified.is_protected, verified.most_deletes)
        self._phonebook = phonebook
        self._watcher = watcher
        self._interrupt = interrupt
        self._in_flight: dict[str, tuple[Change, Attempt]] = {}
        self._total = count_changes(one.change for one in self._remaining)
        self._ended = 0
        self._is_out_of_memory = False
        self._failed = threading.Event()
        self.outcomes = {one.change.id: Outcome(change=one.change, word=Word.NOT_ATTEMPTED) for one in self._remaining}

    def carry_out(self, parallelism: int, backups: Backups | None, *, without_backup: bool) -> None:
        rules = ChangeRules(
            known_ids=self._known_ids,
            backups=backups,
            without_backup=without_backup,
            is_stopped=self._is_stopped,
            undo_rules=self._undo_rules,
        )
        attempt = partial(self._attempt, rules=rules)
        try:
            for _, group in groupby(self._remaining, key=_get_wave):
                wave = tuple(group)
                ended = self._collect(run_parallel(wave, attempt, threads=parallelism, interrupt=self._interrupt))
                if ended < len(wave) and not self._interrupt.is_set:
                    self._run_out_of_memory()  # of a thread, which then skipped a change: the next wave must not begin
        except BaseException:
            self._failed.set()  # otherwise the worker threads would go on
            raise
        detail = OUT_OF_MEMORY if self._is_out_of_memory else "the run ended before its answer"
        for change, unfinished in tuple(self._in_flight.values()):
            outcome = Outcome(change=change, word=Word.UNKNOWN, detail=detail)
            self.outcomes[change.id] = replace(outcome, backup=unfinished.backup, requests=unfinished.journal.requests)

    def _collect(self, outcomes: Iterable[Outcome | None]) -> int:
        """Note the outcomes of a wave as they come in, and return how many attempts have ended."""
        ended = 0
        for outcome in outcomes:
            ended += 1
            if outcome:
                self._note(outcome)
        return ended

    def _note(self, outcome: Outcome) -> None:
        """Note an outcome, which needs no memory, then report it."""
        self.outcomes[outcome.change.id] = outcome
        self._in_flight.pop(outcome.change.id, None)
        try:
            if outcome.word is not Word.NOT_ATTEMPTED:
                self._report_progress(outcome)
            self._watcher.on_end(describe_change(outcome.change))
        except MemoryError:
            self._run_out_of_memory()

    def _report_progress(self, outcome: Outcome) -> None:
        change = outcome.change
        if not is_first_step(change) or outcome.word not in GOOD_WORDS:
            self._ended += 1
        name = change.name if isinstance(change, Create) else self._base_names[change.group_id]
        self._watcher.on_progress(Progress(number=self._ended, total=self._total, name=name, outcome=outcome))

    def _attempt(self, remaining: RemainingChange[Change], rules: ChangeRules) -> Outcome | None:
        """Return the outcome of a change; None if memory ran out, so that the outcome is unknown once it was begun."""
        try:
            return self._try(remaining, rules)
        except MemoryError:
            self._run_out_of_memory()
            return None

    def _run_out_of_memory(self) -> None:
        """Begin nothing more; this needs no memory."""
        self._is_out_of_memory = True
        self._failed.set()

    def _try(self, remaining: RemainingChange[Change], rules: ChangeRules) -> Outcome:
        """Try a change, unless the run was stopped before."""
        change = remaining.change
        if self._is_stopped():
            return Outcome(change=change, word=Word.NOT_ATTEMPTED)
        attempt = Attempt(self._phonebook, self._interrupt, self._seen_ids)
        self._in_flight[change.id] = (change, attempt)
        self._watcher.on_begin(describe_change(change))
        try:
            outcome = carry_out(remaining, attempt, rules)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - what was written must be reported anyway
            self._watcher.on_bug(error)
            detail = f"a bug in groupsync: {type(error).__name__}"
            outcome = Outcome(change=change, word=Word.UNKNOWN, detail=detail, cause=Cause.MISTAKE)
        if outcome.word not in GOOD_WORDS:
            self._failed.set()
        return replace(outcome, backup=attempt.backup, requests=attempt.journal.requests)

    def _is_stopped(self) -> bool:
        return self._failed.is_set() or self._interrupt.is_set


def _get_wave(remaining: RemainingChange[Change]) -> int:
    return remaining.change.wave
