"""The lines that a finding offers as its remedy: groups, the greatest loss first, and YAML to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from groupsync.display import count_contacts, quote
from groupsync.names import name_without_suffix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from groupsync.guards.context import GuardContext
    from groupsync.model.remaining import RemainingDelete

T = TypeVar("T")

MOST_LINES_TO_PASTE = 10


def list_removed_to_paste(context: GuardContext, deletes: Sequence[RemainingDelete]) -> Iterator[str]:
    """Yield the lines of `removed` that consent to the deletions; if the list exists already, they go below it."""
    deletions = "deletion" if len(deletes) == 1 else "deletions"
    if context.config.removed:
        yield f"to consent to the {deletions}, in the list of removed at {context.config.removed[0].source}:"
    else:
        yield f"to consent to the {deletions}:"
        yield "removed:"
    yield from first_remedy_lines(deletes, lambda one: f"  - id: {one.change.group_id}  # {describe_loss(one)}")


def describe_policy_key(context: GuardContext, key: str, value: str, *, why: str) -> str:
    """Return the line that sets a key of the policy, with the place where it is or belongs."""
    policy = context.config.policy
    if key in policy.sources:
        return f"{why}: {key}: {value}, at {policy.sources[key]}"
    if policy.source:
        return f"{why}: {key}: {value}, below policy, at {policy.source}"
    return f"{why}: policy: {{{key}: {value}}}"


def list_groups(deletes: Sequence[RemainingDelete]) -> Sequence[str]:
    """Return a line for each group."""
    return first_remedy_lines(deletes, lambda one: f"  {describe_loss(one)} [id={one.change.group_id}]")


def describe_loss(delete: RemainingDelete) -> str:
    """Return the group and how many contacts are in it."""
    name = name_without_suffix(delete.change.name, delete.change.group_id)
    return f"{quote(name)}, {count_contacts(delete.live_count)}"


def first_remedy_lines(items: Sequence[T], describe: Callable[[T], str]) -> list[str]:
    """Return the lines of the first items, and how many are left out, as a comment that can be pasted with them."""
    lines = [describe(item) for item in items[:MOST_LINES_TO_PASTE]]
    if len(items) > MOST_LINES_TO_PASTE:
        lines.append(f"  # ... and {len(items) - MOST_LINES_TO_PASTE:,} more")
    return lines
