"""Questions about pairs that look like a rename."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.display import quote_name, write_scalar
from groupsync.editing import AddEarlierName, RemoveEntry, SetKey
from groupsync.fixes.context import creates, renames
from groupsync.fixes.question import FixAnswer, Kind, Question
from groupsync.names import find_name_fault, same_name_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.editing import Edit
    from groupsync.fixes.context import FixContext
    from groupsync.model.config import GroupEntry, Removal
    from groupsync.model.groups import LiveGroup


def ask_about_renames(context: FixContext) -> Iterator[Question]:
    """Yield a question for each pair that the plan suggests as a rename."""
    for suggestion in context.review.suggestions:
        group, entry = context.live[suggestion.group_id], context.entries[suggestion.source]
        change = context.deletions.get(group.id)
        removal = context.removals[change.source] if change and change.source else None
        is_spelling = same_name_key(group.name) == same_name_key(entry.name)
        answers = [*_make_rename(context, group, entry, removal), *_take_name_over(context, group, entry, removal)]
        if is_spelling:
            answers.sort(key=lambda answer: answer.key != "l")
        answers += _treat_as_two(context, group, entry, removal)
        fate = "would be deleted, and" if change else "is not in the configuration, and"
        rest = "created" if change else "would be created"
        lines = [f"{context.mention(group)} {fate} {quote_name(entry.name)} {rest}."]
        if is_spelling:
            lines.append("The two names count as the same.")
        yield Question(
            kind=Kind.SPELLING if is_spelling else Kind.RENAME,
            subject=group.id,
            lines=tuple(lines),
            answers=tuple(answers),
            group_ids=frozenset({group.id}),
        )


def _make_rename(
    context: FixContext, group: LiveGroup, entry: GroupEntry, removal: Removal | None
) -> Iterator[FixAnswer]:
    edits: list[Edit] = []
    effects: list[str] = []
    if not context.is_named_well(group):
        edits.append(SetKey(source=entry.source, key="id", value=group.id))
        effects.append(f"sets its id  ({context.locate(entry.source)})")
    elif group.name not in entry.previously:
        edits.append(AddEarlierName(source=entry.source, name=group.name))
        effects.append(f"adds previously: [{write_scalar(group.name)}]  ({context.locate(entry.source)})")
    if removal:
        edits.append(RemoveEntry(source=removal.source))
        effects.append(f"takes it out of removed  ({context.locate(removal.source)})")
    yield FixAnswer(
        key="r",
        text="it is a rename: keep the people",
        effect=", and ".join(effects),
        edits=tuple(edits),
        shows=frozenset({renames(group, entry.name)}),
    )


def _take_name_over(
    context: FixContext, group: LiveGroup, entry: GroupEntry, removal: Removal | None
) -> Iterator[FixAnswer]:
    """Yield the answer that writes the live name into the file; nothing if no file can have it there."""
    if find_name_fault(group.name) or group.name in entry.previously or removal:
        return
    edits: list[Edit] = [SetKey(source=entry.source, key="name", value=group.name)]
    if not context.is_named_well(group):
        edits.append(SetKey(source=entry.source, key="id", value=group.id))
    yield FixAnswer(
        key="l",
        text="it is the same group: keep the live name",
        effect=f"writes name: {write_scalar(group.name)}  ({context.locate(entry.source)})",
        edits=tuple(edits),
    )


def _treat_as_two(
    context: FixContext, group: LiveGroup, entry: GroupEntry, removal: Removal | None
) -> Iterator[FixAnswer]:
    """Yield the answers for two different groups: the old one is deleted, or stays as well."""
    shows = frozenset({creates(entry.name)})
    change = context.deletions.get(group.id)
    consent = change.contacts_at_most if change and removal else 0
    if removal is None or (consent is not None and (group.contacts_count or 0) > consent):
        for answer in context.delete(group, f"it is not: delete {quote_name(group.name)}", removal=removal):
            yield replace(answer, shows=answer.shows | shows)
    keep = context.keep(group, f"keep {quote_name(group.name)} as well", removal=removal)
    yield replace(keep, shows=shows)
