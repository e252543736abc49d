"""A suggestion for each group that may have got another name, with the lines that make a rename of it."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from typing import TYPE_CHECKING

from groupsync.model.plan import Create, Delete
from groupsync.model.review import Suggestion
from groupsync.names import find_parked_name
from groupsync.scalar import write_scalar
from groupsync.suggest.pairs import pair_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from groupsync.model.config import Config, GroupEntry
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.plan import Plan

MOST_GROUPS = 5_000  # the fullest ones; with more of them the search would take longer than the plan


def find_suggestions(config: Config, base: Sequence[LiveGroup], plan: Plan) -> tuple[Suggestion, ...]:
    """Return what looks like a rename among the groups that the plan deletes or leaves over, and those it creates.

    The base holds the live groups that the plan was made from.
    """
    entries = {entry.source: entry for entry in config.groups}
    created = {change.name: entries[change.source] for change in plan.changes if isinstance(change, Create)}
    doomed = {change.group_id: change for change in plan.changes if isinstance(change, Delete)}
    leftover = {*doomed, *(group.id for group in plan.unlisted)}
    spoken_for = {name for entry in config.groups for name in (entry.name, *entry.previously)}
    groups = [
        group
        for group in base
        if group.id in leftover and group.name not in spoken_for and find_parked_name(group.name, group.id) is None
    ]
    groups = heapq.nsmallest(MOST_GROUPS, groups, key=lambda group: (-(group.contacts_count or 0), group.id))
    if not created or not groups:
        return ()
    bearers = Counter(group.name for group in groups)
    return tuple(
        Suggestion(
            group_id=pair.group.id,
            before=pair.group.name,
            after=pair.after,
            contacts_count=pair.group.contacts_count,
            source=created[pair.after].source,
            remedy=(
                *_paste_entry(created[pair.after], pair.group, is_only_bearer=bearers[pair.group.name] == 1),
                *_take_back(doomed, pair.group.id),
            ),
        )
        for pair in pair_names(groups, tuple(created), (entry.name for entry in config.groups))
    )


def _paste_entry(entry: GroupEntry, group: LiveGroup, *, is_only_bearer: bool) -> Iterator[str]:
    """Yield the entry as it renames the group: by its earlier name, or by its id where others bear that name too."""
    previously = (*entry.previously, *([group.name] if is_only_bearer else []))
    yield f"if it is a rename, write the entry at {entry.source} so:"
    if entry.source.file.endswith(".json"):
        identity = {"previously": previously} if is_only_bearer else {"id": group.id}
        yield "  " + json.dumps({"name": entry.name, **identity}, ensure_ascii=False)
    else:
        yield f"  - name: {write_scalar(entry.name)}"
        names = ", ".join(map(write_scalar, previously))
        yield f"    previously: [{names}]" if is_only_bearer else f"    id: {group.id}"


def _take_back(doomed: Mapping[GroupId, Delete], group_id: GroupId) -> Iterator[str]:
    """Yield the advice to take back the consent to a deletion: by id it would go before the rename."""
    change = doomed.get(group_id)
    if change and change.source:
        yield f"and take it out of removed, {change.source}"
