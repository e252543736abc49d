"""How the plan file writes what a plan was limited to: its scope, what is excluded, and postponed deletions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import convert, to_builtins

from groupsync.model.scope import Scope
from groupsync.planfile.changes import dump_change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupsync.model.review import Review


def dump_restrictions(review: Review) -> dict[str, Any]:
    """Return the members about restrictions; those that restrict nothing are left out."""
    options, plan = review.options, review.plan
    members = {**dump_scope(review.scope), **to_builtins(options)}
    if options.exclude:
        members["excluded"] = {
            "groups": to_builtins(plan.excluded),
            "entries": to_builtins(plan.excluded_entries),
            "pending": plan.is_excluded_pending,
        }
    if options.no_deletes:
        members["postponed"] = list(map(dump_change, plan.postponed))
    return members


def dump_scope(scope: Scope) -> dict[str, Any]:
    """Return the member about the scope; nothing if it is not limited."""
    return {"scope": to_builtins(scope)} if scope.is_limited else {}


def load_scope(document: Mapping[str, Any]) -> Scope:
    """Return the scope of the document of a plan file; everything if it has none."""
    return convert(document.get("scope", {}), Scope)
