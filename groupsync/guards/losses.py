"""The guards against deletions: how many, of which groups, and how many people lose one."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from groupsync.display import count, quote
from groupsync.guards.limits import describe_max_deletes
from groupsync.guards.remedies import (
    MOST_LINES_TO_PASTE,
    describe_loss,
    first_remedy_lines,
    list_groups,
    list_removed_to_paste,
)
from groupsync.model.limits import count_deletes
from groupsync.model.plan import Reason
from groupsync.model.review import GuardFinding
from groupsync.names import name_without_suffix
from groupsync.patterns import find_first_match
from groupsync.snippets import change_removal, set_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.guards.context import GuardContext
    from groupsync.model.config import Pattern
    from groupsync.model.groups import GroupId
    from groupsync.model.remaining import RemainingDelete


def judge_losses(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge everything that the deletions would lose."""
    yield from judge_no_deletes(context)
    yield from judge_protected(context)
    yield from judge_contacts_lost(context)
    yield from judge_all_contacts_lost(context)
    yield from judge_max_deletes(context)
    yield from judge_all_deletes(context)
    yield from judge_backup(context)
    yield from judge_unknown_count(context)


def judge_no_deletes(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge deletions in a run that must not delete anything."""
    if context.deletes and context.run_policy.no_deletes:
        yield GuardFinding(
            code="no-deletes",
            message=f"{count(len(context.deletes), 'group', 'groups')} would be deleted, and this run must not delete "
            "anything (--no-deletes or GROUPSYNC_NO_DELETES)",
            group_ids=_list_ids(context.deletes),
            remedy=("make a new plan with --no-deletes, which postpones the deletions:", *list_groups(context.deletes)),
        )


def judge_protected(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge by the original name, also if a group is at a temporary name."""
    if not (context.config.protected or context.run_policy.protected):
        return
    deleted_ids = {one.change.group_id for one in context.deletes}
    names = {group.id: group.name for group in context.base if group.id in deleted_ids}
    deletes = [one for one in context.deletes if context.is_protected(names[one.change.group_id])]
    if deletes:
        patterns = context.config.protected
        first = _find_pattern(patterns, names[deletes[0].change.group_id])
        protected = first_remedy_lines(
            deletes, lambda one: f"  {describe_loss(one)}, {_describe_protection(patterns, names, one)}"
        )
        yield GuardFinding(
            code="protected",
            message=f"{count(len(deletes), 'protected group', 'protected groups')} would be deleted",
            group_ids=_list_ids(deletes),
            source=first.source if first else None,
            remedy=("list each one under groups, or remove its protection:", *protected),
        )


def _find_pattern(patterns: Sequence[Pattern], name: str) -> Pattern | None:
    return find_first_match(patterns, name, attrgetter("text"))


def _describe_protection(patterns: Sequence[Pattern], names: dict[GroupId, str], delete: RemainingDelete) -> str:
    pattern = _find_pattern(patterns, names[delete.change.group_id])
    return f"protected by {quote(pattern.text)} ({pattern.source})" if pattern else "protected by GROUPSYNC_PROTECTED"


def judge_contacts_lost(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge the memberships that are lost beyond the consent of the configuration."""
    deletes = sorted((one for one in context.deletes if _find_excess(one)), key=_find_excess, reverse=True)
    lost, limit = sum(map(_find_excess, deletes)), context.config.policy.max_contacts_lost
    if lost <= limit:
        return
    first = deletes[0].change
    groups, largest = count(len(deletes), "group", "groups"), ""
    if first.source:  # the finding refers to that line
        name = quote(name_without_suffix(first.name, first.group_id))
        if len(deletes) == 1:
            groups = name
        else:
            largest = f"; the largest is {name}"
    yield GuardFinding(
        code="contacts-lost",
        message=f"{_count_memberships(lost)} of {groups} would be lost without consent, and "
        f"policy.max_contacts_lost is {limit:,}{largest}",
        group_ids=_list_ids(deletes),
        figure=lost,
        limit=limit,
        source=first.source or context.config.policy.sources.get("max_contacts_lost"),
        remedy=(*_list_consents(context, deletes), *_list_wider_consents(context, deletes)),
    )


def _find_excess(delete: RemainingDelete) -> int:
    """Return how many memberships the deletion loses beyond the consent to it; an unknown number counts as 0."""
    consent = delete.change.contacts_at_most
    return 0 if consent is None else max(0, (delete.live_count or 0) - consent)


def _list_consents(context: GuardContext, deletes: Sequence[RemainingDelete]) -> Iterator[str]:
    unlisted = _pick_unlisted(deletes)
    if unlisted:
        if context.creates:
            yield "if a group was renamed, add its old name to the new entry, under previously"
            yield "if a group was renamed in the dashboard, write its new name in its entry"
        yield from _list_ways_to_keep(context, unlisted)
        yield list_removed_to_paste(context, unlisted)


def _list_ways_to_keep(context: GuardContext, deletes: Sequence[RemainingDelete]) -> Iterator[str]:
    if _pick_unlisted(deletes):
        yield set_policy(context.config, "unlisted", "keep", why="to keep what is not listed")
    removed = _pick_removed(deletes)
    if removed:
        yield "to keep these groups, delete their entries under removed:"
        yield from first_remedy_lines(removed, lambda one: f"  {one.change.source}: {describe_loss(one)}")


def _list_wider_consents(context: GuardContext, deletes: Sequence[RemainingDelete]) -> Iterator[str]:
    """Yield the entries of `removed` with a higher `contacts_at_most`, the last lines of a file first.

    So the line numbers of the remaining entries stay correct while a user edits.
    """
    removals = {removal.source: removal for removal in context.config.removed}
    removed = _pick_removed(deletes)
    by_line = {(source.file, source.line): one for one in reversed(removed) if (source := one.change.source)}
    largest = sorted(by_line.values(), key=_find_excess, reverse=True)[:MOST_LINES_TO_PASTE]
    pairs = [(removals[source], one) for one in largest if (source := one.change.source)]
    for removal, one in sorted(pairs, key=lambda pair: pair[0].source, reverse=True):
        why = f"to agree to deleting {describe_loss(one)} (contacts_at_most is {one.change.contacts_at_most:,} now)"
        yield change_removal(context.config, removal, {"contacts_at_most": one.live_count}, why=why)
    if len(removed) > len(largest):
        more = count(len(removed) - len(largest), "group loses", "groups lose")
        yield f"plan again afterwards: {more} more contacts than contacts_at_most says"


def _pick_unlisted(deletes: Sequence[RemainingDelete]) -> list[RemainingDelete]:
    return [one for one in deletes if one.change.reason is Reason.UNLISTED]


def _pick_removed(deletes: Sequence[RemainingDelete]) -> list[RemainingDelete]:
    return [one for one in deletes if one.change.reason is not Reason.UNLISTED]


def judge_all_contacts_lost(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge by the limit of the environment, which counts what the configuration consents to as well."""
    limit = context.run_policy.max_contacts_lost
    deletes = [one for one in context.deletes if one.live_count]
    lost = sum(one.live_count or 0 for one in deletes)
    if limit is not None and lost > limit:
        yield GuardFinding(
            code="contacts-lost",
            message=f"{_count_memberships(lost)} would be lost, and GROUPSYNC_MAX_CONTACTS_LOST is "
            f"{limit:,}, even with consent under removed",
            group_ids=_list_ids(deletes),
            figure=lost,
            limit=limit,
            remedy=("these groups would lose them:", *list_groups(deletes)),
        )


def judge_max_deletes(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge the number of deletions to which the configuration does not consent."""
    deletes = _pick_unlisted(context.deletes)
    policy = context.config.policy
    limit = count_deletes(policy.max_deletes, context.counted_groups)
    if len(deletes) > limit:
        yield GuardFinding(
            code="max-deletes",
            message=f"{count(len(deletes), 'group', 'groups')} would be deleted without consent, and "
            f"policy.max_deletes is {describe_max_deletes(policy.max_deletes, context.counted_groups)}",
            group_ids=_list_ids(deletes),
            figure=len(deletes),
            limit=limit,
            source=policy.sources.get("max_deletes"),
            remedy=(
                *_list_ways_to_keep(context, deletes),
                set_policy(context.config, "max_deletes", str(len(deletes)), why="to allow that many deletions"),
                list_removed_to_paste(context, deletes),
            ),
        )


def judge_all_deletes(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge by the limit of the environment, which counts what the configuration consents to as well."""
    max_deletes = context.run_policy.max_deletes
    if max_deletes is None:
        return
    deletes, limit = context.deletes, count_deletes(max_deletes, context.counted_groups)
    if len(deletes) > limit:
        yield GuardFinding(
            code="max-deletes",
            message=f"{count(len(deletes), 'group', 'groups')} would be deleted, and GROUPSYNC_MAX_DELETES is "
            f"{describe_max_deletes(max_deletes, context.counted_groups)}, even with consent under removed",
            group_ids=_list_ids(deletes),
            figure=len(deletes),
            limit=limit,
            remedy=("these groups would be deleted:", *list_groups(deletes)),
        )


def _count_memberships(number: int) -> str:
    return count(number, "membership", "memberships")


def judge_backup(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge deletions of groups that hold contacts while no backup keeps the members."""
    deletes = [one for one in context.deletes if one.live_count]
    if deletes and not context.run_policy.keeps_backups:
        yield GuardFinding(
            code="backup",
            message=f"{count(len(deletes), 'group with contacts', 'groups with contacts')} would be "
            "deleted, and no backup folder is set",
            group_ids=_list_ids(deletes),
            remedy=("set a folder for backups of the members: --backup-dir DIR, or GROUPSYNC_BACKUP_DIR",),
        )


def judge_unknown_count(context: GuardContext) -> Iterator[GuardFinding]:
    """Judge deletions of groups if the server does not say how many contacts are in them."""
    deletes = [one for one in context.deletes if one.live_count is None]
    if deletes:
        yield GuardFinding(
            code="unknown-count",
            message=f"the server does not say how many contacts are in "
            f"{count(len(deletes), 'group that would be deleted', 'groups that would be deleted')}",
            group_ids=_list_ids(deletes),
            remedy=(
                *_list_ways_to_keep(context, deletes),
                "to delete it anyway, check it and delete it in the dashboard:",
                *list_groups(deletes),
            ),
        )


def _list_ids(deletes: Sequence[RemainingDelete]) -> tuple[GroupId, ...]:
    return tuple(one.change.group_id for one in deletes)
