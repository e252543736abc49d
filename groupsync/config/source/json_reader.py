"""Reads strict JSON (RFC 8259) into the same located values as YAML."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

from groupsync.config.problems import MOST_PROBLEMS
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
    describe_repeated_key,
    read_special,
)

if TYPE_CHECKING:
    from groupsync.config.problems import ConfigProblem, UnreadableError
    from groupsync.config.source.text import TextFile
    from groupsync.schema import KeyPath

_DECODER = json.JSONDecoder()
_MOST_SEPARATORS = 4 * MOST_VALUES  # some may be inside text
_BLANKS = re.compile(r"[ \t\n\r]*")
_WORD = re.compile(r"[^\s,\]}]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_KINDS = {"true": "a boolean", "false": "a boolean", "null": "null"}
_NEVER_CLOSED = "this quote is never closed: add the closing quote"
_CONTROL = "a line break, tab or control character cannot be in JSON text: write \\n, \\t"
_ESCAPE = "JSON knows no such escape: write \\\\ for a backslash"
_SENTENCES = {
    "Expecting value": "a value is expected here: JSON has no comments and no comma after the last item",
    "Expecting property name enclosed in double quotes": "a key in double quotes is expected here: "
    "JSON has no comments and no comma after the last item",
    "Expecting ':' delimiter": 'a ":" is missing here: put it between key and value',
    "Expecting ',' delimiter": "a comma or a closing bracket is missing here: add it",
    "Unterminated string starting at": _NEVER_CLOSED,
    "Invalid control character at": _CONTROL,
    "Invalid \\escape": _ESCAPE,
    "Invalid \\uXXXX escape": "an escape such as \\u00e9 lacks digits: write all of them",
    "Extra data": "the value of the file ends before this place: remove what follows, or add the missing brackets",
    "Illegal trailing comma before end of object": "JSON has no comma after the last item: remove it",
    "Illegal trailing comma before end of array": "JSON has no comma after the last item: remove it",
}


def read_json(file: TextFile) -> Document:
    """Return the document of a JSON file; raise UnreadableError if the file is not strict JSON."""
    if sum(map(file.text.count, ",[{:")) > _MOST_SEPARATORS:
        raise file.error(0, f"the file has more than {MOST_VALUES:,} keys and values: remove what is not needed")
    try:
        # This checks the syntax only. Numbers are not converted, which could take long or fail.
        json.loads(file.text, parse_int=len, parse_float=len)
    except json.JSONDecodeError as error:
        raise make_json_error(file, error) from error
    except RecursionError:
        pass  # the parser below refuses the same depth, and knows the place
    return _Parser(file).read()


def make_json_error(file: TextFile, error: json.JSONDecodeError) -> UnreadableError:
    """Return the error for a file that is not JSON, in groupsync's words."""
    if not file.text.strip():
        return file.error(0, 'the file is empty: write {"version": 1, "groups": ["Newsletter"]}')
    return file.error(error.pos, _SENTENCES.get(error.msg) or _describe_by_place(file.text[error.pos : error.pos + 1]))


def _describe_by_place(char: str) -> str:
    """Return the sentence for an error that no rule covers, by the character where it is.

    Python's own words are not shown: they change from version to version, and do not help the author of a file.
    """
    if char == '"':
        return _NEVER_CLOSED
    if char == "\\":
        return _ESCAPE
    if char and char < " ":
        return _CONTROL
    return "this is not JSON: check the commas, the quotes and the brackets"


class _Parser:
    """Parses text whose syntax was checked before; if it is nested too deeply, only the part before that was."""

    def __init__(self, file: TextFile) -> None:
        self._file = file
        self._text = file.text
        self._at = 0
        self._values = 0
        self._path: list[str | int] = []
        self._problems: list[ConfigProblem] = []

    def read(self) -> Document:
        offset = self._skip_blanks()
        value = self._read_value()
        problems = tuple(self._problems)
        return Document(file=self._file, language="JSON", value=value, offset=offset, problems=problems)

    def _skip_blanks(self, after: int = 0) -> int:
        """Skip that many characters and the blanks after them, and return the new offset."""
        found = _BLANKS.match(self._text, self._at + after)
        self._at = found.end() if found else self._at
        return self._at

    def _read_value(self) -> Any:
        char = self._text[self._at]
        if char == '"':
            return self._read_text()
        if char in "[{":
            if len(self._path) == DEEPEST:
                raise self._file.error(self._at, TOO_DEEP)
            return self._read_list() if char == "[" else self._read_mapping()
        return self._read_word()

    def _read_text(self) -> str:
        start = self._at
        text, self._at = _DECODER.raw_decode(self._text, start)
        if not text.isascii() and _SURROGATE.search(text):
            sentence = "holds half of a surrogate pair, which is not a character: write the character itself"
            raise self._file.error(start, sentence, self._key_path())
        return str(text)

    def _read_word(self) -> int | Unquoted:
        found = _WORD.match(self._text, self._at)
        word = found[0] if found else ""
        if word in {"NaN", "Infinity", "-Infinity"}:
            raise self._file.error(self._at, f"{word} is not JSON: write a number, or quote it", self._key_path())
        self._at += len(word)
        return read_special(word, _KINDS.get(word, "a number"))

    def _read_list(self) -> LocatedList:
        items = LocatedList()
        self._skip_blanks(after=1)
        self._path.append(0)
        while self._text[self._at] != "]":
            self._path[-1] = len(items)
            offset = self._at
            self._count_value(items, offset)
            items.add(self._read_value(), offset)
            self._skip_comma()
        self._path.pop()
        self._at += 1
        return items

    def _read_mapping(self) -> LocatedMapping:
        mapping = LocatedMapping()
        self._skip_blanks(after=1)
        self._path.append("")
        while self._text[self._at] != "}":
            self._read_pair(mapping)
            self._skip_comma()
        self._path.pop()
        self._at += 1
        return mapping

    def _read_pair(self, mapping: LocatedMapping) -> None:
        key_offset = self._at
        self._count_value(mapping, key_offset)
        key = self._path[-1] = sys.intern(self._read_text())
        if len(key) > LONGEST_KEY:
            raise self._file.error(key_offset, TOO_LONG_KEY)
        self._skip_blanks()
        offset = self._skip_blanks(after=1)
        value = self._read_value()
        if key not in mapping:
            mapping.add(key, key_offset, value, offset)
        elif len(self._problems) <= MOST_PROBLEMS:
            sentence = describe_repeated_key(self._file, mapping, key)
            self._problems.append(self._file.problem(key_offset, sentence, self._key_path()[:-1]))

    def _count_value(self, container: LocatedList | LocatedMapping, offset: int) -> None:
        if excess := describe_excess(container, self._values):
            raise self._file.error(offset, excess, self._key_path()[:-1])
        self._values += 1

    def _skip_comma(self) -> None:
        self._skip_blanks()
        if self._text[self._at] == ",":
            self._skip_blanks(after=1)

    def _key_path(self) -> KeyPath:
        return tuple(self._path)
