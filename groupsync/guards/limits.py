"""Limits of the configuration that allow more than the default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count
from groupsync.model.limits import DEFAULT_MAX_CONTACTS_LOST, DEFAULT_MAX_DELETES, Share, count_deletes
from groupsync.model.review import LooseLimit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.model.config import Config
    from groupsync.model.limits import MaxDeletes


def find_loose_limits(config: Config, counted_groups: int) -> tuple[LooseLimit, ...]:
    """Return the limits of the configuration that allow more than the default."""
    return tuple(_find_loose_limits(config, counted_groups))


def _find_loose_limits(config: Config, counted_groups: int) -> Iterator[LooseLimit]:
    policy = config.policy
    if count_deletes(policy.max_deletes, counted_groups) > DEFAULT_MAX_DELETES:
        yield LooseLimit(
            key="policy.max_deletes",
            value=describe_max_deletes(policy.max_deletes, counted_groups),
            default=str(DEFAULT_MAX_DELETES),
            source=policy.sources.get("max_deletes"),
        )
    if policy.max_contacts_lost > DEFAULT_MAX_CONTACTS_LOST:
        yield LooseLimit(
            key="policy.max_contacts_lost",
            value=f"{policy.max_contacts_lost:,}",
            default=str(DEFAULT_MAX_CONTACTS_LOST),
            source=policy.sources.get("max_contacts_lost"),
        )


def describe_max_deletes(limit: MaxDeletes, counted_groups: int) -> str:
    """Return the limit in words; a share with the number of groups that it allows now."""
    match limit:
        case Share():
            return f"{limit}, {count_deletes(limit, counted_groups):,} of {count(counted_groups, 'group', 'groups')}"
        case int():
            return f"{limit:,}"
