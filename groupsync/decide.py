"""What is left to do of a plan, given what is live: nothing else is remembered from one run to the next."""

from __future__ import annotations

import enum
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from groupsync.display import quote
from groupsync.model.plan import Change, Create, Delete, Rename

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from groupsync.model.groups import GroupId, LiveGroup


class ChangeState(enum.Enum):
    """How far a change is: `WAITING` is for an earlier step of the same group."""

    DONE = "done"
    PENDING = "pending"
    WAITING = "waiting"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The state of one change; `group` is the live group that it made, changed or will change."""

    change: Change
    state: ChangeState
    group: LiveGroup | None = None
    detail: str = ""

    @property
    def group_id(self) -> GroupId | None:
        """The id of that group, None when there is none yet or no more."""
        return self.group.id if self.group else None


_Step: TypeAlias = Rename | Delete


def decide_changes(
    changes: Sequence[Change], base_ids: Collection[GroupId], live: Sequence[LiveGroup]
) -> tuple[Decision, ...]:
    """Return the state of each change, in the order of the changes; `base_ids` are the groups that the plan knew."""
    decided: dict[str, Decision] = {}
    for decision in (*_decide_creates(changes, base_ids, live), *_decide_steps(changes, live)):
        decided[decision.change.id] = decision
    return tuple(decided[change.id] for change in changes)


def _decide_creates(
    changes: Sequence[Change], base_ids: Collection[GroupId], live: Sequence[LiveGroup]
) -> Iterator[Decision]:
    newcomers: dict[str, list[LiveGroup]] = defaultdict(list)
    for group in live:
        if group.id not in base_ids:
            newcomers[group.name].append(group)
    for change in changes:
        if not isinstance(change, Create):
            continue
        match newcomers.get(change.name, []):
            case []:
                yield Decision(change=change, state=ChangeState.PENDING)
            case [group]:
                yield Decision(change=change, state=ChangeState.DONE, group=group)
            case several:
                ids = ", ".join(sorted(group.id for group in several))
                detail = f"{len(several)} groups of that name appeared since the plan: {ids}"
                yield Decision(change=change, state=ChangeState.CONFLICT, detail=detail)


def _decide_steps(changes: Sequence[Change], live: Sequence[LiveGroup]) -> Iterator[Decision]:
    paths: dict[GroupId, list[_Step]] = defaultdict(list)
    for change in changes:
        if isinstance(change, Rename | Delete):
            paths[change.group_id].append(change)
    groups = {group.id: group for group in live}
    bystanders = {group.name: group for group in live if group.id not in paths}
    for group_id, steps in paths.items():
        yield from _decide_path(steps, groups.get(group_id), bystanders)


def _decide_path(
    steps: Sequence[_Step], group: LiveGroup | None, bystanders: dict[str, LiveGroup]
) -> Iterator[Decision]:
    """Judge the steps of one group together: where it stands on the way from its first name to its last."""
    stations = [_before(steps[0]), *map(_after, steps)]
    place = group.name if group else None
    if place not in stations:
        detail = f"the group is now named {quote(place)}" if place is not None else "the group is gone"
        yield from (Decision(change=step, state=ChangeState.CONFLICT, group=group, detail=detail) for step in steps)
        return
    reached = stations.index(place)
    obstacle = next(filter(None, (_find_obstacle(step, group, bystanders) for step in steps[reached:])), "")
    for number, step in enumerate(steps):
        if number < reached:
            yield Decision(change=step, state=ChangeState.DONE, group=group)
        elif obstacle:
            yield Decision(change=step, state=ChangeState.CONFLICT, group=group, detail=obstacle)
        else:
            state = ChangeState.PENDING if number == reached else ChangeState.WAITING
            yield Decision(change=step, state=state, group=group)


def _find_obstacle(step: _Step, group: LiveGroup | None, bystanders: dict[str, LiveGroup]) -> str:
    """Return what stands against a step that is still to be taken; empty when nothing does."""
    match step:
        case Rename(after=name):
            holder = bystanders.get(name)
            return f"the name {quote(name)} belongs to another group [id={holder.id}]" if holder else ""
        case Delete(contacts_count=reviewed):
            count = group.contacts_count if group else None
            if count is None or reviewed is None:
                return "the number of contacts in the group is not known"
            return f"{count:,} contacts are in the group, {reviewed:,} were reviewed" if count > reviewed else ""


def _before(step: _Step) -> str:
    match step:
        case Rename(before=name) | Delete(name=name):
            return name


def _after(step: _Step) -> str | None:
    match step:
        case Rename(after=name):
            return name
        case Delete():
            return None
