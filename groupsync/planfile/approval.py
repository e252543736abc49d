"""What a reviewer approves: the changes of a plan, and how many contacts may lose each deleted group."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.model.plan import Delete
from groupsync.planfile.digest import digest_review

if TYPE_CHECKING:
    from groupsync.model.review import Review

_COUNT = "(?:0|[1-9][0-9]{0,18})"  # as `render_approval` writes it, and no larger than a server can count
_APPROVAL = re.compile(rf"(?P<digest>sha256:[0-9a-f]{{64}})(?:\+(?P<counts>{_COUNT}(?:,{_COUNT})*))?")


class Approval(Struct, frozen=True, kw_only=True):
    """The approved changes, and how many contacts may lose each deleted group.

    `make_approval` makes it from a plan, `parse_approval` from the text that a comment, a command or a plan file
    carries; `require_approval` compares a plan with it. `digest` is that of the plan. `counts` are the numbers of
    contacts in the deleted groups, sorted by group id: each group may hold at most that number. Without counts no
    deletion is approved.
    """

    digest: str
    counts: tuple[int, ...] = ()


def make_approval(review: Review) -> Approval | None:
    """Return the approval of exactly this plan.

    None if there is nothing to approve: the plan is refused, or has no changes.
    """
    if review.refusals or not review.plan.changes:
        return None
    counts = []
    for delete in list_deletes(review):
        if delete.contacts_count is None:  # such a plan is refused
            return None
        counts.append(delete.contacts_count)
    return Approval(digest=digest_review(review), counts=tuple(counts))


def list_deletes(review: Review) -> list[Delete]:
    """Return the deletions sorted by group id, the order of the counts of an approval."""
    deletes = [change for change in review.plan.changes if isinstance(change, Delete)]
    return sorted(deletes, key=attrgetter("group_id"))


def render_approval(approval: Approval) -> str:
    """Return the approval as text: `sha256:...+100,18`, or the digest alone if nothing is deleted."""
    counts = ",".join(map(str, approval.counts))
    return f"{approval.digest}+{counts}" if counts else approval.digest


def parse_approval(text: str) -> Approval:
    """Return the approval that `render_approval` wrote as this text; raise ValueError for any other text."""
    found = _APPROVAL.fullmatch(text)
    if found is None:
        raise ValueError("this is not an approval, which looks like sha256:<64 hex digits>+100,18")
    counts = found["counts"].split(",") if found["counts"] else []
    return Approval(digest=found["digest"], counts=tuple(map(int, counts)))
