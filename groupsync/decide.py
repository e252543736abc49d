"""What remains of a plan, given what is live: nothing else is remembered from one run to the next."""

from __future__ import annotations

import enum
from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from groupsync.display import quote
from groupsync.model.plan import Change, Create, Delete, Rename

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from groupsync.model.groups import GroupId, LiveGroup


class ChangeState(enum.Enum):
    """How far a change is; `WAITING` means that an earlier step of the same group is not done yet."""

    DONE = "done"
    PENDING = "pending"
    WAITING = "waiting"
    CONFLICT = "conflict"


class Decision(Struct, frozen=True, kw_only=True):
    """The state of one change; `group` is the live group that it created, changed or will change.

    `detail` says what is in the way of a change in conflict, as the end of a sentence; it is empty for the others.
    """

    change: Change
    state: ChangeState
    group: LiveGroup | None = None
    detail: str = ""

    @property
    def group_id(self) -> GroupId | None:
        """The id of that group; None if it does not exist yet or no longer exists."""
        return self.group.id if self.group else None


_Step: TypeAlias = Rename | Delete


def decide_changes(
    changes: Sequence[Change],
    base_ids: Collection[GroupId],
    live: Sequence[LiveGroup],
    *,
    may_lose: Mapping[str, int | None] | None = None,
) -> tuple[Decision, ...]:
    """Return the state of each change, in the order of the changes.

    This function alone decides what a plan still has to do. Verification calls it before a run, the applier before and
    after each request, and the final check after the run; what it returns depends on the plan and the live groups only.
    So a killed run need not have saved its progress: the next one decides again and continues.

    `base_ids` are the ids of all groups that were live when the plan was made: a group with another id and the name of
    a create was created since. `may_lose` maps the id of a deletion to how many contacts its group may hold at most;
    for a deletion that is not in it, that is the number that was reviewed. A deletion is a conflict if its group holds
    more contacts, or if one of the two numbers is unknown.
    """
    allowances = {change.id: change.contacts_count for change in changes if isinstance(change, Delete)}
    allowances.update(may_lose or {})
    decided: dict[str, Decision] = {}
    for decision in (*_decide_creates(changes, base_ids, live), *_decide_steps(changes, live, allowances)):
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


def _decide_steps(
    changes: Sequence[Change], live: Sequence[LiveGroup], allowances: Mapping[str, int | None]
) -> Iterator[Decision]:
    paths: dict[GroupId, list[_Step]] = defaultdict(list)
    for change in changes:
        if isinstance(change, Rename | Delete):
            paths[change.group_id].append(change)
    groups = {group.id: group for group in live if group.id in paths}
    gives_names = any(isinstance(change, Rename) for change in changes)
    others = {group.name: group for group in live if group.id not in paths} if gives_names else {}
    for group_id, steps in paths.items():
        yield from _decide_path(steps, groups.get(group_id), others, allowances)


def _decide_path(
    steps: Sequence[_Step],
    group: LiveGroup | None,
    others: Mapping[str, LiveGroup],
    allowances: Mapping[str, int | None],
) -> Iterator[Decision]:
    """Decide the steps of one group together, by how far it is on the way from its first name to its last."""
    names = [_before(steps[0]), *map(_after, steps)]
    name = group.name if group else None
    if name not in names:
        detail = f"the group is now named {quote(name)}" if name is not None else "the group is gone"
        yield from (Decision(change=step, state=ChangeState.CONFLICT, group=group, detail=detail) for step in steps)
        return
    reached = names.index(name)
    obstacles = (_find_obstacle(step, group, others, allowances) for step in steps[reached:])
    obstacle = next(filter(None, obstacles), "")
    for number, step in enumerate(steps):
        if number < reached:
            yield Decision(change=step, state=ChangeState.DONE, group=group)
        elif obstacle:
            yield Decision(change=step, state=ChangeState.CONFLICT, group=group, detail=obstacle)
        else:
            state = ChangeState.PENDING if number == reached else ChangeState.WAITING
            yield Decision(change=step, state=state, group=group)


def _find_obstacle(
    step: _Step, group: LiveGroup | None, others: Mapping[str, LiveGroup], allowances: Mapping[str, int | None]
) -> str:
    """Return what is in the way of a step that is not done yet; empty if nothing is."""
    match step:
        case Rename(after=name):
            holder = others.get(name)
            return f"the name {quote(name)} belongs to another group [id={holder.id}]" if holder else ""
        case Delete():
            count = group.contacts_count if group else None
            most = allowances[step.id]
            if count is None or most is None:
                return "the number of contacts in the group is not known"
            return f"{count:,} contacts are in the group, {most:,} were reviewed" if count > most else ""


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
