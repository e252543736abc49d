"""The lines of a plan's changes: for each, one line with the main facts, and below it where and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count_contacts, quote_name
from groupsync.render.layout import DETAIL, lay_out
from groupsync.render.phrases import (
    describe_cycle,
    describe_first_step,
    describe_loss,
    describe_removal,
    describe_renames,
    describe_stay_in_all,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.plan import Create, Rename
    from groupsync.render.changes import DeletedGroup, RenamedGroup, RenameItem

MOST_CREATES = 50


def render_creates(creates: Sequence[Create], *, is_verbose: bool) -> list[str]:
    """Return the lines of the creates; of many, the first ones and the number of the others."""
    shown = len(creates) if is_verbose else MOST_CREATES
    lines = [line for create in creates[:shown] for line in _render_create(create)]
    if len(creates) > shown:
        lines.append(f"  ... and {len(creates) - shown:,} more to create (--verbose shows each one)")
    return lines


def _render_create(create: Create) -> Iterator[str]:
    yield from lay_out("+", [create.name], "", str(create.source))
    yield from _render_description(create.description)


def render_renames(items: Sequence[RenameItem], ids: frozenset[GroupId], *, is_verbose: bool) -> list[str]:
    """Return the lines of the renames by name; if verbose, also their steps, and cycles in the order of their steps."""
    blocks = []
    for item in items:
        if item.is_swap:
            blocks.append((item.groups[0].before, [*_render_swap(item, ids, is_verbose=is_verbose)]))
        elif is_verbose:
            lines = [line for group in item.groups for line in _render_rename(item, group, ids)]
            blocks.append((item.groups[0].before, [*lines, *_render_steps(item.steps)]))
        else:
            blocks += [(group.before, [*_render_rename(item, group, ids)]) for group in item.groups]
    blocks.sort(key=lambda block: block[0])
    return [line for _, lines in blocks for line in lines]


def _render_swap(item: RenameItem, ids: frozenset[GroupId], *, is_verbose: bool) -> Iterator[str]:
    one, other = item.groups
    yield from lay_out("~", [one.before, other.before], " <-> ", describe_stay_in_all(item.groups))
    yield f"{DETAIL}{describe_renames(item.groups)}; {describe_cycle(item, one)}"
    for group in item.groups:
        if group.group_id in ids:
            yield f"{DETAIL}id of {quote_name(group.before)}: {group.group_id}"
    for group in item.groups:
        name = f" of {quote_name(group.after)}"
        yield from _render_description(group.description, name)
    if is_verbose:
        yield from _render_steps(item.steps)


def _render_rename(item: RenameItem, group: RenamedGroup, ids: frozenset[GroupId]) -> Iterator[str]:
    yield from lay_out("~", [group.before, group.after], " -> ", describe_stay_in_all([group]))
    cycle = describe_cycle(item, group)
    yield f"{DETAIL}{describe_renames([group])}{'; ' if cycle else ''}{cycle}"
    yield from _render_id(group.group_id, ids)
    yield from _render_description(group.description)


def _render_steps(steps: Sequence[Rename]) -> Iterator[str]:
    if len(steps) > 1:
        for number, step in enumerate(steps, start=1):
            yield f"{DETAIL}step {number}: {quote_name(step.before)} -> {quote_name(step.after)}"


def render_deletion(deletion: DeletedGroup, ids: frozenset[GroupId], *, is_verbose: bool) -> Iterator[str]:
    """Yield the lines of a deletion."""
    yield from lay_out("-", [deletion.name], "", describe_loss(deletion.contacts_count))
    yield f"{DETAIL}{describe_removal(deletion)}"
    if first_step := describe_first_step(deletion):
        yield f"{DETAIL}{first_step}"
    yield from _render_id(deletion.group_id, ids)
    if is_verbose and deletion.first_step:
        yield f"{DETAIL}step 1: {quote_name(deletion.name)} -> {quote_name(deletion.first_step.after)}"
        yield f"{DETAIL}step 2: {quote_name(deletion.last_step.name)} is deleted"


def render_group(group: LiveGroup) -> Iterator[str]:
    """Yield the lines of a group that the plan does not change."""
    yield from lay_out(" ", [group.name], "", count_contacts(group.contacts_count))
    yield f"{DETAIL}id: {group.id}"


def _render_id(group_id: GroupId, ids: frozenset[GroupId]) -> Iterator[str]:
    if group_id in ids:
        yield f"{DETAIL}id: {group_id}"


def _render_description(description: str, name: str = "") -> Iterator[str]:
    """Yield the description of an entry, without its line breaks; nothing if it has none."""
    if description.strip():
        yield f"{DETAIL}description{name}: {' '.join(description.split())}"
