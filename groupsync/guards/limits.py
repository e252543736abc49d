"""The limits of a configuration: what they come to, and which let more pass than the default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.model.limits import DEFAULT_MAX_CONTACTS_LOST, DEFAULT_MAX_DELETES, Share, count_deletes
from groupsync.model.review import LooseLimit
from groupsync.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.model.config import Config
    from groupsync.model.limits import MaxDeletes


def find_loose_limits(config: Config, groups_that_count: int) -> tuple[LooseLimit, ...]:
    """Return the limits of the configuration that let more pass than the default."""
    return tuple(_find_loose_limits(config, groups_that_count))


def _find_loose_limits(config: Config, groups_that_count: int) -> Iterator[LooseLimit]:
    policy = config.policy
    if count_deletes(policy.max_deletes, groups_that_count) > DEFAULT_MAX_DELETES:
        yield LooseLimit(
            key="policy.max_deletes",
            value=show_max_deletes(policy.max_deletes, groups_that_count),
            default=str(DEFAULT_MAX_DELETES),
            source=policy.places.get("max_deletes"),
        )
    if policy.max_contacts_lost > DEFAULT_MAX_CONTACTS_LOST:
        yield LooseLimit(
            key="policy.max_contacts_lost",
            value=f"{policy.max_contacts_lost:,}",
            default=str(DEFAULT_MAX_CONTACTS_LOST),
            source=policy.places.get("max_contacts_lost"),
        )


def show_max_deletes(limit: MaxDeletes, groups_that_count: int) -> str:
    """Return the limit in words, a share with what it comes to."""
    match limit:
        case Share():
            return (
                f"{limit}, {count_deletes(limit, groups_that_count):,} of {count(groups_that_count, 'group', 'groups')}"
            )
        case int():
            return f"{limit:,}"
