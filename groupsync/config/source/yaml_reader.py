"""Reads YAML from libyaml's events into located values, in one pass.

Anchors, aliases, tags, directives, a second document and nesting deeper than 16 levels are errors at their place. They
end the pass, so that no small file can grow into a large value, and libyaml, whose time is quadratic in the depth,
reads no further.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import yaml
from yaml import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
)

from groupsync.config.problems import MOST_PROBLEMS, quote_short
from groupsync.config.source import yaml_errors
from groupsync.config.source.located import (
    DEEPEST,
    LONGEST_KEY,
    MOST_VALUES,
    TOO_DEEP,
    TOO_LONG_KEY,
    Document,
    LocatedList,
    LocatedMapping,
    Unquoted,
    describe_excess,
    describe_kind,
    describe_repeated_key,
    read_special,
)
from groupsync.errors import SettingsError

if TYPE_CHECKING:
    from groupsync.config.problems import ConfigProblem
    from groupsync.config.source.text import TextFile
    from groupsync.schema import KeyPath

# All but https://yaml.org/spec/1.1/#c-printable, and the byte order mark, which libyaml would skip silently.
# The pattern lists what is refused, because compiling one of what is allowed takes ten times as long.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")

# What YAML 1.1 reads an unquoted scalar as, by PyYAML's own tables (https://yaml.org/type/).
_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers
_LENGTH_OF_ID = 36
_LONGEST_SPECIAL = 1_000  # the memory that a pattern of base 60 takes grows with the text
_NOT_IN_NUMBERS = re.compile(r"[^-+0-9_:.]")
_KINDS = {
    "tag:yaml.org,2002:bool": "a boolean",
    "tag:yaml.org,2002:float": "a number",
    "tag:yaml.org,2002:int": "a number",
    "tag:yaml.org,2002:merge": "a merge key",
    "tag:yaml.org,2002:null": "null",
    "tag:yaml.org,2002:timestamp": "a date",
    "tag:yaml.org,2002:value": "a default key",
}


def has_libyaml() -> bool:
    """Return whether PyYAML comes with libyaml, as its wheels do."""
    return bool(yaml.__with_libyaml__)


def read_yaml(file: TextFile) -> Document:
    """Return the one document of a YAML file; raise UnreadableError if it is anything else."""
    if not has_libyaml():
        raise SettingsError(
            "PyYAML is installed without libyaml, with which groupsync reads YAML",
            remedy="pip install --force-reinstall --only-binary :all: pyyaml",
        )
    if found := _UNPRINTABLE.search(file.text):
        code = ord(found[0])
        sentence = f'the character U+{code:04X} cannot be in YAML: remove it, or write "\\u{code:04x}"'
        raise file.error(found.start(), sentence)
    builder = _Builder(file)
    take = builder.take
    try:
        # `yaml.parse` does the same, but asks before each event whether there is one
        for event in iter(yaml.CSafeLoader(file.text).get_event, None):
            take(event)
    except yaml.MarkedYAMLError as error:
        raise yaml_errors.make_yaml_error(file, error, open_brackets=builder.open_brackets()) from error
    return builder.finish()


class _Builder:
    """Builds the value of one document, event by event."""

    def __init__(self, file: TextFile) -> None:
        self._file = file
        self._documents = 0
        self._values = 0
        self._root: tuple[Any, int] | None = None
        self._open: list[LocatedList | LocatedMapping] = []
        self._open_keys: list[str] = []  # for each open value, the key that it is under; unused in a list
        self._open_offsets: list[int] = []
        self._key = ""
        self._key_offset = -1  # of the key that waits for its value, -1 if none does
        self._is_key_usable = True
        self._problems: list[ConfigProblem] = []

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, ScalarEvent):
            if event.anchor is not None or event.tag is not None:
                self._refuse_properties(event)
            text = event.value
            is_plain = event.implicit[0] and (text[:1] in _RESOLVERS or len(text) > _LONGEST_SPECIAL)
            value = _read_plain(text) if is_plain else text
            mark = event.start_mark
            self._put(value, mark.index if mark else 0)
        elif isinstance(event, CollectionStartEvent):
            if event.anchor is not None or event.tag is not None:
                self._refuse_properties(event)
            self._start(LocatedMapping() if isinstance(event, MappingStartEvent) else LocatedList(), event)
        elif isinstance(event, CollectionEndEvent):
            self._open.pop()
            self._open_keys.pop()
            self._open_offsets.pop()
        elif isinstance(event, AliasEvent):
            self._refuse(event, yaml_errors.ALIAS)
        elif isinstance(event, DocumentStartEvent):
            self._start_document(event)

    def finish(self) -> Document:
        if self._root is None or self._root[0] == Unquoted(text="", kind="null"):
            raise self._file.error(0, "the file is empty: write `version: 1` and `groups: [Newsletter]`")
        value, offset = self._root
        return Document(file=self._file, language="YAML", value=value, offset=offset, problems=tuple(self._problems))

    def open_brackets(self) -> list[int]:
        """Return the offsets of the brackets that are still open, the innermost last."""
        return [offset for offset in self._open_offsets if self._file.text[offset] in "[{"]

    def _start_document(self, event: DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(event, "a second document begins here: put it in its own file")
        if event.version or event.tags:
            self._refuse(event, yaml_errors.DIRECTIVE)

    def _refuse_properties(self, event: ScalarEvent | CollectionStartEvent) -> None:
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
        is_large = len(container) >= container.most or self._values >= MOST_VALUES
        if is_large and (excess := describe_excess(container, self._values)):
            raise self._file.error(offset, excess, self._path())
        self._values += 1
        if isinstance(container, LocatedList):
            container.append(value)
            container.offsets.append(offset)
        elif self._key_offset < 0:
            self._take_key(container, value, offset)
        else:
            if self._is_key_usable:
                container[self._key] = value
                container.offsets += (self._key_offset, offset)
            self._key_offset = -1

    def _take_key(self, container: LocatedMapping, key: Any, offset: int) -> None:
        self._key_offset = offset
        if type(key) is str and len(key) <= LONGEST_KEY and key not in container:  # nearly every key
            self._key = sys.intern(key)
            self._is_key_usable = True
            return
        if isinstance(key, (LocatedList, LocatedMapping)):
            if self._file.text.startswith("{{", offset - 1):
                sentence = '"{{" looks like a template that was not filled in: fill it in, or quote the text'
                raise self._file.error(offset - 1, sentence, self._path())
            raise self._file.error(offset, f"a key must be text, found {describe_kind(key)}", self._path())
        if isinstance(key, str) and len(key) > LONGEST_KEY:
            raise self._file.error(offset, TOO_LONG_KEY, self._path())
        self._key = str(getattr(key, "text", key))
        self._is_key_usable = False
        if len(self._problems) <= MOST_PROBLEMS:
            sentence = _describe_bad_key(self._file, container, key)
            self._problems.append(self._file.problem(offset, sentence, self._path()))

    def _path(self) -> KeyPath:
        """Return the path of the innermost open value."""
        steps = zip(self._open, self._open_keys[1:], strict=False)
        return tuple(len(value) - 1 if isinstance(value, LocatedList) else key for value, key in steps)


def _offset(event: yaml.Event) -> int:
    mark = event.start_mark
    return mark.index if mark else 0


def _read_plain(text: str) -> str | int | Unquoted:
    """Return an unquoted scalar: the text, an int if it is a decimal integer, or what else YAML reads it as."""
    if len(text) > _LONGEST_SPECIAL:
        return Unquoted(text=text, kind="a number") if not _NOT_IN_NUMBERS.search(text) else text
    if len(text) == _LENGTH_OF_ID and text[8] == text[13] == text[18] == text[23] == "-":
        return text  # fast path for an id: no number or date has all of these hyphens
    for tag, expression in _RESOLVERS.get(text[:1], ()):
        if expression.match(text):
            kind = _KINDS[tag]
            if kind == "a number" and ":" in text:
                kind = "a number in base 60"
            return read_special(text, kind)
    return text


def _describe_bad_key(file: TextFile, container: LocatedMapping, key: str | int | Unquoted) -> str:
    if isinstance(key, str):
        return describe_repeated_key(file, container, key)
    text = key.text if isinstance(key, Unquoted) else str(key)
    if not text:
        return 'a key is missing before the ":": write it, or quote what is text'
    return f"the key {text} is read as {describe_kind(key)} by YAML, not as text: quote it: {quote_short(text)}"
