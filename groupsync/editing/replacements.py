"""Which old text is replaced by which new text: in lines, and in brackets or braces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.editing.edits import UneditableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.editing.document import Child, CollectionNode, YamlDocument

ENTRY_PART, ENTRY, TOP_KEY = 0, 1, 2
"""Which new text comes first at one offset: that of an inner value before that of an outer one."""


class Replacement(Struct, frozen=True, kw_only=True):
    """The text from `start` to `end` becomes `new`; of several at one offset, the lowest rank comes first."""

    start: int
    end: int
    new: str
    rank: int = ENTRY_PART


def insert(offset: int, new: str, rank: int = ENTRY_PART) -> Replacement:
    """Return the replacement that adds text at an offset."""
    return Replacement(start=offset, end=offset, new=new, rank=rank)


def splice(text: str, replacements: Sequence[Replacement]) -> str:
    """Return the text with all replacements made; raise UneditableError if two concern the same text."""
    ordered = sorted(replacements, key=lambda one: (one.start, one.end > one.start, one.rank))
    parts: list[str] = []
    at = 0
    for one in ordered:
        if one.start < at:
            raise UneditableError("two edits concern the same text", one.start)
        parts += [text[at : one.start], one.new]
        at = one.end
    return "".join([*parts, text[at:]])


def insert_lines(
    document: YamlDocument, after: int, column: int, lines: Sequence[str], *, rank: int = ENTRY_PART
) -> Replacement:
    """Return the replacement that adds lines after a block value that ends at `after` and begins in `column`."""
    place = document.end_of_lines(after, column)
    return insert(place, join_lines(lines, document.line_end_of(place - 1)), rank)


def join_lines(lines: Sequence[str], line_end: str) -> str:
    """Return lines as text, each with a line end."""
    return "".join(f"{line}{line_end}" for line in lines)


def remove_lines(document: YamlDocument, start: int, end: int) -> Replacement:
    """Return the replacement that removes the lines of a block value."""
    if not document.begins_line(start):
        raise UneditableError("something else is on the line before this value", start)
    return Replacement(start=document.line_start(start), end=document.next_line(end), new="")


def insert_in_brackets(
    document: YamlDocument, collection: CollectionNode, anchor: int, texts: Sequence[str], *, rank: int = ENTRY_PART
) -> Iterator[Replacement]:
    """Yield what adds items after a child of a list in brackets, or keys after one of a mapping in braces.

    After a child that has lines of its own, each of the new ones gets a line, too; else they go on its line.
    """
    if collection.is_bare:
        raise UneditableError("braces are missing around this key", collection.start)
    child = collection.children[anchor]
    if not _has_own_lines(document, collection, anchor):
        yield insert(child.end, "".join(f", {text}" for text in texts), rank)
        return
    start = document.line_end_of(child.end) + _find_indent(document, child)
    if child.comma >= 0:
        yield insert(document.end_of_line(child.comma), "".join(f"{start}{text}," for text in texts), rank)
        return
    yield insert(child.end, ",", rank)
    yield insert(document.end_of_line(child.end), start + f",{start}".join(texts), rank)


def insert_instead(
    document: YamlDocument, collection: CollectionNode, texts: Sequence[str], *, rank: int
) -> Replacement:
    """Return what adds items to a list in brackets of which all present items are removed."""
    last = len(collection.children) - 1
    child = collection.children[last]
    is_in_lines = _has_own_lines(document, collection, last)
    separator = f",{document.line_end_of(child.end)}{_find_indent(document, child)}" if is_in_lines else ", "
    return insert(child.end, separator.join(texts), rank)


def insert_in_empty(document: YamlDocument, collection: CollectionNode, text: str, *, rank: int) -> Replacement:
    """Return what adds text between brackets or braces that have nothing but blanks and comments between them."""
    place = collection.flow_end - 1
    if not document.has_comment(collection.start, place):
        place = collection.start + 1
    return insert(place, text, rank)


def _has_own_lines(document: YamlDocument, collection: CollectionNode, number: int) -> bool:
    """Return whether new children go on new lines: nothing follows on the line of this one but a comment.

    A child that does not begin its line counts only if there is a comment, which would get a different owner.
    """
    child = collection.children[number]
    is_last = number + 1 == len(collection.children)
    limit = collection.flow_end - 1 if is_last else collection.children[number + 1].start
    after = child.comma if child.comma >= 0 else child.end
    if document.line(after) == document.line(limit):
        return False
    return document.begins_line(child.start) or document.has_comment(child.end, document.end_of_line(child.end))


def _find_indent(document: YamlDocument, child: Child) -> str:
    """Return the blanks before a new line below a child: as before the child, or more than before its line."""
    before = document.text[document.line_start(child.start) : child.start]
    blanks = before[: len(before) - len(before.lstrip(" \t"))]
    return before if blanks == before else f"{blanks}  "


def remove_in_brackets(
    document: YamlDocument, collection: CollectionNode, removed: frozenset[int], *, is_refilled: bool = False
) -> Iterator[Replacement]:
    """Yield what removes some children of a list in brackets or a mapping in braces, with their commas.

    `is_refilled` is whether others are added after the last one.
    """
    children = collection.children
    first_kept = next((number for number in range(len(children)) if number not in removed), None)
    if first_kept is None:
        last = children[-1]
        end = last.end if is_refilled or last.comma < 0 else last.comma + 1
        yield Replacement(start=children[0].start, end=end, new="")
        return
    for first, last_number in _find_runs(removed):
        if first < first_kept:
            start, end = children[first].start, children[last_number + 1].start
        else:
            start, end = children[first - 1].end, children[last_number].end
        if document.has_comment(start, end):
            yield from _remove_own_lines(document, children[first : last_number + 1])
        else:
            yield Replacement(start=start, end=end, new="")


def _find_runs(numbers: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last number of each run of consecutive numbers."""
    ordered = sorted(numbers)
    first = last = ordered[0]
    for number in ordered[1:]:
        if number > last + 1:
            yield first, last
            first = number
        last = number
    yield first, last


def _remove_own_lines(document: YamlDocument, children: Sequence[Child]) -> Iterator[Replacement]:
    """Yield what removes the lines of children between comments of others; each must have its lines for itself."""
    for child in children:
        end = child.comma + 1 if child.comma >= 0 else child.end
        rest = document.text[end : document.next_line(end)]
        if not document.begins_line(child.start) or rest.strip():
            raise UneditableError("a comment is between what goes and what stays", child.start)
        yield Replacement(start=document.line_start(child.start), end=document.next_line(end), new="")
