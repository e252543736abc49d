"""What stands against a plan that could be made: losses that nobody consented to, and states that need a decision."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from groupsync.model.config import Config, Unlisted
from groupsync.model.plan import Change, Delete, Plan, Reason
from groupsync.model.review import GuardFinding
from groupsync.names import quote, settled_name
from groupsync.wording import count, count_contacts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import InterruptedRename
    from groupsync.model.review import Limits

MOST_LINES_TO_PASTE = 10


OVERRIDABLE = ("backup", "contacts-lost", "empty-config")
"""The guards that can be let pass, each by its own code."""


def judge_plan(config: Config, plan: Plan, pending: Sequence[Change], limits: Limits) -> tuple[GuardFinding, ...]:
    """Return what the guards find; `pending` are the changes still to be made, with live contact counts."""
    return tuple(_apply_limits(finding, limits) for finding in _judge(config, plan, pending, limits))


def _apply_limits(finding: GuardFinding, limits: Limits) -> GuardFinding:
    if finding.code not in OVERRIDABLE:
        return finding
    remedy = (*finding.remedy, f"or let it pass, this time: --allow {finding.code}")
    return replace(finding, remedy=remedy, allowed=finding.code in limits.allowed)


def _judge(config: Config, plan: Plan, pending: Sequence[Change], limits: Limits) -> tuple[GuardFinding, ...]:
    deletes = sorted(
        (change for change in pending if isinstance(change, Delete)),
        key=lambda change: (-(change.contacts_count or 0), change.name, change.group_id),
    )
    return (
        *_judge_empty_config(config),
        *_judge_contacts_lost(deletes),
        *_judge_backup(deletes, limits),
        *_judge_unknown_count(deletes),
        *_judge_unlisted(config, plan.unlisted),
        *_judge_interrupted(plan.interrupted),
    )


def _judge_empty_config(config: Config) -> Iterator[GuardFinding]:
    if not config.groups:
        yield GuardFinding(
            code="empty-config",
            message="the configuration lists no group at all",
            group_ids=(),
            remedy=("list at least one group under groups",),
        )


def _judge_contacts_lost(deletes: Sequence[Delete]) -> Iterator[GuardFinding]:
    doomed = [change for change in deletes if change.contacts_count and change.reason is not Reason.REMOVED]
    if doomed:
        lost = sum(change.contacts_count or 0 for change in doomed)
        yield GuardFinding(
            code="contacts-lost",
            message=f"{count(len(doomed), 'group that holds contacts', 'groups that hold contacts')} would be deleted "
            f"without consent: {lost:,} {'membership' if lost == 1 else 'memberships'} lost",
            group_ids=tuple(change.group_id for change in doomed),
            remedy=(
                "if a group was renamed, name its earlier name at the new one: previously: [...]",
                "to keep what is not listed: policy: {unlisted: keep}",
                "to consent to the deletion:",
                "removed:",
                *_limit([f"  - id: {change.group_id}  # {_describe(change)}" for change in doomed]),
            ),
        )


def _judge_backup(deletes: Sequence[Delete], limits: Limits) -> Iterator[GuardFinding]:
    doomed = [change for change in deletes if change.contacts_count]
    if doomed and not limits.keeps_backups:
        yield GuardFinding(
            code="backup",
            message=f"{count(len(doomed), 'group that holds contacts', 'groups that hold contacts')} would be deleted, "
            "and nothing keeps who was in it",
            group_ids=tuple(change.group_id for change in doomed),
            remedy=("name a folder for backups of the members: --backup-dir DIR, or GROUPSYNC_BACKUP_DIR",),
        )


def _judge_unknown_count(deletes: Sequence[Delete]) -> Iterator[GuardFinding]:
    doomed = [change for change in deletes if change.contacts_count is None]
    if doomed:
        yield GuardFinding(
            code="unknown-count",
            message=f"the server does not say how many contacts are in "
            f"{count(len(doomed), 'group that would be deleted', 'groups that would be deleted')}",
            group_ids=tuple(change.group_id for change in doomed),
            remedy=(
                "keep what is not listed (policy: {unlisted: keep}), or delete by hand after a look at it:",
                *_limit([f"  {_describe(change)} [id={change.group_id}]" for change in doomed]),
            ),
        )


def _judge_unlisted(config: Config, unlisted: Sequence[LiveGroup]) -> Iterator[GuardFinding]:
    if unlisted and config.unlisted is Unlisted.REFUSE:
        worst_first = sorted(unlisted, key=lambda group: (-(group.contacts_count or 0), group.name, group.id))
        yield GuardFinding(
            code="unlisted",
            message=f"{count(len(unlisted), 'live group is', 'live groups are')} not in the configuration, "
            "and policy.unlisted is refuse",
            group_ids=tuple(group.id for group in worst_first),
            remedy=(
                "list each one under groups or removed, or match it with a pattern under ignore:",
                *_limit(
                    [f"  - {quote(group.name)}  # {count_contacts(group.contacts_count)}" for group in worst_first]
                ),
            ),
        )


def _judge_interrupted(interrupted: Sequence[InterruptedRename]) -> Iterator[GuardFinding]:
    if interrupted:
        yield GuardFinding(
            code="interrupted-rename",
            message=f"{count(len(interrupted), 'group was', 'groups were')} left at a temporary name by a run that did "
            "not end; run the same plan file again, or say by id what each one shall be",
            group_ids=tuple(rename.group.id for rename in interrupted),
            remedy=tuple(line for rename in interrupted for line in _paste_choice(rename)),
        )


def _paste_choice(rename: InterruptedRename) -> Iterator[str]:
    """Yield the lines for both ends that an interrupted rename can have: the group stays, or it goes."""
    yield f"to keep {quote(rename.group.name)}, under groups:"
    if rename.entry:
        yield f"  - name: {quote(rename.parked_name)}  # the entry at {rename.entry}, with its id:"
    else:
        yield "  - name: ...  # the name that it shall have"
    yield f"    id: {rename.group.id}"
    yield "to delete it, under removed:"
    yield f"  - id: {rename.group.id}"


def _describe(change: Delete) -> str:
    return f"{quote(settled_name(change.name, change.group_id))}, {count_contacts(change.contacts_count)}"


def _limit(lines: Sequence[str]) -> Sequence[str]:
    """Return the first lines, and how many are left out."""
    if len(lines) <= MOST_LINES_TO_PASTE:
        return lines
    return [*lines[:MOST_LINES_TO_PASTE], f"  # ... and {len(lines) - MOST_LINES_TO_PASTE:,} more"]
