"""Write a review to a plan file and read it back."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from msgspec import convert, to_builtins

from groupsync.errors import DamagedPlanError, ReportAsPlanError
from groupsync.model.account import Target
from groupsync.model.groups import LiveGroup
from groupsync.model.plan import (
    Create,
    Delete,
    ExcludedEntry,
    InterruptedRename,
    Plan,
    PlanOptions,
    PlanProblem,
    summarize,
)
from groupsync.model.review import Excerpt, GuardFinding, LooseLimit, Review, Suggestion
from groupsync.planfile.approval import make_approval, render_approval
from groupsync.planfile.changes import dump_change, load_change
from groupsync.planfile.digest import digest_review
from groupsync.planfile.restrictions import dump_restrictions, load_scope
from groupsync.sealed import OlderFormatError, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from groupsync.model.groups import GroupId

FORMAT_VERSION = "2.0"
_RECORD = re.compile(rb'\s*\{\s*"format_version"\s*:\s*"[^"]*",\s*"groupsync_version"\s*:\s*"[^"]*",\s*"command"\s*:')


def is_record(content: bytes) -> bool:
    """Return whether a file begins as the report of a run does; a plan file has no member `command`."""
    return _RECORD.match(content) is not None


def dump_review(review: Review) -> bytes:
    """Return the content of the plan file of a review."""
    return seal(dump_document(review), {"base": write_groups(review.base)})


def write_groups(groups: Sequence[LiveGroup]) -> list[str]:
    """Return each group as `json` writes it. A large plan file is mostly groups, and this takes a third of the time."""
    encode = json.encoder.encode_basestring_ascii
    return [
        f'{{"id": {encode(group.id)}, "name": {encode(group.name)}, '
        f'"contacts_count": {"null" if group.contacts_count is None else group.contacts_count}}}'
        for group in groups
    ]


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
        "base": to_builtins(review.base),
        "changes": list(map(dump_change, plan.changes)),
        "unlisted": to_builtins(plan.unlisted),
        "ignored": to_builtins(plan.ignored),
        "interrupted": to_builtins(plan.interrupted),
        "problems": to_builtins(plan.problems),
        "guards": to_builtins(review.guards),
        "suggestions": to_builtins(review.suggestions),
        "loose_limits": to_builtins(review.loose_limits),
        **({"excerpts": to_builtins(review.excerpts)} if review.excerpts else {}),
        "warnings": list(plan.warnings),
        "summary": to_builtins(summarize(plan.changes)),
        "digest": approval.digest if approval else digest_review(review),
        "approval": render_approval(approval) if approval else None,
    }


def load_document(document: Mapping[str, Any]) -> Review:
    """Return the review of a JSON object that is valid by the schema; derived members are ignored."""
    excluded = document.get("excluded", {})
    plan = Plan(
        changes=tuple(map(load_change, document["changes"])),
        unlisted=convert(document["unlisted"], tuple[LiveGroup, ...]),
        ignored=convert(document["ignored"], tuple[LiveGroup, ...]),
        interrupted=convert(document["interrupted"], tuple[InterruptedRename, ...]),
        problems=convert(document["problems"], tuple[PlanProblem, ...]),
        warnings=tuple(document["warnings"]),
        postponed=tuple(one for one in map(load_change, document.get("postponed", ())) if isinstance(one, Delete)),
        excluded=convert(excluded.get("groups", ()), tuple[LiveGroup, ...]),
        excluded_entries=convert(excluded.get("entries", ()), tuple[ExcludedEntry, ...]),
        is_excluded_pending=excluded.get("pending", False),
    )
    return Review(
        created_at=document["created_at"],
        groupsync_version=document["groupsync_version"],
        target=convert(document, Target),
        config_paths=tuple(document["config_paths"]),
        backup_dir=document.get("backup_dir", ""),
        config_digest=document["config_digest"],
        scope=load_scope(document),
        options=convert(document, PlanOptions),
        base=convert(document["base"], tuple[LiveGroup, ...]),
        plan=plan,
        guards=convert(document["guards"], tuple[GuardFinding, ...]),
        suggestions=convert(document["suggestions"], tuple[Suggestion, ...]),
        loose_limits=convert(document["loose_limits"], tuple[LooseLimit, ...]),
        excerpts=convert(document.get("excerpts", ()), tuple[Excerpt, ...]),
    )


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
