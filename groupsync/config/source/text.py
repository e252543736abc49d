"""A configuration file as text: decoded, free of characters that no YAML may hold, with its lines known."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupsync.config.problems import ConfigProblem, UnreadableError, show_path
from groupsync.display import list_line_starts, quote_file
from groupsync.errors import FileError
from groupsync.files import read_file
from groupsync.model.config import LARGEST_FILE
from groupsync.model.groups import Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupsync.schema import KeyPath

_TURNS = {
    re.compile(
        r"\r(?!\n)"
    ): "a carriage return alone ends a line here, but not in a diff: save the file with LF or CR LF",
    re.compile("[\x85\u2028\u2029]"): "the character {character} ends a line in YAML, but not in a diff: remove it",
    re.compile("[\u202a-\u202e\u2066-\u2069]"): "the character {character} turns the order in which text is shown: "
    "remove it",
    re.compile(
        r"^(?:<{7}|>{7})(?=[ \r\n]|\Z)", re.MULTILINE
    ): "a merge conflict is not resolved here: keep one side, and remove the lines <<<<<<<, ======= and >>>>>>>",
}
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """The text of a file, the file's name as the user gave it and its number among the files.

    An offset counts characters from 0; lines and columns count from 1, and a column counts characters too.
    """

    name: str
    number: int
    text: str
    line_starts: Sequence[int]

    def source(self, offset: int) -> Source:
        """Return the place of an offset."""
        line = bisect_right(self.line_starts, offset)
        return Source(file=self.name, line=line, column=offset - self.line_starts[line - 1] + 1)

    def problem(self, offset: int, sentence: str, path: KeyPath = ()) -> ConfigProblem:
        """Return a problem at an offset: `groups.yaml:12:5: groups[3].name: sentence`."""
        place = self.source(offset)
        value = f"{show_path(path)}: " if path else ""
        text = f"{quote_file(self.name)}:{place.line}:{place.column}: {value}{sentence}"
        return ConfigProblem(file_number=self.number, line=place.line, column=place.column, text=text)

    def error(self, offset: int, sentence: str, path: KeyPath = ()) -> UnreadableError:
        """Return the error that ends the reading of this file at an offset."""
        return UnreadableError(self.problem(offset, sentence, path))


def read_text(path: Path, number: int) -> TextFile:
    """Return the text of a file in UTF-8 of at most 16 MiB; a byte order mark at its start is left out."""
    name = str(path).encode(errors="backslashreplace").decode()  # a file's name need not be UTF-8, a plan file is
    try:
        content = read_file(path, limit=LARGEST_FILE)
    except FileError as error:
        text = f"{quote_file(str(path))}: {str(error).removeprefix(f'{path}: ')}"
        raise UnreadableError(ConfigProblem(file_number=number, text=text)) from error
    try:
        return make_text_file(name, number, content.decode())
    except UnicodeDecodeError as error:
        before = make_text_file(name, number, content[: error.start].decode())
        byte = content[error.start]
        sentence = f"the byte 0x{byte:02X} is not UTF-8: save the file as UTF-8"
        raise before.error(len(before.text), sentence) from error


def refuse_hidden_turns(file: TextFile) -> None:
    """Raise UnreadableError where the file says something else than a reader of it, or of a diff, sees."""
    for pattern, sentence in _TURNS.items():
        if found := pattern.search(file.text):
            character = f"U+{ord(found[0][0]):04X}"
            raise file.error(found.start(), sentence.format(character=character))


def make_text_file(name: str, number: int, text: str) -> TextFile:
    """Return the text with the starts of its lines; LF, CR LF and CR end a line."""
    text = text.removeprefix(_BYTE_ORDER_MARK)
    return TextFile(name=name, number=number, text=text, line_starts=list_line_starts(text))
