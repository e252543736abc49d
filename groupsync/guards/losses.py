"""The guards against deletions: how many, of which groups, and how many people lose one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, quote
from groupsync.guards.limits import show_max_deletes
from groupsync.guards.remedies import advise_policy, describe_loss, first_remedy_lines, list_groups, paste_removed
from groupsync.model.limits import count_deletes
from groupsync.model.plan import Reason
from groupsync.model.review import GuardFinding
from groupsync.names import name_without_suffix
from groupsync.patterns import make_matcher

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.guards.context import GuardContext
    from groupsync.model.config import Pattern
    from groupsync.model.limits import RunPolicy
    from groupsync.model.plan import Delete


def judge_protected(case: GuardContext, run_policy: RunPolicy) -> Iterator[GuardFinding]:
    """Judge by the names that the groups had before the plan, for it may have parked them meanwhile."""
    doomed_ids = {change.group_id for change in case.deletes}
    names = {group.id: name_without_suffix(group.name, group.id) for group in case.base if group.id in doomed_ids}
    patterns = case.config.protected
    is_protected = make_matcher((*(pattern.text for pattern in patterns), *run_policy.protected))
    doomed = [change for change in case.deletes if is_protected(names[change.group_id])]
    if doomed:
        first = _find_pattern(patterns, names[doomed[0].group_id])
        yield GuardFinding(
            code="protected",
            message=f"{count(len(doomed), 'protected group', 'protected groups')} would be deleted",
            group_ids=tuple(change.group_id for change in doomed),
            source=first.source if first else None,
            remedy=(
                "list each one under groups, or no longer protect it:",
                *first_remedy_lines(
                    [
                        f"  {describe_loss(change)}, {_tell_pattern(patterns, names[change.group_id])}"
                        for change in doomed
                    ]
                ),
            ),
        )


def _find_pattern(patterns: Sequence[Pattern], name: str) -> Pattern | None:
    return next((pattern for pattern in patterns if make_matcher((pattern.text,))(name)), None)


def _tell_pattern(patterns: Sequence[Pattern], name: str) -> str:
    pattern = _find_pattern(patterns, name)
    return f"protected by {quote(pattern.text)} ({pattern.source})" if pattern else "protected by GROUPSYNC_PROTECTED"


def judge_contacts_lost(case: GuardContext) -> Iterator[GuardFinding]:
    """Judge the memberships that are lost beyond the consent of the configuration."""
    excesses = {change: excess for change in case.deletes if (excess := _find_excess(change))}
    lost, limit = sum(excesses.values()), case.config.policy.max_contacts_lost
    if lost <= limit:
        return
    doomed = sorted(excesses, key=lambda change: -excesses[change])
    worst = doomed[0]
    yield GuardFinding(
        code="contacts-lost",
        message=f"{count(len(doomed), 'group with contacts', 'groups with contacts')} would go without consent: "
        f"{_count_memberships(lost)} lost; policy.max_contacts_lost is {limit:,}",
        group_ids=tuple(change.group_id for change in doomed),
        figure=lost,
        limit=limit,
        source=worst.source or case.config.policy.places.get("max_contacts_lost"),
        remedy=(*_advise_consent(case, doomed), *_advise_more_consent(doomed)),
    )


def _find_excess(change: Delete) -> int:
    """Return how many memberships the deletion loses beyond the consent to it; an unknown number is not counted."""
    lost = change.contacts_count or 0
    return 0 if change.contacts_at_most is None else max(0, lost - change.contacts_at_most)


def _advise_consent(case: GuardContext, doomed: Sequence[Delete]) -> Iterator[str]:
    unlisted = [change for change in doomed if change.reason is Reason.UNLISTED]
    if unlisted:
        yield "if a group was renamed, name its earlier name at the new one: previously: [...]"
        yield from _advise_keeping(case, unlisted)
        yield from paste_removed(case, unlisted)


def _advise_keeping(case: GuardContext, doomed: Sequence[Delete]) -> Iterator[str]:
    if any(change.reason is Reason.UNLISTED for change in doomed):
        yield advise_policy(case, "unlisted", "keep", why="to keep what is not listed")
    listed = [
        f"  {change.source}: {describe_loss(change)}" for change in doomed if change.reason is not Reason.UNLISTED
    ]
    if listed:
        yield "to keep what is listed under removed, take it out there:"
        yield from first_remedy_lines(listed)


def _advise_more_consent(doomed: Sequence[Delete]) -> Iterator[str]:
    listed = [change for change in doomed if change.reason is not Reason.UNLISTED]
    if listed:
        yield "to consent to the loss of more than contacts_at_most says:"
        yield from first_remedy_lines(
            [
                f"  {change.source}: contacts_at_most: {change.contacts_count}  # {describe_loss(change)}; "
                f"now {change.contacts_at_most:,}"
                for change in listed
            ]
        )


def judge_all_contacts_lost(case: GuardContext, run_policy: RunPolicy) -> Iterator[GuardFinding]:
    """Judge by the limit of the environment, which counts what the configuration consents to as well."""
    doomed = [change for change in case.deletes if change.contacts_count]
    lost = sum(change.contacts_count or 0 for change in doomed)
    if run_policy.max_contacts_lost is not None and lost > run_policy.max_contacts_lost:
        yield GuardFinding(
            code="contacts-lost",
            message=f"{_count_memberships(lost)} would be lost, and GROUPSYNC_MAX_CONTACTS_LOST is "
            f"{run_policy.max_contacts_lost:,}, whatever removed consents to",
            group_ids=tuple(change.group_id for change in doomed),
            figure=lost,
            limit=run_policy.max_contacts_lost,
            remedy=("these groups would lose them:", *list_groups(doomed)),
        )


def judge_max_deletes(case: GuardContext) -> Iterator[GuardFinding]:
    """Judge the number of deletions to which the configuration does not consent."""
    doomed = [change for change in case.deletes if change.reason is Reason.UNLISTED]
    policy = case.config.policy
    limit = count_deletes(policy.max_deletes, case.counted_groups)
    if len(doomed) > limit:
        yield GuardFinding(
            code="max-deletes",
            message=f"{count(len(doomed), 'group', 'groups')} would be deleted without consent, and "
            f"policy.max_deletes is {show_max_deletes(policy.max_deletes, case.counted_groups)}",
            group_ids=tuple(change.group_id for change in doomed),
            figure=len(doomed),
            limit=limit,
            source=policy.places.get("max_deletes"),
            remedy=(
                *_advise_keeping(case, doomed),
                advise_policy(case, "max_deletes", str(len(doomed)), why="to let a plan delete so many"),
                *paste_removed(case, doomed),
            ),
        )


def judge_all_deletes(case: GuardContext, run_policy: RunPolicy) -> Iterator[GuardFinding]:
    """Judge by the limit of the environment, which counts what the configuration consents to as well."""
    if run_policy.max_deletes is None:
        return
    doomed, limit = case.deletes, count_deletes(run_policy.max_deletes, case.counted_groups)
    if len(doomed) > limit:
        yield GuardFinding(
            code="max-deletes",
            message=f"{count(len(doomed), 'group', 'groups')} would be deleted, and GROUPSYNC_MAX_DELETES is "
            f"{show_max_deletes(run_policy.max_deletes, case.counted_groups)}, whatever removed consents to",
            group_ids=tuple(change.group_id for change in doomed),
            figure=len(doomed),
            limit=limit,
            remedy=("these groups would be deleted:", *list_groups(doomed)),
        )


def _count_memberships(number: int) -> str:
    return count(number, "membership", "memberships")


def judge_backup(case: GuardContext, run_policy: RunPolicy) -> Iterator[GuardFinding]:
    """Judge deletions of people's groups while nothing keeps who was in them."""
    doomed = [change for change in case.deletes if change.contacts_count]
    them = "it" if len(doomed) == 1 else "them"
    if doomed and not run_policy.keeps_backups:
        yield GuardFinding(
            code="backup",
            message=f"{count(len(doomed), 'group that holds contacts', 'groups that hold contacts')} would be deleted, "
            f"and nothing keeps who was in {them}",
            group_ids=tuple(change.group_id for change in doomed),
            remedy=("name a folder for backups of the members: --backup-dir DIR, or GROUPSYNC_BACKUP_DIR",),
        )


def judge_unknown_count(case: GuardContext) -> Iterator[GuardFinding]:
    """Judge deletions of groups of which the server does not say how many contacts are in them."""
    doomed = [change for change in case.deletes if change.contacts_count is None]
    if doomed:
        yield GuardFinding(
            code="unknown-count",
            message=f"the server does not say how many contacts are in "
            f"{count(len(doomed), 'group that would be deleted', 'groups that would be deleted')}",
            group_ids=tuple(change.group_id for change in doomed),
            remedy=(
                *_advise_keeping(case, doomed),
                "to be rid of it all the same, delete it by hand after a look:",
                *list_groups(doomed),
            ),
        )
