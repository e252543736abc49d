"""Decides which groups of a plan need their id beside their name, because another name looks like theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from groupsync.model.plan import Create, Delete
from groupsync.names import is_too_long, list_look_alike_keys, look_alike_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from groupsync.model.groups import GroupId
    from groupsync.model.plan import Change
    from groupsync.model.review import Review


class _AlikeNames(Struct, frozen=True, kw_only=True):
    """The groups whose names look the same: live ones, and those after the plan (None: a new group)."""

    live: dict[GroupId, str] = field(default_factory=dict)
    planned: list[tuple[GroupId | None, str]] = field(default_factory=list)


def find_ids_to_show(review: Review) -> frozenset[GroupId]:
    """Return the ids of the changed groups with a name that equals, or looks like, another live or planned name.

    A name that is too long to be shown whole also gets its id. Groups that only pass names on do not count: in `A` to
    `B` and `B` to `C`, each name belongs to one group at a time.
    """
    final_names = _find_final_names(review.plan.changes)
    if not final_names:
        return frozenset()
    base_names = {group.id: group.name for group in review.base}
    created_names = [change.name for change in review.plan.changes if isinstance(change, Create)]
    cut_names = (group_id for group_id in final_names if is_too_long(base_names.get(group_id, "")))
    new_names = [name for name in final_names.values() if name is not None]
    all_names = [*base_names.values(), *new_names, *created_names]
    if len({*list_look_alike_keys(all_names)}) == len(all_names):
        return frozenset(cut_names)  # nearly always; what follows knows which names look the same
    owners = _find_owners(base_names, final_names, created_names)
    return frozenset((*(owner for owner in owners if owner in final_names), *cut_names))


def _find_owners(
    base_names: Mapping[GroupId, str], final_names: Mapping[GroupId, str | None], created_names: Sequence[str]
) -> Iterator[GroupId]:
    """Yield the groups whose name looks like another one."""
    before = (base_names[group_id] for group_id in final_names if group_id in base_names)
    alike = {look_alike_key(name): _AlikeNames() for name in (*before, *final_names.values()) if name is not None}
    for group_id, name in base_names.items():
        names = alike.get(look_alike_key(name))
        if names:
            names.live[group_id] = name
            if group_id not in final_names:
                names.planned.append((group_id, name))
    for group_id, final_name in final_names.items():
        if final_name is not None:
            alike[look_alike_key(final_name)].planned.append((group_id, final_name))
    for name in created_names:
        names = alike.get(look_alike_key(name))
        if names:
            names.planned.append((None, name))
    for names in alike.values():
        yield from _find_unclear(names, final_names)


def _find_final_names(changes: Sequence[Change]) -> dict[GroupId, str | None]:
    """Return the name that each changed group has after the plan, by its id; None if it is deleted."""
    return {
        change.group_id: None if isinstance(change, Delete) else change.after
        for change in changes
        if not isinstance(change, Create)
    }


def _find_unclear(names: _AlikeNames, final_names: Mapping[GroupId, str | None]) -> list[GroupId]:
    """Return the groups whose name does not identify them."""
    owners = [*names.live, *(group_id for group_id, _ in names.planned if group_id is not None)]
    if len(names.live) > 1 or len(names.planned) > 1:
        return owners
    for holder, name in names.live.items():
        for taker, new_name in names.planned:
            is_passed_on = final_names.get(holder) is not None and new_name == name
            if taker != holder and not is_passed_on:
                return owners
    return []
