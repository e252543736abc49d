"""Suggests a rename for each group that may have got a new name, with the lines to paste for it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from groupsync.display import quote
from groupsync.model.plan import Create, Delete
from groupsync.model.review import Suggestion
from groupsync.names import find_name_fault, find_name_without_suffix
from groupsync.snippets import change_group, remove_entry
from groupsync.suggest.pairs import pair_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from groupsync.model.config import Config, GroupEntry
    from groupsync.model.groups import GroupId, LiveGroup, Source
    from groupsync.model.plan import Plan

    CreatedEntries = Mapping[str, GroupEntry]  # by name
    Deletions = Mapping[GroupId, Delete]

_QUESTION = "do the same people belong in it? Then"

MOST_EMPTY_GROUPS = 500
"""How many empty groups are looked at. Few, because nobody loses a contact if an empty group is deleted."""

MOST_GROUPS = 5_000
"""How many groups with contacts are looked at, the fullest first. With more, this would take longer than the plan."""


LONGEST_COMPARED = 200
"""The longest name that is compared, in characters. The time of a comparison grows with the square of the length."""


def find_suggestions(config: Config, base: Sequence[LiveGroup], plan: Plan) -> tuple[Suggestion, ...]:
    """Return the likely renames: of groups that the plan deletes or that nothing lists, to names that it creates.

    A postponed deletion counts as one. `base` holds the live groups that the plan was made from.
    """
    created_names = [change.name for change in plan.changes if isinstance(change, Create)]
    if not created_names:
        return ()
    sought = frozenset(created_names)
    entries = {entry.name: entry for entry in config.groups if entry.name in sought and entry.id is None}
    created = {name: entries[name] for name in created_names}
    deletions = {change.group_id: change for change in (*plan.changes, *plan.postponed) if isinstance(change, Delete)}
    unlisted_ids = {group.id for group in plan.unlisted}
    groups = [group for group in base if group.id in deletions or group.id in unlisted_ids]
    groups = [group for group in groups if _may_be_renamed(group, deletions)]
    groups.sort(key=_fullest_first)

    removed_by_id = tuple(_find_removed_by_id(config, created, groups, deletions))
    for suggestion in removed_by_id:
        del created[suggestion.after]
    names = {group.name for group in groups}
    groups_of_name = Counter(group.name for group in base if group.name in names)
    return (*removed_by_id, *_find_similar(config, created, groups, deletions, groups_of_name))


def _may_be_renamed(group: LiveGroup, deletions: Deletions) -> bool:
    """Return whether to suggest a rename: not for a group at a temporary name, nor for an empty one in `removed`."""
    change = deletions.get(group.id)
    is_removed_empty = change is not None and change.source is not None and group.contacts_count == 0
    return not is_removed_empty and find_name_without_suffix(group.name, group.id) is None


def _fullest_first(group: LiveGroup) -> tuple[int, GroupId]:
    return -(group.contacts_count or 0), group.id


def _find_removed_by_id(
    config: Config, created: CreatedEntries, groups: Sequence[LiveGroup], deletions: Deletions
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
            source = deletions[group.id].source
            undo = remove_entry(config, source) if source else "remove its id"
            why = f"{entry.source} already has its name under previously, but the deletion by id takes precedence"
            yield _make_suggestion(entry, group, [f"{why}: {_QUESTION} {undo}"])


def _find_similar(
    config: Config,
    created: CreatedEntries,
    groups: Sequence[LiveGroup],
    deletions: Deletions,
    groups_of_name: Mapping[str, int],
) -> Iterator[Suggestion]:
    """Yield the groups whose name is similar to a created one, unless the configuration has that name already.

    `groups_of_name` says how many live groups have each name, so that a name is written only if it means one of them.
    """
    configured = {entry.name for entry in config.groups}
    configured.update(name for entry in config.groups if entry.previously for name in entry.previously)
    groups = [group for group in groups if group.name not in configured and len(group.name) <= LONGEST_COMPARED]
    short_names = tuple(name for name in created if len(name) <= LONGEST_COMPARED)
    others = (entry.name for entry in config.groups if len(entry.name) <= LONGEST_COMPARED)
    with_contacts = [group for group in groups if group.contacts_count != 0][:MOST_GROUPS]
    empty = [group for group in groups if group.contacts_count == 0][:MOST_EMPTY_GROUPS]
    for pair in pair_names([*with_contacts, *empty], short_names, others):
        entry, group = created[pair.after], pair.group
        by_name = groups_of_name[group.name] == 1
        change = deletions.get(group.id)
        remedy = _write_remedy(config, entry, group, change.source if change else None, by_name=by_name)
        yield _make_suggestion(entry, group, remedy)


def _take_name_over(config: Config, entry: GroupEntry, group: LiveGroup, *, by_name: bool) -> Iterator[str]:
    """Yield how to write the live name into the entry, to keep the name; nothing if no file can have that name."""
    if find_name_fault(group.name):
        return
    changes = {"name": group.name} if by_name else {"name": group.name, "id": group.id}
    why = f"or, to keep the live name {quote(group.name)}"
    yield change_group(config, entry, changes, why=why)


def _make_suggestion(entry: GroupEntry, group: LiveGroup, remedy: Sequence[str]) -> Suggestion:
    return Suggestion(
        group_id=group.id,
        before=group.name,
        after=entry.name,
        contacts_count=group.contacts_count,
        source=entry.source,
        remedy=tuple(remedy),
    )


def _write_remedy(
    config: Config, entry: GroupEntry, group: LiveGroup, removal: Source | None, *, by_name: bool
) -> list[str]:
    """Return how to make it a rename: by the earlier name, or by id if several groups have that name.

    If the group is under `removed`, that entry must be deleted as well. The last lines of a file come first, so that
    the other line numbers stay correct while a user edits.
    """
    changes = {"previously": (*entry.previously, group.name)} if by_name else {"id": group.id}
    if removal is None:
        return [
            change_group(config, entry, changes, why=_QUESTION),
            *_take_name_over(config, entry, group, by_name=by_name),
        ]
    if removal > entry.source:
        undo = f"{_QUESTION} {remove_entry(config, removal)}"
        return [undo, change_group(config, entry, changes, why="and then")]
    return [change_group(config, entry, changes, why=_QUESTION), f"and then, {remove_entry(config, removal)}"]
