"""A suggestion for each group that may have got another name, with the lines that make a rename of it."""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain, repeat
from typing import TYPE_CHECKING

from groupsync.display import write_scalar
from groupsync.model.config import is_json
from groupsync.model.plan import Create, Delete
from groupsync.model.review import Suggestion
from groupsync.names import find_name_without_suffix
from groupsync.suggest.pairs import pair_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from groupsync.model.config import Config, GroupEntry
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.plan import Plan

    Created = Mapping[str, GroupEntry]
    Doomed = Mapping[GroupId, Delete]

MOST_EMPTY_GROUPS = 500  # whom nobody is in, nobody loses
MOST_GROUPS = 5_000  # the fullest ones; with more of them the search would take longer than the plan


def find_suggestions(config: Config, base: Sequence[LiveGroup], plan: Plan) -> tuple[Suggestion, ...]:
    """Return what looks like a rename among the groups that the plan deletes or leaves over, and those it creates.

    The base holds the live groups that the plan was made from.
    """
    names = {change.name: None for change in plan.changes if isinstance(change, Create)}
    if not names:
        return ()
    entries = {entry.name: entry for entry in config.groups if entry.id is None and entry.name in names}
    created = {name: entries[name] for name in names}
    doomed = {change.group_id: change for change in plan.changes if isinstance(change, Delete)}
    leftover = {*doomed, *(group.id for group in plan.unlisted)}
    groups = [
        group for group in base if group.id in leftover and find_name_without_suffix(group.name, group.id) is None
    ]
    groups.sort(key=_fullest_first)
    overtaken = tuple(_find_overtaken(created, groups, doomed))
    for suggestion in overtaken:
        del created[suggestion.after]
    return (*overtaken, *_find_lookalikes(config, created, groups, doomed))


def _fullest_first(group: LiveGroup) -> tuple[int, GroupId]:
    return -(group.contacts_count or 0), group.id


def _find_overtaken(created: Created, groups: Sequence[LiveGroup], doomed: Doomed) -> Iterator[Suggestion]:
    """Yield the groups that are removed by id, and so before an entry that names their earlier name can rename them."""
    fullest: dict[str, LiveGroup] = {}
    for group in groups:
        if group.id in doomed:
            fullest.setdefault(group.name, group)
    for entry in created.values():
        overtaken = [fullest[name] for name in entry.previously if name in fullest]
        if overtaken:
            group = min(overtaken, key=_fullest_first)
            why = f"the entry at {entry.source} names it already, but to remove it by its id counts first"
            yield _suggest(entry, group, (f"{why}; if it is a rename,", *_take_back(doomed, group.id)))


def _find_lookalikes(
    config: Config, created: Created, groups: Sequence[LiveGroup], doomed: Doomed
) -> Iterator[Suggestion]:
    spoken_for = {name for entry in config.groups for name in (entry.name, *entry.previously)}
    groups = [group for group in groups if group.name not in spoken_for]
    bearers = Counter(group.name for group in groups)
    wanted = tuple(created)
    full = [group for group in groups if group.contacts_count != 0][:MOST_GROUPS]
    empty = [group for group in groups if group.contacts_count == 0][:MOST_EMPTY_GROUPS]
    for pair in pair_names([*full, *empty], wanted, (entry.name for entry in config.groups)):
        entry, group = created[pair.after], pair.group
        pasted = _paste_entry(entry, group, is_only_bearer=bearers[group.name] == 1)
        yield _suggest(entry, group, (*pasted, *(f"and {line}" for line in _take_back(doomed, group.id))))


def _suggest(entry: GroupEntry, group: LiveGroup, remedy: Iterable[str]) -> Suggestion:
    return Suggestion(
        group_id=group.id,
        before=group.name,
        after=entry.name,
        contacts_count=group.contacts_count,
        source=entry.source,
        remedy=tuple(remedy),
    )


def _paste_entry(entry: GroupEntry, group: LiveGroup, *, is_only_bearer: bool) -> Iterator[str]:
    """Yield the entry as it renames the group: by its earlier name, or by its id where others bear that name too."""
    keys: dict[str, str | tuple[str, ...]] = {"name": entry.name}
    if entry.description:
        keys["description"] = entry.description
    if not is_only_bearer:
        keys["id"] = group.id
    if previously := (*entry.previously, *([group.name] if is_only_bearer else [])):
        keys["previously"] = previously
    yield f"if it is a rename, write the entry at {entry.source} so:"
    if is_json(entry.source.file):
        yield "  " + json.dumps(keys, ensure_ascii=False)
    else:
        for bullet, (key, value) in zip(chain("-", repeat(" ")), keys.items(), strict=False):
            yield f"  {bullet} {key}: {value if key == 'id' else _write_value(value)}"


def _write_value(value: str | tuple[str, ...]) -> str:
    return write_scalar(value) if isinstance(value, str) else f"[{', '.join(map(write_scalar, value))}]"


def _take_back(doomed: Doomed, group_id: GroupId) -> Iterator[str]:
    """Yield the advice to take back the consent to a deletion: by id it would go before the rename."""
    change = doomed.get(group_id)
    if change and change.source:
        yield f"take it out of removed, {change.source}"
