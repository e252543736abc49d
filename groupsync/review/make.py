"""A plan with its verdict."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from groupsync.display import format_time
from groupsync.guards import GuardContext, find_loose_limits, find_protection_warnings, judge_account, judge_plan
from groupsync.model.limits import RunPolicy
from groupsync.model.review import Review
from groupsync.planfile.digest import digest_config
from groupsync.planner import make_plan
from groupsync.suggest import find_suggestions
from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Plan
    from groupsync.model.review import GuardFinding


DEFAULT_RUN_POLICY = RunPolicy()


def make_review(
    config: Config, live: Sequence[LiveGroup], target: Target, now: datetime, run_policy: RunPolicy = DEFAULT_RUN_POLICY
) -> Review:
    """Return the plan for these live groups with the guards' verdict; `now` must know its time zone, UTC."""
    live = sorted(live, key=attrgetter("id"))
    plan = make_plan(config, live)
    case = GuardContext(config=config, plan=plan, base=live, live=live, pending=plan.changes)
    return Review(
        created_at=format_time(now),
        groupsync_version=__version__,
        target=target,
        config_digest=digest_config(config),
        base=tuple(live),
        plan=add_protection_warnings(plan, case, run_policy),
        guards=run_guards(case, target, run_policy),
        suggestions=find_suggestions(config, live, plan),
        loose_limits=find_loose_limits(config, case.counted_groups),
    )


def add_protection_warnings(plan: Plan, case: GuardContext, run_policy: RunPolicy) -> Plan:
    """Return the plan with a warning for each protection that does not protect."""
    return replace(plan, warnings=(*plan.warnings, *find_protection_warnings(case, run_policy)))


def run_guards(case: GuardContext, target: Target, run_policy: RunPolicy) -> tuple[GuardFinding, ...]:
    """Return what stands against the plan: the wrong account, and unless it has problems, what the guards find."""
    account = judge_account(case.config, target)
    found = () if case.plan.problems else judge_plan(case, run_policy)
    return (account, *found) if account else found
