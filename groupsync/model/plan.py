"""A plan: the changes that make the live groups the desired ones, or the reasons why there is none."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from msgspec import Struct

from groupsync.display import join_names, quote
from groupsync.model.groups import LiveGroup, Source  # noqa: TC001 - msgspec reads plan files by these types

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groupsync.model.groups import GroupId


class Reason(enum.Enum):
    """Why a change is in the plan; the values are those of the plan file."""

    LISTED = "listed"
    PINNED = "pinned"
    PREVIOUSLY = "previously"
    INTERRUPTED = "interrupted"
    BREAKS_CYCLE = "breaks-cycle"
    FREES_NAME = "frees-name"
    REMOVED = "removed"
    UNLISTED = "unlisted"


class Create(Struct, frozen=True, kw_only=True, gc=False):
    """A group that the configuration asks for and that does not exist yet.

    The planner makes it for an entry without a live group. It counts as done as soon as exactly one group of this name
    exists that was not live when the plan was made, whoever created it. `description` is that of the entry.
    """

    kind: ClassVar[str] = "create"
    name: str
    reason: Reason
    wave: int
    source: Source
    description: str = ""

    @property
    def id(self) -> str:
        """Identify the change within its plan and from one plan to the next."""
        return f"create:{self.name}"


class Rename(Struct, frozen=True, kw_only=True, gc=False):
    """A live group that keeps its id and members under a new name.

    The planner makes one, or two if the new name is not free yet: `temporary` marks a step to a temporary name, from
    which a later step of the same group takes it to its final name, or deletes it. `contacts_count` is the number of
    contacts when the plan was made; None means unknown. `description` is that of the entry.
    """

    kind: ClassVar[str] = "rename"
    group_id: GroupId
    before: str
    after: str
    contacts_count: int | None
    temporary: bool = False
    reason: Reason
    wave: int
    source: Source | None
    description: str = ""

    @property
    def id(self) -> str:
        """Identify the change within its plan and from one plan to the next."""
        return f"{'park' if self.temporary else 'rename'}:{self.group_id}"


class Delete(Struct, frozen=True, kw_only=True, gc=False):
    """A live group that is deleted, and with it its list of members.

    The planner makes it for a group under `removed`, or for an unlisted one. `contacts_count` is the number of contacts
    when the plan was made: what a reviewer saw. It never changes afterwards; the present number is in the
    `RemainingChange`. `contacts_at_most` is how many contacts the configuration consents to lose; None is any number.
    `removal_reason` is the `reason` that is written under `removed`.
    """

    kind: ClassVar[str] = "delete"
    group_id: GroupId
    name: str
    contacts_count: int | None
    contacts_at_most: int | None
    reason: Reason
    wave: int
    source: Source | None
    removal_reason: str = ""

    @property
    def id(self) -> str:
        """Identify the change within its plan and from one plan to the next."""
        return f"delete:{self.group_id}"


Change: TypeAlias = Create | Rename | Delete
"""The planner makes changes, renderers print them, `decide_changes` returns their states, the applier does them."""


def get_new_name(change: Change) -> str | None:
    """Return the name that the change gives to a group; None for a deletion."""
    match change:
        case Create(name=name) | Rename(after=name):
            return name
        case Delete():
            return None


def describe_change(change: Change) -> str:
    """Return the change as a part of a sentence, with the id of the group that it changes."""
    match change:
        case Create(name=name):
            return f"create group {quote(name)}"
        case Rename(before=before, after=after, group_id=group_id):
            return f"rename group {quote(before)} to {quote(after)} [id={group_id}]"
        case Delete(name=name, group_id=group_id):
            return f"delete group {quote(name)} [id={group_id}]"


class PlanProblem(Struct, frozen=True, kw_only=True):
    """A reason why no plan can be made; `remedy` is what to do, one line each, including YAML to paste."""

    code: str
    message: str
    remedy: tuple[str, ...]
    source: Source | None = None


class InterruptedRename(Struct, frozen=True, kw_only=True):
    """A live group that a killed run left at a temporary name and that no entry takes by its id.

    `entry` is the source of the entry without id that could take it; None if there is none, or more than one.
    """

    group: LiveGroup
    name_without_suffix: str
    entry: Source | None


class PlanOptions(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the user chose for a plan, in addition to the configuration.

    `exclude` has the names, ids and name patterns of `--exclude`. With `no_deletes` the plan deletes no group.
    """

    exclude: tuple[str, ...] = ()
    no_deletes: bool = False


DEFAULT_PLAN_OPTIONS = PlanOptions()


def describe_options(options: PlanOptions) -> list[str]:
    """Return the sentences that say what the user chose for a plan; none if nothing was chosen."""
    lines = []
    if options.exclude:
        lines.append(f"Excluded: --exclude {join_names(options.exclude)}.")
    if options.no_deletes:
        lines.append("No deletions (--no-deletes or GROUPSYNC_NO_DELETES).")
    return lines


class ExcludedEntry(Struct, frozen=True, kw_only=True):
    """An excluded entry of the configuration; the name of one under `removed` may be an id."""

    name: str
    source: Source


class Plan(Struct, frozen=True, kw_only=True):
    """The changes in the order of their waves; no changes if there are problems.

    Changes of one wave do not depend on each other; a wave begins when the one before is done. `unlisted` are the live
    groups that nothing lists and the plan leaves alone, `ignored` those that a pattern of `ignore` matches. `postponed`
    are the deletions that `--no-deletes` leaves out. `excluded` and `excluded_entries` are what `--exclude` excludes;
    `is_excluded_pending` says whether there is something to do about them.
    """

    changes: tuple[Change, ...] = ()
    unlisted: tuple[LiveGroup, ...] = ()
    ignored: tuple[LiveGroup, ...] = ()
    interrupted: tuple[InterruptedRename, ...] = ()
    problems: tuple[PlanProblem, ...] = ()
    warnings: tuple[str, ...] = ()
    postponed: tuple[Delete, ...] = ()
    excluded: tuple[LiveGroup, ...] = ()
    excluded_entries: tuple[ExcludedEntry, ...] = ()
    is_excluded_pending: bool = False

    @property
    def is_pending(self) -> bool:
        """Whether the Phonebook is not yet what the configuration says, also if this plan does nothing about it."""
        return bool(self.changes or self.postponed or self.is_excluded_pending)


def is_first_step(change: Change) -> bool:
    """Return whether the change is the step to a temporary name, which another step of the same group follows."""
    return isinstance(change, Rename) and change.temporary


def count_changes(changes: Iterable[Change]) -> int:
    """Return how many changes a person counts: two steps of one group are one change."""
    return sum(not is_first_step(change) for change in changes)


class Summary(Struct, frozen=True, kw_only=True):
    """The figures of a plan; steps to temporary names do not count. `memberships_lost` sums the known numbers."""

    create: int
    rename: int
    delete: int
    memberships_lost: int


def summarize(changes: tuple[Change, ...]) -> Summary:
    """Return the figures of the changes; `memberships_lost` sums the numbers of when the plan was made."""
    deletes = [change for change in changes if isinstance(change, Delete)]
    return Summary(
        create=sum(isinstance(change, Create) for change in changes),
        rename=sum(isinstance(change, Rename) and not is_first_step(change) for change in changes),
        delete=len(deletes),
        memberships_lost=sum(delete.contacts_count or 0 for delete in deletes),
    )
