"""The changes of a plan as a person counts them: a group counts once, however many steps it takes.

A plan is a list of steps. Two groups that swap names take three steps. A group whose name is needed by another one may
be renamed before it is deleted, in two steps. Here a swap is one item with two groups, and such a deletion is one
deletion. Text and Markdown render the values of this module.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from groupsync.model.plan import Change, Create, Delete, Reason, Rename, get_new_name
from groupsync.names import same_name_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from groupsync.model.groups import GroupId, Source
    from groupsync.model.review import Review

_SWAP = 2  # groups
_WHATEVER_REMOVED_SAYS = frozenset({"protected", "unknown-count"})
"""The guards that refuse a deletion although it is under `removed`."""
_LIMITS_OF_THE_POLICY = frozenset({"contacts-lost", "max-deletes"})
"""The guards that find a larger loss than the configuration consents to; `--allow` can override them."""


class RenamedGroup(Struct, frozen=True, kw_only=True):
    """A group that gets a new name, in one step or through a temporary name in two.

    `before` is its name before the plan, `after` its name at the end. `steps` are in the order of the plan.
    """

    group_id: GroupId
    before: str
    after: str
    contacts_count: int | None
    reason: Reason
    source: Source | None
    description: str
    steps: tuple[Rename, ...]

    @property
    def temporary_name(self) -> str:
        """The name that the group has in between; empty if it is renamed in one step."""
        return self.steps[0].after if len(self.steps) > 1 else ""


class RenameItem(Struct, frozen=True, kw_only=True):
    """Renames that belong together: one group, two groups that swap names, or a longer cycle.

    The groups of a swap are in the order of the configuration, so their sources ascend. Those of a longer cycle are in
    the order in which they get their final names. `steps` are all steps, in the order of the plan.
    """

    groups: tuple[RenamedGroup, ...]
    steps: tuple[Rename, ...]

    @property
    def is_swap(self) -> bool:
        """Whether two groups swap their exact names."""
        if len(self.groups) != _SWAP:
            return False
        one, other = self.groups
        return (one.before, one.after) == (other.after, other.before)


class Agreement(enum.Enum):
    """Whether the configuration agrees to a deletion and its loss, if a plan is refused."""

    POLICY = "policy"
    """It is within the limits of the policy, such as an empty unlisted group."""

    REMOVED = "removed"
    """It is under `removed`, and no more contacts lose it than that allows."""

    OVERRIDDEN = "overridden"
    """No agreement, but `--allow` overrides the guard that would refuse the plan because of it."""

    NONE = "none"
    """No agreement: a guard refuses the plan because of it."""


class DeletedGroup(Struct, frozen=True, kw_only=True):
    """A group that is deleted, in one step, or in two if another group needs its name first.

    `name` is its name before the plan. `first_step` renames it first. `taken_by` is the change that gives its name, or
    one that counts as the same, to another group. Both are None if it is deleted in one step.
    """

    group_id: GroupId
    name: str
    contacts_count: int | None
    contacts_at_most: int | None
    reason: Reason
    source: Source | None
    removal_reason: str
    agreement: Agreement
    first_step: Rename | None
    taken_by: Create | Rename | None
    last_step: Delete


class CountedChanges(Struct, frozen=True, kw_only=True):
    """The changes of a plan in the order in which people read them.

    Creates are sorted by name, renames by the name before the plan, deletions by the number of contacts: the largest
    loss is last, and an unknown number comes after all others.
    """

    creates: tuple[Create, ...]
    renames: tuple[RenameItem, ...]
    deletions: tuple[DeletedGroup, ...]

    @property
    def largest_first(self) -> tuple[DeletedGroup, ...]:
        """The deletions, the largest loss first."""
        return self.deletions[::-1]

    def list_deletions(self, agreement: Agreement) -> tuple[DeletedGroup, ...]:
        """Return the deletions of one kind of agreement, the largest loss last."""
        return tuple(deletion for deletion in self.deletions if deletion.agreement is agreement)


_Steps: TypeAlias = "Mapping[GroupId, list[Rename | Delete]]"


def count_as_person(review: Review) -> CountedChanges:
    """Return the changes of the plan, each group counted once."""
    changes = review.plan.changes
    steps: dict[GroupId, list[Rename | Delete]] = defaultdict(list)
    for change in changes:
        if not isinstance(change, Create):
            steps[change.group_id].append(change)
    creates = sorted((change for change in changes if isinstance(change, Create)), key=lambda create: create.name)
    return CountedChanges(
        creates=tuple(creates),
        renames=_list_renames(changes, steps),
        deletions=_list_deletions(review, steps),
    )


def _list_renames(changes: Sequence[Change], steps: _Steps) -> tuple[RenameItem, ...]:
    groups: dict[GroupId, RenamedGroup] = {}
    for group_id, taken in steps.items():
        renames = tuple(step for step in taken if isinstance(step, Rename))
        if len(renames) == len(taken):
            groups[group_id] = _make_renamed_group(renames)
    position = {id(change): number for number, change in enumerate(changes)}
    items = []
    for cycle in _find_cycles(groups):
        for group in cycle:
            del groups[group.group_id]
        items.append(_make_item(cycle, position))
    items += [RenameItem(groups=(group,), steps=group.steps) for group in groups.values()]
    return tuple(sorted(items, key=_rename_order))


def _make_renamed_group(steps: tuple[Rename, ...]) -> RenamedGroup:
    last = steps[-1]
    return RenamedGroup(
        group_id=last.group_id,
        before=steps[0].before,
        after=last.after,
        contacts_count=last.contacts_count,
        reason=last.reason,
        source=last.source,
        description=last.description,
        steps=steps,
    )


def _find_cycles(groups: dict[GroupId, RenamedGroup]) -> list[list[RenamedGroup]]:
    """Return the groups of each cycle that begins with a group at a temporary name; no group is in two cycles."""
    starts = [group for group in groups.values() if group.temporary_name]
    if not starts:
        return []
    takers: dict[str, list[RenamedGroup]] = defaultdict(list)
    for group in groups.values():
        takers[same_name_key(group.after)].append(group)
    cycles: list[list[RenamedGroup]] = []
    used: set[GroupId] = set()
    for start in starts:
        cycle = [] if start.group_id in used else _follow(start, takers)
        if cycle and not used.intersection(group.group_id for group in cycle):
            used.update(group.group_id for group in cycle)
            cycles.append(cycle)
    return cycles


def _follow(start: RenamedGroup, takers: dict[str, list[RenamedGroup]]) -> list[RenamedGroup]:
    """Return the groups from `start` on, each followed by the one that takes its name; none if that is not a cycle."""
    path = {start.group_id: start}
    group = start
    while True:
        others = [taker for taker in takers[same_name_key(group.before)] if taker.group_id != group.group_id]
        if not others:
            return []
        group = next((taker for taker in others if taker.after == group.before), others[0])
        if group.group_id in path:
            return list(path.values()) if group is start else []
        path[group.group_id] = group


def _make_item(cycle: Sequence[RenamedGroup], position: dict[int, int]) -> RenameItem:
    in_order = sorted(cycle, key=lambda group: position[id(group.steps[-1])])
    if len(cycle) == _SWAP:
        in_order.sort(key=lambda group: (group.source is None, group.source, group.group_id))
    steps = sorted((step for group in cycle for step in group.steps), key=lambda step: position[id(step)])
    return RenameItem(groups=tuple(in_order), steps=tuple(steps))


def _rename_order(item: RenameItem) -> tuple[str, str]:
    first = item.groups[0]
    return first.before, first.group_id


def _list_deletions(review: Review, steps: _Steps) -> tuple[DeletedGroup, ...]:
    takers: dict[str, Create | Rename] = {}
    if any(isinstance(taken[-1], Delete) and len(taken) > 1 for taken in steps.values()):
        takers = _find_takers(review.plan.changes)
    refused, overridden = _find_codes(review, allowed=False), _find_codes(review, allowed=True)
    deletions = []
    for group_id, taken in steps.items():
        last = next((step for step in taken if isinstance(step, Delete)), None)
        if last:
            first = next((step for step in taken if isinstance(step, Rename)), None)
            taken_by = takers.get(same_name_key(first.before)) if first else None
            agreement = _judge(last, refused[group_id], overridden[group_id])
            deletions.append(_make_deleted_group(first, last, taken_by, agreement))
    return tuple(sorted(deletions, key=_loss_order))


def _find_takers(changes: Sequence[Change]) -> dict[str, Create | Rename]:
    """Return the change that gives a name, by the key under which names count as the same."""
    return {
        same_name_key(name): change
        for change in changes
        if not isinstance(change, Delete) and (name := get_new_name(change)) is not None
    }


def _make_deleted_group(
    first: Rename | None, last: Delete, taken_by: Create | Rename | None, agreement: Agreement
) -> DeletedGroup:
    return DeletedGroup(
        group_id=last.group_id,
        name=first.before if first else last.name,
        contacts_count=last.contacts_count,
        contacts_at_most=last.contacts_at_most,
        reason=last.reason,
        source=last.source,
        removal_reason="" if last.reason is Reason.UNLISTED else last.removal_reason,
        agreement=agreement,
        first_step=first,
        taken_by=taken_by,
        last_step=last,
    )


def _loss_order(deletion: DeletedGroup) -> tuple[bool, int, str, str]:
    return deletion.contacts_count is None, deletion.contacts_count or 0, deletion.name, deletion.group_id


def _find_codes(review: Review, *, allowed: bool) -> dict[GroupId, set[str]]:
    """Return, by group id, the codes of the guards that found something: either overridden ones, or the others."""
    codes: dict[GroupId, set[str]] = defaultdict(set)
    for guard in review.guards:
        if guard.allowed is allowed:
            for group_id in guard.group_ids:
                codes[group_id].add(guard.code)
    return codes


def _judge(delete: Delete, refused: AbstractSet[str], overridden: AbstractSet[str]) -> Agreement:
    """Return whether the configuration agrees to a deletion; the codes are those of the guards that name its group."""
    if refused & _WHATEVER_REMOVED_SAYS:
        return Agreement.NONE
    most, number = delete.contacts_at_most, delete.contacts_count
    is_unlisted = delete.reason is Reason.UNLISTED
    if not is_unlisted and (most is None or (number is not None and number <= most)):
        return Agreement.REMOVED
    against = refused - {"backup"} if is_unlisted else refused & {"contacts-lost"}
    if against:
        return Agreement.NONE
    return Agreement.OVERRIDDEN if overridden & _LIMITS_OF_THE_POLICY else Agreement.POLICY
