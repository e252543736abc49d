"""How the plan file writes what a review found: problems, guards, suggestions and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groupsync.model.groups import GroupId
from groupsync.model.plan import InterruptedRename, PlanProblem
from groupsync.model.review import Excerpt, GuardFinding, LooseLimit, Suggestion
from groupsync.planfile.changes import (
    dump_group,
    dump_optional_source,
    dump_source,
    load_group,
    load_optional_source,
    load_source,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def dump_interrupted(interrupted: InterruptedRename) -> dict[str, Any]:
    """Return the group at a temporary name as an element of `interrupted`."""
    return {
        "group": dump_group(interrupted.group),
        "name_without_suffix": interrupted.name_without_suffix,
        "entry": dump_optional_source(interrupted.entry),
    }


def load_interrupted(document: Mapping[str, Any]) -> InterruptedRename:
    """Return the group at a temporary name of an element of `interrupted`."""
    return InterruptedRename(
        group=load_group(document["group"]),
        name_without_suffix=document["name_without_suffix"],
        entry=load_optional_source(document["entry"]),
    )


def dump_problem(problem: PlanProblem) -> dict[str, Any]:
    """Return the problem as an element of `problems`."""
    return {
        "code": problem.code,
        "message": problem.message,
        "remedy": list(problem.remedy),
        "source": dump_optional_source(problem.source),
    }


def load_problem(document: Mapping[str, Any]) -> PlanProblem:
    """Return the problem of an element of `problems`."""
    return PlanProblem(
        code=document["code"],
        message=document["message"],
        remedy=tuple(document["remedy"]),
        source=load_optional_source(document["source"]),
    )


def dump_guard(guard: GuardFinding) -> dict[str, Any]:
    """Return the finding of a guard as an element of `guards`."""
    return {
        "code": guard.code,
        "message": guard.message,
        "group_ids": list(guard.group_ids),
        "remedy": list(guard.remedy),
        "figure": guard.figure,
        "limit": guard.limit,
        "source": dump_optional_source(guard.source),
        "allowed": guard.allowed,
    }


def load_guard(document: Mapping[str, Any]) -> GuardFinding:
    """Return the finding of a guard of an element of `guards`."""
    return GuardFinding(
        code=document["code"],
        message=document["message"],
        group_ids=tuple(map(GroupId, document["group_ids"])),
        remedy=tuple(document["remedy"]),
        figure=document["figure"],
        limit=document["limit"],
        source=load_optional_source(document["source"]),
        allowed=document["allowed"],
    )


def dump_suggestion(suggestion: Suggestion) -> dict[str, Any]:
    """Return the suggestion as an element of `suggestions`."""
    return {
        "group_id": suggestion.group_id,
        "before": suggestion.before,
        "after": suggestion.after,
        "contacts_count": suggestion.contacts_count,
        "source": dump_source(suggestion.source),
        "remedy": list(suggestion.remedy),
    }


def load_suggestion(document: Mapping[str, Any]) -> Suggestion:
    """Return the suggestion of an element of `suggestions`."""
    return Suggestion(
        group_id=GroupId(document["group_id"]),
        before=document["before"],
        after=document["after"],
        contacts_count=document["contacts_count"],
        source=load_source(document["source"]),
        remedy=tuple(document["remedy"]),
    )


def dump_loose_limit(limit: LooseLimit) -> dict[str, Any]:
    """Return the limit as an element of `loose_limits`."""
    return {
        "key": limit.key,
        "value": limit.value,
        "default": limit.default,
        "source": dump_optional_source(limit.source),
    }


def load_loose_limit(document: Mapping[str, Any]) -> LooseLimit:
    """Return the limit of an element of `loose_limits`."""
    return LooseLimit(
        key=document["key"],
        value=document["value"],
        default=document["default"],
        source=load_optional_source(document["source"]),
    )


def dump_excerpt(excerpt: Excerpt) -> dict[str, Any]:
    """Return the excerpt as an element of `excerpts`."""
    return {"source": dump_source(excerpt.source), "lines": list(excerpt.lines)}


def load_excerpt(document: Mapping[str, Any]) -> Excerpt:
    """Return the excerpt of an element of `excerpts`."""
    return Excerpt(source=load_source(document["source"]), lines=tuple(document["lines"]))
