"""What the guards judge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, kw_only=True)  # without slots: what several guards ask is computed once and kept
class GuardContext:
    """A plan with its base, what remains of it, the live groups, and the limits of whoever runs the program."""

    config: Config
    plan: Plan
    base: Sequence[LiveGroup]
    live: Sequence[LiveGroup]
    remaining: RemainingChanges
    run_policy: RunPolicy

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
        """Whether the plan creates a group: one of the others may have been it, under another name."""
        return any(isinstance(change, Create) for change in self.plan.changes)

    @cached_property
    def counted_groups(self) -> int:
        """How many groups of the base are live and not ignored; a share is a share of these.

        Groups of the base that no longer exist do not count: a forged plan could add groups to its base, and so raise a
        limit in percent. The rest of an honest plan never fails by that, because a deletion that is done is not
        counted as a deletion either.
        """
        ignores = self.config.make_ignorer()
        counted = [group for group in self.base if not ignores(group.name)] if self.config.ignore else self.base
        return len({group.id for group in counted} & {group.id for group in self.live})

    @cached_property
    def is_protected(self) -> Callable[[str], bool]:
        """Tells whether a group of this name is protected, by the configuration or by the environment."""
        return make_group_matcher((*(pattern.text for pattern in self.config.protected), *self.run_policy.protected))
