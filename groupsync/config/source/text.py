"""A configuration file as text: decoded, with line offsets, and refused if a diff would show it differently."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.config.problems import ConfigProblem, UnreadableError, describe_path
from groupsync.display import list_line_starts
from groupsync.errors import FileError
from groupsync.files import read_file
from groupsync.model.config import LARGEST_FILE, MOST_LINES
from groupsync.model.groups import Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupsync.schema import KeyPath

_LONE_CARRIAGE_RETURN = re.compile(r"\r(?!\n)")
_LINE_SEPARATORS = "\x85\u2028\u2029"
_LINE_SEPARATOR = re.compile(f"[{_LINE_SEPARATORS}]")
_BIDIRECTIONAL_CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_BIDIRECTIONAL_CONTROL = re.compile(f"[{_BIDIRECTIONAL_CONTROLS}]")
_CONFLICT_MARKER = re.compile(r"^(?:<{7}|>{7})(?=[ \r\n]|\Z)", re.MULTILINE)
_DECEPTIVE = (
    (
        "\r",
        _LONE_CARRIAGE_RETURN,
        "a carriage return alone ends a line here, but not in a diff: save the file with LF or CR LF",
    ),
    (_LINE_SEPARATORS, _LINE_SEPARATOR, "the character {character} ends a line in YAML, but not in a diff: remove it"),
    (
        _BIDIRECTIONAL_CONTROLS,
        _BIDIRECTIONAL_CONTROL,
        "the character {character} changes the order in which text is shown: remove it",
    ),
    (
        ("<" * 7, ">" * 7),
        _CONFLICT_MARKER,
        "a merge conflict is not resolved here: keep one side, and remove the lines <<<<<<<, ======= and >>>>>>>",
    ),
)
_BYTE_ORDER_MARK = "\ufeff"


class TextFile(Struct, frozen=True, kw_only=True):
    """The text of a file; `name` is as the user gave it, `number` is its index among the files.

    Offsets count characters from 0. Lines and columns count from 1; a column counts characters, too.
    """

    name: str
    number: int
    text: str
    line_starts: Sequence[int]

    def source(self, offset: int) -> Source:
        """Return the line and column of an offset."""
        line = bisect_right(self.line_starts, offset)
        return Source(file=self.name, line=line, column=offset - self.line_starts[line - 1] + 1)

    def problem(self, offset: int, sentence: str, path: KeyPath = ()) -> ConfigProblem:
        """Return a problem at an offset: `groups.yaml:12:5: groups[3].name: sentence`."""
        source = self.source(offset)
        value = f"{describe_path(path)}: " if path else ""
        return ConfigProblem(
            file_number=self.number,
            line=source.line,
            column=source.column,
            file=self.name,
            sentence=f"{value}{sentence}",
        )

    def error(self, offset: int, sentence: str, path: KeyPath = ()) -> UnreadableError:
        """Return the error to raise if the file cannot be read past an offset."""
        return UnreadableError(self.problem(offset, sentence, path))


def read_text(path: Path, number: int) -> TextFile:
    """Return the text of a UTF-8 file of at most 16 MiB, without a byte order mark.

    Raises UnreadableError if the file cannot be read, is larger, has too many lines, or is not UTF-8.
    """
    name = str(path).encode(errors="backslashreplace").decode()  # a plan file is UTF-8; a file name may be any bytes
    try:
        content = read_file(path, limit=LARGEST_FILE)
    except FileError as error:
        remedy = f": {error.remedy}" if error.remedy else ""
        sentence = f"{str(error).removeprefix(f'{path}: ')}{remedy}"
        raise UnreadableError(ConfigProblem(file_number=number, file=str(path), sentence=sentence)) from error
    return decode_text(name, number, content)


def decode_text(name: str, number: int, content: bytes) -> TextFile:
    """Return the text of a file with this content; raise UnreadableError if it has too many lines or is not UTF-8."""
    if content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n") > MOST_LINES:
        sentence = f"has more than {MOST_LINES:,} lines: remove blank lines and comments"
        raise UnreadableError(ConfigProblem(file_number=number, file=name, sentence=sentence))
    try:
        return make_text_file(name, number, content.decode())
    except UnicodeDecodeError as error:
        before = make_text_file(name, number, content[: error.start].decode())
        byte = content[error.start]
        sentence = f"the byte 0x{byte:02X} is not UTF-8: save the file as UTF-8"
        raise before.error(len(before.text), sentence) from error


def refuse_deceptive_characters(file: TextFile) -> None:
    """Raise UnreadableError if an editor or a diff would show the file differently from how it is parsed."""
    for signs, pattern, sentence in _DECEPTIVE:
        has_sign = any(sign in file.text for sign in signs)  # much faster than the pattern
        if has_sign and (found := pattern.search(file.text)):
            character = f"U+{ord(found[0][0]):04X}"
            raise file.error(found.start(), sentence.format(character=character))


def make_text_file(name: str, number: int, text: str) -> TextFile:
    """Return the text with the offsets of its lines; LF, CR LF and CR each end a line."""
    text = text.removeprefix(_BYTE_ORDER_MARK)
    return TextFile(name=name, number=number, text=text, line_starts=list_line_starts(text))
