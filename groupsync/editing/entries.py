"""What edits of one entry replace in its file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct, field

from groupsync.display import write_scalar
from groupsync.editing.document import CollectionNode, ScalarNode
from groupsync.editing.edits import (
    AddEarlierName,
    RemoveEarlierName,
    RemoveEntry,
    RemoveKey,
    SetKey,
    UneditableError,
    rank_key,
)
from groupsync.editing.removals import remove_items, remove_keys
from groupsync.editing.replacements import (
    Replacement,
    insert,
    insert_in_brackets,
    insert_in_empty,
    insert_instead,
    insert_lines,
)
from groupsync.editing.sections import is_quoted
from groupsync.editing.writing import rewrite_value, write_one, write_pair

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from groupsync.editing.document import Child, Path, YamlDocument
    from groupsync.editing.edits import EntryEdit
    from groupsync.snippets.values import Value

_EARLIER = "previously"
_IN_BRACES = re.compile(r"[,\[\]{}]")


class EntryChanges(Struct, kw_only=True):
    """All edits of one entry: keys that are set and removed, earlier names that are added and removed."""

    path: Path
    child: Child
    is_braced: bool = False  # whether it gets braces if it is a name alone and becomes a mapping
    values: dict[str, str | int] = field(default_factory=dict)
    removed_keys: set[str] = field(default_factory=set)
    added_names: list[str] = field(default_factory=list)
    removed_names: set[str] = field(default_factory=set)
    is_removed: bool = False

    def settle(self, keys: Collection[str]) -> None:
        """Drop the changes of keys that are removed afterwards; `keys` are those that the entry has now.

        Raise UneditableError if a key is removed that is neither there nor set.
        """
        new = self.values.keys() | ({_EARLIER} if self.added_names else set())
        if missing := self.removed_keys - new - set(keys):
            raise UneditableError(f"this entry has no key {min(missing)}", self.child.start)
        self.values = {key: value for key, value in self.values.items() if key not in self.removed_keys}
        if _EARLIER in self.removed_keys:
            self.added_names, self.removed_names = [], set()
        self.removed_keys &= set(keys)

    def take(self, edit: EntryEdit) -> None:
        """Note one more edit; raise UneditableError if an earlier one sets the same key to something else."""
        match edit:
            case SetKey():
                if self.values.setdefault(edit.key, edit.value) != edit.value:
                    raise UneditableError(f"two edits set the key {edit.key} of this entry", self.child.start)
            case RemoveKey():
                self.removed_keys.add(edit.key)
            case AddEarlierName():
                if edit.name not in self.added_names:
                    self.added_names.append(edit.name)
            case RemoveEarlierName():
                self.removed_names.add(edit.name)
            case RemoveEntry():
                self.is_removed = True


def change_entry(document: YamlDocument, changes: EntryChanges, owners: frozenset[Path]) -> Iterator[Replacement]:
    """Yield what the edits of an entry that stays replace; `owners` are the paths of the values that have comments."""
    entry = changes.child.value
    changes.settle(["name"] if isinstance(entry, ScalarNode) else [_key(child) for child in entry.children])
    if isinstance(entry, ScalarNode):
        yield from _change_name_alone(document, changes, entry)
        return
    if not entry.is_mapping:
        raise UneditableError("this entry is neither text nor a mapping", entry.start)
    new_keys: dict[str, Value] = {}
    for key, value in changes.values.items():
        if child := entry.find(key):
            yield from _replace_value(child, key, value)
        else:
            new_keys[key] = value
    if changes.added_names or changes.removed_names:
        yield from _change_earlier_names(document, changes, entry, new_keys, owners)
    yield from _add_keys(document, entry, new_keys)
    if changes.removed_keys:
        yield from remove_keys(document, entry, frozenset(changes.removed_keys), changes.path, owners)


def _change_name_alone(document: YamlDocument, changes: EntryChanges, name: ScalarNode) -> Iterator[Replacement]:
    """Yield what changes an entry that is only a name; with another key it becomes a mapping."""
    new_keys: dict[str, Value] = {key: value for key, value in changes.values.items() if key != "name"}
    if added := _list_new_names(changes):
        new_keys[_EARLIER] = added
    if changes.removed_keys:
        raise UneditableError("the entry would have no key", name.start)
    new_name = changes.values.get("name", name.text)
    written = document.text[name.start : name.end]
    is_braced = changes.is_braced or changes.child.mark < 0
    must_rewrite = "\n" in written or (changes.is_braced and not name.style and _IN_BRACES.search(written))
    if new_name != name.text or (new_keys and must_rewrite):
        yield Replacement(start=name.start, end=name.end, new=rewrite_value(name, "name", new_name))
    if not new_keys:
        return
    has_quotes = is_braced and is_quoted(document.root)
    pairs = [write_one(key, new_keys[key], has_quotes=has_quotes) for key in sorted(new_keys, key=rank_key)]
    if is_braced:
        yield insert(name.start, '{"name": ' if has_quotes else "{name: ")
        yield insert(name.end, f", {', '.join(pairs)}}}")
        return
    column = document.column(name.start)
    yield insert(name.start, "name: ")
    yield insert_lines(document, name.end, column, _indent(pairs, column))


def _replace_value(child: Child, key: str, value: str | int) -> Iterator[Replacement]:
    old = child.value
    if not isinstance(old, ScalarNode):
        raise UneditableError(f"the value of {key} is a list or a mapping", child.start)
    if not old.is_left_out:
        yield _replace_scalar(old, key, value)
    elif child.mark >= 0:
        yield insert(child.mark + 1, f" {rewrite_value(old, key, value)}")
    else:
        yield insert(child.end, f": {rewrite_value(old, key, value)}")


def _replace_scalar(old: ScalarNode, key: str, value: str | int) -> Replacement:
    is_same = str(value) == old.text and (bool(old.style) == isinstance(value, str) or not isinstance(value, int))
    if is_same and old.style in {"'", '"'}:
        return Replacement(start=old.start, end=old.start, new="")
    return Replacement(start=old.start, end=old.end, new=rewrite_value(old, key, value))


def _change_earlier_names(
    document: YamlDocument,
    changes: EntryChanges,
    entry: CollectionNode,
    new_keys: dict[str, Value],
    owners: frozenset[Path],
) -> Iterator[Replacement]:
    """Yield what changes the list `previously`; if it is not there, it is added to the new keys."""
    child = entry.find(_EARLIER)
    value = child.value if child else None
    if isinstance(value, CollectionNode) and not value.is_mapping:
        yield from _change_list(document, changes, value, owners)
        return
    added = _list_new_names(changes)
    if child is None and added:
        new_keys[_EARLIER] = added
    elif child is None:
        return
    elif isinstance(value, ScalarNode) and value.is_left_out and child.mark >= 0:
        yield insert(child.mark + 1, f" [{_join_names(added)}]")
    else:
        raise UneditableError(f"the value of {_EARLIER} is not a list", child.start)


def _list_new_names(changes: EntryChanges) -> tuple[str, ...]:
    """Return the earlier names that an entry without `previously` gets and keeps."""
    if missing := changes.removed_names - {*changes.added_names}:
        raise UneditableError(f"{_EARLIER} of this entry does not have the name {min(missing)}", changes.child.start)
    return tuple(name for name in changes.added_names if name not in changes.removed_names)


def _key(child: Child) -> str:
    return child.key.text if child.key else ""


def _change_list(
    document: YamlDocument, changes: EntryChanges, names: CollectionNode, owners: frozenset[Path]
) -> Iterator[Replacement]:
    present = [child.value.text if isinstance(child.value, ScalarNode) else None for child in names.children]
    added = [name for name in changes.added_names if name not in present]
    kept = [name for name in [*present, *added] if name not in changes.removed_names]
    if missing := changes.removed_names - {*present, *added}:
        raise UneditableError(f"{_EARLIER} of this entry does not have the name {min(missing)}", names.start)
    if not kept and changes.removed_names:
        changes.removed_keys.add(_EARLIER)
        return
    added = [name for name in added if name in kept]
    removed = frozenset(number for number, name in enumerate(present) if name in changes.removed_names)
    if added and names.is_flow and removed and len(removed) == len(present):
        yield insert_instead(document, names, [write_scalar(name) for name in added], rank=0)
    elif added:
        yield from _add_names(document, names, added)
    yield from remove_items(document, names, removed, (*changes.path, _EARLIER), owners)


def _add_names(document: YamlDocument, names: CollectionNode, added: list[str]) -> Iterator[Replacement]:
    if not names.children:
        yield insert_in_empty(document, names, _join_names(added), rank=0)
        return
    if names.is_flow:
        last = len(names.children) - 1
        yield from insert_in_brackets(document, names, last, [write_scalar(name) for name in added])
        return
    last_child = names.children[-1]
    column = document.column(last_child.mark)
    lines = [f"- {write_scalar(name)}" for name in added]
    yield insert_lines(document, last_child.end, column, _indent(lines, column))


def _join_names(names: Sequence[str]) -> str:
    return ", ".join(map(write_scalar, names))


def _add_keys(document: YamlDocument, entry: CollectionNode, new_keys: dict[str, Value]) -> Iterator[Replacement]:
    """Yield what adds keys to a mapping, each after the last key of a lower rank."""
    by_anchor: dict[int, list[str]] = {}
    for key in sorted(new_keys, key=rank_key):
        ranks = (rank_key(child.key.text) if child.key else 0 for child in entry.children)
        lower = [number for number, rank in enumerate(ranks) if rank < rank_key(key)]
        if not lower:
            raise UneditableError(f"there is no key of this entry after which {key} usually comes", entry.start)
        by_anchor.setdefault(lower[-1], []).append(write_pair(entry, key, new_keys[key]))
    for anchor, pairs in by_anchor.items():
        if entry.is_flow:
            yield from insert_in_brackets(document, entry, anchor, pairs)
            continue
        column = document.column(entry.start)
        yield insert_lines(document, entry.children[anchor].end, column, _indent(pairs, column))


def _indent(lines: list[str], column: int) -> list[str]:
    return [f"{' ' * column}{line}" for line in lines]
