"""What a plan file or a report says of its account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.model.plan import Delete, describe_options, summarize
from groupsync.model.scope import describe_scope
from groupsync.model.summary import AccountSummary, FileKind, State
from groupsync.planfile.approval import make_approval, render_approval
from groupsync.planfile.record import summarize_record
from groupsync.planfile.review import is_record, load_review

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.model.review import Review


def summarize_file(content: bytes, name: str) -> AccountSummary:
    """Return what the file says; raise DamagedPlanError or DamagedReportError if it cannot be read."""
    if is_record(content):
        return summarize_record(content, name)
    return summarize_review(load_review(content, name), name)


def summarize_review(review: Review, name: str) -> AccountSummary:
    """Return what a plan says of its account; `name` is the name of its file."""
    plan, approval = review.plan, make_approval(review)
    figures = summarize(plan.changes)
    return AccountSummary(
        file=name,
        state=_find_state(review),
        account=review.target.account,
        config_paths=review.config_paths,
        problem=", ".join(review.refusals),
        create=figures.create,
        rename=figures.rename,
        delete=figures.delete,
        memberships_lost=figures.memberships_lost,
        unknown=sum(isinstance(change, Delete) and change.contacts_count is None for change in plan.changes),
        kind=FileKind.PLAN,
        as_of=review.created_at,
        groupsync_version=review.groupsync_version,
        approval=render_approval(approval) if approval else "",
        restrictions=tuple(_describe_restrictions(review)),
    )


def _describe_restrictions(review: Review) -> Iterator[str]:
    yield from describe_scope(review.scope)
    yield from describe_options(review.options)


def _find_state(review: Review) -> State:
    if review.plan.problems:
        return State.NO_PLAN
    if review.refusals:
        return State.REFUSED
    return State.CHANGES if review.plan.is_pending else State.NO_CHANGES
