"""The edits of a pull as lines to paste, for files that groupsync does not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count_contacts, first_lines
from groupsync.snippets import add_entries, change_group, remove_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.model.config import Config
    from groupsync.pulling.differences import LiveDifferences
    from groupsync.pulling.make import PullChoices

_MOST_LINES = 100


def list_edits_by_hand(config: Config, differences: LiveDifferences, choices: PullChoices) -> tuple[str, ...]:
    """Return how to do by hand what `list_edits` would do; of very many edits, the first ones and their number."""
    edits = list(_change_entries(config, differences, choices))
    if choices.adds and differences.unlisted:
        entries = [
            ({"name": group.name, "id": group.id}, count_contacts(group.contacts_count))
            for group in differences.unlisted
        ]
        edits.insert(0, add_entries(config, "groups", entries, why="to add what is not in the configuration"))
    return tuple(first_lines(edits, _MOST_LINES, "and {:,} more edits"))


def _change_entries(config: Config, differences: LiveDifferences, choices: PullChoices) -> Iterator[str]:
    """Yield the edits of entries; each entry has all its changes in one."""
    removed: dict[str, list[str]] = {}
    former = differences.former if choices.adds else ()
    done = differences.done.earlier_names if choices.prunes else ()
    for earlier in (*former, *done):
        removed.setdefault(str(earlier.entry.source), []).append(earlier.name)
    pinned = (*(differences.to_pin if choices.adds else ()), *(differences.without_id if choices.pins else ()))
    ids = {match.entry.source: match.group.id for match in pinned}
    for entry in config.groups:
        names = removed.get(str(entry.source), [])
        taken = choices.taken.get(entry.id) if entry.id else None
        kept = tuple(name for name in entry.previously if name not in {*names, taken})
        changes = {
            **({"name": taken} if taken is not None else {}),
            **({"id": ids[entry.source]} if entry.source in ids else {}),
            **({"previously": kept or None} if kept != entry.previously else {}),
        }
        if changes:
            yield change_group(config, entry, changes, why="to write what is live")
    for entry_or_removal in (*differences.done.entries, *differences.done.removed) if choices.prunes else ():
        yield f"to remove what is done, {remove_entry(config, entry_or_removal.source)}"
