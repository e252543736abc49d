"""How many entries `pull --prune` may remove."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count
from groupsync.model.limits import count_deletes

if TYPE_CHECKING:
    from groupsync.model.config import Config
    from groupsync.model.limits import MaxDeletes
    from groupsync.pulling.differences import LiveDifferences


def find_prune_fault(config: Config, differences: LiveDifferences, max_deletes: MaxDeletes | None) -> str:
    """Return why nothing may be pruned, as a sentence; empty if it may. `max_deletes` is the limit of the job."""
    if differences.counted_groups == 0:
        return "no group is live, so --prune would take every entry with an id for a deleted group"
    entries = len(differences.done.entries)
    limits = {"policy.max_deletes": config.policy.max_deletes, "GROUPSYNC_MAX_DELETES": max_deletes}
    for name, limit in limits.items():
        if limit is not None and entries > count_deletes(limit, differences.counted_groups):
            return f"--prune would remove {count(entries, 'entry', 'entries')}, more than {name} allows ({limit})"
    return ""
