"""Conditions that a run requires before it makes, prints or applies a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, count_contacts, quote
from groupsync.errors import RefusedError, UnapprovedPlanError, WrongAccountError
from groupsync.guards import judge_account
from groupsync.planfile.approval import list_deletes
from groupsync.planfile.digest import digest_review

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.model.account import Target
    from groupsync.model.config import Config
    from groupsync.model.review import Review
    from groupsync.planfile.approval import Approval


def require_account(config: Config, target: Target) -> None:
    """Raise WrongAccountError if the configuration is for another account; it sends nothing, so it can run first."""
    if finding := judge_account(config, target):
        raise WrongAccountError(
            str(finding.source),
            finding.message,
            excerpt=config.excerpt(finding.source),
            remedy=" ".join(finding.remedy),
        )


def require_no_refusal(review: Review) -> None:
    """Raise RefusedError if a guard or a problem refuses the plan."""
    if review.refusals:
        raise RefusedError(review.refusals)


def require_approval(review: Review, approval: Approval | None) -> None:
    """Raise UnapprovedPlanError unless the approval is for this plan and its contact counts; None requires nothing.

    It compares only the numbers in the plan: if a group holds more contacts now, `verify_review` reports a conflict.
    """
    if approval and (differences := list(_find_unapproved(review, approval))):
        raise UnapprovedPlanError(differences)


def _find_unapproved(review: Review, approval: Approval) -> Iterator[str]:
    """Yield the reasons why the approval is not for this plan, one line each; nothing if it is."""
    if review.refusals:
        yield f"it is refused ({', '.join(review.refusals)}), and nobody can approve a plan that is refused"
    digest = digest_review(review)
    if digest != approval.digest:
        found = "its changes differ" if review.plan.changes else "it has no changes"
        yield f"{found}: approved {approval.digest}, now {digest}"
        return
    deletes = list_deletes(review)
    if len(deletes) != len(approval.counts):
        yield _describe_other_counts(len(deletes), len(approval.counts))
        return
    names = {group.id: group.name for group in review.base}
    for delete, most in zip(deletes, approval.counts, strict=True):
        if delete.contacts_count is None or delete.contacts_count > most:
            name = quote(names.get(delete.group_id, delete.name))
            held = count_contacts(delete.contacts_count)
            yield f"group {name} [id={delete.group_id}] would be deleted with {held}: {most:,} were approved"


def _describe_other_counts(deletes: int, approved: int) -> str:
    deleted = f"{count(deletes, 'group', 'groups')} would be deleted"
    if not approved:
        return f"{deleted}; the approval has no numbers of contacts: a digest alone does not approve deletions"
    only = "only " if approved < deletes else ""
    return f"{deleted}; the approval has a number of contacts for {only}{approved:,}"
