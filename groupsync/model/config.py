"""What the configuration files say: the desired groups and how to treat the others."""

from __future__ import annotations

import enum
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct, field

from groupsync.display import list_line_starts, render_excerpt
from groupsync.fields import hide, ignore
from groupsync.model.limits import DEFAULT_MAX_CONTACTS_LOST, DEFAULT_MAX_DELETES
from groupsync.model.scope import Scope
from groupsync.patterns import make_group_matcher

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from groupsync.model.groups import GroupId, Source
    from groupsync.model.limits import MaxDeletes

# Twice what 100,000 groups with ids and descriptions need, and small enough to be read in seconds.

LARGEST_FILE = 16 * 2**20
"""How many bytes the files of a configuration may have together."""

MOST_LINES = 1_000_000
"""How many lines a configuration file may have."""

MOST_ENTRIES = 200_000
"""How many items the lists of a configuration may have together: groups, removals and patterns."""


class Unlisted(enum.Enum):
    """What happens to live groups that nothing lists."""

    DELETE = "delete"
    KEEP = "keep"
    REFUSE = "refuse"


class GroupEntry(Struct, frozen=True, kw_only=True, gc=False):
    """A desired group: by name, and by id if it is pinned; `previously` holds its earlier names."""

    name: str
    id: GroupId | None = None
    previously: tuple[str, ...] = ()
    description: str = ""
    source: Source


class RemovedName(Struct, frozen=True, kw_only=True, gc=False):
    """Consent to delete the group of that name, and to lose at most `contacts_at_most` memberships."""

    name: str
    contacts_at_most: int = 0
    reason: str = ""
    source: Source


class RemovedId(Struct, frozen=True, kw_only=True, gc=False):
    """Consent to delete the group of that id, whatever its name; None as `contacts_at_most` is any number."""

    id: GroupId
    contacts_at_most: int | None = None
    reason: str = ""
    source: Source


Removal: TypeAlias = RemovedName | RemovedId


def find_consents(removed: Sequence[Removal]) -> dict[str, RemovedName]:
    """Return the consent for each name: of several the narrowest, of equal ones the first in the files."""
    named = [removal for removal in removed if isinstance(removal, RemovedName)]
    widest_first = sorted(named, key=attrgetter("contacts_at_most", "source"), reverse=True)
    return {removal.name: removal for removal in widest_first}


class Pattern(Struct, frozen=True, kw_only=True):
    """A name pattern with `*` and `?`; `groupsync.patterns` has the rules."""

    text: str
    source: Source


class AccountPin(Struct, frozen=True, kw_only=True):
    """An account that the configuration is for, by its fingerprint."""

    account: str
    source: Source


@ignore("source", "sources")
@hide("source", "sources")
class Policy(Struct, frozen=True, kw_only=True):
    """How to treat unlisted groups, and how much may be lost without consent.

    `unlisted` is None if the files do not say what should happen to unlisted groups. `source` says where the policy is,
    and `sources` where each of its keys is.
    """

    unlisted: Unlisted | None = None
    max_deletes: MaxDeletes = DEFAULT_MAX_DELETES
    max_contacts_lost: int = DEFAULT_MAX_CONTACTS_LOST
    source: Source | None = None
    sources: Mapping[str, Source] = field(default_factory=dict)


def is_json(file_name: str) -> bool:
    """Return whether a configuration file is read as JSON: its name ends with `.json`."""
    return file_name.lower().endswith(".json")


@ignore("texts")
@hide("texts")
class Config(Struct, frozen=True, kw_only=True):
    """All configuration files together, free of contradictions.

    `load_config` makes it; planner and guards read it. `scope` has the patterns of the files, `job_scope` those of
    GROUPSYNC_SCOPE. `files` are the names of the files as the user gave them, `texts` their contents by the name that a
    Source has.
    """

    accounts: tuple[AccountPin, ...] = ()
    policy: Policy = Policy()
    groups: tuple[GroupEntry, ...] = ()
    removed: tuple[Removal, ...] = ()
    ignore: tuple[Pattern, ...] = ()
    protected: tuple[Pattern, ...] = ()
    scope: tuple[Pattern, ...] = ()
    job_scope: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)

    def make_scope(self) -> Scope:
        """Return which groups the configuration may touch in this job."""
        return Scope(patterns=tuple(pattern.text for pattern in self.scope), job_patterns=self.job_scope)

    def make_ignorer(self) -> Callable[[str], bool]:
        """Return a function that tells whether a group of this name is ignored."""
        return make_group_matcher(tuple(pattern.text for pattern in self.ignore))

    def excerpt(self, source: Source | None) -> tuple[str, ...]:
        """Return the line of a source with a caret under its column; () if the source is in none of the files."""
        if source is None or source.file not in self.texts:
            return ()
        text = self.texts[source.file]
        return render_excerpt(text, list_line_starts(text), source.line, source.column)
