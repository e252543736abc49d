"""To what each comment of a file belongs.

A comment at the end of a line belongs to the value before it. Comment lines right above a value belong to that value
if they are not indented more. Any other comment line belongs to the entry before it if it is indented more than the
dash of the entry, else to the list or mapping that it is in.
"""

from __future__ import annotations

import enum
from bisect import bisect_right
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.editing.document import CollectionNode, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from groupsync.editing.document import Child, Comment, Node, Path, YamlDocument

_ENTRY_STEPS = 2  # the steps of the path of an entry: its list, its index


class Position(enum.Enum):
    """Where a comment is, seen from its owner."""

    BESIDE = "beside"
    ABOVE = "above"
    INSIDE = "inside"


class OwnedComment(Struct, frozen=True, kw_only=True):
    """A comment with the path of the value that it belongs to; () is the whole file.

    A path is a key of the file, the index of an entry, a key of the entry, and the text of an item of that key.
    """

    text: str
    start: int
    position: Position
    owner: Path


class _Token(Struct, frozen=True, kw_only=True):
    start: int
    end: int
    path: Path
    is_closing: bool = False


def list_owned_comments(document: YamlDocument) -> tuple[OwnedComment, ...]:
    """Return all comments in the order of the file."""
    if not document.comments:
        return ()
    tokens = list(_walk(document.root, ())) if document.root else []
    starts = [token.start for token in tokens]
    columns = _find_columns(document, starts)
    owned: list[OwnedComment] = []
    below: tuple[int, int] | None = None  # the start of the comment below, and the token that it is right above
    for comment in reversed(document.comments):
        number = bisect_right(starts, comment.start)
        before = tokens[number - 1] if number else None
        after = tokens[number] if number < len(tokens) else None
        if not document.begins_line(comment.start):
            path, position = before.path if before else (), Position.BESIDE
        elif after and not after.is_closing and _is_right_above(document, comment, after, below):
            path, position = after.path, Position.ABOVE
            below = comment.start, after.start
            owned.append(_own(document, comment, path, position))
            continue
        else:
            path, position = _find_container(document, comment, before, columns), Position.INSIDE
        below = (comment.start, after.start if after else -1) if _may_chain(document, comment, after, below) else None
        owned.append(_own(document, comment, path, position))
    return tuple(reversed(owned))


def _own(document: YamlDocument, comment: Comment, path: Path, position: Position) -> OwnedComment:
    text = document.text[comment.start : comment.end]
    return OwnedComment(text=text, start=comment.start, position=position, owner=path)


def _touches(document: YamlDocument, comment: Comment, after: _Token, below: tuple[int, int] | None) -> bool:
    """Return whether only comment lines are between a comment line and the line of the next token."""
    end = below[0] if below and below[1] == after.start else after.start
    return document.line(end) == document.line(comment.start) + 1


def _may_chain(document: YamlDocument, comment: Comment, after: _Token | None, below: tuple[int, int] | None) -> bool:
    return bool(after and document.begins_line(comment.start) and _touches(document, comment, after, below))


def _is_right_above(document: YamlDocument, comment: Comment, after: _Token, below: tuple[int, int] | None) -> bool:
    is_indented_more = document.column(comment.start) > document.column(after.start)
    return not is_indented_more and _touches(document, comment, after, below)


def _find_columns(document: YamlDocument, starts: Sequence[int]) -> dict[int, int]:
    """Return for each comment line its column, or that of a comment line above it with less indentation.

    What is below a comment with less indentation than an entry no longer belongs to the entry.
    """
    columns: dict[int, int] = {}
    previous = lowest = -1
    for comment in document.comments:
        if not document.begins_line(comment.start):
            continue
        number, column = bisect_right(starts, comment.start), document.column(comment.start)
        lowest = min(lowest, column) if number == previous else column
        previous = number
        columns[comment.start] = lowest
    return columns


def _find_container(
    document: YamlDocument, comment: Comment, before: _Token | None, columns: Mapping[int, int]
) -> Path:
    """Return the path of the entry or list that a comment line is in; `before` is the token before it."""
    root = document.root
    is_after_end = 0 <= document.end_mark < comment.start
    if is_after_end or before is None or not isinstance(root, CollectionNode) or not before.path:
        return ()
    section = root.find(str(before.path[0]))
    if section is None:
        return ()
    if root.is_flow:
        is_in_section = section.start <= comment.start < section.end
    else:
        is_in_section = columns[comment.start] > document.column(section.start)
    if not is_in_section and not section.start <= comment.start < section.end:
        return ()
    if len(before.path) < _ENTRY_STEPS or not isinstance(section.value, CollectionNode) or section.value.is_mapping:
        return before.path[:1]
    entry = section.value.children[int(before.path[1])]
    if entry.start <= comment.start < entry.end:
        return before.path[:_ENTRY_STEPS]
    is_in_entry = entry.mark >= 0 and columns[comment.start] > document.column(entry.mark)
    return before.path[:_ENTRY_STEPS] if is_in_entry else before.path[:1]


def _walk(node: Node, path: Path) -> Iterator[_Token]:
    """Yield the tokens of a value in the order of the file."""
    if isinstance(node, ScalarNode):
        if not node.is_left_out:
            yield _Token(start=node.start, end=node.end, path=path)
        return
    if node.flow_end >= 0:
        yield _Token(start=node.start, end=node.start + 1, path=path)
    for number, child in enumerate(node.children):
        child_path = (*path, _make_step(child, number, path))
        if child.key:
            yield _Token(start=child.key.start, end=child.key.end, path=child_path)
        elif child.mark >= 0:
            yield _Token(start=child.mark, end=child.mark + 1, path=child_path)
        yield from _walk(child.value, child_path)
    if node.flow_end >= 0:
        yield _Token(start=node.flow_end - 1, end=node.flow_end, path=path, is_closing=True)


def _make_step(child: Child, number: int, path: Path) -> str | int:
    if child.key:
        return child.key.text
    is_inner = len(path) > 1 and isinstance(child.value, ScalarNode)
    return child.value.text if is_inner and isinstance(child.value, ScalarNode) else number


def owners_below(comments: Sequence[OwnedComment]) -> frozenset[Path]:
    """Return the paths of all values that have a comment, or have a part that has one."""
    return frozenset(comment.owner[:length] for comment in comments for length in range(1, len(comment.owner) + 1))
