"""Questions about live groups that the configuration does not list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, count_contacts
from groupsync.editing import SetPolicy
from groupsync.fixes.context import deletes, sort_largest_first
from groupsync.fixes.question import FixAnswer, Kind, Question

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.fixes.context import FixContext
    from groupsync.model.groups import LiveGroup

MOST_NAMED = 10
"""How many unlisted groups the question about the policy names."""


def ask_about_unlisted(context: FixContext) -> Iterator[Question]:
    """Yield the question about the policy if there is none, and one for each unlisted group, the largest first."""
    if not any(guard.code == "unlisted" for guard in context.review.guards):
        return
    groups = sort_largest_first(context.review.plan.unlisted)
    if context.config.policy.unlisted is None:
        yield _ask_about_policy(context, groups)
    for group in groups:
        yield Question(
            kind=Kind.UNLISTED,
            subject=group.id,
            lines=(f"{context.mention(group)} is not in the configuration.",),
            answers=(context.keep(group, "keep it"), *context.delete(group, "delete it")),
            group_ids=frozenset({group.id}),
        )


def _ask_about_policy(context: FixContext, groups: Sequence[LiveGroup]) -> Question:
    number = len(groups)
    found = count(number, "live group that it does not list", "live groups that it does not list")
    named = [f"  {context.mention(group)}" for group in groups[:MOST_NAMED]]
    if number > MOST_NAMED:
        named.append(f"  and {number - MOST_NAMED:,} more")
    return Question(
        kind=Kind.POLICY,
        subject="policy.unlisted",
        lines=(f"The configuration does not say what happens to {found}:", *named),
        answers=(
            _set_policy(context, "k", "keep", "keep them, also in the future"),
            _set_policy(context, "r", "refuse", "decide each one: every group must be listed"),
            *_delete_all(context, groups),
        ),
        group_ids=frozenset(group.id for group in groups),
    )


def _set_policy(context: FixContext, key: str, value: str, text: str) -> FixAnswer:
    return FixAnswer(
        key=key,
        text=text,
        effect=f"sets policy.unlisted: {value}",
        edits=(SetPolicy(file=_find_policy_file(context), key="unlisted", value=value),),
    )


def _delete_all(context: FixContext, groups: Sequence[LiveGroup]) -> Iterator[FixAnswer]:
    """Yield the answer that deletes what is not listed; only if the question names every group with its contacts."""
    counts = [group.contacts_count for group in groups]
    known = [number for number in counts if number is not None]
    if len(groups) > MOST_NAMED or len(known) < len(groups):
        return
    yield FixAnswer(
        key="d",
        text=f"delete them ({count_contacts(sum(known))}), unless you keep one: each gets a question",
        effect="sets policy.unlisted: delete",
        edits=(SetPolicy(file=_find_policy_file(context), key="unlisted", value="delete"),),
        shows=frozenset(map(deletes, groups)),
        number=sum(known),
        asks_next=frozenset(group.id for group in groups),
        repeats=False,
    )


def _find_policy_file(context: FixContext) -> str:
    """Return the file that has the policy, or that gets one."""
    source = context.config.policy.source
    return source.file if source else context.new_entries
