"""What the configuration files say: the desired groups and how to treat the others."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from groupsync.model.groups import GroupId, Source


class Unlisted(enum.Enum):
    """What becomes of live groups that the configuration does not name."""

    DELETE = "delete"
    KEEP = "keep"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEntry:
    """A desired group: by name, and by id when it is pinned; `previously` holds its earlier names."""

    name: str
    id: GroupId | None = None
    previously: tuple[str, ...] = ()
    description: str = ""
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedName:
    """Consent to delete the group of that name."""

    name: str
    reason: str = ""
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedId:
    """Consent to delete the group of that id, whatever its name."""

    id: GroupId
    reason: str = ""
    source: Source


Removal: TypeAlias = RemovedName | RemovedId


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A name pattern with `*` and `?`, case-sensitive."""

    text: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All configuration files together, free of contradictions; `files` are their names as the user gave them."""

    groups: tuple[GroupEntry, ...] = ()
    removed: tuple[Removal, ...] = ()
    ignore: tuple[Pattern, ...] = ()
    unlisted: Unlisted = Unlisted.DELETE
    files: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
