"""The lines that a finding offers: groups, the greatest loss first, and YAML to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count_contacts, first_lines, quote
from groupsync.names import name_without_suffix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.guards.context import GuardContext
    from groupsync.model.plan import Delete

MOST_LINES_TO_PASTE = 10


def paste_removed(case: GuardContext, doomed: Sequence[Delete]) -> Iterator[str]:
    """Yield the lines that consent to the deletions; where the list is there already, they go below it."""
    deletions = "deletion" if len(doomed) == 1 else "deletions"
    if case.config.removed:
        yield f"to consent to the {deletions}, in the list of removed at {case.config.removed[0].source}:"
    else:
        yield f"to consent to the {deletions}:"
        yield "removed:"
    yield from first_remedy_lines([f"  - id: {change.group_id}  # {describe_loss(change)}" for change in doomed])


def advise_policy(case: GuardContext, key: str, value: str, *, why: str) -> str:
    """Return the line that sets a key of the policy, where it stands or where it belongs."""
    places = case.config.policy.places
    if key in places:
        return f"{why}: {key}: {value}, at {places[key]}"
    if places:
        return f"{why}: {key}: {value}, below policy, at {min(places.values())}"
    return f"{why}: policy: {{{key}: {value}}}"


def list_groups(doomed: Sequence[Delete]) -> Sequence[str]:
    """Return a line for each group."""
    return first_remedy_lines([f"  {describe_loss(change)} [id={change.group_id}]" for change in doomed])


def describe_loss(change: Delete) -> str:
    """Return the group and how many contacts are in it."""
    return f"{quote(name_without_suffix(change.name, change.group_id))}, {count_contacts(change.contacts_count)}"


def first_remedy_lines(lines: Sequence[str]) -> Sequence[str]:
    """Return the first lines, and how many are left out, as a comment that can be pasted with them."""
    return first_lines(lines, MOST_LINES_TO_PASTE, "  # ... and {:,} more")
