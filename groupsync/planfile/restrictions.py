"""How the plan file writes what a plan was limited to: its scope, what is excluded, and postponed deletions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groupsync.model.plan import ExcludedEntry, PlanOptions
from groupsync.model.scope import EVERYTHING, Scope
from groupsync.planfile.changes import dump_change, dump_group, dump_source, load_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupsync.model.review import Review


def dump_restrictions(review: Review) -> dict[str, Any]:
    """Return the members about restrictions; those that restrict nothing are left out."""
    options, plan = review.options, review.plan
    members = {**dump_scope(review.scope), **dump_options(options)}
    if options.exclude:
        members["excluded"] = {
            "groups": list(map(dump_group, plan.excluded)),
            "entries": list(map(_dump_entry, plan.excluded_entries)),
            "pending": plan.is_excluded_pending,
        }
    if options.no_deletes:
        members["postponed"] = list(map(dump_change, plan.postponed))
    return members


def dump_scope(scope: Scope) -> dict[str, Any]:
    """Return the member about the scope; nothing if it is not limited."""
    if not scope.is_limited:
        return {}
    return {"scope": {"configuration": list(scope.patterns), "job": list(scope.job_patterns)}}


def dump_options(options: PlanOptions) -> dict[str, Any]:
    """Return the members about what the user chose for a plan; nothing for what was not chosen."""
    exclude = {"exclude": list(options.exclude)} if options.exclude else {}
    return {**exclude, "no_deletes": True} if options.no_deletes else exclude


def _dump_entry(entry: ExcludedEntry) -> dict[str, Any]:
    return {"name": entry.name, "source": dump_source(entry.source)}


def load_scope(document: Mapping[str, Any]) -> Scope:
    """Return the scope of the document of a plan file; everything if it has none."""
    if "scope" not in document:
        return EVERYTHING
    scope = document["scope"]
    return Scope(patterns=tuple(scope["configuration"]), job_patterns=tuple(scope["job"]))


def load_options(document: Mapping[str, Any]) -> PlanOptions:
    """Return what the user chose for the plan of a document."""
    return PlanOptions(exclude=tuple(document.get("exclude", ())), no_deletes=document.get("no_deletes", False))


def load_excluded_entries(document: Mapping[str, Any]) -> tuple[ExcludedEntry, ...]:
    """Return the excluded entries of the plan of a document."""
    entries = document["excluded"]["entries"] if "excluded" in document else ()
    return tuple(ExcludedEntry(name=entry["name"], source=load_source(entry["source"])) for entry in entries)
