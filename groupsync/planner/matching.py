"""Which live group is which entry of the configuration: by id, by name, by an earlier name."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from groupsync.display import quote
from groupsync.model.config import Config, GroupEntry, RemovedId, Unlisted, find_consents
from groupsync.model.plan import InterruptedRename, PlanProblem, Reason
from groupsync.names import find_name_without_suffix
from groupsync.patterns import make_ignorer
from groupsync.planner import problems
from groupsync.planner.matched import GroupToDelete, Match, Matching

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.config import Removal
    from groupsync.model.groups import LiveGroup


def match_groups(config: Config, live: Sequence[LiveGroup]) -> Matching:
    """Match entries and live groups; the order of the steps is the order of precedence."""
    matcher = _Matcher(config, live)
    matcher.match_ids()
    matcher.take_ids_of_removed()
    matcher.leave_ignored()
    matcher.warn_of_idle_patterns()
    matcher.set_interrupted_aside()
    matcher.match_names()
    matcher.match_earlier_names()
    matcher.take_names_of_removed()
    matcher.report_leftover_earlier_names()
    matcher.judge_unlisted()
    return matcher.result()


class _Matcher:
    """The steps of matching; `_pool` holds the live groups that no step has claimed yet."""

    def __init__(self, config: Config, live: Sequence[LiveGroup]) -> None:
        self._config = config
        self._live = {group.id: group for group in live}
        self._pool = dict(self._live)
        self._matches: list[Match] = []
        self._missing: list[GroupEntry] = []
        self._doomed: list[GroupToDelete] = []
        self._unlisted: list[LiveGroup] = []
        self._ignored: list[LiveGroup] = []
        self._interrupted: list[InterruptedRename] = []
        self._problems: list[PlanProblem] = []
        self._warnings: list[str] = []
        self._ignores = make_ignorer(tuple(pattern.text for pattern in config.ignore))

    def match_ids(self) -> None:
        for entry in self._config.groups:
            if entry.id is None:
                continue
            group = self._live.get(entry.id)
            if group is None:
                self._problems.append(problems.id_is_not_live(entry, tuple(self._live.values())))
            elif self._ignores(group.name):
                self._problems.append(problems.id_is_ignored(group, entry.source))
            else:
                parked = find_name_without_suffix(group.name, group.id) is not None
                self._match(entry, group, Reason.INTERRUPTED if parked else Reason.PINNED)

    def take_ids_of_removed(self) -> None:
        removals = [removal for removal in self._config.removed if isinstance(removal, RemovedId)]
        named = {entry.name: entry for entry in self._config.groups if entry.id is None} if removals else {}
        for removal in removals:
            group, source = self._live.get(removal.id), removal.source
            if group is None:
                continue
            if self._ignores(group.name):
                self._problems.append(problems.id_is_ignored(group, source))
            elif group.name in named:
                self._problems.append(problems.removed_is_listed(group, source, named[group.name]))
            else:
                self._doom(group, Reason.REMOVED, removal)

    def leave_ignored(self) -> None:
        if not self._config.ignore:
            return
        self._ignored = [group for group in self._pool.values() if self._ignores(group.name)]
        for group in self._ignored:
            del self._pool[group.id]

    def warn_of_idle_patterns(self) -> None:
        for key, patterns in (("ignore", self._config.ignore), ("protected", self._config.protected)):
            for pattern in patterns:
                if not any(map(make_ignorer((pattern.text,)), (group.name for group in self._live.values()))):
                    self._warnings.append(f"{pattern.source}: {key} {quote(pattern.text)} matches no live group")

    def set_interrupted_aside(self) -> None:
        """Take out the groups at temporary names, each with the entry that could have its id, if that lacks a group."""
        parked = {
            group_id: parked_name
            for group_id, group in self._pool.items()
            if (parked_name := find_name_without_suffix(group.name, group.id)) is not None
        }
        if not parked:
            return
        groups = {group_id: self._pool.pop(group_id) for group_id in parked}
        bearers = self._bearers()
        wanted = Counter(parked.values())
        lacking = {
            entry.name: entry.source
            for entry in self._config.groups
            if entry.id is None and entry.name not in bearers and wanted[entry.name] == 1
        }
        self._interrupted = [
            InterruptedRename(group=groups[group_id], parked_name=name, entry=lacking.get(name))
            for group_id, name in parked.items()
        ]

    def match_names(self) -> None:
        bearers = self._bearers()
        for entry in self._config.groups:
            if entry.id is not None:
                continue
            several = bearers.get(entry.name)
            if several is None:
                self._missing.append(entry)
            elif len(several) == 1:
                self._match(entry, several[0], Reason.LISTED)
            else:
                self._problems.append(problems.several_bear_wanted_name(entry, several))

    def match_earlier_names(self) -> None:
        bearers = self._bearers()
        missing, self._missing = self._missing, []
        for entry in missing:
            candidates = [group for name in entry.previously for group in bearers.get(name, [])]
            match candidates:
                case []:
                    self._miss(entry)
                case [group]:
                    self._match(entry, group, Reason.PREVIOUSLY)
                case several:
                    self._problems.append(problems.several_are_earlier(entry, several))

    def take_names_of_removed(self) -> None:
        bearers = self._bearers()
        for name, removal in find_consents(self._config.removed).items():
            several = bearers.get(name, [])
            if len(several) > 1:
                self._problems.append(problems.several_bear_removed_name(name, several, removal.source))
            for group in several:
                self._doom(group, Reason.REMOVED, removal)

    def report_leftover_earlier_names(self) -> None:
        bearers = self._bearers()
        for match in self._matches:
            for name in match.entry.previously:
                for group in bearers.get(name, []):
                    self._report_leftover(match, group)

    def _report_leftover(self, match: Match, leftover: LiveGroup) -> None:
        problem = problems.earlier_name_is_live(match.entry, match.group, leftover)
        if self._config.policy.unlisted is Unlisted.KEEP:
            self._warnings.append(f"{match.entry.source}: {problem.message}")
        else:
            self._problems.append(problem)

    def judge_unlisted(self) -> None:
        for group in tuple(self._pool.values()):
            match self._config.policy.unlisted:
                case Unlisted.DELETE:
                    self._doom(group, Reason.UNLISTED, None)
                case Unlisted.KEEP | Unlisted.REFUSE:
                    self._unlisted.append(group)

    def result(self) -> Matching:
        return Matching(
            matches=tuple(self._matches),
            missing=tuple(self._missing),
            doomed=tuple(self._doomed),
            unlisted=tuple(self._unlisted),
            ignored=tuple(self._ignored),
            interrupted=tuple(self._interrupted),
            problems=tuple(self._problems),
            warnings=tuple(self._warnings),
        )

    def _bearers(self) -> dict[str, list[LiveGroup]]:
        bearers: dict[str, list[LiveGroup]] = defaultdict(list)
        for group in self._pool.values():
            bearers[group.name].append(group)
        return bearers

    def _miss(self, entry: GroupEntry) -> None:
        self._missing.append(entry)
        if entry.previously and self._live:
            earlier = " or ".join(map(quote, entry.previously))
            self._warnings.append(
                f"{entry.source}: group {quote(entry.name)} will be created: no live group that could be renamed "
                f"has its earlier name {earlier}"
            )

    def _match(self, entry: GroupEntry, group: LiveGroup, reason: Reason) -> None:
        self._pool.pop(group.id)
        self._matches.append(Match(entry=entry, group=group, reason=reason))

    def _doom(self, group: LiveGroup, reason: Reason, removal: Removal | None) -> None:
        self._pool.pop(group.id)
        source = removal.source if removal else None
        contacts_at_most = removal.contacts_at_most if removal else 0
        self._doomed.append(GroupToDelete(group=group, reason=reason, contacts_at_most=contacts_at_most, source=source))
