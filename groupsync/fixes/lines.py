"""What to write by hand for edits that groupsync does not make."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.display import make_visible, quote_file
from groupsync.editing import (
    AddEarlierName,
    AddEntry,
    EditedText,
    EntryList,
    RemoveEarlierName,
    RemoveEntry,
    RemoveKey,
    SetKey,
    SetPolicy,
    edit_text,
    find_file,
    list_changed_lines,
    prove_edits,
)
from groupsync.model.config import is_json
from groupsync.model.groups import Source
from groupsync.snippets import LONGEST_LINE, add_entries, change_group, change_removal, remove_entry, set_policy
from groupsync.strictjson import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.editing import ChangedLines, Edit
    from groupsync.editing.edits import EntryEdit
    from groupsync.model.config import Config, GroupEntry
    from groupsync.snippets.values import Value

_WHY = "to do this by hand"


class HandEdits(Struct, frozen=True, kw_only=True):
    """What to write by hand, in this order; each text may have several lines.

    `fits` says whether all of it can be written, one after the other: no text changes the lines of those that follow.
    """

    texts: tuple[str, ...] = ()
    fits: bool = True


def write_lines(config: Config, edits: Sequence[Edit]) -> HandEdits:
    """Return how to make the edits by hand; those of one file together, the last lines of it first."""
    by_file: dict[str, list[Edit]] = {}
    for edit in edits:
        by_file.setdefault(find_file(edit), []).append(edit)
    texts: list[str] = []
    rest: list[Edit] = []
    for file, own in by_file.items():
        if joined := _join_edits(config, file, own):
            texts += joined
        else:
            rest += own
    single = _write_single(config, rest)
    return HandEdits(texts=(*texts, *single), fits=not single or len(texts) + len(single) == 1)


def _join_edits(config: Config, file: str, edits: Sequence[Edit]) -> tuple[str, ...]:
    """Return the lines of a file that all edits together change; nothing if that cannot be made or printed."""
    old = config.texts.get(file)
    edited = edit_text(file, old, edits) if old is not None else None
    if old is None or not isinstance(edited, EditedText) or prove_edits(old, edits, edited):
        return ()
    if is_json(file) and not _is_valid_json(edited.text):
        return ()
    changes = list_changed_lines(old, edited.text)
    lines = [line for change in changes for line in change.new]
    if any(len(line) > LONGEST_LINE or make_visible(line) != line for line in lines):
        return ()
    return tuple(_describe_change(quote_file(file), change) for change in changes)


def _is_valid_json(text: str) -> bool:
    try:
        parse_json(text.encode())
    except ValueError:
        return False
    return True


def _describe_change(file: str, change: ChangedLines) -> str:
    lines = f"line {change.first}" if change.first == change.last else f"lines {change.first} to {change.last}"
    if not change.new:
        return f"{_WHY}, remove {lines} of {file}"
    place = f"change {lines} of {file} to"
    if change.last < change.first:
        place = f"add below line {change.last} of {file}" if change.last else f"add above line 1 of {file}"
    return "\n".join([f"{_WHY}, {place}:", *change.new])


def _write_single(config: Config, edits: Sequence[Edit]) -> tuple[str, ...]:
    """Return how to make each edit by hand, the last lines of a file first."""
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
