"""What to say of protection that does not protect: it is not refused, but a reviewer should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import quote
from groupsync.model.plan import Rename
from groupsync.names import name_without_suffix
from groupsync.patterns import find_idle_patterns, make_matcher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.guards.context import GuardContext
    from groupsync.model.groups import GroupId
    from groupsync.model.limits import RunPolicy


def find_protection_warnings(case: GuardContext, run_policy: RunPolicy) -> tuple[str, ...]:
    """Return a warning for each pattern of the environment that matches no group, and each rename out of protection."""
    if not (case.config.protected or run_policy.protected):
        return ()
    names = {group.id: name_without_suffix(group.name, group.id) for group in case.base}
    idle = find_idle_patterns(run_policy.protected, names.values())
    return (
        *(f"GROUPSYNC_PROTECTED: {quote(pattern)} matches no live group" for pattern in idle),
        *_find_renames_out(case, run_policy, names),
    )


def _find_renames_out(case: GuardContext, run_policy: RunPolicy, names: dict[GroupId, str]) -> Iterator[str]:
    is_protected = make_matcher((*(pattern.text for pattern in case.config.protected), *run_policy.protected))
    last = {change.group_id: change for change in case.plan.changes if isinstance(change, Rename)}
    for change in last.values():
        before = names[change.group_id]
        if is_protected(before) and not is_protected(change.after):
            yield (
                f"{change.source}: group {quote(before)} is protected, and as {quote(change.after)} it is no longer: "
                "a later plan may delete it"
            )
