"""Names outside the scope: a configuration writes and gives up only names that are in it."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from groupsync.display import join_names, quote
from groupsync.model.config import RemovedName
from groupsync.model.scope import Scope
from groupsync.names import name_without_suffix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.config.entries import ConfigEntries, Located
    from groupsync.config.problems import ConfigProblem
    from groupsync.model.config import GroupEntry, Pattern, Removal
    from groupsync.schema import KeyPath

_MOST_NAMED = 3


def find_names_outside(entries: ConfigEntries, job_patterns: Sequence[str]) -> Iterator[ConfigProblem]:
    """Yield a problem for each name under `groups`, `previously` or `removed` that is not in the scope."""
    patterns = [pattern for located in entries.scopes[:1] for pattern in located.value]
    scope = Scope(patterns=tuple(map(attrgetter("text"), patterns)))
    job_scope = Scope(job_patterns=tuple(job_patterns))
    for entry, name, steps in _list_names(entries) if patterns or job_patterns else ():
        if not scope.includes_name(name):
            yield entry.problem(_describe_outside(name, patterns), *steps)
        elif not job_scope.includes_name(name):
            yield entry.problem(_describe_outside_job(name, job_patterns), *steps)


def _list_names(
    entries: ConfigEntries,
) -> Iterator[tuple[Located[GroupEntry] | Located[Removal], str, KeyPath]]:
    """Yield each entry with a name of it, and the steps from the entry to the name."""
    for group in entries.groups:
        value = group.value
        yield group, name_without_suffix(value.name, value.id) if value.id else value.name, ("name",)
        for index, name in enumerate(value.previously):
            yield group, name, ("previously", index)
    for removal in entries.removed:
        if isinstance(removal.value, RemovedName):
            yield removal, removal.value.name, ("name",)


def _describe_outside(name: str, patterns: Sequence[Pattern]) -> str:
    scope = join_names((pattern.text for pattern in patterns), "or", most=_MOST_NAMED)
    return (
        f"{quote(name)} is outside the scope of this configuration, which is {scope} (at {patterns[0].source}): "
        "remove the name here, or add a pattern for it under scope"
    )


def _describe_outside_job(name: str, job_patterns: Sequence[str]) -> str:
    scope = join_names(job_patterns, "or", most=_MOST_NAMED)
    return (
        f"{quote(name)} is outside GROUPSYNC_SCOPE, which limits this job to {scope}: "
        "remove the name here, or ask the owner of the job to add a pattern for it"
    )
