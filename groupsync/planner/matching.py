"""Match the entries of the configuration with live groups: by id, by name, by an earlier name."""

from __future__ import annotations

from collections import Counter, defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.display import describe_idle_pattern, first_lines, quote
from groupsync.model.config import Config, GroupEntry, RemovedId, Unlisted, find_consents
from groupsync.model.plan import InterruptedRename, PlanProblem, Reason
from groupsync.names import find_name_without_suffix
from groupsync.patterns import find_idle_patterns, find_look_alikes
from groupsync.planner import problems

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from groupsync.model.config import Removal
    from groupsync.model.groups import GroupId, LiveGroup, Source


_MOST_NAMED = 10


class Match(Struct, frozen=True, kw_only=True, gc=False):
    """An entry and the live group that it means."""

    entry: GroupEntry
    group: LiveGroup
    reason: Reason

    @property
    def needs_rename(self) -> bool:
        """Whether the group has another name now."""
        return self.group.name != self.entry.name


class GroupToDelete(Struct, frozen=True, kw_only=True, gc=False):
    """A live group that the configuration allows to delete; `contacts_at_most` and `removal_reason` as in Delete."""

    group: LiveGroup
    reason: Reason
    contacts_at_most: int | None
    source: Source | None
    removal_reason: str


class Matching(Struct, frozen=True, kw_only=True):
    """The entries and the live groups, each in exactly one of these lists unless a problem is about it.

    `matches` are the entries that have a live group, `missing` those that have none. In `to_rename` are the matches
    whose group has another name now. Of the other live groups, those `to_delete` are deleted, the `postponed` would be
    deleted without `--no-deletes`, the `unlisted` stay, the `ignored` match a pattern under `ignore`, and the
    `interrupted` are at a temporary name.
    """

    matches: tuple[Match, ...]
    to_rename: tuple[Match, ...]
    missing: tuple[GroupEntry, ...]
    to_delete: tuple[GroupToDelete, ...]
    postponed: tuple[GroupToDelete, ...]
    unlisted: tuple[LiveGroup, ...]
    ignored: tuple[LiveGroup, ...]
    interrupted: tuple[InterruptedRename, ...]
    problems: tuple[PlanProblem, ...]
    warnings: tuple[str, ...]


def match_groups(
    config: Config,
    live: Sequence[LiveGroup],
    outside: Sequence[LiveGroup] = (),
    *,
    excluded: Sequence[LiveGroup] = (),
    no_deletes: bool = False,
) -> Matching:
    """Match entries and live groups. An earlier step takes precedence over a later one.

    The order of the live groups does not matter: groups without an entry are returned in the order of their ids.
    `outside` are live groups outside the scope, which no entry can mean. The live groups `excluded` count only for
    patterns: one that matches them is not idle. With `no_deletes` all deletions are postponed.
    """
    matcher = _Matcher(config, live, outside)
    matcher.match_ids()
    matcher.mark_removed_ids()
    matcher.set_ignored_aside()
    matcher.warn_of_idle_patterns(excluded)
    matcher.set_interrupted_aside()
    matcher.match_names()
    matcher.match_earlier_names()
    matcher.mark_removed_names()
    matcher.report_live_earlier_names()
    matcher.decide_unlisted()
    return matcher.result(no_deletes=no_deletes)


class _Matcher:
    """The steps of matching; `_unclaimed` holds the live groups that no step has claimed yet, by id."""

    def __init__(self, config: Config, live: Sequence[LiveGroup], outside: Sequence[LiveGroup]) -> None:
        self._config = config
        self._outside = {group.id: group for group in outside}
        self._live = {group.id: group for group in live}
        self._unclaimed = dict(self._live)
        self._matches: list[Match] = []
        self._to_rename: list[Match] = []
        self._missing: list[GroupEntry] = []
        self._to_delete: list[GroupToDelete] = []
        self._unlisted: list[LiveGroup] = []
        self._ignored: list[LiveGroup] = []
        self._interrupted: list[InterruptedRename] = []
        self._problems: list[PlanProblem] = []
        self._warnings: list[str] = []
        self._ignores = config.make_ignorer()

    def match_ids(self) -> None:
        for entry in self._config.groups:
            if entry.id is None:
                continue
            group = self._live.get(entry.id)
            if entry.id in self._outside:
                self._problems.append(problems.id_is_outside(self._outside[entry.id], entry.source))
            elif group is None:
                self._problems.append(problems.id_is_not_live(self._config, entry, self._list_live()))
            elif self._ignores(group.name):
                self._problems.append(problems.id_is_ignored(group, entry.source))
            elif find_name_without_suffix(group.name, group.id) is None:
                self._match(entry, group, Reason.PINNED)
            else:
                self._match(entry, group, Reason.INTERRUPTED)

    def mark_removed_ids(self) -> None:
        removals = [removal for removal in self._config.removed if isinstance(removal, RemovedId)]
        if not removals:
            return
        entries_by_name = {entry.name: entry for entry in self._config.groups if entry.id is None}
        for removal in removals:
            group = self._live.get(removal.id)
            if removal.id in self._outside:
                self._problems.append(problems.id_is_outside(self._outside[removal.id], removal.source))
            if group is None:
                continue
            if self._ignores(group.name):
                self._problems.append(problems.id_is_ignored(group, removal.source))
            elif group.name in entries_by_name:
                entry = entries_by_name[group.name]
                live = self._list_live()
                self._problems.append(problems.removed_is_listed(self._config, group, removal.source, entry, live))
            else:
                self._mark_to_delete(group, Reason.REMOVED, removal)

    def set_ignored_aside(self) -> None:
        if not self._config.ignore:
            return
        self._ignored = [group for group in self._unclaimed.values() if self._ignores(group.name)]
        for group in self._ignored:
            del self._unclaimed[group.id]

    def warn_of_idle_patterns(self, excluded: Sequence[LiveGroup]) -> None:
        if not (self._config.ignore or self._config.protected):
            return
        ids = {group.name: group.id for group in (*self._list_live(), *excluded)}
        for key, patterns in (("ignore", self._config.ignore), ("protected", self._config.protected)):
            idle = dict.fromkeys(find_idle_patterns([pattern.text for pattern in patterns], ids))
            look_alikes = find_look_alikes(tuple(idle), ids)
            for pattern in patterns:
                if pattern.text in idle:
                    warning = describe_idle_pattern(pattern.text, look_alikes.get(pattern.text), ids)
                    self._warnings.append(f"{pattern.source}: {key} {warning}")

    def set_interrupted_aside(self) -> None:
        """Take out the groups at a temporary name, each with the entry of its name if no other group has that name."""
        names = self._find_names_without_suffix()
        if not names:
            return
        groups = {group_id: self._unclaimed.pop(group_id) for group_id in names}
        groups_by_name = self._group_by_name()
        groups_per_name = Counter(names.values())
        entries_without_group = {
            entry.name: entry.source
            for entry in self._config.groups
            if entry.id is None and entry.name not in groups_by_name and groups_per_name[entry.name] == 1
        }
        self._interrupted = [
            InterruptedRename(group=groups[group_id], name_without_suffix=name, entry=entries_without_group.get(name))
            for group_id, name in names.items()
        ]

    def match_names(self) -> None:
        groups_by_name = self._group_by_name()
        for entry in self._config.groups:
            if entry.id is not None:
                continue
            holders = groups_by_name.get(entry.name)
            if not holders:
                self._missing.append(entry)
            elif len(holders) == 1:
                self._match(entry, holders[0], Reason.LISTED)
            else:
                self._problems.append(problems.desired_name_is_ambiguous(self._config, entry, holders))

    def match_earlier_names(self) -> None:
        groups_by_name = (
            self._group_by_name() if any(entry.previously for entry in self._missing) else _GroupsByName(())
        )
        entries, self._missing = self._missing, []
        for entry in entries:
            holders = [group for name in entry.previously for group in groups_by_name.get(name)]
            if not holders:
                self._add_missing(entry)
            elif len(holders) == 1:
                self._match(entry, holders[0], Reason.PREVIOUSLY)
            else:
                self._problems.append(problems.earlier_name_is_ambiguous(self._config, entry, holders))

    def mark_removed_names(self) -> None:
        if not self._config.removed:
            return
        groups_by_name = self._group_by_name()
        for name, removal in find_consents(self._config.removed).items():
            holders = groups_by_name.get(name)
            if len(holders) > 1:
                self._problems.append(problems.removed_name_is_ambiguous(self._config, removal, name, holders))
            for group in holders:
                self._mark_to_delete(group, Reason.REMOVED, removal)

    def report_live_earlier_names(self) -> None:
        with_earlier_names = [match for match in self._matches if match.entry.previously]
        groups_by_name = self._group_by_name() if with_earlier_names else _GroupsByName(())
        for match in with_earlier_names:
            for name in match.entry.previously:
                for holder in groups_by_name.get(name):
                    self._report_live_earlier_name(match, holder)

    def _report_live_earlier_name(self, match: Match, holder: LiveGroup) -> None:
        problem = problems.earlier_name_is_live(self._config, match.entry, match.group, holder)
        if self._config.policy.unlisted is Unlisted.KEEP:
            self._warnings.append(f"{match.entry.source}: {problem.message}")
        else:
            self._problems.append(problem)

    def decide_unlisted(self) -> None:
        for group in tuple(self._unclaimed.values()):
            match self._config.policy.unlisted:
                case Unlisted.DELETE:
                    self._mark_to_delete(group, Reason.UNLISTED, None)
                case Unlisted.KEEP | Unlisted.REFUSE | None:
                    self._unlisted.append(group)

    def result(self, *, no_deletes: bool) -> Matching:
        to_delete = tuple(sorted(self._to_delete, key=attrgetter("group.id")))
        return Matching(
            matches=tuple(self._matches),
            to_rename=tuple(self._to_rename),
            missing=tuple(self._missing),
            to_delete=() if no_deletes else to_delete,
            postponed=to_delete if no_deletes else (),
            unlisted=_sort_by_id(self._unlisted),
            ignored=_sort_by_id(self._ignored),
            interrupted=tuple(sorted(self._interrupted, key=attrgetter("group.id"))),
            problems=tuple(self._problems),
            warnings=tuple(self._warnings),
        )

    def _list_live(self) -> tuple[LiveGroup, ...]:
        return _sort_by_id(self._live.values())

    def _group_by_name(self) -> _GroupsByName:
        """Return the unclaimed groups by their exact name."""
        return _GroupsByName(self._unclaimed.values())

    def _find_names_without_suffix(self) -> dict[GroupId, str]:
        """Return the names, without their temporary suffix, of the unclaimed groups that are at a temporary name."""
        names: dict[GroupId, str] = {}
        for group in self._unclaimed.values():
            if group.name.endswith("]") and (name := find_name_without_suffix(group.name, group.id)) is not None:
                names[group.id] = name
        return names

    def _add_missing(self, entry: GroupEntry) -> None:
        self._missing.append(entry)
        if entry.previously and self._live:
            earlier = " or ".join(_name_first(entry.previously))
            self._warnings.append(
                f"{entry.source}: group {quote(entry.name)} will be created: no live group that could be renamed "
                f"has its earlier name {earlier}"
            )

    def _match(self, entry: GroupEntry, group: LiveGroup, reason: Reason) -> None:
        del self._unclaimed[group.id]
        match = Match(entry=entry, group=group, reason=reason)
        self._matches.append(match)
        if reason is not Reason.LISTED and match.needs_rename:
            self._to_rename.append(match)

    def _mark_to_delete(self, group: LiveGroup, reason: Reason, removal: Removal | None) -> None:
        self._unclaimed.pop(group.id)
        self._to_delete.append(
            GroupToDelete(
                group=group,
                reason=reason,
                contacts_at_most=removal.contacts_at_most if removal else 0,
                source=removal.source if removal else None,
                removal_reason=removal.reason if removal else "",
            )
        )


def _sort_by_id(groups: Iterable[LiveGroup]) -> tuple[LiveGroup, ...]:
    return tuple(sorted(groups, key=attrgetter("id")))


class _GroupsByName:
    """Groups by their exact name. Hardly ever do several have the same one, so lists are made for those only."""

    def __init__(self, groups: Collection[LiveGroup]) -> None:
        self._one = {group.name: group for group in groups}
        self._several: dict[str, list[LiveGroup]] = defaultdict(list)
        if len(self._one) < len(groups):
            for group in _sort_by_id(groups):
                self._several[group.name].append(group)

    def __contains__(self, name: str) -> bool:
        """Return whether a group has this name."""
        return name in self._one

    def get(self, name: str) -> Sequence[LiveGroup]:
        """Return the groups of this name, in the order of their ids."""
        one = self._one.get(name)
        if one is None:
            return ()
        return self._several[name] if self._several else (one,)


def _name_first(names: Sequence[str]) -> list[str]:
    """Return the first names in quotes, and the number of the others if there are many."""
    return first_lines(list(map(quote, names)), _MOST_NAMED, "{:,} more")
