"""The lines of a finding's remedy: groups, the greatest loss first, and lines to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from groupsync.display import count_contacts, quote
from groupsync.names import name_without_suffix
from groupsync.snippets import add_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from groupsync.guards.context import GuardContext
    from groupsync.model.remaining import RemainingDelete

T = TypeVar("T")

MOST_LINES_TO_PASTE = 10


def list_removed_to_paste(context: GuardContext, deletes: Sequence[RemainingDelete]) -> str:
    """Return the entries of `removed` that consent to the deletions, those with the most contacts if there are many."""
    shown = deletes[:MOST_LINES_TO_PASTE]
    which = "the deletion" if len(deletes) == 1 else "the deletions"
    if len(deletes) > len(shown):
        which = f"the {len(shown)} largest of these {len(deletes):,} deletions"
    entries = [({"id": one.change.group_id}, describe_loss(one)) for one in shown]
    return add_entries(context.config, "removed", entries, why=f"to agree to {which}")


def list_groups(deletes: Sequence[RemainingDelete]) -> Sequence[str]:
    """Return a line for each group."""
    return first_remedy_lines(deletes, lambda one: f"  {describe_loss(one)} [id={one.change.group_id}]")


def describe_loss(delete: RemainingDelete) -> str:
    """Return the group and how many contacts are in it."""
    name = name_without_suffix(delete.change.name, delete.change.group_id)
    return f"{quote(name)}, {count_contacts(delete.live_count)}"


def first_remedy_lines(items: Sequence[T], describe: Callable[[T], str]) -> list[str]:
    """Return the lines of the first items, and a comment, safe to paste as well, with the number of the others."""
    lines = [describe(item) for item in items[:MOST_LINES_TO_PASTE]]
    if len(items) > MOST_LINES_TO_PASTE:
        lines.append(f"  # ... and {len(items) - MOST_LINES_TO_PASTE:,} more")
    return lines
