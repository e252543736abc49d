"""A plan with its verdict."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.display import format_time
from groupsync.guards import GuardContext, find_loose_limits, find_protection_warnings, judge_account, judge_plan
from groupsync.model.limits import RunPolicy
from groupsync.model.plan import Create, PlanOptions
from groupsync.model.remaining import make_remaining
from groupsync.model.review import Review
from groupsync.planfile.digest import digest_config
from groupsync.planner import make_plan
from groupsync.suggest import find_outside_lookalikes, find_suggestions
from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Change, Plan
    from groupsync.model.remaining import RemainingChange
    from groupsync.model.review import GuardFinding


DEFAULT_RUN_POLICY = RunPolicy()


def make_review(  # noqa: PLR0913 - all that a plan is made from
    config: Config,
    live: Sequence[LiveGroup],
    target: Target,
    now: datetime,
    run_policy: RunPolicy = DEFAULT_RUN_POLICY,
    *,
    exclude: Sequence[str] = (),
) -> Review:
    """Return the plan for these live groups with the guards' verdict.

    `now` must know its time zone, UTC. `exclude` has the arguments of `--exclude`.
    """
    scope, options = config.make_scope(), PlanOptions(exclude=tuple(exclude), no_deletes=run_policy.no_deletes)
    inside, outside = scope.split(live)
    base = sorted(inside, key=attrgetter("id"))
    outside.sort(key=attrgetter("id"))
    plan = make_plan(config, live, options)
    context = GuardContext(
        config=config,
        plan=plan,
        base=base,
        live=live,
        remaining=_list_all_as_remaining(plan.changes, live, run_policy),
        run_policy=run_policy,
        outside_lookalikes=find_outside_lookalikes(config, outside, plan),
    )
    return Review(
        created_at=format_time(now),
        groupsync_version=__version__,
        target=target,
        config_digest=digest_config(config),
        scope=scope,
        options=options,
        base=tuple(base),
        outside=len(outside),
        plan=add_protection_warnings(plan, context),
        guards=run_guards(context, target),
        suggestions=find_suggestions(config, inside, plan),
        loose_limits=find_loose_limits(config, context.counted_groups),
    )


def add_protection_warnings(plan: Plan, context: GuardContext) -> Plan:
    """Return the plan with a warning for each `protected` pattern that does not protect."""
    return replace(plan, warnings=(*plan.warnings, *find_protection_warnings(context)))


def run_guards(context: GuardContext, target: Target) -> tuple[GuardFinding, ...]:
    """Return what all guards find; of a plan with problems only whether it is for this account."""
    account = judge_account(context.config, target)
    found = () if context.plan.problems else judge_plan(context)
    return (account, *found) if account else found


def _list_all_as_remaining(
    changes: Sequence[Change], live: Sequence[LiveGroup], run_policy: RunPolicy
) -> list[RemainingChange[Change]]:
    """Return all changes of a plan that was just made: none of them is done."""
    ids = {change.group_id for change in changes if not isinstance(change, Create)}
    groups = {group.id: group for group in live if group.id in ids}
    return [
        make_remaining(change, None if isinstance(change, Create) else groups[change.group_id], run_policy)
        for change in changes
    ]
