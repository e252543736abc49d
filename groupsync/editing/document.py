"""The values of a YAML file with the start and end of each, its dashes, colons, commas and comments.

All offsets count characters of the text. A block value ends where the content of its last part ends, so comments and
blank lines after it are not in it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Sequence

Path: TypeAlias = "tuple[str | int, ...]"


class ScalarNode(Struct, kw_only=True):
    """A text, number or other scalar; `style` is its quote or block indicator, empty for a plain one."""

    start: int
    end: int
    text: str
    style: str

    @property
    def is_left_out(self) -> bool:
        """Whether nothing is written for the value, as after `groups:`."""
        return self.start == self.end


class Child(Struct, kw_only=True):
    """An item of a list, or a key with its value.

    `mark` is where its dash or its colon is, `comma` where the comma after it is; -1 if there is none.
    """

    key: ScalarNode | None = None
    value: Node
    start: int
    mark: int = -1
    comma: int = -1

    @property
    def end(self) -> int:
        """Where its content ends."""
        return max(self.value.end, self.mark + 1, self.key.end if self.key else 0)


class CollectionNode(Struct, kw_only=True):
    """A list or a mapping; `is_bare` is a mapping of one key in a list in brackets, without braces."""

    is_mapping: bool
    is_flow: bool
    is_bare: bool = False
    start: int
    flow_end: int = -1
    children: list[Child] = field(default_factory=list)

    @property
    def end(self) -> int:
        """Where its content ends, with its closing bracket."""
        if self.flow_end >= 0:
            return self.flow_end
        return self.children[-1].end if self.children else self.start

    def find(self, key: str) -> Child | None:
        """Return the key with its value; None if the mapping does not have the key."""
        return next((child for child in self.children if child.key and child.key.text == key), None)


Node: TypeAlias = ScalarNode | CollectionNode


class Comment(Struct, kw_only=True):
    """A comment from its `#` to the end of its line."""

    start: int
    end: int


class YamlDocument(Struct, kw_only=True):
    """One file: its text, which ends with a line end, its value (None if there is none), and its comments in order.

    `end_mark` is where the mark `...` is, -1 if there is none.
    """

    text: str
    starts: Sequence[int]
    line_end: str
    root: Node | None
    comments: tuple[Comment, ...]
    end_mark: int

    def line(self, offset: int) -> int:
        """Return the index of the line that an offset is in."""
        return bisect_right(self.starts, offset) - 1

    def line_start(self, offset: int) -> int:
        """Return where the line of an offset starts."""
        return self.starts[self.line(offset)]

    def next_line(self, offset: int) -> int:
        """Return where the line after that of an offset starts."""
        line = self.line(offset) + 1
        return self.starts[line] if line < len(self.starts) else len(self.text)

    def end_of_line(self, offset: int) -> int:
        """Return where the line of an offset ends, before its line end."""
        end = self.next_line(offset)
        while end > offset and self.text[end - 1] in "\r\n":
            end -= 1
        return end

    def line_end_of(self, offset: int) -> str:
        """Return the line end of the line of an offset: new lines below it get the same."""
        end = self.next_line(offset)
        return "\r\n" if self.text[max(end - 2, 0) : end] == "\r\n" else "\n"

    def column(self, offset: int) -> int:
        """Return how many characters are before an offset in its line."""
        return offset - self.line_start(offset)

    def begins_line(self, offset: int) -> bool:
        """Return whether only blanks are before an offset in its line."""
        return not self.text[self.line_start(offset) : offset].strip(" \t")

    def list_comments(self, start: int, end: int) -> tuple[Comment, ...]:
        """Return the comments that begin in this part of the text."""
        first = bisect_left(self.comments, start, key=_comment_start)
        return self.comments[first : bisect_left(self.comments, end, key=_comment_start)]

    def has_comment(self, start: int, end: int) -> bool:
        """Return whether a comment begins in this part of the text."""
        first = bisect_left(self.comments, start, key=_comment_start)
        return first < len(self.comments) and self.comments[first].start < end

    def end_of_lines(self, end: int, column: int) -> int:
        """Return where the lines of a block value end: after content that ends at `end`, and its comments.

        Such a comment begins behind `column`. Only blank lines and other such comments are before it.
        """
        place = self.next_line(end)
        for number in range(bisect_left(self.comments, place, key=_comment_start), len(self.comments)):
            start = self.comments[number].start
            if self.column(start) <= column or self.text[place:start].strip():
                break
            place = self.next_line(start)
        return place


def _comment_start(comment: Comment) -> int:
    return comment.start
