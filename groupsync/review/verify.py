"""A saved plan, held against the configuration and the Phonebook as they are now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from groupsync.decide import ChangeState, Decision, decide_changes
from groupsync.differences import compare_documents
from groupsync.display import quote
from groupsync.drift import find_drift
from groupsync.errors import StalePlanError
from groupsync.guards import GuardContext, find_loose_limits
from groupsync.model.plan import Delete, InterruptedRename, label_change
from groupsync.names import find_name_without_suffix
from groupsync.planfile.changes import make_change_identity
from groupsync.planfile.digest import digest_config
from groupsync.planner import make_plan
from groupsync.review.make import DEFAULT_RUN_POLICY, add_protection_warnings, run_guards
from groupsync.suggest import find_suggestions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.limits import RunPolicy
    from groupsync.model.plan import Change
    from groupsync.model.review import Review


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedPlan:
    """A plan that agrees with what was reviewed and with what is live; its guards may still refuse it.

    The decisions say what has become of each change; `newcomers` are live groups that it leaves alone.
    `left` are the changes that are not done yet. A deletion among them carries the number of contacts that may be lost
    by it, which is not always the one that was reviewed: a group that was full then and is empty now is deleted only
    while it is empty, unless the configuration consents to more.
    """

    review: Review
    decisions: tuple[Decision, ...]
    newcomers: tuple[LiveGroup, ...]
    left: tuple[Change, ...]

    @property
    def needs_backups(self) -> bool:
        """Whether any group that is left to delete holds contacts."""
        return any(isinstance(change, Delete) and change.contacts_count for change in self.left)


def verify_review(
    saved: Review, config: Config, target: Target, live: Sequence[LiveGroup], run_policy: RunPolicy = DEFAULT_RUN_POLICY
) -> VerifiedPlan:
    """Return what is left to do of a saved plan; raise StalePlanError when it is not the plan for here and now.

    The plan is made again from its own base, and that one is used: a plan file is compared, not obeyed.
    """
    plan = make_plan(config, saved.base)
    if differences := (
        *_compare_origins(saved, config, target),
        *_compare_changes(saved.plan.changes, plan.changes),
    ):
        raise StalePlanError(differences)

    decisions = decide_changes(plan.changes, {group.id for group in saved.base}, live)
    conflicts = [
        f"{label_change(decision.change)}: {decision.detail}"
        for decision in decisions
        if decision.state is ChangeState.CONFLICT and not _is_left_to_guard(decision)
    ]
    drift = find_drift(config, saved.base, live, plan.changes)
    if conflicts or drift.differences:
        raise StalePlanError([*conflicts, *drift.differences])

    open_decisions = [decision for decision in decisions if decision.state is not ChangeState.DONE]
    case = GuardContext(
        config=config,
        plan=replace(plan, interrupted=(*plan.interrupted, *_find_interrupted(drift.newcomers))),
        base=saved.base,
        live=live,
        pending=[_with_live_count(decision) for decision in open_decisions],
    )
    guards = run_guards(case, target, run_policy)
    is_refused = any(not guard.allowed for guard in guards)
    review = replace(
        saved,
        plan=add_protection_warnings(plan, case, run_policy),
        guards=guards,
        suggestions=find_suggestions(config, saved.base, plan) if is_refused else (),
        loose_limits=find_loose_limits(config, case.counted_groups),
    )
    left = tuple(_hold_to_consent(decision, run_policy) for decision in open_decisions)
    return VerifiedPlan(review=review, decisions=decisions, newcomers=drift.newcomers, left=left)


def require_target(review: Review, target: Target) -> None:
    """Raise StalePlanError when the plan is for another Phonebook or account."""
    if differences := _compare_targets(review, target):
        raise StalePlanError(differences)


def _find_interrupted(newcomers: Sequence[LiveGroup]) -> Iterator[InterruptedRename]:
    for group in newcomers:
        name = find_name_without_suffix(group.name, group.id)
        if name is not None:
            yield InterruptedRename(group=group, name_without_suffix=name, entry=None)


def _compare_targets(saved: Review, target: Target) -> tuple[str, ...]:
    return compare_documents(
        {"Phonebook": {"endpoint": saved.target.endpoint, "account": saved.target.account}},
        {"Phonebook": {"endpoint": target.endpoint, "account": target.account}},
    )


def _compare_origins(saved: Review, config: Config, target: Target) -> Iterator[str]:
    yield from _compare_targets(saved, target)
    if saved.config_digest != digest_config(config):
        yield "the configuration says something else than the one that the plan was made from"


def _compare_changes(reviewed: Sequence[Change], now: Sequence[Change]) -> Iterator[str]:
    if reviewed == now:
        return
    differences = compare_documents(_label(reviewed), _label(now))
    yield from differences
    if not differences and [change.id for change in reviewed] != [change.id for change in now]:
        yield "the changes of the plan stand in another order than was planned, or twice"


def _label(changes: Sequence[Change]) -> dict[str, dict[str, Any]]:
    return {f"change {quote(change.id)}": make_change_identity(change) for change in changes}


def _is_left_to_guard(decision: Decision) -> bool:
    """Tell a deletion of a group whose size neither the plan nor the server knows: the guard says so, not the drift."""
    change, group = decision.change, decision.group
    return (
        isinstance(change, Delete)
        and change.contacts_count is None
        and group is not None
        and (group.name, group.contacts_count) == (change.name, None)
    )


def _with_live_count(decision: Decision) -> Change:
    """Return the change, a deletion with the number of contacts that it would lose now."""
    if isinstance(decision.change, Delete) and decision.group:
        return replace(decision.change, contacts_count=decision.group.contacts_count)
    return decision.change


def _hold_to_consent(decision: Decision, run_policy: RunPolicy) -> Change:
    """Return the change, a deletion with the number of contacts that may be lost by it.

    It is that of the review, but no more than the guards have just judged or the configuration consents to. Where the
    environment limits the loss, consent does not count.
    """
    change = decision.change
    if not isinstance(change, Delete) or decision.group is None:
        return change
    consent = change.contacts_at_most if run_policy.max_contacts_lost is None else 0
    reviewed, judged = change.contacts_count, decision.group.contacts_count
    if consent is None or reviewed is None or judged is None:
        return change
    return replace(change, contacts_count=min(reviewed, max(judged, consent)))
