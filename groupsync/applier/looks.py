"""A look at all groups that does not miss the newest ones."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from groupsync.errors import MissingError

if TYPE_CHECKING:
    from collections.abc import Collection

    from groupsync.applier.protocols import Phonebook
    from groupsync.model.groups import GroupId, LiveGroup


def list_with_late_ones(phonebook: Phonebook, made: Collection[GroupId]) -> tuple[LiveGroup, ...]:
    """Return all groups, also those `made` a moment ago that the list does not show yet."""
    live = phonebook.list_groups()
    listed = {group.id for group in live}
    late = []
    for group_id in made:
        if group_id not in listed:
            with contextlib.suppress(MissingError):
                late.append(phonebook.get_group(group_id))
    return (*live, *late)
