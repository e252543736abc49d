"""Reads the text of a YAML file into a YamlDocument: libyaml's events, and what is between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from groupsync.display import list_line_starts
from groupsync.editing.document import Child, CollectionNode, Comment, ScalarNode, YamlDocument
from groupsync.editing.edits import UneditableError

if TYPE_CHECKING:
    from groupsync.editing.document import Node

_DEEPEST = 16
_NOT_EDITED = re.compile("\r(?!\n)|[\x85\u2028\u2029\ufeff]")
_GAP = re.compile(r"(?P<blank>[ \t\r\n]+)|(?P<comment>#[^\r\n]*)|(?P<end>(?m:^)\.\.\.)|(?P<start>---)|(?P<mark>[-?:,])")
_BLOCK_HEAD = re.compile(r"[|>][-+0-9]*[ \t]*(#[^\r\n]*)?")
_TRAILING_LINES = re.compile(r"(?:\r?\n)+\Z")


def scan_document(text: str) -> YamlDocument:
    """Return the document of a file; raise UneditableError if it is not one that groupsync edits.

    A text without a line end at its end gets one, so the caller takes it off again. Time and memory are linear in the
    length of the text: nesting deeper than 16 levels ends the pass.
    """
    if found := _NOT_EDITED.search(text):
        raise UneditableError("groupsync does not edit a file with this character", found.start())
    line_end = "\r\n" if "\r\n" in text[: text.find("\n") + 1] else "\n"
    if text and not text.endswith("\n"):
        text += line_end
    scanner = _Scanner(text)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            scanner.take(event)
    except yaml.YAMLError as error:
        place = getattr(getattr(error, "problem_mark", None), "index", None)
        raise UneditableError("this is not YAML", place) from error
    return YamlDocument(
        text=text,
        starts=list_line_starts(text),
        line_end=line_end,
        root=scanner.root,
        comments=tuple(scanner.comments),
        end_mark=scanner.end_mark,
    )


class _Scanner:
    def __init__(self, text: str) -> None:
        self.root: Node | None = None
        self.comments: list[Comment] = []
        self.end_mark = -1
        self._text = text
        self._at = 0  # everything before is read
        self._dash = self._colon = self._last = -1  # the last indicators between two values
        self._open: list[CollectionNode] = []
        self._keys: list[ScalarNode | None] = []  # for each open value, the key that waits for a value
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_properties(event)
            self._take_scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._refuse_properties(event)
            self._start(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end(event)
        elif isinstance(event, yaml.AliasEvent):
            raise UneditableError("groupsync does not edit a file with an alias", _start(event))
        elif isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event)
        elif isinstance(event, yaml.StreamEndEvent):
            self._read_gap(len(self._text))

    def _start_document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            raise UneditableError("groupsync does not edit a file with a second document", _start(event))
        if event.version or event.tags:
            raise UneditableError("groupsync does not edit a file with a directive", _start(event))

    def _refuse_properties(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None or event.tag is not None:
            raise UneditableError("groupsync does not edit a file with an anchor or a tag", _start(event))

    def _take_scalar(self, event: yaml.ScalarEvent) -> None:
        start, end = _start(event), _end(event)
        self._read_gap(start)
        style = event.style or ""
        if start == end:
            start = end = max(self._last + 1, self._previous_end())
        elif style in {"|", ">"}:
            end = self._find_block_end(start, end)
        node = ScalarNode(start=start, end=end, text=event.value, style=style if style in {"'", '"', "|", ">"} else "")
        self._put(node)
        self._at = max(end, self._at)

    def _previous_end(self) -> int:
        """Return where the key ends whose value is left out."""
        key = self._keys[-1] if self._keys else None
        return key.end if key else 0

    def _find_block_end(self, start: int, end: int) -> int:
        """Return where a block text ends: before its last line end, and before blank lines that are not its own."""
        head = _BLOCK_HEAD.match(self._text, start)
        if head is None:
            raise UneditableError("groupsync does not edit this text", start)
        if head[1]:
            self.comments.append(Comment(start=head.start(1), end=head.end(1)))
        text = self._text[start:end]
        if "+" not in head[0].split("#")[0]:
            blank = _TRAILING_LINES.search(text)
            return start + blank.start() if blank else end
        return start + len(text.removesuffix("\n").removesuffix("\r"))

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        if len(self._open) == _DEEPEST:
            raise UneditableError(f"groupsync does not edit a file of more than {_DEEPEST} levels", _start(event))
        is_flow, start, end = bool(event.flow_style), _start(event), _end(event)
        self._read_gap(start)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        node = CollectionNode(is_mapping=is_mapping, is_flow=is_flow, is_bare=is_flow and start == end, start=start)
        self._put(node)
        if is_flow:
            self._at = end
        self._open.append(node)
        self._keys.append(None)

    def _end(self, event: yaml.CollectionEndEvent) -> None:
        node = self._open[-1]
        if node.is_flow and not node.is_bare:
            self._read_gap(_start(event))
            node.flow_end = self._at = _end(event)
        self._open.pop()
        self._keys.pop()

    def _put(self, node: Node) -> None:
        dash, colon = self._dash, self._colon
        self._dash = self._colon = self._last = -1
        if not self._open:
            self.root = node
            return
        container = self._open[-1]
        if not container.is_mapping:
            container.children.append(Child(value=node, start=node.start, mark=-1 if container.is_flow else dash))
            return
        key = self._keys[-1]
        if key is None:
            if not isinstance(node, ScalarNode):
                raise UneditableError("groupsync does not edit a file with a key that is not text", node.start)
            self._keys[-1] = node
            return
        start = container.start if not container.children and not container.is_flow else key.start
        container.children.append(Child(key=key, value=node, start=start, mark=colon))
        self._keys[-1] = None

    def _read_gap(self, end: int) -> None:
        """Read what is between two values: blanks, comments and indicators."""
        if self._at >= end:
            return
        for found in _GAP.finditer(self._text, self._at, end):
            if found.start() != self._at:
                break
            if found["comment"]:
                self.comments.append(Comment(start=found.start(), end=found.end()))
            elif found["mark"]:
                self._take_mark(found["mark"], found.start())
            elif found["end"]:
                self.end_mark = found.start()
            self._at = found.end()
        if self._at < end:
            raise UneditableError("groupsync does not edit YAML of this form", self._at)

    def _take_mark(self, mark: str, offset: int) -> None:
        self._last = offset
        if mark == "-":
            self._dash = offset
        elif mark == ":":
            self._colon = offset
        elif mark == "?":
            raise UneditableError('groupsync does not edit a file with the mark "?" before a key', offset)
        else:
            self._take_comma(offset)

    def _take_comma(self, offset: int) -> None:
        containers = (node for node in reversed(self._open) if node.is_flow and not node.is_bare)
        container = next(containers, None)
        if container and container.children:
            container.children[-1].comma = offset


def _start(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark else 0


def _end(event: yaml.Event) -> int:
    return event.end_mark.index if event.end_mark else 0
