"""Conditions that a run requires before it makes, prints or applies a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import quote
from groupsync.errors import RefusedError, StalePlanError, WrongAccountError
from groupsync.guards import judge_account
from groupsync.planfile.digest import digest_review

if TYPE_CHECKING:
    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.review import Review


def require_account(config: Config, target: Target) -> None:
    """Raise WrongAccountError if the configuration is for another account; it sends nothing, so it can come first."""
    if finding := judge_account(config, target):
        raise WrongAccountError(
            str(finding.source),
            finding.message,
            excerpt=config.excerpt(finding.source),
            remedy=" ".join(finding.remedy),
        )


def require_no_refusal(review: Review) -> None:
    """Raise RefusedError if a guard or a problem refuses the plan."""
    if review.refusals:
        raise RefusedError(review.refusals)


def require_digest(review: Review, expected: str | None) -> None:
    """Raise StalePlanError when the plan is not the one of that digest; None expects nothing."""
    if expected is not None and expected != digest_review(review):
        raise StalePlanError([f"its digest: reviewed {quote(expected)}, now {quote(digest_review(review))}"])
