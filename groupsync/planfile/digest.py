"""Compute the digests of a configuration and of a plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from groupsync.model.config import Config, RemovedId, find_consents
from groupsync.planfile.changes import make_change_identity
from groupsync.sealed import hash_text

if TYPE_CHECKING:
    from groupsync.model.review import Review


def digest_review(review: Review) -> str:
    """Return the digest of what a reviewer approves: the Phonebook, the configuration, and the changes."""
    approved = {
        "endpoint": review.target.endpoint,
        "account": review.target.account,
        "config_digest": review.config_digest,
        "changes": [make_change_identity(change) for change in review.plan.changes],
    }
    return _digest(approved)


def digest_config(config: Config) -> str:
    """Return the digest of what a configuration means.

    Order, layout, descriptions, reasons and file names do not count.
    """
    meaning = {
        "groups": sorted((entry.name, entry.id or "", *sorted(entry.previously)) for entry in config.groups),
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
    return _digest(meaning)


def _digest(value: object) -> str:
    return hash_text(json.dumps(value, sort_keys=True, separators=(",", ":")))
