"""Compute the digests of a configuration and of a plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from groupsync.model.config import Config, RemovedId, find_consents
from groupsync.model.plan import Change, Create, Delete, Rename
from groupsync.sealed import hash_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.config import GroupEntry
    from groupsync.model.groups import GroupId
    from groupsync.model.review import Review

Effect: TypeAlias = tuple[str, str, str, str]
"""What a plan does to a group: kind, id, base name and final name, some of them empty."""


def digest_review(review: Review) -> str:
    """Return the digest of the endpoint, the account, and the effect of the plan on each group.

    The way to that effect does not count: waves, temporary names, reasons, and any part of the configuration that
    changes no group now. The numbers of contacts do not count either: an Approval has them beside the digest.
    """
    approved = {
        "endpoint": review.target.endpoint,
        "account": review.target.account,
        "effects": sorted(list_effects(review.plan.changes)),
    }
    return _digest(approved)


def list_effects(changes: Sequence[Change]) -> Iterator[Effect]:
    """Yield kind, id, base name and final name of each changed group, however many steps it takes.

    A create has no id and no base name, and a deletion no final name: they are empty then.
    """
    paths: dict[GroupId, list[Rename | Delete]] = {}
    for change in changes:
        if isinstance(change, Create):
            yield (change.kind, "", "", change.name)
        else:
            paths.setdefault(change.group_id, []).append(change)
    for group_id, steps in paths.items():
        first, last = steps[0], steps[-1]
        base_name = first.before if isinstance(first, Rename) else first.name
        final_name = last.after if isinstance(last, Rename) else ""
        yield (last.kind, group_id, base_name, final_name)


def digest_config(config: Config) -> str:
    """Return the digest of what a configuration means.

    Order, layout, descriptions, reasons and file names do not count.
    """
    meaning: dict[str, object] = {
        "groups": _list_entries(config.groups),
        "removed_names": sorted(
            [name, consent.contacts_at_most] for name, consent in find_consents(config.removed).items()
        ),
        "removed_ids": sorted(
            [removal.id, str(removal.contacts_at_most)] for removal in config.removed if isinstance(removal, RemovedId)
        ),
        "ignore": sorted({pattern.text for pattern in config.ignore}),
        "protected": sorted({pattern.text for pattern in config.protected}),
        "accounts": sorted({pin.account for pin in config.accounts}),
        "unlisted": config.policy.unlisted.value if config.policy.unlisted else None,
        "max_deletes": str(config.policy.max_deletes),
        "max_contacts_lost": config.policy.max_contacts_lost,
    }
    if config.scope:  # otherwise the digest is that of a groupsync without scopes
        meaning["scope"] = sorted({pattern.text for pattern in config.scope})
    return _digest(meaning)


def _list_entries(entries: Sequence[GroupEntry]) -> list[tuple[str, ...]]:
    """Return name, id and earlier names of each entry, sorted."""
    if not any(entry.id or entry.previously for entry in entries):
        return [(name, "") for name in sorted([entry.name for entry in entries])]  # to sort texts takes half the time
    return sorted(
        [(entry.name, entry.id or "", *sorted(entry.previously)) for entry in entries if entry.previously]
        + [(entry.name, entry.id or "") for entry in entries if not entry.previously]
    )


def _digest(value: object) -> str:
    return hash_text(json.dumps(value, sort_keys=True, separators=(",", ":")))
