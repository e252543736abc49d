"""Reading the plan file: nothing but what was written is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groupsync.errors import DamagedPlanError
from groupsync.model.account import Target
from groupsync.model.groups import GroupId, LiveGroup, Source
from groupsync.model.plan import Create, InterruptedRename, Plan, PlanProblem
from groupsync.model.review import GuardFinding, LooseLimit, Review, Suggestion
from groupsync.planfile.changes import load_change, load_group, load_source
from groupsync.planfile.dump import FORMAT_VERSION, dump_review
from groupsync.sealed import unseal

if TYPE_CHECKING:
    from collections.abc import Mapping


def load_review(content: bytes, name: str) -> Review:
    """Return the review that a plan file holds; raise DamagedPlanError when it is not just what `dump_review` wrote.

    `name` is the file's, for the error.
    """
    try:
        return unseal(content, schema="plan", version=FORMAT_VERSION, load=_load_known, dump=dump_review)
    except ValueError as error:
        raise DamagedPlanError(name, str(error)) from error


def _load_known(document: Mapping[str, Any]) -> Review:
    review = load_document(document)
    if stranger := _find_id_outside_base(review):
        raise ValueError(f"it changes group {stranger}, which is not in its base")
    return review


def _find_id_outside_base(review: Review) -> GroupId | None:
    """Return the id of a group that the plan changes or names although it does not know it, None if there is none."""
    base = {group.id for group in review.base}
    changed = (change.group_id for change in review.plan.changes if not isinstance(change, Create))
    named = (group_id for guard in review.guards for group_id in guard.group_ids)
    suggested = (suggestion.group_id for suggestion in review.suggestions)
    return next((group_id for group_id in (*changed, *named, *suggested) if group_id not in base), None)


def load_document(document: Mapping[str, Any]) -> Review:
    """Return the review of a document that keeps to the schema of the plan file."""
    return Review(
        created_at=document["created_at"],
        groupsync_version=document["groupsync_version"],
        target=Target(endpoint=document["endpoint"], account=document["account"]),
        config_digest=document["config_digest"],
        base=_load_groups(document["base"]),
        plan=Plan(
            changes=tuple(map(load_change, document["changes"])),
            unlisted=_load_groups(document["unlisted"]),
            ignored=_load_groups(document["ignored"]),
            interrupted=tuple(
                InterruptedRename(
                    group=load_group(rename["group"]),
                    parked_name=rename["parked_name"],
                    entry=load_source(rename["entry"]),
                )
                for rename in document["interrupted"]
            ),
            problems=tuple(
                PlanProblem(
                    code=problem["code"],
                    message=problem["message"],
                    remedy=tuple(problem["remedy"]),
                    source=load_source(problem["source"]),
                )
                for problem in document["problems"]
            ),
            warnings=tuple(document["warnings"]),
        ),
        guards=tuple(
            GuardFinding(
                code=guard["code"],
                message=guard["message"],
                group_ids=tuple(map(GroupId, guard["group_ids"])),
                remedy=tuple(guard["remedy"]),
                figure=guard["figure"],
                limit=guard["limit"],
                source=load_source(guard["source"]),
                allowed=guard["allowed"],
            )
            for guard in document["guards"]
        ),
        suggestions=tuple(
            Suggestion(
                group_id=GroupId(suggestion["group_id"]),
                before=suggestion["before"],
                after=suggestion["after"],
                contacts_count=suggestion["contacts_count"],
                source=Source(**suggestion["source"]),
                remedy=tuple(suggestion["remedy"]),
            )
            for suggestion in document["suggestions"]
        ),
        loose_limits=tuple(
            LooseLimit(
                key=limit["key"], value=limit["value"], default=limit["default"], source=load_source(limit["source"])
            )
            for limit in document["loose_limits"]
        ),
    )


def _load_groups(documents: list[Mapping[str, Any]]) -> tuple[LiveGroup, ...]:
    return tuple(map(load_group, documents))
