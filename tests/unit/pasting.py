"""Does what a remedy says, by its words only: changes, adds and removes the lines that it names."""

from __future__ import annotations

import json
import re
from pathlib import Path

_CHANGE = re.compile(r"change lines? (\d+)(?: to (\d+))? of (\S+) to:$")
_ADD = re.compile(r"add (below|above) line (\d+) of (\S+):$")
_APPEND = re.compile(r"add at the end of (\S+):$")
_REMOVE = re.compile(r"remove lines? (\d+)(?: to (\d+))? of (\S+)$")
_CHANGE_PART = re.compile(r"change the (?:entry|value) at (\S+):(\d+):(\d+) to:$")
_INSERT = re.compile(r"insert (before the entry|after the {) at (\S+):(\d+):(\d+):$")
_INSERT_FIRST = re.compile(r"insert after the first { of (\S+):$")


def paste(remedy: str) -> bool:
    """Edit the file as the remedy says; return False if it says nothing that can be done to the letter."""
    sentence, *new = remedy.split("\n")
    if found := _CHANGE.search(sentence):
        _replace(found[3], int(found[1]) - 1, int(found[2] or found[1]), new)
    elif found := _REMOVE.search(sentence):
        _replace(found[3], int(found[1]) - 1, int(found[2] or found[1]), [])
    elif found := _ADD.search(sentence):
        number = int(found[2]) - (found[1] == "above")
        _replace(found[3], number, number, new)
    elif found := _APPEND.search(sentence):
        number = len(_read(found[1]))
        _replace(found[1], number, number, new)
    else:
        return _paste_part(sentence, new)
    return True


def _paste_part(sentence: str, new: list[str]) -> bool:
    """Do the same for a part of a line of JSON."""
    if found := _CHANGE_PART.search(sentence):
        file, start = found[1], _find_offset(found[1], found[2], found[3])
        try:
            _, end = json.JSONDecoder().raw_decode(_read_text(file), start)
        except json.JSONDecodeError:
            return False
    elif found := _INSERT.search(sentence):
        file, start = found[2], _find_offset(found[2], found[3], found[4]) + (found[1] == "after the {")
        end = start
    elif found := _INSERT_FIRST.search(sentence):
        file = found[1]
        start = end = _read_text(file).index("{") + 1
    else:
        return False
    text = _read_text(file)
    Path(file).write_bytes((text[:start] + new[0] + text[end:]).encode())
    return True


def _find_offset(file: str, line: str, column: str) -> int:
    return sum(len(one) + 1 for one in _read_text(file).split("\n")[: int(line) - 1]) + int(column) - 1


def _read_text(file: str) -> str:
    return Path(file).read_bytes().decode()


def _read(file: str) -> list[str]:
    return Path(file).read_bytes().decode().splitlines(keepends=False)


def _replace(file: str, start: int, end: int, new: list[str]) -> None:
    text = Path(file).read_bytes().decode()
    line_end = "\r\n" if "\r\n" in text else "\n"
    lines = _read(file)
    lines[start:end] = new
    Path(file).write_bytes((line_end.join(lines) + line_end).encode())
