"""Questions about groups that a killed run left at a temporary name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import quote_name
from groupsync.editing import SetKey
from groupsync.fixes.context import renames
from groupsync.fixes.question import FixAnswer, Kind, Question
from groupsync.guards import find_free_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.fixes.context import FixContext
    from groupsync.model.plan import InterruptedRename


def ask_about_interrupted(context: FixContext) -> Iterator[Question]:
    """Yield a question for each group at a temporary name that no entry takes by its id."""
    for rename in context.review.plan.interrupted:
        yield Question(
            kind=Kind.INTERRUPTED,
            subject=rename.group.id,
            lines=(f"{context.mention(rename.group)} has a temporary name, because a run did not finish.",),
            answers=(_finish(context, rename), *context.delete(rename.group, "delete it")),
            group_ids=frozenset({rename.group.id}),
        )


def _finish(context: FixContext, rename: InterruptedRename) -> FixAnswer:
    """Return the answer that gives the group a name: that of its entry, or of a new one."""
    group = rename.group
    entry = context.entries.get(rename.entry) if rename.entry else None
    if entry:
        return FixAnswer(
            key="f",
            text=f"finish its rename to {quote_name(entry.name)}",
            effect=f"sets id: {group.id}  ({context.locate(entry.source)})",
            edits=(SetKey(source=entry.source, key="id", value=group.id),),
            shows=frozenset({renames(group, entry.name)}),
        )
    name = find_free_name(context.config, rename.name_without_suffix)
    return FixAnswer(
        key="k",
        text=f"keep it as {quote_name(name)}",
        effect="adds it to groups",
        edits=(context.list_group(group, name),),
        shows=frozenset({renames(group, name)}),
    )
