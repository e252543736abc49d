"""After a run: what became of each change, by what is live now, and what there is besides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from groupsync.decide import ChangeState, Decision, decide_changes
from groupsync.model.plan import Create, get_new_name
from groupsync.model.report import GOOD_WORDS, Outcome, Report, Word
from groupsync.planner import make_plan

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from groupsync.model.config import Config
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.review.verify import VerifiedPlan


def settle_report(report: Report, verified: VerifiedPlan, config: Config, live: Sequence[LiveGroup]) -> Report:
    """Settle the outcomes by what is live now, and look at what there is besides."""
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


def find_made(report: Report) -> tuple[GroupId, ...]:
    """Return the ids of the groups that the run has made, as far as it knows them."""
    return tuple(
        outcome.group_id for outcome in report.outcomes if isinstance(outcome.change, Create) and outcome.group_id
    )


def _find_strangers(
    outcomes: Sequence[Outcome], base_ids: Collection[GroupId], live: Sequence[LiveGroup]
) -> tuple[LiveGroup, ...]:
    """Return the groups that are not this plan's and new since its base, or of the very name that it has written."""
    own = {outcome.group_id for outcome in outcomes}
    written = {name for outcome in outcomes if (name := get_new_name(outcome.change)) is not None}
    return tuple(group for group in live if group.id not in own and (group.id not in base_ids or group.name in written))


def _settle(outcome: Outcome, decision: Decision) -> Outcome:
    """Hold what the run saw of a change against what is live after it."""
    is_good = outcome.word in GOOD_WORDS
    if decision.state is ChangeState.DONE:
        return outcome if is_good else replace(outcome, word=_find_good_word(outcome), group_id=decision.group_id)
    if decision.state is ChangeState.CONFLICT and isinstance(outcome.change, Create):
        return replace(outcome, word=Word.DUPLICATE, detail=decision.detail)
    if is_good:
        detail = decision.detail or "the Phonebook said that it was done, and does not show it now"
        return replace(outcome, word=Word.CONFLICT, detail=detail)
    return outcome


def _find_good_word(outcome: Outcome) -> Word:
    """Return the word for a change that is done although this run did not see it succeed."""
    if isinstance(outcome.change, Create):
        return Word.ADOPTED
    return Word.DONE if outcome.word in {Word.FAILED, Word.UNKNOWN} else Word.ALREADY_DONE
