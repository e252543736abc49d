"""A change, a group and a place in a file as the plan file writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groupsync.model.groups import GroupId, LiveGroup, Source
from groupsync.model.plan import Change, Create, Delete, Reason, Rename

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTIONS = {"create": ["create"], "rename": ["update"], "delete": ["delete"]}
"""Terraform's words for what a change does, so that tools made for its plans can read ours."""


def make_change_identity(change: Change) -> dict[str, Any]:
    """Return what makes a change the same change in two plans; the contact count belongs to it where it is lost."""
    document = dump_change(change)
    kept = ("kind", "group_id", "before", "after", "wave")
    count = {"contacts_count": change.contacts_count} if isinstance(change, Delete) else {}
    return {key: document[key] for key in kept} | count


def dump_change(change: Change) -> dict[str, Any]:
    """Return the change as an element of `changes`; what a kind does not have is null."""
    before: str | None = None
    after: str | None = None
    match change:
        case Create(name=after):
            group_id, count, is_temporary = None, None, False
        case Rename(group_id=group_id, before=before, after=after, contacts_count=count, temporary=is_temporary):
            pass
        case Delete(group_id=group_id, name=before, contacts_count=count):
            is_temporary = False
    return {
        "id": change.id,
        "kind": change.kind,
        "actions": ACTIONS[change.kind],
        "reason": change.reason.value,
        "group_id": group_id,
        "before": before,
        "after": after,
        "contacts_count": count,
        "contacts_at_most": change.contacts_at_most if isinstance(change, Delete) else None,
        "wave": change.wave,
        "temporary": is_temporary,
        "source": dump_source(change.source),
    }


def load_change(document: Mapping[str, Any]) -> Change:
    """Return the change of an element of `changes` that keeps to the schema."""
    reason, wave, source = Reason(document["reason"]), document["wave"], load_source(document["source"])
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
                contacts_at_most=document["contacts_at_most"],
                reason=reason,
                wave=wave,
                source=source,
            )


def dump_group(group: LiveGroup) -> dict[str, Any]:
    """Return the group as an element of `base` or `unlisted`."""
    return {"id": group.id, "name": group.name, "contacts_count": group.contacts_count}


def load_group(document: Mapping[str, Any]) -> LiveGroup:
    """Return the group of an element of `base` or `unlisted`."""
    return LiveGroup(id=GroupId(document["id"]), name=document["name"], contacts_count=document["contacts_count"])


def dump_source(source: Source | None) -> dict[str, Any] | None:
    """Return the place in a file as a `source`."""
    return {"file": source.file, "line": source.line, "column": source.column} if source else None


def load_source(document: Mapping[str, Any] | None) -> Source | None:
    """Return the place in a file that a `source` is."""
    return Source(**document) if document else None
