"""Proves that new text is the old one plus the edits. It reads both texts with code that the edits do not use."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from groupsync.display import quote
from groupsync.editing.comments import list_owned_comments
from groupsync.editing.document import CollectionNode, ScalarNode
from groupsync.editing.edits import AddEntry, SetPolicy, UneditableError
from groupsync.editing.plain import drop_places, edit_plain, read_plain
from groupsync.editing.scan import scan_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from groupsync.editing.document import Path, YamlDocument
    from groupsync.editing.edit import EditedText
    from groupsync.editing.edits import Edit
    from groupsync.editing.plain import PlainFile

_BYTE_ORDER_MARK = "\ufeff"
_ENTRY_STEPS = 2
_BLANK = " \t\r\n,"
_EMPTY = frozenset(("[]", "[ ]", "~", "null", "Null", "NULL"))


def prove_edits(old: str, edits: Sequence[Edit], edited: EditedText) -> str:
    """Return why the new text of a file is not proved to be the old one plus the edits; empty if it is.

    What is proved: the plain value is the old one with the edits, in the same order of keys. Every comment is there,
    in the same order, at the same entry and key. What is outside the replacements is the same, and they replace nothing
    but entries that an edit addresses, values of the policy, and marks of an empty list.
    """
    if old.startswith(_BYTE_ORDER_MARK) != edited.text.startswith(_BYTE_ORDER_MARK):
        return "the byte order mark would change"
    old, new = old.removeprefix(_BYTE_ORDER_MARK), edited.text.removeprefix(_BYTE_ORDER_MARK)
    try:
        wanted, found = edit_plain(old, edits), read_plain(new)
        document, new_document = scan_document(old), scan_document(new)
    except (UneditableError, KeyError, IndexError) as error:
        return f"the new text cannot be read: {error}"
    if drop_places({**wanted.keys}) != drop_places({**found.keys}):
        return "the values would not be the old ones with the edits"
    return _compare_comments(document, new_document, wanted) or _compare_text(document, old, new, edits, edited)


def _compare_text(document: YamlDocument, old: str, new: str, edits: Sequence[Edit], edited: EditedText) -> str:
    """Return what is wrong with the text outside the edits; empty if it is the same."""
    has_other_end = old != "" and old.endswith("\n") != new.endswith("\n")
    if has_other_end or not _is_kept_outside(document, new, edited):
        return "text outside the edits would change"
    if not _replaces_only_edited(document, edits, edited):
        return "something that no edit addresses would be replaced"
    return ""


def _is_kept_outside(document: YamlDocument, new: str, edited: EditedText) -> bool:
    """Return whether the new text is what the old one has outside the replacements, with these between."""
    at, place = 0, 0
    if new and not new.endswith("\n"):
        new += document.line_end
    for one in sorted(edited.replacements, key=lambda one: (one.start, one.end)):
        kept = document.text[at : one.start]
        if not new.startswith(kept, place):
            return False
        place += len(kept) + len(one.new)
        at = one.end
    return new[place:] == document.text[at:]


def _replaces_only_edited(document: YamlDocument, edits: Sequence[Edit], edited: EditedText) -> bool:
    """Return whether every replacement takes away only a part of an edited value, or blanks, commas and `[]`."""
    parts = sorted(_list_edited_parts(document, edits))
    starts = [start for start, _ in parts]
    for one in edited.replacements:
        text = document.text[one.start : one.end].strip(_BLANK)
        if not text or text in _EMPTY:
            continue
        start, end = one.start, one.end
        while document.text[start] in _BLANK:
            start += 1
        while document.text[end - 1] in _BLANK:
            end -= 1
        if not _is_covered(parts, starts, start, end, document.text):
            return False
    return True


def _is_covered(parts: Sequence[tuple[int, int]], starts: Sequence[int], start: int, end: int, text: str) -> bool:
    """Return whether everything from start to end but blanks and commas is in edited parts."""
    number = bisect_right(starts, start) - 1
    while start < end:
        if number < 0 or number >= len(parts) or text[start : parts[number][0]].strip(_BLANK):
            return False
        start = max(start, parts[number][1])
        number += 1
        while start < end and text[start] in _BLANK:
            start += 1
    return True


def _list_edited_parts(document: YamlDocument, edits: Sequence[Edit]) -> Iterator[tuple[int, int]]:
    """Yield where the entries are that edits address, each with its dash, and the policy if one edits it."""
    root = document.root
    if not isinstance(root, CollectionNode):
        return
    places = {
        document.starts[edit.source.line - 1] + edit.source.column - 1
        for edit in edits
        if not isinstance(edit, (AddEntry, SetPolicy))
    }
    for child in root.children:
        key = child.key.text if child.key else ""
        if key in {"groups", "removed"} and isinstance(child.value, CollectionNode):
            for item in child.value.children:
                if item.value.start in places:
                    yield item.mark if item.mark >= 0 else item.start, item.end
        elif key == "policy" and any(isinstance(edit, SetPolicy) for edit in edits):
            yield child.value.start, child.end


def _compare_comments(old: YamlDocument, new: YamlDocument, wanted: PlainFile) -> str:
    """Return which comment would be lost or belong to something else; empty if none would."""
    before, after = list_owned_comments(old), list_owned_comments(new)
    if [comment.text for comment in before] != [comment.text for comment in after]:
        return "a comment would be lost or change"
    numbers = {key: [entry.number for entry in wanted.entries(key)] for key in ("groups", "removed")}
    alone = set(_list_names_alone(old))
    for one, other in zip(before, after, strict=True):
        owner = _find_old_path(other.owner, numbers)
        if owner in {(*one.owner, "name"), one.owner} and one.owner in alone and one.position is other.position:
            continue
        if (one.owner, one.position) != (owner, other.position):
            return f"the comment {quote(one.text)} would belong to something else"
    return ""


def _find_old_path(path: Path, numbers: Mapping[str, Sequence[int | None]]) -> Path | None:
    """Return the path that a value had in the old file; None if it is new."""
    if len(path) < _ENTRY_STEPS or path[0] not in numbers:
        return path
    number = numbers[str(path[0])][int(path[1])]
    return None if number is None else (path[0], number, *path[2:])


def _list_names_alone(document: YamlDocument) -> Iterator[Path]:
    """Yield the paths of the entries that are only a name."""
    root = document.root
    for key in ("groups", "removed"):
        child = root.find(key) if isinstance(root, CollectionNode) else None
        if child and isinstance(child.value, CollectionNode):
            for number, item in enumerate(child.value.children):
                if isinstance(item.value, ScalarNode):
                    yield key, number
