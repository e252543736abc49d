"""What to say of protection that does not protect: it is not refused, but a reviewer should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.model.plan import Rename
from groupsync.names import make_matcher, quote, settled_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from groupsync.guards.case import Case
    from groupsync.model.groups import GroupId
    from groupsync.model.limits import Limits


def find_protection_doubts(case: Case, limits: Limits) -> tuple[str, ...]:
    """Return a warning for each pattern of the environment that matches no group, and each rename out of protection."""
    if not (case.config.protected or limits.protected):
        return ()
    names = {group.id: settled_name(group.name, group.id) for group in case.base}
    idle = find_idle_patterns(limits.protected, names.values())
    return (
        *(f"GROUPSYNC_PROTECTED: {quote(pattern)} matches no live group" for pattern in idle),
        *_find_renames_out(case, limits, names),
    )


def find_idle_patterns(patterns: Sequence[str], names: Collection[str]) -> tuple[str, ...]:
    """Return the patterns that match none of the names."""
    return tuple(pattern for pattern in patterns if not any(map(make_matcher((pattern,)), names)))


def _find_renames_out(case: Case, limits: Limits, names: dict[GroupId, str]) -> Iterator[str]:
    is_protected = make_matcher((*(pattern.text for pattern in case.config.protected), *limits.protected))
    last = {change.group_id: change for change in case.plan.changes if isinstance(change, Rename)}
    for change in last.values():
        before = names[change.group_id]
        if is_protected(before) and not is_protected(change.after):
            yield (
                f"{change.source}: group {quote(before)} is protected, and as {quote(change.after)} it is no longer: "
                "a later plan may delete it"
            )
