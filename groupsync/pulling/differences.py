"""Compare a configuration with the live groups: what the files lack, and what in them is done."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from groupsync.model.config import GroupEntry, RemovedId, Unlisted
from groupsync.model.plan import Reason
from groupsync.names import name_without_suffix, nfc, same_name_key
from groupsync.planner.matching import Match, match_groups

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from groupsync.model.config import Config, Removal
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.planner.matching import Matching


class EarlierName(Struct, frozen=True, kw_only=True):
    """A name under `previously` of an entry."""

    entry: GroupEntry
    name: str


class UndecidedGroup(Struct, frozen=True, kw_only=True):
    """An unlisted group that an entry may mean, so that it cannot be added before somebody decides that."""

    group: LiveGroup
    entry: GroupEntry


class OutsideGroup(Struct, frozen=True, kw_only=True):
    """A live group outside the scope, whose id an entry of `groups` or `removed` has. Its plan is refused."""

    group: LiveGroup
    entry: GroupEntry | RemovedId


class DoneLines(Struct, frozen=True, kw_only=True):
    """What has no effect any more: entries whose id is not live, earlier names and removals without a live group."""

    entries: tuple[GroupEntry, ...]
    earlier_names: tuple[EarlierName, ...]
    removed: tuple[Removal, ...]

    def __bool__(self) -> bool:
        """Return whether there is anything to remove."""
        return bool(self.entries or self.earlier_names or self.removed)


class LiveDifferences(Struct, frozen=True, kw_only=True):
    """What the configuration lacks of the live groups of its scope, and what in it is done.

    - `unlisted`: the groups to add, sorted by name. `former` are the earlier names that must go for that, `to_pin` the
      entries that need their id for that.
    - `undecided`: unlisted groups that cannot be added yet.
    - `temporary`: unlisted groups at a temporary name, which a run that did not finish has left there.
    - `outside`: entries whose id is a live group outside the scope.
    - `renamed`: entries with an id whose group has another name now.
    - `without_id`: entries without id that mean exactly one group.
    - `done`: what `--prune` removes.
    - `counted_groups`: how many live groups are in the scope and not ignored.
    """

    unlisted: tuple[LiveGroup, ...]
    former: tuple[EarlierName, ...]
    to_pin: tuple[Match, ...]
    undecided: tuple[UndecidedGroup, ...]
    temporary: tuple[LiveGroup, ...]
    outside: tuple[OutsideGroup, ...]
    renamed: tuple[Match, ...]
    without_id: tuple[Match, ...]
    done: DoneLines
    counted_groups: int


def compare_with_live(config: Config, live: Sequence[LiveGroup]) -> LiveDifferences:
    """Return how the live groups differ from the configuration; what is ignored or outside the scope does not exist.

    Groups that `policy.unlisted: delete` would delete count as unlisted.
    """
    keeping = replace(config, policy=replace(config.policy, unlisted=Unlisted.KEEP))
    inside, outside = config.make_scope().split(sorted(live, key=attrgetter("id")))
    matching = match_groups(keeping, inside, outside)
    claims = _Claims(config, matching)
    undecided = [UndecidedGroup(group=one, entry=entry) for one in matching.unlisted if (entry := claims.find(one))]
    undecided_ids = {one.group.id for one in undecided}
    unlisted = sorted((group for group in matching.unlisted if group.id not in undecided_ids), key=_by_name)
    return LiveDifferences(
        unlisted=tuple(unlisted),
        former=tuple(_find_former_names(matching, unlisted)),
        to_pin=tuple(_find_twins(matching, unlisted)),
        undecided=tuple(undecided),
        temporary=tuple(rename.group for rename in matching.interrupted),
        outside=tuple(_find_outside(config, outside)),
        renamed=tuple(one for one in matching.to_rename if one.reason is Reason.PINNED),
        without_id=tuple(_find_without_id(config, matching)),
        done=_find_done(config, live, matching),
        counted_groups=len(inside) - len(matching.ignored),
    )


def take_live_names(config: Config, taken: Mapping[GroupId, str]) -> Config:
    """Return the configuration in which the entries of these ids have these names."""
    if not taken:
        return config
    groups = (replace(entry, name=taken.get(entry.id, entry.name)) if entry.id else entry for entry in config.groups)
    return replace(config, groups=tuple(groups))


def _by_name(group: LiveGroup) -> tuple[str, str, str]:
    """Return the key by which `export` also sorts groups."""
    return same_name_key(group.name), group.name, group.id


class _Claims:
    """Which entry may mean an unlisted group: one that waits for such a name, or that several groups may be."""

    def __init__(self, config: Config, matching: Matching) -> None:
        known = {match.entry.source for match in matching.matches}
        pinnable = {match.entry.source for match in _find_without_id(config, matching)}
        unresolved = [entry for entry in config.groups if entry.source not in known]
        without_id = [entry for entry in config.groups if entry.id is None and entry.source not in pinnable]
        to_rename = [match.entry for match in matching.to_rename]
        self._new_names = {same_name_key(entry.name): entry for entry in (*matching.missing, *to_rename)}
        self._names = {nfc(entry.name): entry for entry in without_id}
        self._earlier_names = {name: entry for entry in unresolved for name in entry.previously}

    def find(self, group: LiveGroup) -> GroupEntry | None:
        name = group.name
        return self._new_names.get(same_name_key(name)) or self._names.get(nfc(name)) or self._earlier_names.get(name)


def _find_former_names(matching: Matching, unlisted: Sequence[LiveGroup]) -> Iterator[EarlierName]:
    """Yield the earlier names of entries that have their group, if a group to add has such a name."""
    names = {group.name for group in unlisted}
    for match in matching.matches:
        for name in match.entry.previously:
            if name in names:
                yield EarlierName(entry=match.entry, name=name)


def _find_twins(matching: Matching, unlisted: Sequence[LiveGroup]) -> Iterator[Match]:
    """Yield the entries without id whose name is the same text as that of a group to add, in other code points."""
    names = {nfc(group.name) for group in unlisted}
    for match in matching.matches:
        if match.entry.id is None and nfc(match.entry.name) in names:
            yield match


def _find_outside(config: Config, outside: Sequence[LiveGroup]) -> Iterator[OutsideGroup]:
    groups = {group.id: group for group in outside}
    removed = [removal for removal in config.removed if isinstance(removal, RemovedId)]
    entries: list[GroupEntry | RemovedId] = [*config.groups, *removed]
    for entry in entries:
        if entry.id is not None and entry.id in groups:
            yield OutsideGroup(group=groups[entry.id], entry=entry)


def _find_without_id(config: Config, matching: Matching) -> Iterator[Match]:
    removed_ids = {removal.id for removal in config.removed if isinstance(removal, RemovedId)}
    for match in matching.matches:
        if match.entry.id is None and match.group.id not in removed_ids:
            yield match


def _find_done(config: Config, live: Sequence[LiveGroup], matching: Matching) -> DoneLines:
    """Return what is done; groups outside the scope and names behind a temporary name are also live."""
    ids = {group.id for group in live}
    names = {name for group in live for name in (group.name, name_without_suffix(group.name, group.id))}
    renamed = [match.entry for match in matching.matches if not match.needs_rename]
    return DoneLines(
        entries=tuple(entry for entry in config.groups if entry.id is not None and entry.id not in ids),
        earlier_names=tuple(
            EarlierName(entry=entry, name=name) for entry in renamed for name in entry.previously if name not in names
        ),
        removed=tuple(removal for removal in config.removed if not _is_live(removal, ids, names)),
    )


def _is_live(removal: Removal, ids: set[GroupId], names: set[str]) -> bool:
    return removal.id in ids if isinstance(removal, RemovedId) else removal.name in names
