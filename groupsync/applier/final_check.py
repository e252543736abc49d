"""After a run: the outcomes compared with what is live now, and what a new plan would do."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.decide import ChangeState, Decision, decide_changes
from groupsync.errors import MissingError
from groupsync.model.plan import Create, get_new_name
from groupsync.model.report import GOOD_WORDS, Outcome, Report, Word
from groupsync.planner import make_plan

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from groupsync.applier.protocols import Phonebook
    from groupsync.model.config import Config
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.review.verify import VerifiedPlan


def list_groups_including(phonebook: Phonebook, group_ids: Collection[GroupId]) -> tuple[LiveGroup, ...]:
    """Return all groups, including those of `group_ids` that exist but that the list does not show yet."""
    live = phonebook.list_groups()
    listed = {group.id for group in live}
    late = []
    for group_id in group_ids:
        if group_id not in listed:
            with contextlib.suppress(MissingError):
                late.append(phonebook.get_group(group_id))
    return (*live, *late)


def check_report(report: Report, verified: VerifiedPlan, config: Config, live: Sequence[LiveGroup]) -> Report:
    """Return the report with outcomes that agree with what is live now, the newcomers, and what a new plan would do."""
    changes = tuple(outcome.change for outcome in report.outcomes)
    base_ids = {group.id for group in verified.review.base}
    may_lose = {one.change.id: one.may_lose for one in verified.remaining}
    decisions = decide_changes(changes, base_ids, live, may_lose=may_lose)
    outcomes = tuple(map(_check_outcome, report.outcomes, decisions))
    inside, _ = config.make_scope().split(live)
    plan = make_plan(config, live, verified.review.options)
    known = {change.id for change in changes}
    return replace(
        report,
        outcomes=outcomes,
        newcomers=_find_newcomers(outcomes, base_ids, inside),
        since=replace(plan, changes=tuple(change for change in plan.changes if change.id not in known)),
    )


def _find_newcomers(
    outcomes: Sequence[Outcome], base_ids: Collection[GroupId], live: Sequence[LiveGroup]
) -> tuple[LiveGroup, ...]:
    """Return the groups of others that appeared since the plan, or that have a name that the plan has given."""
    own = {outcome.group_id for outcome in outcomes}
    given = {name for outcome in outcomes if (name := get_new_name(outcome.change)) is not None}
    return tuple(group for group in live if group.id not in own and (group.id not in base_ids or group.name in given))


def _check_outcome(outcome: Outcome, decision: Decision) -> Outcome:
    """Return the outcome of a change, corrected by what is live after the run."""
    is_good = outcome.word in GOOD_WORDS
    if decision.state is ChangeState.DONE:
        return outcome if is_good else replace(outcome, word=_find_good_word(outcome), group_id=decision.group_id)
    if decision.state is ChangeState.CONFLICT and isinstance(outcome.change, Create):
        return replace(outcome, word=Word.DUPLICATE, detail=decision.detail)
    if is_good:
        detail = decision.detail or "the Phonebook confirmed it, but does not show it now"
        return replace(outcome, word=Word.CONFLICT, detail=detail)
    return outcome


def _find_good_word(outcome: Outcome) -> Word:
    """Return the word for a change that is done although this run did not see it succeed."""
    if isinstance(outcome.change, Create):
        return Word.ADOPTED
    return Word.DONE if outcome.word in {Word.FAILED, Word.UNKNOWN} else Word.ALREADY_DONE
