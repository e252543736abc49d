"""What the guards look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from groupsync.model.plan import Delete

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Change, Plan


@dataclass(frozen=True, kw_only=True)  # without slots, for what several guards ask is worked out once
class GuardContext:
    """What the guards judge: a plan with its base, and what of it is still to be done now.

    `pending` are the changes that are left, with live contact counts; `live` are the groups as they are now.
    """

    config: Config
    plan: Plan
    base: Sequence[LiveGroup]
    live: Sequence[LiveGroup]
    pending: Sequence[Change]

    @cached_property
    def deletes(self) -> Sequence[Delete]:
        """The deletions that are left, the greatest loss first."""
        deletes = [change for change in self.pending if isinstance(change, Delete)]
        return sorted(deletes, key=lambda change: (-(change.contacts_count or 0), change.name, change.group_id))

    @cached_property
    def counted_groups(self) -> int:
        """How many groups of the base are live and not ignored; a share is of these.

        Groups of the base that are gone do not count, or a forged plan could make the whole as large as it likes. That
        never stops the rest of a plan: what was deleted counts neither in the whole nor in the part.
        """
        ignores = self.config.make_ignorer()
        counted = [group for group in self.base if not ignores(group.name)] if self.config.ignore else self.base
        return len({group.id for group in counted} & {group.id for group in self.live})
