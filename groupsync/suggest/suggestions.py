"""Suggests a rename for each group that may have got a new name, with the lines to paste for it."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from groupsync.display import quote, write_scalar
from groupsync.model.config import is_json
from groupsync.model.plan import Create, Delete
from groupsync.model.review import Suggestion
from groupsync.names import find_name_fault, find_name_without_suffix
from groupsync.suggest.pairs import pair_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from groupsync.model.config import Config, GroupEntry
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.plan import Plan

    CreatedEntries = Mapping[str, GroupEntry]  # by name
    Deletions = Mapping[GroupId, Delete]

MOST_EMPTY_GROUPS = 500
"""How many empty groups are looked at. Few, because nobody loses a contact if an empty group is deleted."""

MOST_GROUPS = 5_000
"""How many groups with contacts are looked at, the fullest first. With more, this would take longer than the plan."""


_LONGEST_ENTRY = 2_000  # characters of an entry that is shown whole

LONGEST_COMPARED = 200
"""How many characters a name may have to be looked at. The time of a comparison grows with their square."""


def find_suggestions(config: Config, base: Sequence[LiveGroup], plan: Plan) -> tuple[Suggestion, ...]:
    """Return the likely renames: of groups that the plan deletes or that nothing lists, to names that it creates.

    `base` holds the live groups that the plan was made from.
    """
    created_names = [change.name for change in plan.changes if isinstance(change, Create)]
    if not created_names:
        return ()
    entries = {entry.name: entry for entry in config.groups if entry.id is None}
    created = {name: entries[name] for name in created_names}
    deletions = {change.group_id: change for change in plan.changes if isinstance(change, Delete)}
    unlisted_ids = {group.id for group in plan.unlisted}
    groups = [group for group in base if group.id in deletions or group.id in unlisted_ids]
    groups = [group for group in groups if not _is_at_temporary_name(group)]
    groups.sort(key=_fullest_first)

    removed_by_id = tuple(_find_removed_by_id(created, groups, deletions))
    for suggestion in removed_by_id:
        del created[suggestion.after]
    return (*removed_by_id, *_find_similar(config, created, groups, deletions))


def _is_at_temporary_name(group: LiveGroup) -> bool:
    return find_name_without_suffix(group.name, group.id) is not None


def _fullest_first(group: LiveGroup) -> tuple[int, GroupId]:
    return -(group.contacts_count or 0), group.id


def _find_removed_by_id(
    created: CreatedEntries, groups: Sequence[LiveGroup], deletions: Deletions
) -> Iterator[Suggestion]:
    """Yield the groups that an entry has under `previously`, but that `removed` names by id, which takes precedence."""
    fullest: dict[str, LiveGroup] = {}
    for group in groups:
        if group.id in deletions:
            fullest.setdefault(group.name, group)
    for entry in created.values():
        earlier = [fullest[name] for name in entry.previously if name in fullest]
        if earlier:
            group = min(earlier, key=_fullest_first)
            why = f"the entry at {entry.source} names it already, but to remove it by its id counts first"
            yield _make_suggestion(entry, group, [f"{why}; if it is a rename,", *_undo_removal(deletions, group)])


def _find_similar(
    config: Config, created: CreatedEntries, groups: Sequence[LiveGroup], deletions: Deletions
) -> Iterator[Suggestion]:
    """Yield the groups whose name is similar to a created one, unless the configuration has that name already."""
    configured: set[str] = set()
    for entry in config.groups:
        configured.add(entry.name)
        configured.update(entry.previously)
    groups = [group for group in groups if group.name not in configured and len(group.name) <= LONGEST_COMPARED]
    short_names = tuple(name for name in created if len(name) <= LONGEST_COMPARED)
    others = (entry.name for entry in config.groups if len(entry.name) <= LONGEST_COMPARED)
    groups_of_name = Counter(group.name for group in groups)
    with_contacts = [group for group in groups if group.contacts_count != 0][:MOST_GROUPS]
    empty = [group for group in groups if group.contacts_count == 0][:MOST_EMPTY_GROUPS]
    for pair in pair_names([*with_contacts, *empty], short_names, others):
        entry, group = created[pair.after], pair.group
        by_name = groups_of_name[group.name] == 1
        remedy = [*_rename_in_file(entry, group, by_name=by_name), *_take_name_over(entry, group, by_name=by_name)]
        remedy += [f"and {line}" for line in _undo_removal(deletions, group)]
        yield _make_suggestion(entry, group, remedy)


def _make_suggestion(entry: GroupEntry, group: LiveGroup, remedy: Sequence[str]) -> Suggestion:
    return Suggestion(
        group_id=group.id,
        before=group.name,
        after=entry.name,
        contacts_count=group.contacts_count,
        source=entry.source,
        remedy=tuple(remedy),
    )


def _rename_in_file(entry: GroupEntry, group: LiveGroup, *, by_name: bool) -> Iterator[str]:
    """Yield the lines of the entry with the rename in it: by the earlier name, or by id if several groups have it."""
    previously = (*entry.previously, group.name) if by_name else entry.previously
    if _is_long(entry, previously):
        key = f"previously: [{write_scalar(group.name)}]" if by_name else f"id: {group.id}"
        yield f"if it is a rename, add this to the entry at {entry.source}: {key}"
        return
    yield f"if it is a rename, write the entry at {entry.source} so:"
    yield from _write_entry(entry, entry.name, group_id=None if by_name else group.id, previously=previously)


def _take_name_over(entry: GroupEntry, group: LiveGroup, *, by_name: bool) -> Iterator[str]:
    """Yield the lines of the entry with the live name, which keeps it; none if a file cannot have that name."""
    if find_name_fault(group.name) or _is_long(entry, entry.previously):
        return
    yield f"or, if it was renamed in the dashboard and should stay {quote(group.name)}, so:"
    yield from _write_entry(entry, group.name, group_id=None if by_name else group.id, previously=entry.previously)


def _is_long(entry: GroupEntry, previously: tuple[str, ...]) -> bool:
    """Return whether the entry is too long to be written as lines to paste."""
    return sum(map(len, (entry.name, entry.description, *previously))) > _LONGEST_ENTRY


def _write_entry(
    entry: GroupEntry, name: str, *, group_id: GroupId | None, previously: tuple[str, ...]
) -> Iterator[str]:
    """Yield the lines of an entry, in the format of its file."""
    keys: dict[str, str | tuple[str, ...]] = {"name": name}
    if entry.description:
        keys["description"] = entry.description
    if group_id:
        keys["id"] = group_id
    if previously:
        keys["previously"] = previously
    if is_json(entry.source.file):
        yield "  " + json.dumps(keys, ensure_ascii=False)
        return
    first, *others = (f"{key}: {_write_value(key, value)}" for key, value in keys.items())
    yield f"  - {first}"
    for line in others:
        yield f"    {line}"


def _write_value(key: str, value: str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(write_scalar, value))}]"
    if key == "id":
        return value  # an id needs no quotes
    return write_scalar(value)


def _undo_removal(deletions: Deletions, group: LiveGroup) -> Iterator[str]:
    """Yield how to take a group out of `removed`, if it is there: a removal by id would take precedence."""
    change = deletions.get(group.id)
    if change and change.source:
        yield f"take it out of removed, {change.source}"
