"""What the removal of keys, items and entries replaces; what has a comment is not removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.editing.document import ScalarNode
from groupsync.editing.edits import UneditableError
from groupsync.editing.replacements import Replacement, insert, remove_in_brackets, remove_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.editing.document import Child, CollectionNode, Path, YamlDocument


def remove_keys(
    document: YamlDocument, mapping: CollectionNode, keys: frozenset[str], path: Path, owners: frozenset[Path]
) -> Iterator[Replacement]:
    """Yield what removes keys of an entry; raise UneditableError if one is missing, or no other key is left."""
    _require_removable(mapping, keys, path, owners)
    removed = frozenset(number for number, child in enumerate(mapping.children) if _text(child) in keys)
    kept = [number for number in range(len(mapping.children)) if number not in removed]
    if not kept or mapping.is_bare:
        raise UneditableError("the entry would have no key", mapping.start)
    if mapping.is_flow:
        yield from remove_in_brackets(document, mapping, removed)
        return
    if kept[0] > 0:
        start, end = mapping.children[0].start, mapping.children[kept[0]].start
        yield Replacement(start=start, end=end, new="")
    for number in sorted(removed):
        if number > kept[0]:
            yield remove_lines(document, mapping.children[number].start, mapping.children[number].end)


def _require_removable(mapping: CollectionNode, keys: frozenset[str], path: Path, owners: frozenset[Path]) -> None:
    for key in sorted(keys):
        if mapping.find(key) is None:
            raise UneditableError(f"this entry has no key {key}", mapping.start)
        if (*path, key) in owners:
            raise UneditableError(f"the key {key} of this entry has a comment", mapping.start)


def _text(child: Child) -> str:
    return child.key.text if child.key else ""


def remove_items(
    document: YamlDocument, names: CollectionNode, removed: frozenset[int], path: Path, owners: frozenset[Path]
) -> Iterator[Replacement]:
    """Yield what removes items of a list of names that keeps others or gets new ones."""
    if not removed:
        return
    for number in sorted(removed):
        value = names.children[number].value
        if isinstance(value, ScalarNode) and (*path, value.text) in owners:
            raise UneditableError("this name has a comment", value.start)
    if names.is_flow:
        is_refilled = len(removed) == len(names.children)
        yield from remove_in_brackets(document, names, removed, is_refilled=is_refilled)
        return
    for number in sorted(removed):
        yield remove_lines(document, names.children[number].mark, names.children[number].end)


def remove_entries(
    document: YamlDocument, section: Child, entries: CollectionNode, removed: frozenset[int], *, is_refilled: bool
) -> Iterator[Replacement]:
    """Yield what removes entries of a list without comments; `is_refilled` is whether others are added."""
    if entries.is_flow:
        yield from remove_in_brackets(document, entries, removed, is_refilled=is_refilled)
        return
    for number in sorted(removed):
        yield remove_lines(document, entries.children[number].mark, entries.children[number].end)
    if len(removed) == len(entries.children) and not is_refilled:
        yield insert(section.mark + 1, " []")
