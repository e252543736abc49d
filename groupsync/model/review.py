"""A review: a plan with its verdict and where it comes from. It is what a plan file holds and what is rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.errors import ExitCode
from groupsync.fields import ignore
from groupsync.model.groups import GroupId, Source  # noqa: TC001 - msgspec reads plan files by these types
from groupsync.model.plan import DEFAULT_PLAN_OPTIONS, PlanOptions
from groupsync.model.scope import EVERYTHING, Scope

if TYPE_CHECKING:
    from groupsync.model.account import Target
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Plan


class GuardFinding(Struct, frozen=True, kw_only=True):
    """What a guard found: the message, the groups (worst first) and the remedy.

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


class LooseLimit(Struct, frozen=True, kw_only=True):
    """A limit of the configuration that allows more than the default; `key` is, for example, `policy.max_deletes`."""

    key: str
    value: str
    default: str
    source: Source | None


class Suggestion(Struct, frozen=True, kw_only=True):
    """A group that would be deleted or is unlisted, and the name of a create that it was probably renamed to.

    `source` is where the new one is listed. `remedy` says what to do, with YAML to paste.
    """

    group_id: GroupId
    before: str
    after: str
    contacts_count: int | None
    source: Source
    remedy: tuple[str, ...]


class OutsideLookalike(Struct, frozen=True, kw_only=True):
    """A live group outside the scope that looks like a group to create: somebody may have renamed it.

    `name` is that of the group to create, `source` is where it is listed.
    """

    group: LiveGroup
    name: str
    source: Source


class Excerpt(Struct, frozen=True, kw_only=True):
    """The line of the configuration at a source, and the caret under it."""

    source: Source
    lines: tuple[str, ...]


@ignore("outside")
class Review(Struct, frozen=True, kw_only=True):
    """A plan with its origin and its verdict, which is printed, saved in a plan file, and approved.

    `make_review` makes it from the configuration and the live groups, `load_review` reads it from a plan file.
    Renderers and people read it. `verify_review` compares a saved one with the present state, and only a verified plan
    is carried out. It guarantees that equal input gives equal bytes, except for `created_at` (UTC in ISO 8601, to the
    second).

    - `scope`: which groups the plan was made for.
    - `options`: what the user chose for the plan, in addition to the configuration.
    - `base`: all live groups of the scope, which the plan was made from, sorted by id.
    - `outside`: how many live groups are outside the scope; None if unknown, as in a plan file.
    - `guards`: what the guards found; a finding that is `allowed` does not refuse the plan.
    - `suggestions`: deletions and creates that look like renames.
    - `config_paths`: the paths that the user gave with `-c`; none if the configuration is the default one.
    - `backup_dir`: the folder that the user gave with `--backup-dir`; empty if none was given.
    - `excerpts`: the lines of the configuration to print beside problems, guards and suggestions.
    """

    created_at: str
    groupsync_version: str
    target: Target
    config_paths: tuple[str, ...] = ()
    backup_dir: str = ""
    config_digest: str
    scope: Scope = EVERYTHING
    options: PlanOptions = DEFAULT_PLAN_OPTIONS
    base: tuple[LiveGroup, ...]
    plan: Plan
    guards: tuple[GuardFinding, ...]
    suggestions: tuple[Suggestion, ...] = ()
    loose_limits: tuple[LooseLimit, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    outside: int | None = None

    @property
    def refusals(self) -> tuple[str, ...]:
        """The codes of all problems and guards that refuse the plan, each once."""
        problems = (problem.code for problem in self.plan.problems)
        guards = (guard.code for guard in self.guards if not guard.allowed)
        return tuple(dict.fromkeys((*problems, *guards)))

    def excerpt(self, source: Source | None) -> tuple[str, ...]:
        """Return the excerpt of a source; () if the review has none."""
        return next((excerpt.lines for excerpt in self.excerpts if excerpt.source == source), ())

    def exit_code(self, *, detailed: bool) -> ExitCode:
        """Return the exit code of a process that only prints this review; `detailed`: 2 if there is more to do."""
        if self.refusals:
            return ExitCode.REFUSED
        return ExitCode.CHANGES_PENDING if detailed and self.plan.is_pending else ExitCode.DONE
