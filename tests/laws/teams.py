"""Teams that share a Phonebook, each with a configuration for the groups of its scope, and plans carried out at once.

Each team's names begin with a word of its own, which its scope is. "Nobody" has groups that are in no scope.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st
from msgspec.structs import replace

from groupsync.model.config import Config, Pattern, RemovedId, RemovedName
from groupsync.model.groups import GroupId, LiveGroup, Source
from groupsync.model.plan import Delete
from groupsync.names import find_name_without_suffix, temporary_name
from groupsync.review.make import make_review
from tests.laws.book import Book
from tests.laws.strategies import live_groups, situations
from tests.unit.core import LIMITS, NOW, TARGET

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

    from groupsync.model.config import GroupEntry, Removal
    from groupsync.model.plan import Change, Plan
    from groupsync.model.review import Review

Groups = tuple[LiveGroup, ...]
ABOUT_OTHERS = frozenset({"scope", "empty-account"})
"""The guards that look beyond the scope. They refuse a plan, or do not, and change nothing else of it."""


class Team(NamedTuple):
    """A team: what its names begin with, its scope, and the first digit of its ids."""

    prefix: str
    scope: tuple[str, ...]
    digit: str

    def make_id(self, group_id: GroupId) -> GroupId:
        return GroupId(self.digit + group_id[1:])

    def rename(self, group: LiveGroup) -> LiveGroup:
        """Return a group as one of this team, at a temporary name if it was at one."""
        bare, group_id = find_name_without_suffix(group.name, group.id), self.make_id(group.id)
        name = self.prefix + (group.name if bare is None else bare)
        return replace(group, id=group_id, name=name if bare is None else temporary_name(name, group_id))

    def rename_all(self, groups: Iterable[LiveGroup]) -> Groups:
        return tuple(map(self.rename, groups))

    def configure(self, config: Config) -> Config:
        """Return a configuration as one of this team, with its scope."""
        return replace(
            config,
            scope=tuple(Pattern(text=text, source=SCOPE_SOURCE) for text in self.scope),
            groups=tuple(map(self._rename_entry, config.groups)),
            removed=tuple(map(self._rename_removal, config.removed)),
            ignore=tuple(replace(pattern, text=self.prefix + pattern.text) for pattern in config.ignore),
        )

    def _rename_entry(self, entry: GroupEntry) -> GroupEntry:
        return replace(
            entry,
            name=self.prefix + entry.name,
            id=self.make_id(entry.id) if entry.id else None,
            previously=tuple(self.prefix + name for name in entry.previously),
        )

    def _rename_removal(self, removal: Removal) -> Removal:
        match removal:
            case RemovedName(name=name):
                return replace(removal, name=self.prefix + name)
            case RemovedId(id=group_id):
                return replace(removal, id=self.make_id(group_id))


SCOPE_SOURCE = Source(file="groups.yaml", line=2)
MARKETING = Team("Marketing ", ("Marketing *",), "a")
SALES = Team("Sales: ", ("sales:*", "never *"), "b")
NOBODY = Team("", (), "c")


@dataclass(frozen=True, kw_only=True)
class Shared:
    """A Phonebook of two teams: the configuration and the groups of each, and the groups that are in no scope."""

    mine: Config
    my_groups: Groups
    theirs: Config
    their_groups: Groups
    others: Groups

    @property
    def live(self) -> Groups:
        """All groups, in no particular order."""
        return (*self.others, *self.their_groups, *self.my_groups)


@st.composite
def shared_phonebooks(draw: st.DrawFn, *, unique: bool = False) -> Shared:
    """Draw a Phonebook of two teams, whose groups have the same names but for the first word."""
    my_config, my_groups = draw(situations(unique=unique))
    their_config, their_groups = draw(situations(unique=unique))
    return Shared(
        mine=MARKETING.configure(my_config),
        my_groups=MARKETING.rename_all(my_groups),
        theirs=SALES.configure(their_config),
        their_groups=SALES.rename_all(their_groups),
        others=NOBODY.rename_all(draw(live_groups(unique=unique, most=3))),
    )


def review_for(config: Config, live: Iterable[LiveGroup]) -> Review:
    return make_review(config, tuple(live), TARGET, NOW, LIMITS)


def look_only_inside(review: Review) -> Review:
    """Return a review without the findings of the guards that look beyond the scope."""
    return replace(review, guards=tuple(guard for guard in review.guards if guard.code not in ABOUT_OTHERS))


def deletes_unknown_number(plan: Plan) -> bool:
    """Return whether a plan deletes a group with an unknown number of contacts, which a guard or a conflict refuses."""
    return any(isinstance(change, Delete) and change.contacts_count is None for change in plan.changes)


def interleave(one: Sequence[Change], other: Sequence[Change], random: Random) -> list[Change]:
    """Return the changes of two plans in one order, which keeps that of each plan."""
    is_first = [True] * len(one) + [False] * len(other)
    random.shuffle(is_first)
    first, second = iter(one), iter(other)
    return [next(first) if whose else next(second) for whose in is_first]


def carry_out(changes: Iterable[Change], groups: Iterable[LiveGroup], *, unique_names: bool = False) -> Book:
    """Return the Phonebook after these changes; assert that none gives a name that another group has."""
    book = Book(groups, unique_names=unique_names)
    for change in changes:
        book.carry_out(change)
    return book


def name_groups(book: Book, base: Iterable[LiveGroup]) -> tuple[dict[GroupId, str], Counter[str]]:
    """Return the names of the groups of a base by their ids, and those of the groups that were made since."""
    known = {group.id for group in base}
    return (
        {group.id: group.name for group in book.live() if group.id in known},
        Counter(group.name for group in book.live() if group.id not in known),
    )
