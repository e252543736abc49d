"""All guards in one row, each by its own code, and which of them can be let pass."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from groupsync.guards import losses, states

if TYPE_CHECKING:
    from groupsync.guards.context import GuardContext
    from groupsync.model.limits import RunPolicy
    from groupsync.model.review import GuardFinding

OVERRIDABLE = ("backup", "contacts-lost", "empty-account", "empty-config", "max-deletes", "pull-request")
"""The guards that can be let pass, each by its own code."""


def judge_plan(case: GuardContext, run_policy: RunPolicy) -> tuple[GuardFinding, ...]:
    """Return what the guards find."""
    findings = (
        *states.judge_empty_account(case),
        *states.judge_empty_config(case),
        *losses.judge_protected(case, run_policy),
        *losses.judge_contacts_lost(case),
        *losses.judge_all_contacts_lost(case, run_policy),
        *losses.judge_max_deletes(case),
        *losses.judge_all_deletes(case, run_policy),
        *losses.judge_backup(case, run_policy),
        *losses.judge_unknown_count(case),
        *states.judge_unlisted(case),
        *states.judge_interrupted(case),
        *states.judge_pull_request(case, run_policy),
    )
    return tuple(_let_pass(finding, run_policy) for finding in findings)


def _let_pass(finding: GuardFinding, run_policy: RunPolicy) -> GuardFinding:
    if finding.code not in OVERRIDABLE:
        return finding
    remedy = (*finding.remedy, f"or let it pass, this time: --allow {finding.code}")
    return replace(finding, remedy=remedy, allowed=finding.code in run_policy.allowed)
