"""What remains of a plan: its changes that are not done yet, with the numbers of this moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from groupsync.model.plan import Change, Delete, Summary, summarize

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from groupsync.model.groups import LiveGroup
    from groupsync.model.limits import RunPolicy

C_co = TypeVar("C_co", bound=Change, covariant=True)


class RemainingChange(Struct, Generic[C_co], frozen=True, kw_only=True):
    """A change of a plan that is not done yet.

    `make_remaining` makes it. Guards and commands read `live_count`, and the applier deletes a group only while it
    holds at most `may_lose` contacts.

    - `change.contacts_count` of a deletion is the number of contacts when the plan was made: what was reviewed.
    - `live_count` is the number of contacts in the group now; None if there is no group yet or the number is unknown.
    - `may_lose` is how many contacts may lose the group at most: 0 unless the change is a deletion, and None if the
      number was unknown when the plan was made. Such a deletion is a conflict.
    """

    change: C_co
    live_count: int | None
    may_lose: int | None


RemainingDelete: TypeAlias = RemainingChange[Delete]
RemainingChanges: TypeAlias = Sequence[RemainingChange[Change]]


def is_deletion(remaining: RemainingChange[Change]) -> TypeIs[RemainingDelete]:
    """Return whether the change is a deletion."""
    return isinstance(remaining.change, Delete)


def make_remaining(change: Change, group: LiveGroup | None, run_policy: RunPolicy) -> RemainingChange[Change]:
    """Return a change that is not done yet; `group` is the live group that it is about, None if there is none."""
    live_count = group.contacts_count if group else None
    return RemainingChange(change=change, live_count=live_count, may_lose=_find_may_lose(change, group, run_policy))


def _find_may_lose(change: Change, group: LiveGroup | None, run_policy: RunPolicy) -> int | None:
    """Return how many contacts may lose the group at most: never more than the reviewed number.

    If fewer are in the group now, it may grow again only up to the number that the configuration consents to. If the
    environment limits the loss, consent does not count.
    """
    if not isinstance(change, Delete):
        return 0
    reviewed = change.contacts_count
    live_count = group.contacts_count if group else None
    if reviewed is None or live_count is None:
        return reviewed
    consent = change.contacts_at_most if run_policy.max_contacts_lost is None else 0
    if consent is None:  # to lose any number
        return reviewed
    return min(reviewed, max(live_count, consent))


def summarize_remaining(remaining: RemainingChanges) -> Summary:
    """Return the figures of the changes that are not done yet; `memberships_lost` sums the live counts."""
    lost = sum(one.live_count or 0 for one in remaining if is_deletion(one))
    return replace(summarize(tuple(one.change for one in remaining)), memberships_lost=lost)
