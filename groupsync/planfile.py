"""The plan file: a review as JSON, byte for byte the same for equal reviews.

Format 1.0, `schemas/plan.schema.json`. One line a group and a change, so that two plans can be compared by eye.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING, Any

from groupsync.errors import DamagedPlanError
from groupsync.model.account import Target
from groupsync.model.config import Config, RemovedId, RemovedName
from groupsync.model.groups import GroupId, LiveGroup, Source
from groupsync.model.plan import (
    Change,
    Create,
    Delete,
    InterruptedRename,
    Plan,
    Problem,
    Reason,
    Rename,
    summarize,
)
from groupsync.model.review import GuardRefusal, Review
from groupsync.schema import find_violations
from groupsync.strictjson import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT_VERSION = "1.0"
ACTIONS = {"create": ["create"], "rename": ["update"], "delete": ["delete"]}
"""Terraform's words for what a change does, so that tools made for its plans can read ours."""


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
        "base": [_dump_group(group) for group in review.base],
        "changes": [_dump_change(change) for change in plan.changes],
        "unlisted": [_dump_group(group) for group in plan.unlisted],
        "interrupted": [dataclasses.asdict(rename) for rename in plan.interrupted],
        "problems": [dataclasses.asdict(problem) for problem in plan.problems],
        "guards": [dataclasses.asdict(guard) for guard in review.guards],
        "warnings": list(plan.warnings),
        "summary": dataclasses.asdict(summarize(plan.changes)),
        "digest": digest_review(review),
    }
    body = "{\n" + "".join(f"  {json.dumps(key)}: {_lay_out(value)},\n" for key, value in document.items())
    return f'{body}  "checksum": "{_sha256(body)}"\n}}\n'.encode()


def load_review(content: bytes, name: str) -> Review:
    """Return the review that a plan file holds; raise DamagedPlanError when it is not just what `dump_review` wrote.

    `name` is the file's, for the error.
    """
    try:
        document = parse_json(content)
    except ValueError as error:
        raise DamagedPlanError(name, str(error)) from error
    version = document.get("format_version") if isinstance(document, dict) else None
    if version != FORMAT_VERSION:
        raise DamagedPlanError(name, f"its format_version is {json.dumps(version)}, this groupsync reads 1.0")
    if violations := find_violations("plan", document):
        place = "/".join(map(str, violations[0].path)) or "the document"
        raise DamagedPlanError(name, f"{place} is not as the schema says")
    review = _load_document(document)
    if dump_review(review) != content:
        raise DamagedPlanError(name, "its checksum does not fit its content: it was changed after it was written")
    return review


def _load_document(document: Mapping[str, Any]) -> Review:
    return Review(
        created_at=document["created_at"],
        groupsync_version=document["groupsync_version"],
        target=Target(endpoint=document["endpoint"], account=document["account"]),
        config_digest=document["config_digest"],
        base=_load_groups(document["base"]),
        plan=Plan(
            changes=tuple(map(_load_change, document["changes"])),
            unlisted=_load_groups(document["unlisted"]),
            interrupted=tuple(
                InterruptedRename(
                    group=_load_group(rename["group"]),
                    parked_name=rename["parked_name"],
                    entry=_load_source(rename["entry"]),
                )
                for rename in document["interrupted"]
            ),
            problems=tuple(
                Problem(
                    code=problem["code"],
                    message=problem["message"],
                    remedy=tuple(problem["remedy"]),
                    source=_load_source(problem["source"]),
                )
                for problem in document["problems"]
            ),
            warnings=tuple(document["warnings"]),
        ),
        guards=tuple(
            GuardRefusal(
                code=guard["code"],
                message=guard["message"],
                group_ids=tuple(map(GroupId, guard["group_ids"])),
                remedy=tuple(guard["remedy"]),
            )
            for guard in document["guards"]
        ),
    )


def digest_review(review: Review) -> str:
    """Return the digest of what a reviewer approves: where, of which configuration, and which changes."""
    approved = {
        "endpoint": review.target.endpoint,
        "account": review.target.account,
        "config_digest": review.config_digest,
        "changes": [describe_change(change) for change in review.plan.changes],
    }
    return _digest(approved)


def digest_config(config: Config) -> str:
    """Return the digest of what a configuration means: not of its order, layout, descriptions, reasons, file names."""
    meaning = {
        "groups": sorted([entry.name, entry.id or "", *sorted(entry.previously)] for entry in config.groups),
        "removed_names": sorted(removal.name for removal in config.removed if isinstance(removal, RemovedName)),
        "removed_ids": sorted(removal.id for removal in config.removed if isinstance(removal, RemovedId)),
        "ignore": sorted({pattern.text for pattern in config.ignore}),
        "unlisted": config.unlisted.value,
    }
    return _digest(meaning)


def describe_change(change: Change) -> dict[str, Any]:
    """Return what makes a change the same change in two plans; the contact count belongs to it where it is lost."""
    document = _dump_change(change)
    kept = ("kind", "group_id", "before", "after", "wave")
    count = {"contacts_count": change.contacts_count} if isinstance(change, Delete) else {}
    return {key: document[key] for key in kept} | count


def _dump_change(change: Change) -> dict[str, Any]:
    match change:
        case Create(name=name):
            names: dict[str, Any] = {"group_id": None, "before": None, "after": name, "contacts_count": None}
        case Rename(before=before, after=after):
            names = {"group_id": change.group_id, "before": before, "after": after}
            names["contacts_count"] = change.contacts_count
        case Delete(name=name):
            names = {"group_id": change.group_id, "before": name, "after": None}
            names["contacts_count"] = change.contacts_count
    return {
        "id": change.id,
        "kind": change.kind,
        "actions": ACTIONS[change.kind],
        "reason": change.reason.value,
        **names,
        "wave": change.wave,
        "temporary": isinstance(change, Rename) and change.temporary,
        "source": dataclasses.asdict(change.source) if change.source else None,
    }


def _load_change(document: Mapping[str, Any]) -> Change:
    reason, wave, source = Reason(document["reason"]), document["wave"], _load_source(document["source"])
    match document["kind"]:
        case "create":
            return Create(name=document["after"], reason=reason, wave=wave, source=Source(**document["source"]))
        case "rename":
            return Rename(
                group_id=GroupId(document["group_id"]),
                before=document["before"],
                after=document["after"],
                contacts_count=document["contacts_count"],
                temporary=document["temporary"],
                reason=reason,
                wave=wave,
                source=source,
            )
        case _:
            return Delete(
                group_id=GroupId(document["group_id"]),
                name=document["before"],
                contacts_count=document["contacts_count"],
                reason=reason,
                wave=wave,
                source=source,
            )


def _dump_group(group: LiveGroup) -> dict[str, Any]:
    return {"id": group.id, "name": group.name, "contacts_count": group.contacts_count}


def _load_group(document: Mapping[str, Any]) -> LiveGroup:
    return LiveGroup(id=GroupId(document["id"]), name=document["name"], contacts_count=document["contacts_count"])


def _load_groups(documents: list[Mapping[str, Any]]) -> tuple[LiveGroup, ...]:
    return tuple(map(_load_group, documents))


def _load_source(document: Mapping[str, Any] | None) -> Source | None:
    return Source(**document) if document else None


def _lay_out(value: object) -> str:
    """Return JSON with one line for each element of a list that is not empty."""
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"    {json.dumps(element)}" for element in value) + "\n  ]"
    return json.dumps(value)


def _digest(value: object) -> str:
    return _sha256(json.dumps(value, sort_keys=True, separators=(",", ":")))


def _sha256(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
