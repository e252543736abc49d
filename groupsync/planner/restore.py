"""Plan a restore: where the contacts of each backup go, and which of them are still to be added there."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.command import NO_OPTIONS, write_path
from groupsync.display import quote
from groupsync.errors import SettingsError
from groupsync.model.groups import GroupId, LiveGroup
from groupsync.model.plan import Delete, PlanProblem, Reason
from groupsync.model.restore import BackupFile, Destination, Restore
from groupsync.model.scope import Scope
from groupsync.names import find_writing_fault, is_too_long, name_without_suffix
from groupsync.planner import make_plan
from groupsync.snippets import add_entries, change_group, remove_entry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from groupsync.command import CommandOptions
    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.restore import RestoreOutcome


def require_same_account(backup_files: Sequence[BackupFile], target: Target) -> None:
    """Raise SettingsError if a backup is of another account than the target's."""
    for backup_file in backup_files:
        origin = backup_file.backup.target
        if origin.account != target.account:
            raise SettingsError(
                f"{backup_file.file}: is a backup from account {origin.account} at {origin.endpoint}, "
                f"but this run uses account {target.account} at {target.endpoint}",
                remedy="check GROUPSYNC_ENDPOINT and MESSENTE_API_USERNAME",
            )


def find_destinations(
    backup_files: Sequence[BackupFile], live: Sequence[LiveGroup], into: GroupId | None
) -> tuple[Destination, ...]:
    """Return where the contacts of each backup go.

    `into` is the group that the user chose with `--into`, which allows one backup only.
    """
    groups = {group.id: group for group in live}
    destinations = []
    for backup_file in backup_files:
        chosen = into or backup_file.restored_id
        group = groups.get(chosen) if chosen else None
        destinations.append(Destination(backup_file=backup_file, into=group))
    return tuple(destinations)


def find_restore_problems(
    destinations: Sequence[Destination],
    config: Config,
    live: Sequence[LiveGroup],
    into: GroupId | None,
    options: CommandOptions = NO_OPTIONS,
) -> tuple[PlanProblem, ...]:
    """Return what prevents the restore: with a problem, nothing is restored."""
    problems = [*_find_equal_names(destinations), *_find_outside(destinations, config.make_scope())]
    for destination in destinations:
        if destination.into is None:
            problems += _find_obstacles(destination.backup_file, live, into, options)
    problems += _find_old_ids(destinations, config, live)
    if not problems:
        problems += _find_deletions(destinations, config, live)
    return tuple(problems)


def plan_restores(
    destinations: Sequence[Destination],
    *,
    phones: Collection[str],
    members: Mapping[GroupId, Collection[str]],
    recreate: bool,
) -> tuple[Restore, ...]:
    """Return what is to be done for each destination.

    `phones` are the numbers of all contacts that exist, `members` those in each live group that is a destination.
    Contacts that no longer exist are created again if `recreate` is set, else left out.
    """
    return tuple(_plan_restore(destination, phones, members, recreate=recreate) for destination in destinations)


def _plan_restore(
    destination: Destination, phones: Collection[str], members: Mapping[GroupId, Collection[str]], *, recreate: bool
) -> Restore:
    contacts = destination.backup_file.backup.contacts
    into = destination.into
    present = _find_reliable_members(into, members[into.id]) if into else ()
    missing = [contact for contact in contacts if contact.phone not in present]
    gone = tuple(contact for contact in missing if contact.phone not in phones)
    return Restore(
        destination=destination,
        add=tuple(contact for contact in missing if contact.phone in phones),
        recreate=gone if recreate else (),
        gone=() if recreate else gone,
        present=len(contacts) - len(missing),
    )


def _find_reliable_members(group: LiveGroup, members: Collection[str]) -> Collection[str]:
    """Return the members, or none if the list is longer than the group's contact count.

    Such a list is wrong. Adding a contact that is already in the group does no harm; leaving one out does.
    """
    is_too_long = group.contacts_count is not None and len(members) > group.contacts_count
    return () if is_too_long else members


def _find_equal_names(destinations: Sequence[Destination]) -> Iterator[PlanProblem]:
    """Yield a problem for each name that several backups have."""
    names = Counter(destination.backup_file.backup.name for destination in destinations)
    for name, number in names.items():
        if number > 1:
            yield PlanProblem(
                code="several-backups",
                message=f"{number} of the files are backups of a group named {quote(name)}",
                remedy=("restore them one at a time, the second one into the group of the first: --into ID",),
            )


def _find_outside(destinations: Sequence[Destination], scope: Scope) -> Iterator[PlanProblem]:
    """Yield a problem for each group, to create or to fill, that is outside the scope of the configuration or job."""
    own_scope = Scope(patterns=scope.patterns)
    for destination in destinations:
        name, group = _get_name(destination), destination.into
        if scope.includes_name(name):
            continue
        what = f"the live group {quote(group.name)} [id={group.id}]" if group else f"the group {quote(name)}"
        whose, remedy = "this job (GROUPSYNC_SCOPE)", "ask the owner of the job to add a pattern for it"
        if not own_scope.includes_name(name):
            whose, remedy = (
                "this configuration",
                "add a pattern for it under scope, or name its own configuration with -c",
            )
        yield PlanProblem(
            code="outside-scope",
            message=f"{destination.backup_file.file}: {what} is outside the scope of {whose}",
            remedy=(remedy,),
        )


def _get_name(destination: Destination) -> str:
    """Return the name that the group has or will have, without a temporary suffix."""
    if destination.into:
        return name_without_suffix(destination.into.name, destination.into.id)
    backup = destination.backup_file.backup
    return name_without_suffix(backup.name, backup.group_id)


def _find_obstacles(
    backup_file: BackupFile, live: Sequence[LiveGroup], into: GroupId | None, options: CommandOptions
) -> Iterator[PlanProblem]:
    """Yield the problems of a backup without a live destination.

    Either the group that was chosen or created before is not live, or it is not safe to create a new group.
    """
    file = backup_file.file
    if into:
        yield _group_is_not_live(file, into, remedy="check the id")
        return
    if backup_file.restored_id:
        remedy = f"to create the group again, remove the file {file}.restored"
        yield _group_is_not_live(file, backup_file.restored_id, remedy=remedy)
        return
    backup = backup_file.backup
    if is_too_long(backup.name):
        yield PlanProblem(
            code="name-not-writable",
            message=f"{file}: the name {quote(backup.name)} {find_writing_fault(backup.name)}",
            remedy=("create the group in the dashboard, and choose it: --into ID",),
        )
        return
    if backup_file.is_begun:
        yield PlanProblem(
            code="restore-begun",
            message=f"{file}: an earlier run may have created its group, but could not see the result",
            remedy=(
                f"if there is a new group {quote(backup.name)} now, choose it: --into ID",
                f"if there is still none after a minute, remove the file {file}.restored",
            ),
        )
    command = options.write("restore", write_path(file))
    for group in live:
        if group.id == backup.group_id:
            message = f"{file}: its group is live, as {quote(group.name)}: it was not deleted, or is not gone yet"
        elif group.name == backup.name:
            message = f"{file}: there is a live group {quote(group.name)} [id={group.id}]"
        else:
            continue
        yield PlanProblem(
            code="group-is-live",
            message=message,
            remedy=(f"to put the contacts into it: {command} --into {group.id}",),
        )


def _find_old_ids(
    destinations: Sequence[Destination], config: Config, live: Sequence[LiveGroup]
) -> Iterator[PlanProblem]:
    """Yield a problem for each entry that has the old id of a group to restore: an id never comes back."""
    live_ids = {group.id for group in live}
    entries = {entry.id: entry for entry in config.groups if entry.id and entry.id not in live_ids}
    for destination in destinations:
        backup = destination.backup_file.backup
        if entry := entries.get(backup.group_id):
            yield PlanProblem(
                code="old-id-listed",
                message=f"group {quote(entry.name)} has the old id {backup.group_id} of the "
                f"group in {destination.backup_file.file}",
                remedy=(
                    change_group(
                        config, entry, {"id": destination.into.id}, why="to name the group that takes the contacts"
                    )
                    if destination.into
                    else change_group(
                        config, entry, {"id": None}, why="to restore it under a new id, which is printed at the end"
                    ),
                    "or name another configuration with -c",
                ),
                source=entry.source,
            )


def _group_is_not_live(file: str, group_id: GroupId, *, remedy: str) -> PlanProblem:
    return PlanProblem(
        code="group-not-live",
        message=f"{file}: the target group {group_id} is not live",
        remedy=(remedy,),
    )


def _find_deletions(
    destinations: Sequence[Destination], config: Config, live: Sequence[LiveGroup]
) -> Iterator[PlanProblem]:
    """Yield a problem for each restored group that the next plan would delete again.

    That plan is made as if the groups to create existed already.
    """
    groups = list(live)
    restored: dict[GroupId, Destination] = {}
    for destination in destinations:
        group = destination.into
        if group is None:
            group = _make_expected_group(destination.backup_file)
            groups.append(group)
        restored[group.id] = destination
    plan = make_plan(_without_missing_ids(config, groups), groups)
    for problem in plan.problems:
        yield replace(problem, message=f"no plan can be made with the restored group: {problem.message}")
    for change in plan.changes:
        if isinstance(change, Delete) and change.group_id in restored:
            yield _would_be_deleted(change, restored[change.group_id], config)


def _would_be_deleted(change: Delete, destination: Destination, config: Config) -> PlanProblem:
    backup_file = destination.backup_file
    name = destination.into.name if destination.into else backup_file.backup.name
    pinned = [entry for entry in config.groups if entry.id and entry.name == name]
    if change.reason is Reason.REMOVED:
        remedy = remove_entry(config, change.source) if change.source else "remove it from the list under removed"
    elif pinned:
        remedy = change_group(config, pinned[0], {"id": None}, why="to list the restored group")
    else:
        remedy = add_entries(config, "groups", [({"name": name}, "")], why="to keep it")
    return PlanProblem(
        code="would-be-deleted",
        message=f"{backup_file.file}: the configuration would delete group {quote(name)} again",
        remedy=(remedy, "or name another configuration with -c"),
    )


def write_new_ids(outcomes: Sequence[RestoreOutcome], config: Config) -> tuple[str, ...]:
    """Return how to write the new ids of restored groups into the configuration.

    The last lines of a file come first, so that the other line numbers stay correct while a user edits.
    """
    entries = {entry.name: entry for entry in config.groups}
    changes, additions = [], []
    for outcome in outcomes:
        group_id, name = outcome.new_id, outcome.name
        if group_id is None:
            continue
        entry = entries.get(name)
        if entry is None:
            additions.append(({"name": name, "id": group_id}, ""))
        elif entry.id != group_id:
            why = f"to add the new id of {quote(name)}"
            changes.append((entry.source, change_group(config, entry, {"id": group_id}, why=why)))
    subject = "the group with its new id" if len(additions) == 1 else "the groups with their new ids"
    added = [add_entries(config, "groups", additions, why=f"to list {subject}")] if additions else []
    return (*added, *(text for _, text in sorted(changes, reverse=True)))


def _without_missing_ids(config: Config, groups: Sequence[LiveGroup]) -> Config:
    """Return the configuration without the entries whose id is not live: no plan could be made with them."""
    ids = {group.id for group in groups}
    return replace(config, groups=tuple(entry for entry in config.groups if entry.id is None or entry.id in ids))


def _make_expected_group(backup_file: BackupFile) -> LiveGroup:
    """Return the group that will be created. Its id is a placeholder: the server will choose another one."""
    group_id = GroupId(str(uuid.uuid5(uuid.NAMESPACE_URL, backup_file.file)))
    backup = backup_file.backup
    return LiveGroup(id=group_id, name=backup.name, contacts_count=len(backup.contacts))
