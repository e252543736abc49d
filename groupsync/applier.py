"""Carrying a plan out: wave after wave, nothing deleted while anything else is undone, and a look at the end."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol

from groupsync.decide import Decision, State, decide_changes
from groupsync.errors import ApiError, MissingGroupError
from groupsync.model.plan import Change, Create, Delete, Rename, find_written_name
from groupsync.model.report import GOOD_WORDS, Outcome, Progress, Report, Word
from groupsync.planner import make_plan

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from groupsync.errors import ExitCode
    from groupsync.model.config import Config
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.review import VerifiedPlan


class Phonebook(Protocol):
    """The calls that an apply needs; each raises ApiError, and MissingGroupError where the group is not there."""

    def list_groups(self) -> tuple[LiveGroup, ...]:
        """Return all groups."""

    def get_group(self, group_id: GroupId) -> LiveGroup:
        """Return the group of that id."""

    def create_group(self, name: str) -> LiveGroup:
        """Make a group and return it."""

    def rename_group(self, group_id: GroupId, name: str) -> LiveGroup:
        """Give a group another name and return it."""

    def delete_group(self, group_id: GroupId) -> None:
        """Delete a group; its contacts stay, without it."""


class Watcher(Protocol):
    """Who follows a run, and may ask it to stop."""

    @property
    def interrupt(self) -> ExitCode | None:
        """The exit code of the signal that asks to begin nothing more; None as long as there was none."""

    def on_progress(self, step: Progress) -> None:
        """Take notice of a change that has just been tried; called by the thread that applies."""


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
    return _verify(report, verified, config, phonebook) if verified.left else report


def _find_done(decision: Decision) -> Outcome:
    """Return the outcome of a change that was done before this run: a create by a group that nobody knew of."""
    word = Word.ADOPTED if isinstance(decision.change, Create) else Word.ALREADY_DONE
    return Outcome(change=decision.change, word=word, group_id=_find_id(decision))


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
        if self._failed.is_set() or self._watcher.interrupt is not None:
            return Outcome(change=change, word=Word.NOT_ATTEMPTED)
        outcome = None
        try:
            outcome = _carry_out(change, self._phonebook)
        finally:
            if outcome is None or outcome.word not in GOOD_WORDS:
                self._failed.set()
        return outcome


def _carry_out(change: Change, phonebook: Phonebook) -> Outcome:
    try:
        match change:
            case Create(name=name):
                return Outcome(change=change, word=Word.DONE, group_id=phonebook.create_group(name).id)
            case Rename(group_id=group_id, after=name):
                phonebook.rename_group(group_id, name)
                return Outcome(change=change, word=Word.DONE, group_id=group_id)
            case Delete():
                return _delete(change, phonebook)
    except ApiError as error:
        lost = error.ambiguous and isinstance(change, Create)
        detail = f"{error} ({error.hint})" if error.hint else str(error)
        return Outcome(change=change, word=Word.UNKNOWN if lost else Word.FAILED, detail=detail)


def _delete(change: Delete, phonebook: Phonebook) -> Outcome:
    """Delete the group if a fresh look shows what was reviewed: name, and no more contacts than were counted then."""
    try:
        group = phonebook.get_group(change.group_id)
        (decision,) = decide_changes((change,), (), (group,))
        if decision.state is not State.PENDING:
            return Outcome(change=change, word=Word.CONFLICT, group_id=group.id, detail=decision.detail)
        phonebook.delete_group(change.group_id)
    except MissingGroupError:
        return Outcome(change=change, word=Word.ALREADY_DONE, group_id=change.group_id)
    return Outcome(change=change, word=Word.DONE, group_id=change.group_id)


def _verify(report: Report, verified: VerifiedPlan, config: Config, phonebook: Phonebook) -> Report:
    """Settle the outcomes by what is live now, and look at what there is besides."""
    try:
        live = _list_with_late_ones(report.outcomes, phonebook)
    except ApiError as error:
        return replace(report, verification_problem=str(error))
    changes = tuple(outcome.change for outcome in report.outcomes)
    base_ids = {group.id for group in verified.review.base}
    outcomes = tuple(map(_settle, report.outcomes, decide_changes(changes, base_ids, live)))
    plan = make_plan(config, live)
    known = {change.id for change in changes}
    return replace(
        report,
        outcomes=outcomes,
        strangers=_find_strangers(outcomes, base_ids, live),
        since=replace(plan, changes=tuple(change for change in plan.changes if change.id not in known)),
    )


def _list_with_late_ones(outcomes: Sequence[Outcome], phonebook: Phonebook) -> tuple[LiveGroup, ...]:
    """Return all groups, also those that this run has made and that the list does not show yet."""
    live = phonebook.list_groups()
    listed = {group.id for group in live}
    late = []
    for outcome in outcomes:
        if isinstance(outcome.change, Create) and outcome.group_id and outcome.group_id not in listed:
            with contextlib.suppress(MissingGroupError):
                late.append(phonebook.get_group(outcome.group_id))
    return (*live, *late)


def _find_strangers(
    outcomes: Sequence[Outcome], base_ids: Collection[GroupId], live: Sequence[LiveGroup]
) -> tuple[LiveGroup, ...]:
    """Return the groups that are not this plan's and new since its base, or of the very name that it has written."""
    own = {outcome.group_id for outcome in outcomes}
    written = {name for outcome in outcomes if (name := find_written_name(outcome.change)) is not None}
    return tuple(group for group in live if group.id not in own and (group.id not in base_ids or group.name in written))


def _settle(outcome: Outcome, decision: Decision) -> Outcome:
    """Hold what the run saw of a change against what is live after it."""
    is_good = outcome.word in GOOD_WORDS
    if decision.state is State.DONE:
        return outcome if is_good else replace(outcome, word=_find_good_word(outcome), group_id=_find_id(decision))
    if decision.state is State.CONFLICT and isinstance(outcome.change, Create):
        return replace(outcome, word=Word.DUPLICATE, detail=decision.detail)
    if is_good:
        detail = decision.detail or "the Phonebook said that it was done, and does not show it now"
        return replace(outcome, word=Word.CONFLICT, detail=detail)
    return outcome


def _find_good_word(outcome: Outcome) -> Word:
    """Return the word for a change that is done although this run did not see it succeed."""
    if isinstance(outcome.change, Create):
        return Word.ADOPTED
    return Word.DONE if outcome.word is Word.FAILED else Word.ALREADY_DONE


def _find_id(decision: Decision) -> GroupId | None:
    return decision.group.id if decision.group else None
