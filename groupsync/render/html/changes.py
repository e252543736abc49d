"""The changes of a plan as values of a page: a card for each deletion, a row for each rename and create."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.display import count
from groupsync.model.plan import Reason
from groupsync.render.changes import Agreement
from groupsync.render.figures import AGREEMENT_TITLES
from groupsync.render.html.page import Rows, fold
from groupsync.render.phrases import (
    NOT_LISTED,
    describe_cycle,
    describe_first_step,
    describe_loss,
    describe_removal,
    describe_renames,
    describe_stay_in_all,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.groups import GroupId
    from groupsync.model.plan import Create
    from groupsync.model.review import Review
    from groupsync.render.changes import CountedChanges, DeletedGroup, RenameItem

MOST_BARS = 8


class Card(Struct, frozen=True, kw_only=True):
    """A deletion; `summary` is the line that a folded one has in place of its details."""

    name: str
    group_id: GroupId | None
    loss: str
    is_empty: bool
    is_alarming: bool
    details: Sequence[tuple[str, str]]
    summary: str


class Bar(Struct, frozen=True, kw_only=True):
    """How many contacts lose a group; `share` is the length of the bar in percent of the largest."""

    name: str
    contacts: int
    share: int


class RenameRow(Struct, frozen=True, kw_only=True):
    """A group that gets a new name, or two groups that swap names."""

    before: str
    after: str
    is_swap: bool
    ids: Sequence[GroupId]
    detail: str
    descriptions: Sequence[str]


class CreateRow(Struct, frozen=True, kw_only=True):
    """A group that is created."""

    name: str
    source: str
    description: str


def make_cards(changes: CountedChanges, review: Review, ids: frozenset[GroupId]) -> Rows[Card]:
    """Return the deletions: those without agreement first, then the largest loss first."""
    ordered = sorted(changes.largest_first, key=lambda one: one.agreement is not Agreement.NONE)
    without_backup = {group_id for guard in review.guards if guard.code == "backup" for group_id in guard.group_ids}
    will = "would" if review.refusals else "will"
    cards = [
        _make_card(one, ids, _describe_backup(one, will, has_backup=one.group_id not in without_backup))
        for one in ordered
    ]
    return fold(cards)


def _make_card(deletion: DeletedGroup, ids: frozenset[GroupId], backup: str) -> Card:
    why = NOT_LISTED if deletion.reason is Reason.UNLISTED else f"under removed ({deletion.source})"
    details = {
        "Why": why if deletion.source or deletion.reason is Reason.UNLISTED else "under removed",
        "Consent": _describe_consent(deletion),
        "Reason": " ".join(deletion.removal_reason.split()),
        "Backup": backup,
        "Steps": describe_first_step(deletion),
    }
    return Card(
        name=deletion.name,
        group_id=deletion.group_id if deletion.group_id in ids else None,
        loss=describe_loss(deletion.contacts_count),
        is_empty=deletion.contacts_count == 0,
        is_alarming=deletion.agreement is Agreement.NONE,
        details=[(label, text) for label, text in details.items() if text],
        summary=describe_removal(deletion),
    )


def _describe_consent(deletion: DeletedGroup) -> str:
    """Return whether the configuration agrees to the deletion, and how many contacts may lose the group."""
    title = AGREEMENT_TITLES[deletion.agreement]
    if deletion.reason is Reason.UNLISTED or deletion.contacts_count == 0:
        return title
    most = deletion.contacts_at_most
    limit = "any number of contacts" if most is None else f"at most {count(most, 'contact', 'contacts')}"
    return f"{title}: {limit}"


def _describe_backup(deletion: DeletedGroup, will: str, *, has_backup: bool) -> str:
    if deletion.contacts_count == 0:
        return "not needed, because nobody is in the group"
    if not has_backup:
        return "none, because no backup folder is set"
    return f"the members {will} be saved first, so the group can be restored with them"


def make_bars(changes: CountedChanges) -> Rows[Bar]:
    """Return how many contacts lose each group, the largest first; none if fewer than two groups lose contacts."""
    losing = [(one.name, one.contacts_count) for one in changes.largest_first if one.contacts_count]
    largest = max((contacts for _, contacts in losing), default=0)
    bars = [
        Bar(name=name, contacts=contacts, share=max(1, contacts * 100 // largest))
        for name, contacts in losing[:MOST_BARS]
    ]
    shown = bars if len(losing) > 1 else []  # one number needs no figure
    return Rows(shown=shown, folded=(), omitted=len(losing) - len(bars))


def make_renames(items: Sequence[RenameItem], ids: frozenset[GroupId]) -> Rows[RenameRow]:
    """Return the renames; two groups that swap names are one row."""
    rows = []
    for item in items:
        for groups in [item.groups] if item.is_swap else [(group,) for group in item.groups]:
            parts = (describe_stay_in_all(groups), describe_renames(groups), describe_cycle(item, groups[0]))
            rows.append(
                RenameRow(
                    before=groups[0].before,
                    after=groups[0].after,
                    is_swap=item.is_swap,
                    ids=[group.group_id for group in groups if group.group_id in ids],
                    detail="; ".join(part for part in parts if part),
                    descriptions=[group.description for group in groups if group.description.strip()],
                )
            )
    return fold(rows)


def make_creates(creates: Sequence[Create]) -> Rows[CreateRow]:
    """Return the creates."""
    return fold([CreateRow(name=one.name, source=str(one.source), description=one.description) for one in creates])
