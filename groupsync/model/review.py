"""A review: a plan with its verdict and where it comes from. It is what a plan file holds and what is rendered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupsync.errors import ExitCode

if TYPE_CHECKING:
    from groupsync.model.account import Target
    from groupsync.model.groups import GroupId, LiveGroup, Source
    from groupsync.model.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardFinding:
    """A guard that found something: what, the groups concerned (worst first) and what to do.

    `figure` is what exceeds the `limit`, in the unit of the guard; both are None for a guard that counts nothing.
    `source` is the line of the configuration to change, if there is one. It stands against the plan unless `allowed`.
    """

    code: str
    message: str
    group_ids: tuple[GroupId, ...]
    remedy: tuple[str, ...]
    figure: int | None = None
    limit: int | None = None
    source: Source | None = None
    allowed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseLimit:
    """A limit of the configuration that lets more pass than the default; `key` is its place, `policy.max_deletes`."""

    key: str
    value: str
    default: str
    source: Source | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A group that would go or be left over, and one that would be created, which look like one under a new name.

    `source` is where the new one is listed, `remedy` what to do about it, YAML to paste among it.
    """

    group_id: GroupId
    before: str
    after: str
    contacts_count: int | None
    source: Source
    remedy: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The line of the configuration at a source, and the caret under it."""

    source: Source
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A plan with the base it was made from (all live groups, by id) and what the guards found.

    `created_at` is UTC in ISO 8601, to the second. `config_paths` are the paths that the user gave with `-c`, none if
    the configuration is in the default place. `excerpts` are the lines of the configuration to show beside problems,
    guards and suggestions.
    """

    created_at: str
    groupsync_version: str
    target: Target
    config_paths: tuple[str, ...] = ()
    config_digest: str
    base: tuple[LiveGroup, ...]
    plan: Plan
    guards: tuple[GuardFinding, ...]
    suggestions: tuple[Suggestion, ...] = ()
    loose_limits: tuple[LooseLimit, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()

    @property
    def refusals(self) -> tuple[str, ...]:
        """The codes of what stands against applying this plan, each once."""
        problems = (problem.code for problem in self.plan.problems)
        guards = (guard.code for guard in self.guards if not guard.allowed)
        return tuple(dict.fromkeys((*problems, *guards)))

    def excerpt(self, source: Source | None) -> tuple[str, ...]:
        """Return the excerpt of a source; () if the review has none."""
        return next((excerpt.lines for excerpt in self.excerpts if excerpt.source == source), ())

    def exit_code(self, *, detailed: bool) -> ExitCode:
        """What a process that only shows this review says; `detailed` tells pending changes from none."""
        if self.refusals:
            return ExitCode.REFUSED
        return ExitCode.CHANGES_PENDING if detailed and self.plan.changes else ExitCode.DONE
