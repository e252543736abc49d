"""What the guards judge."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.model.groups import most_contacts_first
from groupsync.model.plan import Create
from groupsync.model.remaining import is_deletion
from groupsync.patterns import make_group_matcher

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.limits import RunPolicy
    from groupsync.model.plan import Plan
    from groupsync.model.remaining import RemainingChanges, RemainingDelete
    from groupsync.model.review import OutsideLookalike


class GuardContext(
    Struct, frozen=True, kw_only=True, dict=True
):  # `dict`: what several guards ask is computed once and kept
    """A plan with its base, what remains of it, the live groups, and the limits of whoever runs the program.

    `live` are all live groups, also those outside the scope. `outside_lookalikes` are groups that somebody may have
    renamed out of the scope.
    """

    config: Config
    plan: Plan
    base: Sequence[LiveGroup]
    live: Sequence[LiveGroup]
    remaining: RemainingChanges
    run_policy: RunPolicy
    outside_lookalikes: Sequence[OutsideLookalike] = ()

    @cached_property
    def deletes(self) -> Sequence[RemainingDelete]:
        """The deletions that remain, the greatest loss first."""
        deletes = [one for one in self.remaining if is_deletion(one)]
        return sorted(
            deletes,
            key=lambda delete: most_contacts_first(delete.live_count, delete.change.name, delete.change.group_id),
        )

    @cached_property
    def creates(self) -> bool:
        """Whether the plan creates a group: it may be a new name of a group that would be deleted."""
        return any(isinstance(change, Create) for change in self.plan.changes)

    @cached_property
    def counted_groups(self) -> int:
        """How many groups of the base are live and not ignored; limits in percent refer to this number.

        Groups of the base that no longer exist do not count: a forged plan could add groups to its base to raise a
        limit in percent. The remaining part of an honest plan still passes, because finished deletions do not count as
        deletions either.
        """
        ignores = self.config.make_ignorer()
        counted = [group for group in self.base if not ignores(group.name)] if self.config.ignore else self.base
        return len({group.id for group in counted} & {group.id for group in self.live})

    @cached_property
    def is_protected(self) -> Callable[[str], bool]:
        """A function that returns whether the configuration or the environment protects a group of this name."""
        return make_group_matcher((*(pattern.text for pattern in self.config.protected), *self.run_policy.protected))
