"""What `--exclude` excludes: live groups with every entry that means them, entries with every group they could mean.

No other group or entry has anything to do with these, so the rest can be planned as if they did not exist.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from groupsync.model.config import GroupEntry, RemovedId, RemovedName
from groupsync.model.groups import parse_group_id
from groupsync.names import name_without_suffix
from groupsync.patterns import make_group_matcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from groupsync.model.config import Config, Removal
    from groupsync.model.groups import GroupId, LiveGroup, Source

    Entry: TypeAlias = GroupEntry | Removal


class Part(Struct, frozen=True, kw_only=True):
    """A part of the configuration and of the live groups that can be planned on its own."""

    config: Config
    live: tuple[LiveGroup, ...]


class Exclusion(Struct, frozen=True, kw_only=True):
    """The live groups and the configuration in two parts; `unmatched` has the arguments that match nothing."""

    excluded: Part
    rest: Part
    unmatched: tuple[str, ...]


def set_aside(config: Config, live: Sequence[LiveGroup], exclude: Sequence[str]) -> Exclusion:
    """Return the parts; each argument of `exclude` is the name or id of a group, or a name pattern."""
    if not exclude:
        nothing = Part(config=replace(config, groups=(), removed=()), live=())
        return Exclusion(excluded=nothing, rest=Part(config=config, live=tuple(live)), unmatched=())
    links = _Links(config, live)
    unmatched = []
    for argument in exclude:
        groups, entries = links.find(argument)
        if not groups and not entries:
            unmatched.append(argument)
        links.follow(groups, entries)
    return Exclusion(
        excluded=_select(config, live, links, is_excluded=True),
        rest=_select(config, live, links, is_excluded=False),
        unmatched=tuple(unmatched),
    )


def _select(config: Config, live: Sequence[LiveGroup], links: _Links, *, is_excluded: bool) -> Part:
    return Part(
        config=replace(
            config,
            groups=tuple(entry for entry in config.groups if (entry.source in links.sources) is is_excluded),
            removed=tuple(entry for entry in config.removed if (entry.source in links.sources) is is_excluded),
        ),
        live=tuple(group for group in live if (group.id in links.ids) is is_excluded),
    )


class _Links:
    """Which entry may mean which live group; `ids` and `sources` say what is excluded so far."""

    def __init__(self, config: Config, live: Sequence[LiveGroup]) -> None:
        self._live = live
        self._entries: tuple[Entry, ...] = (*config.groups, *config.removed)
        self._groups_by_id = {group.id: group for group in live}
        self._groups_by_name: dict[str, list[LiveGroup]] = defaultdict(list)
        self._entries_by_id: dict[GroupId, list[Entry]] = defaultdict(list)
        self._entries_by_name: dict[str, list[Entry]] = defaultdict(list)
        for group in live:
            for name in _list_live_names(group):
                self._groups_by_name[name].append(group)
        for entry in self._entries:
            group_id = _get_id(entry)
            if group_id:
                self._entries_by_id[group_id].append(entry)
            for name in _list_meant_names(entry):
                self._entries_by_name[name].append(entry)
        self.ids: set[GroupId] = set()
        self.sources: set[Source] = set()

    def find(self, argument: str) -> tuple[list[LiveGroup], list[Entry]]:
        """Return the live groups and the entries that an argument of `--exclude` names."""
        group_id = parse_group_id(argument)
        matches = make_group_matcher((argument,))
        groups = [group for group in self._live if group.id == group_id or matches(group.name)]
        entries = [entry for entry in self._entries if _is_named(entry, group_id, matches)]
        return groups, entries

    def follow(self, groups: Iterable[LiveGroup], entries: Iterable[Entry]) -> None:
        """Exclude the groups, the entries, and all that they lead to."""
        to_follow: list[LiveGroup | Entry] = [*groups, *entries]
        while to_follow:
            one = to_follow.pop()
            if isinstance(one, GroupEntry | RemovedName | RemovedId):
                if one.source not in self.sources:
                    self.sources.add(one.source)
                    to_follow += self._find_groups(one)
            elif one.id not in self.ids:
                self.ids.add(one.id)
                to_follow += self._find_entries(one)

    def _find_groups(self, entry: Entry) -> Iterator[LiveGroup]:
        group_id = _get_id(entry)
        if group_id in self._groups_by_id:
            yield self._groups_by_id[group_id]
        for name in _list_meant_names(entry):
            yield from self._groups_by_name.get(name, ())

    def _find_entries(self, group: LiveGroup) -> Iterator[Entry]:
        yield from self._entries_by_id.get(group.id, ())
        for name in _list_live_names(group):
            yield from self._entries_by_name.get(name, ())


def _list_live_names(group: LiveGroup) -> Sequence[str]:
    """Return the names by which an entry may mean the group: at a temporary name also the one without the suffix."""
    return list(dict.fromkeys([group.name, name_without_suffix(group.name, group.id)]))


def _list_meant_names(entry: Entry) -> Sequence[str]:
    """Return the names by which the entry may mean a live group."""
    match entry:
        case GroupEntry(id=None, name=name, previously=previously):
            return [name, *previously]
        case GroupEntry(previously=previously):
            return previously
        case RemovedName(name=name):
            return [name]
        case RemovedId():
            return []


def _is_named(entry: Entry, group_id: GroupId | None, matches: Callable[[str], bool]) -> bool:
    """Return whether an argument names the entry: by its id, its name or an earlier name."""
    if group_id is not None and group_id == _get_id(entry):
        return True
    names = _list_meant_names(entry) if isinstance(entry, RemovedName | RemovedId) else (entry.name, *entry.previously)
    return any(map(matches, names))


def _get_id(entry: Entry) -> GroupId | None:
    return None if isinstance(entry, RemovedName) else entry.id
