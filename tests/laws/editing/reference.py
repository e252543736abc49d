"""What edits mean, written a second time with the plan's reader: values, places of entries, lines that may change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from groupsync.config.source.text import make_text_file
from groupsync.config.source.yaml_reader import read_yaml
from groupsync.editing import (
    AddEarlierName,
    AddEntry,
    RemoveEarlierName,
    RemoveEntry,
    RemoveKey,
    SetKey,
    SetPolicy,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.editing import Edit
    from groupsync.model.groups import Source

FILE = "groups.yaml"
GONE = object()
LISTS = ("groups", "removed")
KEYS = ["name", "id", "previously", "contacts_at_most"]
TOP_KEYS = ["version", "account", "policy", "groups", "removed", "ignore", "protected"]


def read(text: str) -> dict[str, Any]:
    """Return the value of a file, as the plan reads it; mappings as dicts, lists as lists."""
    document = read_yaml(make_text_file(FILE, 0, text))
    assert not document.problems
    value: dict[str, Any] = plain(document.value)
    return value


def list_texts(value: Any) -> list[str]:
    """Return all texts in a value."""
    if isinstance(value, (dict, list)):
        parts = value.values() if isinstance(value, dict) else value
        return [text for part in parts for text in list_texts(part)]
    return [str(value)]


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def find_sources(text: str) -> dict[str, list[Source]]:
    """Return where the entries of each list begin, as the plan reads it."""
    document = read_yaml(make_text_file(FILE, 0, text))
    return {key: [document.file.source(offset) for offset in document.value[key].offsets]
            for key in LISTS if isinstance(document.value.get(key), list)}  # fmt: skip


def place(keys: Sequence[str], key: str, order: list[str]) -> int:
    """Return where a new key comes: after the last one that usually comes before it."""
    ranks = [order.index(one) if one in order else 99 for one in keys]
    before = [number for number, rank in enumerate(ranks) if rank < (order.index(key) if key in order else 99)]
    return before[-1] + 1 if before else len(keys)


def insert(mapping: dict[str, Any], key: str, value: Any, order: list[str]) -> dict[str, Any]:
    items = list(mapping.items())
    items.insert(place(list(mapping), key, order), (key, value))
    return dict(items)


def expect(text: str, edits: Sequence[Edit]) -> dict[str, Any]:
    """Return the value that a file must have after the edits."""
    file = read(text)
    sources = find_sources(text)
    at = {source: (key, number) for key, found in sources.items() for number, source in enumerate(found)}
    gone: set[Source] = set()
    for edit in [*(one for one in edits if not takes_away(one)), *filter(takes_away, edits)]:
        match edit:
            case AddEntry():
                key, new = edit.entries.value, {name: unfreeze(value) for name, value in edit.values}
                file = file if key in file else insert(file, key, [], TOP_KEYS)
                file[key].append(new["name"] if key == "groups" and list(new) == ["name"] else new)
            case SetPolicy():
                file = file if "policy" in file else insert(file, "policy", {}, TOP_KEYS)
                file["policy"][edit.key] = edit.value
            case RemoveEntry():
                gone.add(edit.source)
            case _:
                key, number = at[edit.source]
                file[key][number] = change(file[key][number], edit)
    for source in gone:
        key, number = at[source]
        file[key][number] = GONE
    return {key: [one for one in value if one is not GONE] if key in LISTS else value for key, value in file.items()}


def takes_away(edit: Edit) -> bool:
    return isinstance(edit, (RemoveKey, RemoveEarlierName, RemoveEntry))


def unfreeze(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def change(entry: Any, edit: Any) -> Any:
    keys = {"name": entry} if isinstance(entry, str) else dict(entry)
    if isinstance(edit, SetKey):
        keys = {**keys, edit.key: edit.value} if edit.key in keys else insert(keys, edit.key, edit.value, KEYS)
    elif isinstance(edit, RemoveKey):
        keys.pop(edit.key, None)
    elif isinstance(edit, AddEarlierName):
        if "previously" not in keys:
            keys = insert(keys, "previously", [], KEYS)
        if edit.name not in keys["previously"]:
            keys["previously"] = [*keys["previously"], edit.name]
    else:
        before = dict(keys)
        names = [name for name in keys.pop("previously", []) if name != edit.name]
        if names:
            keys = insert_again(before, keys, names)
    return keys["name"] if isinstance(entry, str) and list(keys) == ["name"] else keys


def insert_again(before: dict[str, Any], keys: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Return the keys with the earlier names where they were."""
    return {key: names if key == "previously" else keys[key] for key in before}


def list_kept_lines(text: str, edits: Sequence[Edit]) -> list[str] | None:
    """Return the lines that no edit concerns, in order; None for a file in braces, where that is every line."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return None
    touched: set[int] = set()
    sources = {(edit.source.line, edit.source.column) for edit in edits if not isinstance(edit, (AddEntry, SetPolicy))}
    added = {edit.entries.value for edit in edits if isinstance(edit, AddEntry)}
    for key, value in root.value:
        lines = range(key.start_mark.line, value.end_mark.line + 1)
        if key.value == "policy" and any(isinstance(edit, SetPolicy) for edit in edits):
            touched |= {*lines}
        if key.value not in LISTS:
            continue
        items = [(item, (item.start_mark.line + 1, item.start_mark.column + 1)) for item in value.value]
        if value.flow_style and (key.value in added or any(place in sources for _, place in items)):
            touched |= {*lines}
        touched |= {key.start_mark.line} if key.value in added or sources else set()
        for item, where in items:
            if where in sources:
                touched |= {*range(item.start_mark.line - 1, item.end_mark.line + 1)}
    return [line for number, line in enumerate(text.split("\n")) if number not in touched and line.strip()]
