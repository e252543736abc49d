"""The scopes of the configurations of one account, compared with each other and with the live groups. Pure."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.display import join_names, quote, quote_file
from groupsync.errors import ExitCode
from groupsync.model.config import RemovedId, RemovedName
from groupsync.model.groups import most_contacts_first
from groupsync.model.plan import PlanProblem
from groupsync.names import same_name_key
from groupsync.pattern_overlap import TooMuchWorkError, find_overlaps
from groupsync.patterns import has_wildcard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from groupsync.model.config import Config
    from groupsync.model.groups import GroupId, LiveGroup, Source
    from groupsync.model.scope import Scope

MOST_PROBLEMS = 20
"""How many problems of one kind a report has; a last one says that more follow."""

_MOST_NAMED = 3


class ScopedConfig(Struct, frozen=True, kw_only=True):
    """A configuration, and the path by which the user named it."""

    path: str
    config: Config
    scope: Scope

    @property
    def name(self) -> str:
        """The path as messages show it."""
        return quote_file(self.path)


class ScopesReport(Struct, frozen=True, kw_only=True):
    """What `groupsync scopes` found; `unowned` are the live groups in no scope, None if no live group was read."""

    configs: tuple[ScopedConfig, ...]
    problems: tuple[PlanProblem, ...]
    unowned: tuple[LiveGroup, ...] | None

    @property
    def exit_code(self) -> ExitCode:
        """The exit code: refused if there is a problem; live groups in no scope are none."""
        return ExitCode.REFUSED if self.problems else ExitCode.DONE


def check_scopes(configs: Sequence[ScopedConfig], live: Sequence[LiveGroup] | None) -> ScopesReport:
    """Return what is wrong with the scopes of the configurations; `live` is None if it was not read."""
    checks = [_find_missing_scopes(configs), _find_other_accounts(configs), _find_claimed_twice(configs)]
    checks += [_find_overlaps(one, other) for one, other in itertools.combinations(configs, 2)]
    if live is not None:
        checks += [_find_ids_outside(configs, live), _find_shared_groups(configs, live)]
    return ScopesReport(
        configs=tuple(configs),
        problems=tuple(itertools.chain.from_iterable(map(_limit, checks))),
        unowned=None if live is None else _find_unowned(configs, live),
    )


def _limit(problems: Iterable[PlanProblem]) -> Iterator[PlanProblem]:
    """Yield the first problems of a check; if there are more, the last one says so."""
    for number, problem in enumerate(problems):
        if number == MOST_PROBLEMS:
            yield PlanProblem(code=problem.code, message="more like these follow", remedy=("resolve these first",))
            return
        yield problem


def _find_missing_scopes(configs: Sequence[ScopedConfig]) -> Iterator[PlanProblem]:
    for config in configs if len(configs) > 1 else ():
        if not config.scope.is_limited:
            yield PlanProblem(
                code="no-scope",
                message=f"{config.name}: has no scope, so every group of the others is in it as well",
                remedy=('name its groups, for example: scope: ["Marketing *", Newsletter]',),
            )


def _find_other_accounts(configs: Sequence[ScopedConfig]) -> Iterator[PlanProblem]:
    """Yield a problem for each configuration that is for no account of the first one that names an account."""
    pinned = [config for config in configs if config.config.accounts]
    for config in pinned[1:]:
        first, pin = pinned[0], config.config.accounts[0]
        if not {one.account for one in config.config.accounts} & {one.account for one in first.config.accounts}:
            yield PlanProblem(
                code="accounts",
                message=f"{config.name} is for account {pin.account}, and {first.name} is for "
                f"{first.config.accounts[0].account}",
                remedy=("check the configurations of each account separately",),
                source=pin.source,
            )


def _find_claimed_twice(configs: Sequence[ScopedConfig]) -> Iterator[PlanProblem]:
    """Yield a problem for each name or id that two configurations write or give up."""
    first_claims: dict[str, tuple[int, Source]] = {}
    for number, config in enumerate(configs):
        for key, shown, source in _list_claims(config.config):
            owner, first_source = first_claims.setdefault(key, (number, source))
            if owner != number:
                yield PlanProblem(
                    code="claimed-twice",
                    message=f"{shown} is also in {configs[owner].name} (at {first_source})",
                    remedy=("remove it from one of the two files",),
                    source=source,
                )


def _list_claims(config: Config) -> Iterator[tuple[str, str, Source]]:
    """Yield each name and id of the configuration: the key that is the same for equal ones, the text to show, where."""
    for name, source in _list_names(config):
        yield f"name {same_name_key(name)}", f"the name {quote(name)}", source
    for group_id, source in _list_ids(config):
        yield group_id, f"id {group_id}", source


def _list_names(config: Config) -> Iterator[tuple[str, Source]]:
    for entry in config.groups:
        for name in (entry.name, *entry.previously):
            yield name, entry.source
    for removal in config.removed:
        if isinstance(removal, RemovedName):
            yield removal.name, removal.source


def _find_overlaps(one: ScopedConfig, other: ScopedConfig) -> Iterator[PlanProblem]:
    """Yield a problem for each pair of patterns that match a common name, unless one side ignores what they share."""
    try:
        yield from _find_common_names(one, other)
    except TooMuchWorkError:
        yield PlanProblem(
            code="not-compared",
            message=f"the patterns of {one.name} and {other.name} are too many and too long to be compared",
            remedy=("remove some of the long patterns with * and ?, or shorten them",),
        )


def _find_common_names(one: ScopedConfig, other: ScopedConfig) -> Iterator[PlanProblem]:
    one_ignores, other_ignores = _Ignored(one.config), _Ignored(other.config)
    for overlap in find_overlaps(one.scope.patterns, other.scope.patterns):
        pattern, other_pattern = one.config.scope[overlap.index], other.config.scope[overlap.other_index]
        if one_ignores.covers(other_pattern.text) or other_ignores.covers(pattern.text):
            continue
        ignore = f"{quote(pattern.text)} in {other.name}, or {quote(other_pattern.text)} in {one.name}"
        yield PlanProblem(
            code="overlap",
            message=f"{quote(other_pattern.text)} and {quote(pattern.text)} (at {pattern.source}) both match "
            f"{quote(overlap.example)}",
            remedy=("narrow one of the two patterns", f"or list what is not yours under ignore: {ignore}"),
            source=other_pattern.source,
        )


class _Ignored:
    """What a configuration ignores, to compare with the scope of another one."""

    def __init__(self, config: Config) -> None:
        self._texts = {pattern.text for pattern in config.ignore}
        self._ignores = config.make_ignorer()

    def covers(self, pattern: str) -> bool:
        """Return whether every name that a pattern matches is ignored: it is a name, or the same pattern."""
        return pattern in self._texts or (not has_wildcard(pattern) and self._ignores(pattern))


def _find_ids_outside(configs: Sequence[ScopedConfig], live: Sequence[LiveGroup]) -> Iterator[PlanProblem]:
    """Yield a problem for each id whose live group is outside the scope of its configuration."""
    groups = {group.id: group for group in live}
    for config in configs:
        for group_id, source in _list_ids(config.config):
            group = groups.get(group_id)
            if group and not config.scope.includes(group):
                owners = [other.name for other in configs if other.scope.includes(group)]
                where = f"in the scope of {' and '.join(owners)}" if owners else "in no scope"
                yield PlanProblem(
                    code="id-outside-scope",
                    message=f"id {group_id} is the live group {quote(group.name)}, which is {where}",
                    remedy=("rename the group, add its name under scope, or remove the id",),
                    source=source,
                )


def _list_ids(config: Config) -> Iterator[tuple[GroupId, Source]]:
    for entry in config.groups:
        if entry.id:
            yield entry.id, entry.source
    for removal in config.removed:
        if isinstance(removal, RemovedId):
            yield removal.id, removal.source


def _find_shared_groups(configs: Sequence[ScopedConfig], live: Sequence[LiveGroup]) -> Iterator[PlanProblem]:
    """Yield a problem for each set of configurations that have live groups in common, unless they ignore them."""
    shared: dict[tuple[str, ...], list[LiveGroup]] = defaultdict(list)
    touching = [(config, config.config.make_ignorer()) for config in configs if config.scope.is_limited]
    for group in _sort(live):
        owners = tuple(
            config.name for config, ignores in touching if config.scope.includes(group) and not ignores(group.name)
        )
        if len(owners) > 1:
            shared[owners].append(group)
    for owners, groups in shared.items():
        verb = "is" if len(groups) == 1 else "are"
        names = join_names((group.name for group in groups), most=_MOST_NAMED)
        yield PlanProblem(
            code="shared-groups",
            message=f"{names} {verb} in the scope of each of {' and '.join(owners)}",
            remedy=("narrow a scope, rename the groups, or list them under ignore in all but one of the files",),
        )


def _find_unowned(configs: Sequence[ScopedConfig], live: Sequence[LiveGroup]) -> tuple[LiveGroup, ...]:
    """Return the live groups in no scope, those with the most contacts first."""
    return tuple(group for group in _sort(live) if not any(config.scope.includes(group) for config in configs))


def _sort(live: Sequence[LiveGroup]) -> list[LiveGroup]:
    return sorted(live, key=lambda group: most_contacts_first(group.contacts_count, group.name, group.id))
