"""Decides which groups of a plan need their id beside their name, because another name looks like theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from groupsync.model.plan import Create, Delete
from groupsync.names import fold_look_alikes, is_too_long, same_name_key

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    before = (base_names[group_id] for group_id in final_names if group_id in base_names)
    alike = {_make_key(name): _AlikeNames() for name in (*before, *final_names.values()) if name is not None}
    for group in review.base:
        names = alike.get(_make_key(group.name))
        if names:
            names.live[group.id] = group.name
            if group.id not in final_names:
                names.planned.append((group.id, group.name))
    for group_id, final_name in final_names.items():
        if final_name is not None:
            alike[_make_key(final_name)].planned.append((group_id, final_name))
    for create in (change for change in review.plan.changes if isinstance(change, Create)):
        names = alike.get(_make_key(create.name))
        if names:
            names.planned.append((None, create.name))
    owners = (owner for names in alike.values() for owner in _find_unclear(names, final_names))
    cut_names = (group_id for group_id in final_names if is_too_long(base_names.get(group_id, "")))
    return frozenset((*(owner for owner in owners if owner in final_names), *cut_names))


def _make_key(name: str) -> str:
    return fold_look_alikes(same_name_key(name))


def _find_final_names(changes: Sequence[Change]) -> dict[GroupId, str | None]:
    """Return the name that each changed group has after the plan, by its id; None if it is deleted."""
    return {
        change.group_id: None if isinstance(change, Delete) else change.after
        for change in changes
        if not isinstance(change, Create)
    }


def _find_unclear(names: _AlikeNames, final_names: dict[GroupId, str | None]) -> list[GroupId]:
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
