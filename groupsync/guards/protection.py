"""Warnings about `protected` patterns that protect nothing, or no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import quote
from groupsync.model.plan import Rename
from groupsync.names import name_without_suffix
from groupsync.patterns import find_idle_patterns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.guards.context import GuardContext
    from groupsync.model.groups import GroupId


def find_protection_warnings(context: GuardContext) -> tuple[str, ...]:
    """Return a warning for each pattern of the environment without a group, and each rename that loses protection."""
    if not (context.config.protected or context.run_policy.protected):
        return ()
    names = {group.id: name_without_suffix(group.name, group.id) for group in context.base}
    idle = find_idle_patterns(context.run_policy.protected, [group.name for group in context.base])
    return (
        *(f"GROUPSYNC_PROTECTED: {quote(pattern)} matches no live group" for pattern in idle),
        *_find_renames_out(context, names),
    )


def _find_renames_out(context: GuardContext, names: dict[GroupId, str]) -> Iterator[str]:
    last = {change.group_id: change for change in context.plan.changes if isinstance(change, Rename)}
    for change in last.values():
        before = names[change.group_id]
        if context.is_protected(before) and not context.is_protected(change.after):
            yield (
                f"{change.source}: group {quote(before)} is protected, and as {quote(change.after)} it is no longer: "
                "a later plan may delete it"
            )
