"""Questions about names: one that is live under an earlier name as well, and one that is spelled differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import quote_name, write_scalar
from groupsync.editing import RemoveEarlierName, SetKey
from groupsync.fixes.context import renames, sort_largest_first
from groupsync.fixes.question import FixAnswer, Kind, Question
from groupsync.names import find_name_fault, same_name_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.fixes.context import FixContext
    from groupsync.model.config import GroupEntry
    from groupsync.model.groups import LiveGroup


def ask_about_names(context: FixContext) -> Iterator[Question]:
    """Yield a question for each group that is live under an earlier name, and for each name that is almost live."""
    for problem in context.review.plan.problems:
        entry = context.entries.get(problem.source) if problem.source else None
        if entry and problem.code == "previously-still-live":
            yield from _ask_about_earlier_names(context, entry)
        elif entry and entry.id is None and problem.code == "name-taken":
            yield from _ask_about_spelling(context, entry)


def _ask_about_earlier_names(context: FixContext, entry: GroupEntry) -> Iterator[Question]:
    """Yield a question for each live group that has an earlier name of an entry which has its group."""
    holders = sort_largest_first(
        group
        for group in context.live.values()
        if group.name in entry.previously and group.id not in context.used_ids and group.id != entry.id
    )
    for holder in holders:
        yield Question(
            kind=Kind.BOTH_LIVE,
            subject=holder.id,
            lines=(
                f"{quote_name(entry.name)} is live  ({context.locate(entry.source)}).",
                f"So is its earlier name {context.mention(holder)}.",
            ),
            answers=(
                _keep_both(context, entry, holder, [other for other in holders if other.name == holder.name]),
                *context.delete(holder, f"delete {quote_name(holder.name)}"),
            ),
            group_ids=frozenset(other.id for other in holders),
        )


def _keep_both(context: FixContext, entry: GroupEntry, holder: LiveGroup, twins: Sequence[LiveGroup]) -> FixAnswer:
    shown, asked = context.ask_about_others(twin for twin in twins if twin is not holder)
    return FixAnswer(
        key="k",
        text="they are two groups: keep both",
        effect=f"adds it to groups, and takes its name out of previously  ({context.locate(entry.source)})",
        edits=(context.list_group(holder), RemoveEarlierName(source=entry.source, name=holder.name)),
        shows=shown,
        asks_next=asked,
    )


def _ask_about_spelling(context: FixContext, entry: GroupEntry) -> Iterator[Question]:
    """Yield the question about an entry without id whose name counts as the same as that of a live group."""
    key = same_name_key(entry.name)
    holders = [
        group
        for group in context.review.plan.unlisted
        if same_name_key(group.name) == key and group.id not in context.used_ids
    ]
    if not holders:
        return
    holder = sort_largest_first(holders)[0]
    answers = []
    if not find_name_fault(holder.name):
        is_clear = context.is_named_well(holder)
        pin = () if is_clear else (SetKey(source=entry.source, key="id", value=holder.id),)
        answers.append(
            FixAnswer(
                key="l",
                text="it is the same group: write its name as it is live",
                effect=f"writes name: {write_scalar(holder.name)}  ({context.locate(entry.source)})",
                edits=(SetKey(source=entry.source, key="name", value=holder.name), *pin),
            )
        )
    answers.append(
        FixAnswer(
            key="r",
            text="it is the same group: rename it",
            effect=f"sets id: {holder.id}  ({context.locate(entry.source)})",
            edits=(SetKey(source=entry.source, key="id", value=holder.id),),
            shows=frozenset({renames(holder, entry.name)}),
        )
    )
    yield Question(
        kind=Kind.SPELLING,
        subject=f"spelling {entry.name}",
        lines=(
            f"{quote_name(entry.name)} is not live  ({context.locate(entry.source)}).",
            f"The name of the live group {context.mention(holder)} counts as the same.",
        ),
        answers=tuple(answers),
        group_ids=frozenset({holder.id}),
    )
