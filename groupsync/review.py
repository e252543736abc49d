"""A plan with its verdict; and a saved plan, held against the configuration and the Phonebook as they are now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from groupsync import __version__
from groupsync.decide import Decision, State, decide_changes
from groupsync.drift import compare_documents, find_drift
from groupsync.errors import RefusedError, StalePlanError
from groupsync.guards import judge_plan
from groupsync.model.plan import Delete, label_change
from groupsync.model.review import Review
from groupsync.names import quote
from groupsync.planfile import describe_change, digest_config, digest_review
from groupsync.planner import make_plan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedPlan:
    """A plan that agrees with what was reviewed and with what is live; its guards may still refuse it.

    The decisions say what is left of each change; `newcomers` are live groups that it leaves alone.
    """

    review: Review
    decisions: tuple[Decision, ...]
    newcomers: tuple[LiveGroup, ...]

    @property
    def left(self) -> tuple[Change, ...]:
        """The changes that are not done yet."""
        return tuple(decision.change for decision in self.decisions if decision.state is not State.DONE)


def make_review(config: Config, live: Sequence[LiveGroup], target: Target, now: datetime) -> Review:
    """Return the plan for these live groups with the guards' verdict; `now` must know its time zone, UTC."""
    plan = make_plan(config, live)
    return Review(
        created_at=now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        groupsync_version=__version__,
        target=target,
        config_digest=digest_config(config),
        base=tuple(sorted(live, key=attrgetter("id"))),
        plan=plan,
        guards=() if plan.problems else judge_plan(config, plan, plan.changes),
    )


def verify_review(saved: Review, config: Config, target: Target, live: Sequence[LiveGroup]) -> VerifiedPlan:
    """Return what is left to do of a saved plan; raise StalePlanError when it is not the plan for here and now.

    The plan is made again from its own base, and that one is used: a plan file is compared, not obeyed.
    """
    _compare_origins(saved, config, target)
    plan = make_plan(config, saved.base)
    if differences := compare_documents(_label(saved.plan.changes), _label(plan.changes)):
        raise StalePlanError(differences)

    decisions = decide_changes(plan.changes, {group.id for group in saved.base}, live)
    conflicts = [
        f"{label_change(decision.change)}: {decision.detail}"
        for decision in decisions
        if decision.state is State.CONFLICT
    ]
    drift = find_drift(config, saved.base, live, plan.changes)
    if conflicts or drift.differences:
        raise StalePlanError([*conflicts, *drift.differences])

    guards = () if plan.problems else judge_plan(config, plan, _list_pending(decisions))
    return VerifiedPlan(review=replace(saved, plan=plan, guards=guards), decisions=decisions, newcomers=drift.newcomers)


def _compare_origins(saved: Review, config: Config, target: Target) -> None:
    reviewed = _describe_origin(saved.target, saved.config_digest)
    if differences := compare_documents(reviewed, _describe_origin(target, digest_config(config))):
        raise StalePlanError(differences)


def _describe_origin(target: Target, config_digest: str) -> dict[str, dict[str, str]]:
    return {
        "Phonebook": {"endpoint": target.endpoint, "account": target.account},
        "configuration": {"digest": config_digest},
    }


def _label(changes: Sequence[Change]) -> dict[str, dict[str, Any]]:
    return {f"change {quote(change.id)}": describe_change(change) for change in changes}


def _list_pending(decisions: Sequence[Decision]) -> list[Change]:
    """List the changes still to be made, deletions with the number of contacts that they would lose now."""
    pending: list[Change] = []
    for decision in decisions:
        if decision.state is State.DONE:
            continue
        change = decision.change
        if isinstance(change, Delete) and decision.group:
            change = replace(change, contacts_count=decision.group.contacts_count)
        pending.append(change)
    return pending


def require_no_refusal(review: Review) -> None:
    """Raise RefusedError when anything stands against applying this plan."""
    if review.refusals:
        raise RefusedError(review.refusals)


def require_digest(review: Review, expected: str | None) -> None:
    """Raise StalePlanError when the plan is not the one of that digest; None expects nothing."""
    if expected is not None and expected != digest_review(review):
        raise StalePlanError([f"its digest: reviewed {quote(expected)}, now {quote(digest_review(review))}"])
