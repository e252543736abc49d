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
    `source` is the line of the configuration to change, if there is one. The finding refuses the plan unless it is
    `allowed`.
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
    """A limit of the configuration that lets more pass than the default; `key` is one such as `policy.max_deletes`."""

    key: str
    value: str
    default: str
    source: Source | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A group that would be deleted or is unlisted, and the name of a create that it was probably renamed to.

    `source` is where the new one is listed, `remedy` what to do about it, YAML to paste among it.
    """

    group_id: GroupId
    before: str
    after: str
    contacts_count: int | None
    source: Source
    remedy: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A plan with the base it was made from (all live groups, by id) and what the guards found.

    `created_at` is UTC in ISO 8601, to the second.
    """

    created_at: str
    groupsync_version: str
    target: Target
    config_digest: str
    base: tuple[LiveGroup, ...]
    plan: Plan
    guards: tuple[GuardFinding, ...]
    suggestions: tuple[Suggestion, ...] = ()
    loose_limits: tuple[LooseLimit, ...] = ()

    @property
    def refusals(self) -> tuple[str, ...]:
        """The codes of what stands against applying this plan, each once."""
        problems = (problem.code for problem in self.plan.problems)
        guards = (guard.code for guard in self.guards if not guard.allowed)
        return tuple(dict.fromkeys((*problems, *guards)))

    def exit_code(self, *, detailed: bool) -> ExitCode:
        """What a process that only shows this review says; `detailed` tells pending changes from none."""
        if self.refusals:
            return ExitCode.REFUSED
        return ExitCode.CHANGES_PENDING if detailed and self.plan.changes else ExitCode.DONE
