"""What matching finds: which group each entry means, and what is left over on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from groupsync.model.config import GroupEntry
    from groupsync.model.groups import LiveGroup, Source
    from groupsync.model.plan import InterruptedRename, PlanProblem, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An entry and the live group that it means."""

    entry: GroupEntry
    group: LiveGroup
    reason: Reason

    @property
    def is_written(self) -> bool:
        """Whether the group must be renamed."""
        return self.group.name != self.entry.name


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupToDelete:
    """A live group that is to be deleted, with the consent of the configuration: see Delete."""

    group: LiveGroup
    reason: Reason
    contacts_at_most: int | None
    source: Source | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """Every entry and every live group in one place each, as far as the problems let it be told.

    `missing` are the entries without a live group, `unlisted` the groups that no entry means and that stay, `ignored`
    those that a pattern under ignore matches.
    """

    matches: tuple[Match, ...]
    missing: tuple[GroupEntry, ...]
    doomed: tuple[GroupToDelete, ...]
    unlisted: tuple[LiveGroup, ...]
    ignored: tuple[LiveGroup, ...]
    interrupted: tuple[InterruptedRename, ...]
    problems: tuple[PlanProblem, ...]
    warnings: tuple[str, ...]
