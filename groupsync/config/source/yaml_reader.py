"""YAML from libyaml's events into located values, in one pass that is also the guard.

Anchors, aliases, tags, directives, a second document and nesting deeper than 16 end the reading at their place: nothing
can be bombed, and libyaml, which is quadratic on deep nesting, is not asked for more.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from groupsync.config.problems import show_text
from groupsync.config.source import yaml_errors
from groupsync.config.source.located import (
    DEEPEST,
    TOO_DEEP,
    Document,
    LocatedList,
    LocatedMapping,
    Unquoted,
    describe_repetition,
)
from groupsync.config.source.yaml_types import describe, read_plain
from groupsync.errors import SettingsError
from groupsync.schema import MOST_VIOLATIONS

if TYPE_CHECKING:
    from groupsync.config.problems import ConfigProblem
    from groupsync.config.source.text import TextFile
    from groupsync.schema import KeyPath

# All but https://yaml.org/spec/1.1/#c-printable, and the byte order mark, which libyaml would skip in silence.
# What is refused is named, not what is allowed: re takes ten times as long to compile that.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


def has_libyaml() -> bool:
    """Tell whether PyYAML comes with libyaml, as its wheels do."""
    return bool(yaml.__with_libyaml__)


def read_yaml(file: TextFile) -> Document:
    """Return the one document of a YAML file; raise UnreadableError at the place where it is not one."""
    if not has_libyaml():
        raise SettingsError(
            "PyYAML is installed without libyaml, with which groupsync reads YAML",
            remedy="pip install --force-reinstall --only-binary :all: pyyaml",
        )
    if found := _UNPRINTABLE.search(file.text):
        code = ord(found[0])
        sentence = f'the character U+{code:04X} cannot stand in YAML: remove it, or write "\\u{code:04x}"'
        raise file.error(found.start(), sentence)
    builder = _Builder(file)
    try:
        for event in yaml.parse(file.text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise yaml_errors.explain_yaml(file, error, open_brackets=builder.open_brackets()) from error
    return builder.finish()


class _Builder:
    """Puts the values of one document together, event by event."""

    def __init__(self, file: TextFile) -> None:
        self._file = file
        self._documents = 0
        self._root: tuple[Any, int] | None = None
        self._open: list[LocatedList | LocatedMapping] = []
        self._open_keys: list[str] = []  # of each open value, the key that it stands under; unused in a list
        self._open_offsets: list[int] = []
        self._key = ""
        self._key_offset = -1  # of the key that waits for its value, if any
        self._is_key_usable = True
        self._problems: list[ConfigProblem] = []

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_properties(event)
            self._put(read_plain(event.value) if event.implicit[0] else event.value, _offset(event))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._refuse_properties(event)
            self._start(LocatedMapping() if isinstance(event, yaml.MappingStartEvent) else LocatedList(), event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._open_keys.pop()
            self._open_offsets.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._refuse(event, yaml_errors.ALIAS)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event)

    def finish(self) -> Document:
        if self._root is None or self._root[0] == Unquoted(text="", kind="null"):
            raise self._file.error(0, "the file is empty: write `version: 1` and `groups: [Newsletter]`")
        value, offset = self._root
        return Document(file=self._file, language="YAML", value=value, offset=offset, problems=tuple(self._problems))

    def open_brackets(self) -> list[int]:
        """Return where the brackets stand that are still open, the innermost last."""
        return [offset for offset in self._open_offsets if self._file.text[offset] in "[{"]

    def _start_document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(event, "a second document begins here: put it in a file of its own")
        if event.version or event.tags:
            self._refuse(event, yaml_errors.DIRECTIVE)

    def _refuse_properties(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self._refuse(event, yaml_errors.ANCHOR)
        if event.tag is not None:
            self._refuse(event, yaml_errors.TAG)

    def _refuse(self, event: yaml.Event, sentence: str) -> NoReturn:
        raise self._file.error(_offset(event), sentence, self._path())

    def _start(self, value: LocatedList | LocatedMapping, event: yaml.Event) -> None:
        if len(self._open) == DEEPEST:
            raise self._file.error(_offset(event), TOO_DEEP)
        self._put(value, _offset(event))
        self._open_keys.append(self._key)
        self._open_offsets.append(_offset(event))
        self._open.append(value)

    def _put(self, value: Any, offset: int) -> None:
        if not self._open:
            self._root = value, offset
            return
        container = self._open[-1]
        if isinstance(container, LocatedList):
            container.add(value, offset)
        elif self._key_offset < 0:
            self._take_key(container, value, offset)
        else:
            if self._is_key_usable:
                container.add(self._key, self._key_offset, value, offset)
            self._key_offset = -1

    def _take_key(self, container: LocatedMapping, key: Any, offset: int) -> None:
        if isinstance(key, (LocatedList, LocatedMapping)):
            raise self._file.error(offset, f"a key must be text, found {describe(key)}", self._path())
        self._key = sys.intern(key) if isinstance(key, str) else str(getattr(key, "text", key))
        self._key_offset = offset
        self._is_key_usable = isinstance(key, str) and key not in container
        if not self._is_key_usable and len(self._problems) <= MOST_VIOLATIONS:
            self._problems.append(self._file.problem(offset, _key_fault(self._file, container, key), self._path()))

    def _path(self) -> KeyPath:
        """Return the way to the innermost open value."""
        steps = zip(self._open, self._open_keys[1:], strict=False)
        return tuple(len(value) - 1 if isinstance(value, LocatedList) else key for value, key in steps)


def _offset(event: yaml.Event) -> int:
    mark = event.start_mark
    return mark.index if mark else 0


def _key_fault(file: TextFile, container: LocatedMapping, key: str | int | Unquoted) -> str:
    if isinstance(key, str):
        return describe_repetition(file, container, key)
    text = key.text if isinstance(key, Unquoted) else str(key)
    if not text:
        return 'a key is missing before the ":": write it, or quote what is text'
    return f"the key {text} is read as {describe(key)} by YAML, not as text: quote it: {show_text(text)}"
