"""Writing the plan file."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from groupsync.model.plan import summarize
from groupsync.planfile.changes import dump_change, dump_group
from groupsync.planfile.digest import digest_review
from groupsync.sealed import seal

if TYPE_CHECKING:
    from groupsync.model.review import Review

FORMAT_VERSION = "1.0"


def dump_review(review: Review) -> bytes:
    """Return the content of the plan file of a review."""
    plan = review.plan
    document = {
        "format_version": FORMAT_VERSION,
        "groupsync_version": review.groupsync_version,
        "created_at": review.created_at,
        "endpoint": review.target.endpoint,
        "account": review.target.account,
        "config_digest": review.config_digest,
        "base": [dump_group(group) for group in review.base],
        "changes": [dump_change(change) for change in plan.changes],
        "unlisted": [dump_group(group) for group in plan.unlisted],
        "ignored": [dump_group(group) for group in plan.ignored],
        "interrupted": [dataclasses.asdict(rename) for rename in plan.interrupted],
        "problems": [dataclasses.asdict(problem) for problem in plan.problems],
        "guards": [dataclasses.asdict(guard) for guard in review.guards],
        "suggestions": [dataclasses.asdict(suggestion) for suggestion in review.suggestions],
        "loose_limits": [dataclasses.asdict(limit) for limit in review.loose_limits],
        "warnings": list(plan.warnings),
        "summary": dataclasses.asdict(summarize(plan.changes)),
        "digest": digest_review(review),
    }
    return seal(document)
