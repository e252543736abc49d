"""Questions about entries with an id that is no longer live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, quote_name
from groupsync.editing import RemoveEntry, RemoveKey, SetKey
from groupsync.fixes.context import creates, renames, sort_largest_first
from groupsync.fixes.question import FixAnswer, Kind, Question
from groupsync.fixes.which_group import MOST_CHOICES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.fixes.context import FixContext
    from groupsync.model.config import GroupEntry
    from groupsync.model.groups import LiveGroup


def ask_about_lost_ids(context: FixContext) -> Iterator[Question]:
    """Yield a question for each entry whose id no live group has; without any live group the account may be wrong."""
    for problem in context.review.plan.problems:
        entry = context.entries.get(problem.source) if problem.source else None
        if entry is None or entry.id is None or problem.code != "id-not-live" or not context.live:
            continue
        holders = sort_largest_first(
            group for group in context.live.values() if group.name == entry.name and group.id not in context.used_ids
        )
        answers = [
            *(_choose(context, entry, number, group) for number, group in enumerate(holders[:MOST_CHOICES], start=1)),
            *(() if holders else _restore(context, entry)),
            _remove(context, entry),
            *(() if holders else (_create(context, entry),)),
        ]
        yield Question(
            kind=Kind.LOST_ID,
            subject=f"id {entry.id}",
            lines=(f"{quote_name(entry.name)} has an id that is no longer live  ({context.locate(entry.source)}).",),
            answers=tuple(answers),
            group_ids=frozenset(group.id for group in holders),
        )


def _choose(context: FixContext, entry: GroupEntry, number: int, group: LiveGroup) -> FixAnswer:
    contacts = "unknown" if group.contacts_count is None else f"{group.contacts_count:,}"
    return FixAnswer(
        key=str(number),
        text=f"it is the live group of that name (contacts: {contacts})",
        effect=f"sets id: {group.id}  ({context.locate(entry.source)})",
        edits=(SetKey(source=entry.source, key="id", value=group.id),),
        shows=frozenset({renames(group, entry.name)}),
        repeats=False,
    )


def _restore(context: FixContext, entry: GroupEntry) -> Iterator[FixAnswer]:
    backup = context.backups.get(entry.id) if entry.id else None
    if backup and backup.name == entry.name:
        yield FixAnswer(
            key="b",
            text=f"get it back: a backup of {count(backup.contacts_count, 'member', 'members')} exists",
            effect=f"drops the id; you restore the backup before the next apply  ({context.locate(entry.source)})",
            edits=(RemoveKey(source=entry.source, key="id"),),
            shows=frozenset({creates(entry.name)}),
            backups=(backup.file,),
        )


def _remove(context: FixContext, entry: GroupEntry) -> FixAnswer:
    return FixAnswer(
        key="x",
        text="it should stay deleted",
        effect=f"removes the entry  ({context.locate(entry.source)})",
        edits=(RemoveEntry(source=entry.source),),
    )


def _create(context: FixContext, entry: GroupEntry) -> FixAnswer:
    return FixAnswer(
        key="c",
        text="create it again, without its contacts",
        effect=f"drops the id  ({context.locate(entry.source)})",
        edits=(RemoveKey(source=entry.source, key="id"),),
        shows=frozenset({creates(entry.name)}),
    )
