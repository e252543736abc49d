"""What to write by hand for edits that groupsync does not make."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from groupsync.editing import (
    AddEarlierName,
    AddEntry,
    EntryList,
    RemoveEarlierName,
    RemoveEntry,
    RemoveKey,
    SetKey,
    SetPolicy,
)
from groupsync.model.groups import Source
from groupsync.snippets import add_entries, change_group, change_removal, remove_entry, set_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.editing import Edit
    from groupsync.editing.edits import EntryEdit
    from groupsync.model.config import Config, GroupEntry
    from groupsync.snippets.values import Value

_WHY = "to do this by hand"


def write_lines(config: Config, edits: Sequence[Edit]) -> tuple[str, ...]:
    """Return how to make the edits by hand, the last lines of a file first; each text may have several lines."""
    changed: dict[Source, list[EntryEdit]] = {}
    new: dict[EntryList, list[AddEntry]] = {}
    settings = []
    for edit in edits:
        match edit:
            case AddEntry():
                new.setdefault(edit.entries, []).append(edit)
            case SetPolicy():
                settings.append(set_policy(config, edit.key, str(edit.value), why=_WHY))
            case _:
                changed.setdefault(edit.source, []).append(edit)
    located = [
        (
            _find_last(config, section),
            add_entries(config, section.value, [(dict(one.values), "") for one in own], why=_WHY),
        )
        for section, own in new.items()
    ]
    located += [(source, line) for source, own in changed.items() for line in _change(config, source, own)]
    located.sort(key=itemgetter(0), reverse=True)
    return (*(line for _, line in located), *settings)


def _find_last(config: Config, section: EntryList) -> Source:
    """Return where the last entry of a list is, below which new ones go; a source before all others if it has none."""
    entries = config.groups if section is EntryList.GROUPS else config.removed
    return max((entry.source for entry in entries), default=Source(file="", line=1))


def _change(config: Config, source: Source, edits: Sequence[EntryEdit]) -> Iterator[str]:
    if any(isinstance(edit, RemoveEntry) for edit in edits):
        yield f"{_WHY}, {remove_entry(config, source)}"
        return
    entry = next((entry for entry in config.groups if entry.source == source), None)
    if entry:
        yield change_group(config, entry, _list_changes(entry, edits), why=_WHY)
        return
    removal = next((removal for removal in config.removed if removal.source == source), None)
    if removal:
        yield change_removal(config, removal, _list_changes(None, edits), why=_WHY)


def _list_changes(entry: GroupEntry | None, edits: Sequence[EntryEdit]) -> dict[str, Value | None]:
    """Return the new values of the keys that change; None for a key that goes."""
    changes: dict[str, Value | None] = {}
    names = list(entry.previously) if entry else []
    for edit in edits:
        match edit:
            case SetKey():
                changes[edit.key] = edit.value
            case RemoveKey():
                changes[edit.key] = None
            case AddEarlierName():
                names = [*names, *(() if edit.name in names else (edit.name,))]
                changes["previously"] = tuple(names)
            case RemoveEarlierName():
                names = [name for name in names if name != edit.name]
                changes["previously"] = tuple(names) or None
            case RemoveEntry():
                pass
    return changes
