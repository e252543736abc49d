"""A short text in place of a long one: what edits need of a file with thousands of entries."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from groupsync.display import list_line_starts
from groupsync.editing.edits import AddEntry, SetPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.editing.edit import EditedText
    from groupsync.editing.edits import Edit

_BYTE_ORDER_MARK = "\ufeff"

# An entry in lines of its own: a name, then keys with values. None of its characters can open or close anything,
# wherever the lines are, and "#" is not among them.
_VALUE = r"\w[\w .+/&()-]*\r?\n"
_PLAIN_ENTRY = rf"^{{indent}}- (name: )?{_VALUE}(?:{{indent}}  \w+: {_VALUE})*"
_DASH = re.compile(r"^( *)-[ \r\n]", re.MULTILINE)


class _Gap(Struct, frozen=True, kw_only=True):
    """Lines that are left out, and where they were in the short text, counted without a byte order mark."""

    offset: int
    lines: str


class ShortText(Struct, frozen=True, kw_only=True):
    """The text of a file without most of the entries that no edit is about, and the edits of that text.

    Left out are whole entries of plain lines that have such entries right above and below them. So they mean the same
    whatever other lines are around them: the short text is edited and proved like a file, and the lines are put back
    unchanged.
    """

    text: str
    edits: tuple[Edit, ...]
    gaps: tuple[_Gap, ...]

    def put_back(self, edited: EditedText) -> str | None:
        """Return the whole text after edits of the short text; None if an edit changed what is around a gap."""
        new = edited.text
        mark = len(_BYTE_ORDER_MARK) if new.startswith(_BYTE_ORDER_MARK) else 0
        replacements = sorted(edited.replacements, key=lambda one: (one.start, one.end))
        parts: list[str] = []
        at, shift, number = 0, mark, 0
        for gap in self.gaps:
            while number < len(replacements) and replacements[number].end < gap.offset:
                one = replacements[number]
                shift += len(one.new) - (one.end - one.start)
                number += 1
            if number < len(replacements) and replacements[number].start <= gap.offset:
                return None
            parts += [new[at : gap.offset + shift], gap.lines]
            at = gap.offset + shift
        return "".join([*parts, new[at:]])


def take_short_text(text: str, edits: Sequence[Edit], *, shortest: int = 20_000) -> ShortText | None:
    """Return what edits need of the text of a file; None if nothing can be left out, or it has fewer characters.

    Time is linear in the length of the text and the number of edits.
    """
    content = text.removeprefix(_BYTE_ORDER_MARK)
    if len(content) < shortest:
        return None
    starts = list_line_starts(content)
    places = sorted(
        starts[edit.source.line - 1] if 1 <= edit.source.line <= len(starts) else 0
        for edit in edits
        if not isinstance(edit, (AddEntry, SetPolicy))
    )
    spans = list(_find_gaps(content, places))
    if not spans:
        return None
    kept: list[str] = []
    gaps: list[_Gap] = []
    lines: list[tuple[int, int]] = []
    at = gone = gone_lines = 0
    for start, end in spans:
        kept.append(content[at:start])
        gaps.append(_Gap(offset=start - gone, lines=content[start:end]))
        gone, at = gone + end - start, end
        first, last = bisect_left(starts, start), bisect_left(starts, end)
        gone_lines += last - first
        lines.append((last, gone_lines))
    return ShortText(
        text="".join([text[: len(text) - len(content)], *kept, content[at:]]),
        edits=tuple(_move(edit, lines) for edit in edits),
        gaps=tuple(gaps),
    )


def _find_gaps(content: str, places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield where the lines are that can be left out; `places` are where the lines of edited entries start, in order.

    An edited entry, and those right above and below it, are kept, and so are the first and the last one of consecutive
    plain entries.
    """
    run: list[re.Match[str]] = []
    for entry in _find_plain_entries(content):
        if (run and not _follows(run[-1], entry)) or _is_edited(entry, places):
            yield from _leave_out(run)
            run = []
        if not _is_edited(entry, places):
            run.append(entry)
    yield from _leave_out(run)


def _find_plain_entries(content: str) -> Iterator[re.Match[str]]:
    """Find the plain entries with the least indentation of all dashes: a list inside an entry has more."""
    indent = min(_DASH.findall(content), default="")
    return re.finditer(_PLAIN_ENTRY.format(indent=indent), content, re.MULTILINE)


def _follows(before: re.Match[str], entry: re.Match[str]) -> bool:
    """Return whether an entry is right below another one of its kind, a name alone or a mapping.

    New entries are written like those that are there, so some of each kind must stay.
    """
    return before.end() == entry.start() and before[1] == entry[1]


def _leave_out(run: Sequence[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """Yield where consecutive entries are without the first and the last one; nothing if they are fewer than three."""
    if len(run) > len(("first", "last")):
        yield run[1].start(), run[-2].end()


def _is_edited(entry: re.Match[str], places: Sequence[int]) -> bool:
    number = bisect_left(places, entry.start())
    return number < len(places) and places[number] < entry.end()


def _move(edit: Edit, lines: Sequence[tuple[int, int]]) -> Edit:
    """Return an edit with its source in the short text; `lines` are the lines after each gap, and how many are gone."""
    if isinstance(edit, (AddEntry, SetPolicy)):
        return edit
    number = bisect_right(lines, edit.source.line - 1, key=itemgetter(0))
    gone = lines[number - 1][1] if number else 0
    return replace(edit, source=replace(edit.source, line=edit.source.line - gone))
