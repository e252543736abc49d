"""What changed in the Phonebook since a plan was made, in lines that a reader can act on."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.display import quote
from groupsync.model.config import RemovedId, RemovedName
from groupsync.model.plan import Create, get_new_name
from groupsync.names import same_name_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet

    from groupsync.model.config import Config
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.plan import Change


class Drift(Struct, frozen=True, kw_only=True):
    """The differences that make a plan stale, and the newcomers that do not."""

    differences: tuple[str, ...]
    newcomers: tuple[LiveGroup, ...]


def find_drift(
    config: Config,
    base: Sequence[LiveGroup],
    live: Sequence[LiveGroup],
    changes: Sequence[Change],
    excluded_ids: AbstractSet[GroupId] = frozenset(),
) -> Drift:
    """Compare the live groups with the base of a plan, except those that its changes are about.

    Contact counts may differ, and groups that are ignored both times do not matter. A newcomer makes the plan stale if
    the configuration or the plan mentions its name or id; one with exactly the name of a create is the group created.
    Newcomers outside the scope do not matter. An excluded group matters only if it has a name now that the plan gives;
    `config` is the configuration without the excluded entries.
    """
    ignores, scope = config.make_ignorer(), config.make_scope()
    passed_over = {change.group_id for change in changes if not isinstance(change, Create)} | excluded_ids
    created = {change.name for change in changes if isinstance(change, Create)}
    base_ids = {group.id for group in base}

    changed = _find_changed([group for group in base if group.id not in passed_over], live, ignores)
    conflicting = []
    harmless = []
    names = {group.id: group.name for group in base if group.id in excluded_ids}
    judged = [group for group in live if group.id in excluded_ids or group.id not in base_ids]
    by_id, by_name = _find_concerns(config, changes) if judged else ({}, {})
    for group in judged:
        if group.id in excluded_ids:
            concern = by_name.get(same_name_key(group.name), "")
            if concern and group.name != names[group.id]:
                was = f"group {quote(names[group.id])} [id={group.id}]"
                conflicting.append(f"{was} is named {quote(group.name)} now, and {concern}")
            continue
        if not scope.includes(group):
            continue
        concern = by_id.get(group.id, "")
        if not concern and group.name not in created:
            concern = by_name.get(same_name_key(group.name), "")
        if concern:
            conflicting.append(f"group {quote(group.name)} [id={group.id}] is new, and {concern}")
        elif group.name not in created and not ignores(group.name):
            harmless.append(group)
    return Drift(differences=(*changed, *conflicting), newcomers=tuple(harmless))


def _find_changed(
    base: Sequence[LiveGroup], live: Sequence[LiveGroup], ignores: Callable[[str], bool]
) -> tuple[str, ...]:
    """Return a line for each group that has another name now or is gone, unless it is ignored both times."""
    names = {group.id: group.name for group in live}
    different = [group for group in base if names.get(group.id) != group.name]
    if not different:
        return ()
    live_by_id = {group.id: group for group in live}
    groups_of_name = Counter(group.name for group in base)
    lines = []
    for group in sorted(different, key=lambda group: (group.name, group.id)):
        current = live_by_id.get(group.id)
        if ignores(group.name) and (current is None or ignores(current.name)):
            continue
        which = f"group {quote(group.name)}" + (f" [id={group.id}]" if groups_of_name[group.name] > 1 else "")
        lines.append(f"{which} is named {quote(current.name)} now" if current else f"{which} is gone")
    return tuple(lines)


def _find_concerns(config: Config, changes: Sequence[Change]) -> tuple[dict[GroupId, str], dict[str, str]]:
    """Return why a newcomer matters: one map of ids to reasons, one of same-name keys to reasons."""
    by_id: dict[GroupId, str] = {}
    by_name: dict[str, str] = {}
    for change in changes:
        if (name := get_new_name(change)) is not None:
            by_name[same_name_key(name)] = "the plan gives that name"
    for removal in config.removed:
        match removal:
            case RemovedId(id=group_id):
                by_id[group_id] = "the configuration removes it"
            case RemovedName(name=name):
                by_name[same_name_key(name)] = "the configuration removes it"
    for entry in config.groups:
        if entry.id:
            by_id[entry.id] = "the configuration has an entry with that id"
        for name in (entry.name, *entry.previously):
            by_name[same_name_key(name)] = "the configuration has that name"
    return by_id, by_name
