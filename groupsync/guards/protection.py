"""Warnings about `protected` patterns that protect nothing, or no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import describe_idle_pattern, quote
from groupsync.model.plan import Rename
from groupsync.names import name_without_suffix
from groupsync.patterns import find_idle_patterns, find_look_alikes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.guards.context import GuardContext
    from groupsync.model.groups import GroupId


def find_protection_warnings(context: GuardContext) -> tuple[str, ...]:
    """Return a warning for each pattern of the environment without a group, and each rename that loses protection."""
    if not (context.config.protected or context.run_policy.protected):
        return ()
    names = {group.id: name_without_suffix(group.name, group.id) for group in context.base}
    ids = {group.name: group.id for group in context.base}
    idle = find_idle_patterns(context.run_policy.protected, ids)
    look_alikes = find_look_alikes(idle, ids)
    return (
        *(f"GROUPSYNC_PROTECTED: {describe_idle_pattern(text, look_alikes.get(text), ids)}" for text in idle),
        *_find_renames_out(context, names),
    )


def _find_renames_out(context: GuardContext, names: dict[GroupId, str]) -> Iterator[str]:
    last = {change.group_id: change for change in context.plan.changes if isinstance(change, Rename)}
    for change in last.values():
        before = names[change.group_id]
        if context.is_protected(before) and not context.is_protected(change.after):
            yield (
                f"{change.source}: group {quote(before)} is protected, but its new name {quote(change.after)} is not: "
                "a later plan may delete it"
            )
