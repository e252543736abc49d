"""Questions about deletions to which the configuration does not agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count_contacts, quote_name
from groupsync.fixes.context import sort_largest_first
from groupsync.fixes.question import Kind, Question
from groupsync.model.plan import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.fixes.context import FixContext
    from groupsync.model.groups import GroupId, LiveGroup

_CODES = frozenset({"contacts-lost", "max-deletes", "protected", "unknown-count"})


def ask_about_deletions(context: FixContext) -> Iterator[Question]:
    """Yield a question for each deletion without consent that a guard refuses or an answer promised to ask about."""
    ids: set[GroupId] = set(context.promised)
    for guard in context.review.guards:
        if guard.code in _CODES and not guard.allowed:
            ids.update(guard.group_ids)
    groups = [context.live[group_id] for group_id in ids if group_id in context.deletions]
    for group in sort_largest_first(groups):
        if _lacks_consent(context, group):
            yield _ask(context, group)


def _lacks_consent(context: FixContext, group: LiveGroup) -> bool:
    """Return whether an edit decides about the deletion: limits of the environment are not in the files."""
    change = context.deletions[group.id]
    if change.reason is Reason.UNLISTED or group.contacts_count is None or context.is_protected(group.name):
        return True
    return change.contacts_at_most is not None and group.contacts_count > change.contacts_at_most


def _ask(context: FixContext, group: LiveGroup) -> Question:
    change = context.deletions[group.id]
    removal = context.removals[change.source] if change.source else None
    would = f"{context.mention(group)} would be deleted"
    if context.is_protected(group.name):
        line = f"{would}, and it is protected."
    elif group.contacts_count is None:
        line = f"{would}, and the server does not say how many contacts are in it."
    elif removal:
        consent = count_contacts(change.contacts_at_most)
        line = f"{would}, and {context.locate(removal.source)} agrees to {consent} at most."
    else:
        line = f"{would}: it is not in the configuration."
    name = quote_name(group.name)
    return Question(
        kind=Kind.DELETION,
        subject=group.id,
        lines=(line,),
        answers=(
            *context.delete(group, f"delete {name}", removal=removal),
            context.keep(group, f"keep {name}", removal=removal),
        ),
        group_ids=frozenset({group.id}),
    )
