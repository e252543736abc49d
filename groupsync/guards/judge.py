"""Runs every guard, and says which of them can be overridden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.guards import losses, states
from groupsync.guards.unlisted import judge_unlisted

if TYPE_CHECKING:
    from groupsync.guards.context import GuardContext
    from groupsync.model.review import GuardFinding

OVERRIDABLE = ("backup", "contacts-lost", "empty-account", "empty-config", "max-deletes", "pull-request", "scope")
"""The codes of the guards that `--allow` can override."""


def judge_plan(context: GuardContext) -> tuple[GuardFinding, ...]:
    """Return what the guards find."""
    findings = (
        *states.judge_empty_account(context),
        *states.judge_empty_config(context),
        *losses.judge_losses(context),
        *judge_unlisted(context),
        *states.judge_outside_lookalikes(context),
        *states.judge_interrupted(context),
        *states.judge_pull_request(context),
    )
    return tuple(_override(finding, context) for finding in findings)


def _override(finding: GuardFinding, context: GuardContext) -> GuardFinding:
    """Return the finding with how to override it, and whether this run does."""
    if finding.code not in OVERRIDABLE:
        return finding
    remedy = (*finding.remedy, f"or override this guard for this run: --allow {finding.code}")
    return replace(finding, remedy=remedy, allowed=finding.code in context.run_policy.allowed)
