"""Finds groups outside the scope that look like a group that the plan creates: somebody may have renamed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.model.plan import Create
from groupsync.model.review import Departure
from groupsync.suggest.pairs import pair_names
from groupsync.suggest.suggestions import LONGEST_COMPARED, MOST_GROUPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.plan import Plan


def find_departures(config: Config, outside: Sequence[LiveGroup], plan: Plan) -> tuple[Departure, ...]:
    """Return the groups outside the scope that look like one that the plan creates.

    A group without contacts is not among them: whoever renamed it, no contact is forgotten.
    """
    created = {change.name: change for change in plan.changes if isinstance(change, Create)}
    names = [name for name in created if len(name) <= LONGEST_COMPARED]
    groups = [group for group in outside if group.contacts_count != 0 and len(group.name) <= LONGEST_COMPARED]
    if not names or not groups:
        return ()
    groups.sort(key=lambda group: (-(group.contacts_count or 0), group.id))
    others = [entry.name for entry in config.groups if len(entry.name) <= LONGEST_COMPARED]
    return tuple(
        Departure(group=pair.group, name=pair.after, source=created[pair.after].source)
        for pair in pair_names(groups[:MOST_GROUPS], names, others)
    )
