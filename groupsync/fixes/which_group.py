"""Questions about entries that could mean several live groups: the id says which one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, count_contacts, quote_name
from groupsync.editing import AddEntry, EntryList, RemoveEntry, SetKey
from groupsync.fixes.context import deletes, renames, sort_largest_first
from groupsync.fixes.question import FixAnswer, Kind, Question
from groupsync.model.config import RemovedId, RemovedName

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.editing import Edit
    from groupsync.fixes.context import FixContext
    from groupsync.model.config import GroupEntry
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.plan import PlanProblem
    from groupsync.snippets.values import Value

MOST_CHOICES = 10
"""How many groups can be chosen from, the largest ones."""


def ask_which_group(context: FixContext) -> Iterator[Question]:
    """Yield a question for each entry that could mean several groups, and for each group that two entries mean."""
    for problem in context.review.plan.problems:
        entry = context.entries.get(problem.source) if problem.source else None
        removal = context.removals.get(problem.source) if problem.source else None
        if problem.code in {"name-twice-live", "previously-twice-live"} and entry:
            yield from _ask_about_entry(context, entry, problem)
        elif problem.code == "name-twice-live" and isinstance(removal, RemovedName):
            yield from _ask_about_removal(context, removal)
        elif problem.code == "removed-is-listed" and isinstance(removal, RemovedId):
            yield from _ask_about_listed_removal(context, removal)


def _ask_about_entry(context: FixContext, entry: GroupEntry, problem: PlanProblem) -> Iterator[Question]:
    names = {entry.name} if problem.code == "name-twice-live" else {*entry.previously}
    groups = _find_free_groups(context, names)
    answers = []
    for number, group in enumerate(groups[:MOST_CHOICES], start=1):
        shown, asked = context.ask_about_others(other for other in groups if other is not group)
        answers.append(
            FixAnswer(
                key=str(number),
                text=f"{quote_name(group.name)}, {count_contacts(group.contacts_count)}",
                effect=f"sets id: {group.id}  ({context.locate(entry.source)})",
                edits=(SetKey(source=entry.source, key="id", value=group.id),),
                shows=shown | {renames(group, entry.name)},
                asks_next=asked,
                repeats=False,
            )
        )
    earlier = " by its earlier names" if problem.code == "previously-twice-live" else ""
    yield from _make_question(
        context,
        f"entry {entry.name}",
        f"{count(len(groups), 'live group', 'live groups')} can be {quote_name(entry.name)}{earlier}, "
        f"and the entry does not say which one  ({context.locate(entry.source)})",
        groups,
        answers,
    )


def _ask_about_removal(context: FixContext, removal: RemovedName) -> Iterator[Question]:
    source, groups = removal.source, _find_free_groups(context, {removal.name})
    answers = []
    for number, group in enumerate(groups[:MOST_CHOICES], start=1):
        contacts = group.contacts_count
        if contacts is None or context.is_protected(group.name):
            continue
        shown, asked = context.ask_about_others(other for other in groups if other is not group)
        answers.append(
            FixAnswer(
                key=str(number),
                text=f"delete the one with {count_contacts(contacts)}",
                effect=f"names it by id: {group.id}  ({context.locate(source)})",
                edits=(_name_by_id(removal, group.id, contacts), RemoveEntry(source=source)),
                shows=shown | {deletes(group)},
                number=contacts,
                asks_next=asked,
                repeats=False,
            )
        )
    if len(groups) <= MOST_CHOICES:
        keep = FixAnswer(
            key="k",
            text="keep them all",
            effect=f"adds them to groups, and takes the name out of removed  ({context.locate(source)})",
            edits=(*map(context.list_group, groups), RemoveEntry(source=source)),
        )
        answers.append(keep)
    yield from _make_question(
        context,
        f"removed {removal.name}",
        f"{count(len(groups), 'live group is', 'live groups are')} named {quote_name(removal.name)}, "
        f"and the entry under removed does not say which one  ({context.locate(source)})",
        groups,
        answers,
    )


def _name_by_id(removal: RemovedName, group_id: GroupId, contacts: int) -> AddEntry:
    """Return the edit that adds the entry of `removed` again, with an id in place of the name."""
    values: list[tuple[str, Value]] = [("id", group_id), ("contacts_at_most", contacts)]
    if removal.reason:
        values.append(("reason", removal.reason))
    return AddEntry(file=removal.source.file, entries=EntryList.REMOVED, values=tuple(values))


def _ask_about_listed_removal(context: FixContext, removal: RemovedId) -> Iterator[Question]:
    group = context.live.get(removal.id)
    entry = next((one for one in context.config.groups if group and one.id is None and one.name == group.name), None)
    if group is None or entry is None:
        return
    keep = FixAnswer(
        key="k",
        text="keep it",
        effect=f"takes its id out of removed  ({context.locate(removal.source)})",
        edits=(RemoveEntry(source=removal.source),),
    )
    twins = [one for one in _find_free_groups(context, {group.name}) if one is not group]
    listed, removed = context.locate(entry.source), context.locate(removal.source)
    yield Question(
        kind=Kind.LISTED_REMOVAL,
        subject=f"removed {group.id}",
        lines=(f"{context.mention(group)} is listed ({listed}), and its id is under removed ({removed}).",),
        answers=(keep, *_delete_listed(context, entry, group, twins)),
        group_ids=_find_ids(context, {group.name}),
    )


def _delete_listed(
    context: FixContext, entry: GroupEntry, group: LiveGroup, twins: Sequence[LiveGroup]
) -> Iterator[FixAnswer]:
    """Yield the answer that deletes a listed group; its entry goes, or means the largest other group of the name."""
    if group.contacts_count is None or context.is_protected(group.name):
        return
    if twins:
        text = f"delete it, and keep the other one with {count_contacts(twins[0].contacts_count)}"
        effect = f"sets id: {twins[0].id}  ({context.locate(entry.source)})"
        edit: Edit = SetKey(source=entry.source, key="id", value=twins[0].id)
    else:
        text, effect = "delete it", f"takes it out of groups  ({context.locate(entry.source)})"
        edit = RemoveEntry(source=entry.source)
    shown, asked = context.ask_about_others(twins[1:])
    yield FixAnswer(
        key="d",
        text=text,
        effect=effect,
        edits=(edit,),
        shows=shown | {deletes(group)},
        number=group.contacts_count,
        asks_next=asked,
        repeats=False,
    )


def _find_ids(context: FixContext, names: set[str]) -> frozenset[GroupId]:
    """Return the ids of all groups with one of these names, also of those that an id of the configuration means."""
    return frozenset(group.id for group in context.live.values() if group.name in names)


def _find_free_groups(context: FixContext, names: set[str]) -> list[LiveGroup]:
    """Return the groups with one of these names that no id of the configuration means, the largest first."""
    free = (group for group in context.live.values() if group.name in names and group.id not in context.used_ids)
    return sort_largest_first(free)


def _make_question(
    context: FixContext, subject: str, first_line: str, groups: Sequence[LiveGroup], answers: Sequence[FixAnswer]
) -> Iterator[Question]:
    lines = [f"{first_line}."]
    if context.deletes_unlisted:
        lines.append("Each other one would be deleted, unless you keep it: it gets a question of its own.")
    if len(groups) > MOST_CHOICES:
        lines.append(f"These are the {MOST_CHOICES} largest of them; groupsync export prints all ids.")
    yield Question(
        kind=Kind.WHICH_GROUP,
        subject=subject,
        lines=tuple(lines),
        answers=tuple(answers),
        group_ids=_find_ids(context, {group.name for group in groups}),
    )
