"""Write a review to a plan file and read it back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from groupsync.errors import DamagedPlanError, ReportAsPlanError
from groupsync.model.account import Target
from groupsync.model.plan import Create, Delete, Plan, summarize
from groupsync.model.review import Review
from groupsync.planfile.approval import make_approval, render_approval
from groupsync.planfile.changes import dump_change, dump_group, load_change, load_group
from groupsync.planfile.digest import digest_review
from groupsync.planfile.findings import (
    dump_excerpt,
    dump_guard,
    dump_interrupted,
    dump_loose_limit,
    dump_problem,
    dump_suggestion,
    load_excerpt,
    load_guard,
    load_interrupted,
    load_loose_limit,
    load_problem,
    load_suggestion,
)
from groupsync.planfile.restrictions import dump_restrictions, load_excluded_entries, load_options, load_scope
from groupsync.sealed import OlderFormatError, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from groupsync.model.groups import GroupId
    from groupsync.model.plan import Summary

FORMAT_VERSION = "2.0"
_RECORD = re.compile(rb'\s*\{\s*"format_version"\s*:\s*"[^"]*",\s*"groupsync_version"\s*:\s*"[^"]*",\s*"command"\s*:')


def is_record(content: bytes) -> bool:
    """Return whether a file begins as the report of a run does; a plan file has no member `command`."""
    return _RECORD.match(content) is not None


def dump_review(review: Review) -> bytes:
    """Return the content of the plan file of a review."""
    return seal(dump_document(review))


def load_review(content: bytes, name: str) -> Review:
    """Return the review of a plan file; raise DamagedPlanError unless `dump_review` wrote exactly this content.

    `name` is the file's name, for the error. The error is a ReportAsPlanError if the file is the report of a run.
    """
    if is_record(content):
        raise ReportAsPlanError(name)
    try:
        return unseal(content, schema="plan", version=FORMAT_VERSION, load=_load_consistent, dump=dump_review)
    except OlderFormatError as error:
        raise DamagedPlanError(name, "it was made by an older groupsync") from error
    except ValueError as error:
        raise DamagedPlanError(name, str(error)) from error


def dump_document(review: Review) -> dict[str, Any]:
    """Return the review as the JSON object of a plan file, without the checksum.

    An optional member is left out if it is empty, so a file from before there was such a member is still read.
    """
    plan, approval = review.plan, make_approval(review)
    return {
        "format_version": FORMAT_VERSION,
        "groupsync_version": review.groupsync_version,
        "created_at": review.created_at,
        "endpoint": review.target.endpoint,
        "account": review.target.account,
        "config_paths": list(review.config_paths),
        **({"backup_dir": review.backup_dir} if review.backup_dir else {}),
        "config_digest": review.config_digest,
        **dump_restrictions(review),
        "base": list(map(dump_group, review.base)),
        "changes": list(map(dump_change, plan.changes)),
        "unlisted": list(map(dump_group, plan.unlisted)),
        "ignored": list(map(dump_group, plan.ignored)),
        "interrupted": list(map(dump_interrupted, plan.interrupted)),
        "problems": list(map(dump_problem, plan.problems)),
        "guards": list(map(dump_guard, review.guards)),
        "suggestions": list(map(dump_suggestion, review.suggestions)),
        "loose_limits": list(map(dump_loose_limit, review.loose_limits)),
        **_dump_optional("excerpts", map(dump_excerpt, review.excerpts)),
        "warnings": list(plan.warnings),
        "summary": _dump_summary(summarize(plan.changes)),
        "digest": approval.digest if approval else digest_review(review),
        "approval": render_approval(approval) if approval else None,
    }


def load_document(document: Mapping[str, Any]) -> Review:
    """Return the review of a JSON object that is valid by the schema; derived members are ignored."""
    excluded = document.get("excluded", {})
    plan = Plan(
        changes=tuple(map(load_change, document["changes"])),
        unlisted=tuple(map(load_group, document["unlisted"])),
        ignored=tuple(map(load_group, document["ignored"])),
        interrupted=tuple(map(load_interrupted, document["interrupted"])),
        problems=tuple(map(load_problem, document["problems"])),
        warnings=tuple(document["warnings"]),
        postponed=tuple(one for one in map(load_change, document.get("postponed", ())) if isinstance(one, Delete)),
        excluded=tuple(map(load_group, excluded.get("groups", ()))),
        excluded_entries=load_excluded_entries(document),
        is_excluded_pending=excluded.get("pending", False),
    )
    return Review(
        created_at=document["created_at"],
        groupsync_version=document["groupsync_version"],
        target=Target(endpoint=document["endpoint"], account=document["account"]),
        config_paths=tuple(document["config_paths"]),
        backup_dir=document.get("backup_dir", ""),
        config_digest=document["config_digest"],
        scope=load_scope(document),
        options=load_options(document),
        base=tuple(map(load_group, document["base"])),
        plan=plan,
        guards=tuple(map(load_guard, document["guards"])),
        suggestions=tuple(map(load_suggestion, document["suggestions"])),
        loose_limits=tuple(map(load_loose_limit, document["loose_limits"])),
        excerpts=tuple(map(load_excerpt, document.get("excerpts", ()))),
    )


def _dump_optional(key: str, elements: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the optional member; nothing if it is empty."""
    found = list(elements)
    return {key: found} if found else {}


def _dump_summary(summary: Summary) -> dict[str, int]:
    return {
        "create": summary.create,
        "rename": summary.rename,
        "delete": summary.delete,
        "memberships_lost": summary.memberships_lost,
    }


def _load_consistent(document: Mapping[str, Any]) -> Review:
    """Return the review; raise ValueError if it changes or names a group that is not in its base.

    A review with both changes and problems is also an error: a reader would see only the problems.
    """
    review = load_document(document)
    if review.plan.problems and review.plan.changes:
        raise ValueError("it has changes, and problems for which no plan can be made")
    group_id = _find_id_outside_base(review)
    if group_id:
        raise ValueError(f"it changes group {group_id}, which is not in its base")
    return review


def _find_id_outside_base(review: Review) -> GroupId | None:
    """Return the first id that a change, a guard or a suggestion names and the base lacks; None if there is none."""
    base_ids = {group.id for group in review.base}
    changed = (change.group_id for change in review.plan.changes if not isinstance(change, Create))
    guarded = (group_id for guard in review.guards for group_id in guard.group_ids)
    restricted = [*(change.group_id for change in review.plan.postponed), *(group.id for group in review.plan.excluded)]
    suggested = (suggestion.group_id for suggestion in review.suggestions)
    for group_id in (*changed, *restricted, *guarded, *suggested):
        if group_id not in base_ids:
            return group_id
    return None
