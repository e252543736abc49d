"""The plain value of a configuration file, and what edits make of it: a second, simple reading for the proof.

It does not know where values are in the text, except where entries begin: the sources of edits say that.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import takewhile
from typing import TYPE_CHECKING, TypeAlias

import yaml
from msgspec import Struct, field
from msgspec.structs import replace

from groupsync.display import list_line_starts
from groupsync.editing.edits import (
    AddEarlierName,
    AddEntry,
    RemoveEarlierName,
    RemoveEntry,
    RemoveKey,
    SetKey,
    SetPolicy,
    UneditableError,
    is_removal,
    rank_key,
    rank_top_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from groupsync.editing.edits import Edit, EntryEdit
    from groupsync.snippets.values import Value

_NUMBER = "tag:yaml.org,2002:int"
_NULL = "tag:yaml.org,2002:null"
_DEEPEST = 32
_LISTS = frozenset(("groups", "removed"))


class Special(Struct, frozen=True, kw_only=True):
    """A scalar that YAML does not read as text: its kind and its text."""

    tag: str
    text: str


class Entry(Struct, kw_only=True):
    """An entry of a list; `number` is its index in the old file, None if it is new. The offset is where it begins."""

    number: int | None
    offset: int
    value: Plain


Plain: TypeAlias = "str | Special | list[Plain] | list[Entry] | dict[str, Plain]"


class PlainFile(Struct, kw_only=True):
    """The value of a file: its keys in order; the items of `groups` and `removed` are entries."""

    keys: dict[str, Plain] = field(default_factory=dict)

    def entries(self, key: str) -> list[Entry]:
        """Return the entries of a list, which may be missing or left out."""
        value = self.keys.get(key, [])
        return [one for one in value if isinstance(one, Entry)] if isinstance(value, list) else []


def read_plain(text: str) -> PlainFile:
    """Return the value of a file without a byte order mark; raise UneditableError if it is not a mapping."""
    try:
        return _PlainReader(text).read_file()
    except yaml.YAMLError as error:
        raise UneditableError("this is not YAML") from error


class _PlainReader:
    """Reads values from libyaml's events, which is three times as fast as its nodes."""

    def __init__(self, text: str) -> None:
        self._events = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._depth = 0

    def read_file(self) -> PlainFile:
        keys: dict[str, Plain] = {}
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
            elif isinstance(event, yaml.MappingStartEvent):
                keys = self._read_keys(event, self._read_entries)
            elif isinstance(event, yaml.NodeEvent) and not _is_null(self._read(event)):
                raise UneditableError("the file is not a mapping with keys")
        if documents > 1:
            raise UneditableError("this is more than one document")
        return PlainFile(keys=keys)

    def _read_keys(self, start: yaml.Event, read: Callable[[str, yaml.Event], Plain]) -> dict[str, Plain]:
        _refuse_properties(start)
        keys: dict[str, Plain] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent) or event.value in keys:
                raise UneditableError("a key is not text, or is there twice")
            _refuse_properties(event)
            keys[event.value] = read(event.value, next(self._events))
        return keys

    def _read_entries(self, key: str, event: yaml.Event) -> Plain:
        """Return the value of a key of the file; the items of a list of groups are entries."""
        if key not in _LISTS or not isinstance(event, yaml.SequenceStartEvent):
            return self._read(event)
        _refuse_properties(event)
        entries: list[Entry] = []
        for item in self._events:
            if isinstance(item, yaml.SequenceEndEvent):
                break
            offset = item.start_mark.index if item.start_mark else 0
            entries.append(Entry(number=len(entries), offset=offset, value=self._read(item)))
        return entries

    def _read(self, event: yaml.Event) -> Plain:
        if isinstance(event, yaml.ScalarEvent):
            _refuse_properties(event)
            return _resolve(event.value) if event.implicit[0] else str(event.value)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UneditableError("this is nested too deep")
        value: Plain
        if isinstance(event, yaml.MappingStartEvent):
            value = self._read_keys(event, lambda _key, one: self._read(one))
        elif isinstance(event, yaml.SequenceStartEvent):
            _refuse_properties(event)
            value = [self._read(item) for item in takewhile(_is_no_end, self._events)]
        else:
            raise UneditableError("this has an alias")
        self._depth -= 1
        return value


def _is_no_end(event: yaml.Event) -> bool:
    return not isinstance(event, yaml.SequenceEndEvent)


def _is_null(value: Plain) -> bool:
    return isinstance(value, Special) and value.tag == _NULL


def _refuse_properties(event: yaml.Event) -> None:
    if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
        raise UneditableError("this has an anchor or a tag")


def _resolve(text: str) -> str | Special:
    """Return what YAML 1.1 reads a scalar without quotes as, by PyYAML's own tables."""
    resolvers = yaml.CSafeLoader.yaml_implicit_resolvers
    for tag, expression in (*resolvers.get(text[:1], ()), *resolvers.get(None, ())):
        if expression.match(text):
            return Special(tag=tag, text=text)
    return text


def edit_plain(text: str, edits: Sequence[Edit]) -> PlainFile:
    """Return the value that the text of a file must have after the edits, each old entry with its number."""
    file = read_plain(text)
    entries = {entry.offset: entry for key in ("groups", "removed") for entry in file.entries(key)}
    starts = list_line_starts(text)
    removed: set[int] = set()
    added: dict[str, list[Entry]] = defaultdict(list)
    for edit in sorted(edits, key=is_removal):
        match edit:
            case AddEntry():
                _add_top_key(file, edit.entries.value)
                added[edit.entries.value].append(_make_entry(edit))
            case SetPolicy():
                _set_policy(file, edit)
            case RemoveEntry():
                removed.add(starts[edit.source.line - 1] + edit.source.column - 1)
            case SetKey() | RemoveKey() | AddEarlierName() | RemoveEarlierName():
                entry = entries[starts[edit.source.line - 1] + edit.source.column - 1]
                entry.value = _edit_entry(entry.value, edit)
    for key, new in added.items():
        file.keys[key] = [*file.entries(key), *new]
    _remove_entries(file, removed)
    return file


def _remove_entries(file: PlainFile, removed: set[int]) -> None:
    for key in _LISTS & file.keys.keys():
        if kept := [entry for entry in file.entries(key) if entry.offset not in removed]:
            file.keys[key] = kept
        elif file.entries(key):
            file.keys[key] = []


def _make_entry(edit: AddEntry) -> Entry:
    values = {key: _make_plain(value) for key, value in edit.values}
    is_name = edit.entries.value == "groups" and list(values) == ["name"]
    return Entry(number=None, offset=-1, value=values["name"] if is_name else values)


def _set_policy(file: PlainFile, edit: SetPolicy) -> None:
    _add_top_key(file, "policy")
    policy = file.keys["policy"]
    file.keys["policy"] = {**(policy if isinstance(policy, dict) else {}), edit.key: _make_plain(edit.value)}


def _add_top_key(file: PlainFile, key: str) -> None:
    if not file.keys:
        file.keys["version"] = Special(tag=_NUMBER, text="1")
    if key not in file.keys:
        file.keys = _insert(file.keys, key, [], rank_top_key)


def _insert(keys: dict[str, Plain], key: str, value: Plain, rank: Callable[[str], int]) -> dict[str, Plain]:
    """Return the keys with a new one after the last one of a lower rank, or at the end."""
    items = list(keys.items())
    place = len(items)
    while place and rank(items[place - 1][0]) >= rank(key):
        place -= 1
    items.insert(place or len(items), (key, value))
    return dict(items)


def _edit_entry(entry: Plain, edit: EntryEdit) -> Plain:
    is_text = not isinstance(entry, dict)
    keys: dict[str, Plain] = dict(entry) if isinstance(entry, dict) else {"name": entry}
    match edit:
        case SetKey():
            if edit.key in keys:
                keys[edit.key] = _make_plain(edit.value)
            else:
                keys = _insert(keys, edit.key, _make_plain(edit.value), rank_key)
        case RemoveKey():
            keys.pop(edit.key, None)
        case AddEarlierName():
            keys = keys if "previously" in keys else _insert(keys, "previously", [], rank_key)
            names = _list_names(keys)
            keys["previously"] = names if edit.name in names else [*names, edit.name]
        case RemoveEarlierName():
            names = [name for name in _list_names(keys) if name != edit.name]
            keys = {key: value for key, value in keys.items() if key != "previously" or names}
            if names:
                keys["previously"] = names
        case RemoveEntry():
            raise UneditableError("an entry that goes is not edited")
    return keys["name"] if is_text and list(keys) == ["name"] else keys


def _list_names(keys: dict[str, Plain]) -> list[Plain]:
    names = keys.get("previously", [])
    return [name for name in names if not isinstance(name, Entry)] if isinstance(names, list) else []


def _make_plain(value: Value) -> Plain:
    match value:
        case tuple():
            return list[Plain](value)
        case int():
            return Special(tag=_NUMBER, text=str(value))
        case str():
            return value


def drop_places(value: Plain) -> object:
    """Return a value in a form that is equal only if the order of keys is equal, too."""
    if isinstance(value, dict):
        return tuple((key, drop_places(part)) for key, part in value.items())
    if isinstance(value, list):
        return [drop_places(part.value if isinstance(part, Entry) else part) for part in value]
    return replace(value) if isinstance(value, Special) else value
