"""Which groups a run may touch."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.display import join_names
from groupsync.names import name_without_suffix
from groupsync.patterns import make_matcher

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from groupsync.model.groups import LiveGroup


class Scope(
    Struct, frozen=True, kw_only=True, dict=True, rename={"patterns": "configuration", "job_patterns": "job"}
):  # `dict`: for what is computed once; `rename`: their names in a plan file
    """The groups that exist for a run: their names match a pattern of the configuration and one of the job.

    `patterns` are those under `scope` in the configuration, `job_patterns` those of GROUPSYNC_SCOPE. Without
    patterns, every name matches.
    """

    patterns: tuple[str, ...] = ()
    job_patterns: tuple[str, ...] = ()

    @cached_property
    def _matchers(self) -> tuple[Callable[[str], bool], ...]:
        """One function for each kind of patterns; making them takes a time that grows with the number of patterns."""
        return tuple(make_matcher(patterns) for patterns in (self.patterns, self.job_patterns) if patterns)

    @property
    def is_limited(self) -> bool:
        """Whether groups can be outside it."""
        return bool(self.patterns or self.job_patterns)

    def includes_name(self, name: str) -> bool:
        """Return whether a group of this name is in the scope."""
        return all(matches(name) for matches in self._matchers)

    def includes(self, group: LiveGroup) -> bool:
        """Return whether a live group is in the scope; at its temporary name it counts without the suffix."""
        return self.includes_name(name_without_suffix(group.name, group.id))

    def split(self, groups: Sequence[LiveGroup]) -> tuple[list[LiveGroup], list[LiveGroup]]:
        """Return the groups that are in the scope, and the others."""
        if not self.is_limited:
            return list(groups), []
        inside: list[LiveGroup] = []
        outside: list[LiveGroup] = []
        for group in groups:
            (inside if self.includes(group) else outside).append(group)
        return inside, outside


def describe_scope(scope: Scope) -> list[str]:
    """Return the sentences that say which groups exist for a run; none if all do."""
    lines = []
    if scope.patterns:
        lines.append(f"Scope: only groups named {join_names(scope.patterns, 'or')}.")
    if scope.job_patterns:
        lines.append(f"Scope of this job (GROUPSYNC_SCOPE): only groups named {join_names(scope.job_patterns, 'or')}.")
    return lines


EVERYTHING = Scope()
"""The scope of a run that may touch every group."""
