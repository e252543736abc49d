"""What a restore would do: where the contacts of each backup go, and which of them are still to be put there."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from groupsync.display import quote
from groupsync.errors import SettingsError
from groupsync.model.groups import GroupId, LiveGroup
from groupsync.model.plan import Delete, PlanProblem, Reason
from groupsync.model.restore import Destination, Destinations, KeptBackup, Restore
from groupsync.planner import make_plan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from groupsync.model.account import Target
    from groupsync.model.config import Config


def require_same_account(backups: Sequence[KeptBackup], target: Target) -> None:
    """Raise SettingsError when a backup is of another account than the one to work on."""
    for kept in backups:
        if kept.backup.target.account != target.account:
            raise SettingsError(
                f"{kept.file}: is a backup of the account {kept.backup.target.account} at "
                f"{kept.backup.target.endpoint}, and this is {target.account} at {target.endpoint}",
                remedy="check GROUPSYNC_ENDPOINT and MESSENTE_API_USERNAME",
            )


def find_places(
    backups: Sequence[KeptBackup], config: Config, live: Sequence[LiveGroup], into: GroupId | None
) -> Destinations:
    """Return where the contacts of each backup go; `into` is the live group that the user chose for the only one."""
    groups = {group.id: group for group in live}
    places = tuple(_find_place(kept, groups, into) for kept in backups)
    problems = [
        *_find_twins(backups),
        *(problem for place in places for problem in _find_obstacles(place, live, into)),
    ]
    if not problems:
        problems.extend(_find_deletions(places, config, live))
    return Destinations(places=places, problems=tuple(problems))


def plan_restores(
    places: Sequence[Destination],
    *,
    phones: Collection[str],
    members: Mapping[GroupId, Collection[str]],
    recreate: bool,
) -> tuple[Restore, ...]:
    """Return what is to be done; `phones` are the numbers of all contacts, `members` those in the live groups."""
    return tuple(_plan_restore(place, phones, members, recreate=recreate) for place in places)


def _plan_restore(
    place: Destination, phones: Collection[str], members: Mapping[GroupId, Collection[str]], *, recreate: bool
) -> Restore:
    present = _believe(place.into, members[place.into.id]) if place.into else ()
    missing = [contact for contact in place.kept.backup.contacts if contact.phone not in present]
    gone = tuple(contact for contact in missing if contact.phone not in phones)
    return Restore(
        place=place,
        add=tuple(contact for contact in missing if contact.phone in phones),
        recreate=gone if recreate else (),
        gone=() if recreate else gone,
        present=len(place.kept.backup.contacts) - len(missing),
    )


def _believe(group: LiveGroup, present: Collection[str]) -> Collection[str]:
    """Return the members, none when there are more than the group says: putting one into it twice does no harm."""
    return () if group.contacts_count is not None and len(present) > group.contacts_count else present


def _find_place(kept: KeptBackup, groups: Mapping[GroupId, LiveGroup], into: GroupId | None) -> Destination:
    chosen = into or kept.restored_id
    return Destination(kept=kept, into=groups.get(chosen) if chosen else None)


def _find_twins(backups: Sequence[KeptBackup]) -> Iterator[PlanProblem]:
    names = Counter(kept.backup.name for kept in backups)
    for name, number in names.items():
        if number > 1:
            yield PlanProblem(
                code="several-backups",
                message=f"{number} of the files are backups of a group named {quote(name)}",
                remedy=("restore them one by one; the second one goes into the group of the first: --into ID",),
            )


def _find_obstacles(place: Destination, live: Sequence[LiveGroup], into: GroupId | None) -> Iterator[PlanProblem]:
    """Yield what stands against this place: a group that is not there, or one that is."""
    kept = place.kept
    if place.into:
        return
    if chosen := into or kept.restored_id:
        remedy = f"to make the group anew, remove the file {kept.file}.restored" if not into else "check the id"
        yield PlanProblem(
            code="group-not-live",
            message=f"{kept.file}: the group {chosen} that it would go into is not live",
            remedy=(remedy,),
        )
        return
    if kept.is_begun:
        yield PlanProblem(
            code="restore-begun",
            message=f"{kept.file}: an earlier run may have made its group, and could not see how that ended",
            remedy=(
                f"if there is a new group {quote(kept.backup.name)} now, choose it: --into ID",
                f"if there is none, a minute later, remove the file {kept.file}.restored",
            ),
        )
    for group in live:
        if group.id == kept.backup.group_id:
            message = f"{kept.file}: its group is live, as {quote(group.name)}: it was not deleted, or is not gone yet"
        elif group.name == kept.backup.name:
            message = f"{kept.file}: there is a live group {quote(group.name)} [id={group.id}]"
        else:
            continue
        yield PlanProblem(
            code="group-is-live",
            message=message,
            remedy=(f"to put the contacts into it: --into {group.id}",),
        )


def _find_deletions(places: Sequence[Destination], config: Config, live: Sequence[LiveGroup]) -> Iterator[PlanProblem]:
    """Yield the groups that the configuration would delete again: it is planned as if they were there already."""
    made = {_invent_id(place): place for place in places if place.into is None}
    groups = [*live, *(_imagine(group_id, place) for group_id, place in made.items())]
    filled = {place.into.id: place for place in places if place.into} | made
    plan = make_plan(_without_dead_pins(config, groups), groups)
    for problem in plan.problems:
        yield replace(problem, message=f"no plan can be made with the restored group: {problem.message}")
    for change in plan.changes:
        if isinstance(change, Delete) and change.group_id in filled:
            yield _explain_deletion(change, filled[change.group_id], config)


def _explain_deletion(change: Delete, place: Destination, config: Config) -> PlanProblem:
    name = place.into.name if place.into else place.kept.backup.name
    pinned = [entry for entry in config.groups if entry.id and entry.name == name]
    if change.reason is Reason.REMOVED:
        remedy = f"take it out of removed, {change.source}"
    elif pinned:
        remedy = f"remove the id at {pinned[0].source}: the restored group has another one"
    else:
        remedy = f"list it under groups: - {quote(name)}"
    return PlanProblem(
        code="would-be-deleted",
        message=f"{place.kept.file}: the configuration would delete group {quote(name)} again",
        remedy=(remedy, "or name another configuration with -c"),
    )


def _without_dead_pins(config: Config, groups: Sequence[LiveGroup]) -> Config:
    """Return the configuration without the entries whose id is not live: they cannot take any group."""
    ids = {group.id for group in groups}
    return replace(config, groups=tuple(entry for entry in config.groups if entry.id is None or entry.id in ids))


def _invent_id(place: Destination) -> GroupId:
    """Return an id for a group that is not made yet; the server will choose another one."""
    return GroupId(str(uuid.uuid5(uuid.NAMESPACE_URL, place.kept.file)))


def _imagine(group_id: GroupId, place: Destination) -> LiveGroup:
    backup = place.kept.backup
    return LiveGroup(id=group_id, name=backup.name, contacts_count=len(backup.contacts))
