"""Carrying a plan out: wave after wave, nothing deleted while anything else is undone, and a look at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol, TypeAlias

from groupsync.decide import Decision, State, decide_changes
from groupsync.errors import ApiError, MissingGroupError
from groupsync.model.plan import Change, Create, Delete, Rename
from groupsync.model.report import GOOD_WORDS, Outcome, Progress, Report, Word
from groupsync.planner import make_plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


OnProgress: TypeAlias = Callable[[Progress], None]


def apply_plan(
    verified: VerifiedPlan, config: Config, phonebook: Phonebook, *, parallelism: int, on_progress: OnProgress
) -> Report:
    """Carry out what is left of a verified plan and return what became of every change.

    Up to `parallelism` changes of one wave run at the same time. The first failure ends the wave: what is under way is
    finished, nothing more is begun. Ctrl-C does the same. What the report says is settled by a list at the end.
    """
    run = _Run(phonebook, on_progress, total=len(verified.left))
    tried = run.carry_out(verified.left, parallelism)
    report = Report(
        outcomes=tuple(tried.get(decision.change.id) or _find_done(decision) for decision in verified.decisions),
        left=len(verified.left),
        newcomers=verified.newcomers,
        interrupted=run.interrupted,
    )
    return _verify(report, verified, config, phonebook) if verified.left else report


def _find_done(decision: Decision) -> Outcome:
    """Return the outcome of a change that was done before this run: a create by a group that nobody knew of."""
    word = Word.ADOPTED if isinstance(decision.change, Create) else Word.ALREADY_DONE
    return Outcome(change=decision.change, word=word, group_id=decision.group.id if decision.group else None)


class _Run:
    """One pass over the changes that are left."""

    def __init__(self, phonebook: Phonebook, on_progress: OnProgress, *, total: int) -> None:
        self.interrupted = False
        self._phonebook = phonebook
        self._on_progress = on_progress
        self._total = total
        self._outcomes: dict[str, Outcome] = {}
        self._stop = threading.Event()

    def carry_out(self, changes: Sequence[Change], parallelism: int) -> Mapping[str, Outcome]:
        with ThreadPoolExecutor(max_workers=parallelism) as executor:
            for _, wave in groupby(changes, key=attrgetter("wave")):
                under_way = {executor.submit(self._attempt, change) for change in wave}
                try:
                    self._collect(under_way)
                except KeyboardInterrupt:
                    self.interrupted = True
                    self._stop.set()
                    self._collect(under_way)
        return self._outcomes

    def _collect(self, under_way: set[Future[Outcome]]) -> None:
        """Take the outcomes out of the set as they come in."""
        for future in as_completed(tuple(under_way)):
            under_way.discard(future)
            outcome = future.result()
            self._outcomes[outcome.change.id] = outcome
            if outcome.word is not Word.NOT_ATTEMPTED:
                self._on_progress(Progress(number=len(self._outcomes), total=self._total, outcome=outcome))

    def _attempt(self, change: Change) -> Outcome:
        if self._stop.is_set():
            return Outcome(change=change, word=Word.NOT_ATTEMPTED)
        outcome = None
        try:
            outcome = _carry_out(change, self._phonebook)
        finally:
            if outcome is None or outcome.word not in GOOD_WORDS:
                self._stop.set()
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
        return Outcome(change=change, word=Word.UNKNOWN if lost else Word.FAILED, detail=str(error))


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
    """Settle the outcomes by what is live now, and look at what a new plan would do besides."""
    try:
        live = phonebook.list_groups()
    except ApiError as error:
        return replace(report, verification_problem=str(error))
    changes = tuple(outcome.change for outcome in report.outcomes)
    decisions = decide_changes(changes, {group.id for group in verified.review.base}, live)
    plan = make_plan(config, live)
    known = {change.id for change in changes}
    return replace(
        report,
        outcomes=tuple(map(_settle, report.outcomes, decisions)),
        since=replace(plan, changes=tuple(change for change in plan.changes if change.id not in known)),
    )


def _settle(outcome: Outcome, decision: Decision) -> Outcome:
    """Hold what the run saw of a change against what is live after it."""
    is_good = outcome.word in GOOD_WORDS
    match decision.state:
        case State.DONE if is_good:
            return outcome
        case State.DONE:
            word = {Word.NOT_ATTEMPTED: Word.ALREADY_DONE, Word.CONFLICT: Word.ALREADY_DONE}.get(
                outcome.word, Word.DONE
            )
            word = Word.ADOPTED if isinstance(outcome.change, Create) else word
            return replace(outcome, word=word, group_id=decision.group.id if decision.group else outcome.group_id)
        case State.CONFLICT if isinstance(outcome.change, Create):
            return replace(outcome, word=Word.DUPLICATE, detail=decision.detail)
        case _ if is_good:
            detail = decision.detail or "it was done, and undone since by somebody else"
            return replace(outcome, word=Word.CONFLICT, detail=detail)
        case _:
            return outcome
