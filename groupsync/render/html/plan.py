"""A plan as a page, also one that a check has verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from groupsync.display import count_contacts
from groupsync.model.plan import Create, describe_change, is_first_step, summarize
from groupsync.planfile.digest import digest_review
from groupsync.render.changes import count_as_person
from groupsync.render.check import describe_validity, list_remarks
from groupsync.render.figures import render_loose_limit
from groupsync.render.findings import MOST_SUGGESTIONS, split_remedy
from groupsync.render.html.changes import make_bars, make_cards, make_creates, make_renames
from groupsync.render.html.environment import render_template
from groupsync.render.html.page import Fact, Figure, Finding, Status, fold, list_facts, make_finding
from groupsync.render.ids import find_ids_to_show
from groupsync.render.next_step import find_next_step
from groupsync.render.restrictions import list_postponed, render_restrictions
from groupsync.render.text import find_unchanged
from groupsync.render.verdict import describe_verdict
from groupsync.render.view import DEFAULT_VIEW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.plan import Change
    from groupsync.model.remaining import RemainingChange
    from groupsync.model.review import Review, Suggestion
    from groupsync.render.findings import RemedyParts
    from groupsync.render.html.page import Rows
    from groupsync.render.view import View
    from groupsync.review.verify import VerifiedPlan


def render_html(review: Review, view: View = DEFAULT_VIEW, checked_at: str = "") -> str:
    """Return the page of a plan; `checked_at` is when a check refused it, empty if the plan is new."""
    return _render_page(
        review,
        view,
        what="Check of a plan" if checked_at else "Plan",
        verdict=describe_verdict(review),
        remarks=_list_remarks(review),
        checked_at=checked_at,
    )


def render_check_html(verified: VerifiedPlan, view: View = DEFAULT_VIEW, checked_at: str = "") -> str:
    """Return the page of a check: what applying the plan would still do, with the numbers of now."""
    whole = verified.review
    review = replace(whole, plan=replace(whole.plan, changes=tuple(map(_with_live_count, verified.remaining))))
    verdict = describe_validity(verified)
    if verified.remaining:
        verdict = f"{verdict} {describe_verdict(review)}"
    remarks = [*render_restrictions(review), *_list_overridden(review), *list_remarks(verified)]
    return _render_page(
        review,
        view,
        what="Check of a plan",
        verdict=verdict,
        remarks=remarks,
        whole=whole,
        done=_list_done(verified),
        checked_at=checked_at,
    )


def _list_done(verified: VerifiedPlan) -> list[str]:
    """Return the changes that are done already, as a person counts them."""
    remaining = {one.change.id for one in verified.remaining}
    changes = [change for change in verified.review.plan.changes if change.id not in remaining]
    return [describe_change(change) for change in changes if not is_first_step(change)]


def _with_live_count(remaining: RemainingChange[Change]) -> Change:
    change = remaining.change
    return change if isinstance(change, Create) else replace(change, contacts_count=remaining.live_count)


def _list_remarks(review: Review) -> list[str]:
    """Return what a reader should know before all else: which guards are overridden, which limits are loose."""
    return [*render_restrictions(review), *_list_overridden(review), *map(render_loose_limit, review.loose_limits)]


def _list_overridden(review: Review) -> list[str]:
    return [f"Overridden by --allow: {guard.code}: {guard.message}." for guard in review.guards if guard.allowed]


def _render_page(  # noqa: PLR0913 - what differs between a plan and a check
    review: Review,
    view: View,
    *,
    what: str,
    verdict: str,
    remarks: Sequence[str],
    whole: Review | None = None,
    done: Sequence[str] = (),
    checked_at: str = "",
) -> str:
    """Return the page; `whole` is the plan with the changes that are `done` already."""
    changes, ids = count_as_person(review), find_ids_to_show(review)
    facts = list_facts(review, view, checked_at)
    if not review.refusals:
        facts.append(Fact(label="Digest", value=digest_review(whole or review)))
    return render_template(
        "plan.html",
        what=what,
        account=review.target.account,
        status=_find_status(review),
        verdict=verdict,
        remarks=remarks,
        figures=_list_figures(review),
        is_refused=bool(review.refusals),
        findings=_list_findings(review, view),
        deletions=make_cards(changes, review, ids),
        bars=make_bars(changes),
        suggestions=[_make_possible_rename(one, view) for one in review.suggestions[:MOST_SUGGESTIONS]],
        more_suggestions=max(0, len(review.suggestions) - MOST_SUGGESTIONS),
        renames=make_renames(changes.renames, ids),
        creates=make_creates(changes.creates),
        postponed=_list_postponed(review),
        done=fold(done),
        stays=_list_stays(whole or review),
        warnings=review.plan.warnings,
        next_step=find_next_step(review, view),
        facts=facts,
    )


def _list_postponed(review: Review) -> Rows[tuple[str, str]]:
    """Return the postponed deletions, the largest first: the name of the group and how many contacts stay in it."""
    return fold([(one.name, f"{count_contacts(one.contacts_count)} stay") for one in list_postponed(review.plan)])


def _find_status(review: Review) -> Status:
    if review.plan.problems:
        return Status(tone="danger", label="No plan possible")
    if review.refusals:
        return Status(tone="danger", label="Refused")
    if not review.plan.changes:
        return Status(tone="calm", label="No changes")
    if summarize(review.plan.changes).memberships_lost:
        return Status(tone="warning", label="Contacts lose a group")
    return Status(tone="calm", label="No contact loses a group")


def _list_figures(review: Review) -> list[Figure]:
    """Return the figures of a plan; none if it has no changes."""
    if not review.plan.changes:
        return []
    summary = summarize(review.plan.changes)
    lost, deleted = summary.memberships_lost, summary.delete
    return [
        Figure(number=lost, noun="membership", what="lost", is_alarming=lost > 0),
        Figure(number=deleted, noun="group", what="to delete", is_alarming=lost > 0),
        Figure(number=summary.rename, noun="group", what="to rename"),
        Figure(number=summary.create, noun="group", what="to create"),
    ]


def _list_findings(review: Review, view: View) -> list[Finding]:
    problems = [make_finding(problem, view.excerpt) for problem in review.plan.problems]
    return problems + [make_finding(guard, view.excerpt) for guard in review.guards if not guard.allowed]


class PossibleRename(Struct, frozen=True, kw_only=True):
    """A pair of names that looks like a rename, which only a person can decide."""

    before: str
    after: str
    contacts: str
    excerpt: Sequence[str]
    remedy: Sequence[RemedyParts]


def _make_possible_rename(suggestion: Suggestion, view: View) -> PossibleRename:
    return PossibleRename(
        before=suggestion.before,
        after=suggestion.after,
        contacts=count_contacts(suggestion.contacts_count),
        excerpt=view.excerpt(suggestion.source),
        remedy=[*map(split_remedy, suggestion.remedy)],
    )


def _list_stays(review: Review) -> list[tuple[str, Rows[tuple[str, str]]]]:
    """Return the groups that the plan does not change, by the reason; none if no plan could be made."""
    if review.plan.problems:
        return []
    return [
        (reason, fold([(group.name, count_contacts(group.contacts_count)) for group in groups]))
        for reason, groups in find_unchanged(review).items()
    ]
