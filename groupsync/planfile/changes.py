"""How the plan file writes a change. Other values are written as they are: an object with their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import convert, to_builtins

from groupsync.model.groups import GroupId, Source
from groupsync.model.plan import Change, Create, Delete, Reason, Rename, get_new_name

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTIONS = {"create": ["create"], "rename": ["update"], "delete": ["delete"]}
"""Terraform's words for what a change does, so that tools made for Terraform's plans can read ours."""


def make_change_identity(change: Change) -> dict[str, Any]:
    """Return the values that must be equal when a plan is made again from its base; for a deletion, also the counts.

    Descriptions, sources and removal reasons are for readers: the plan stays the same if they change.
    """
    document = dump_change(change)
    keys = ["kind", "reason", "group_id", "before", "after", "wave"]
    if isinstance(change, Delete):
        keys += ["contacts_count", "contacts_at_most"]
    return {key: document[key] for key in keys}


def dump_change(change: Change) -> dict[str, Any]:
    """Return the change as an element of `changes`; null for what its kind does not have or nobody wrote."""
    return {
        "id": change.id,
        "kind": change.kind,
        "actions": ACTIONS[change.kind],
        "reason": change.reason.value,
        "group_id": None if isinstance(change, Create) else change.group_id,
        "before": _get_old_name(change),
        "after": get_new_name(change),
        "contacts_count": None if isinstance(change, Create) else change.contacts_count,
        "contacts_at_most": change.contacts_at_most if isinstance(change, Delete) else None,
        "wave": change.wave,
        "temporary": isinstance(change, Rename) and change.temporary,
        "source": to_builtins(change.source),
        "description": None if isinstance(change, Delete) else change.description or None,
        "removal_reason": change.removal_reason or None if isinstance(change, Delete) else None,
    }


def _get_old_name(change: Change) -> str | None:
    match change:
        case Create():
            return None
        case Rename(before=name) | Delete(name=name):
            return name


def load_change(document: Mapping[str, Any]) -> Change:
    """Return the change of an element of `changes` that is valid by the schema."""
    reason = Reason(document["reason"])
    wave = document["wave"]
    description = document["description"] or ""
    if document["kind"] == "create":
        return Create(
            name=document["after"],
            reason=reason,
            wave=wave,
            source=convert(document["source"], Source),
            description=description,
        )
    source = convert(document["source"], Source | None)
    if document["kind"] == "rename":
        return Rename(
            group_id=GroupId(document["group_id"]),
            before=document["before"],
            after=document["after"],
            contacts_count=document["contacts_count"],
            temporary=document["temporary"],
            reason=reason,
            wave=wave,
            source=source,
            description=description,
        )
    return Delete(
        group_id=GroupId(document["group_id"]),
        name=document["before"],
        contacts_count=document["contacts_count"],
        contacts_at_most=document["contacts_at_most"],
        reason=reason,
        wave=wave,
        source=source,
        removal_reason=document["removal_reason"] or "",
    )
