"""Whether two name patterns can match the same name, with an example of such a name.

Two patterns are compared in each form that `make_matcher` compares with a name. So every name is found that has one
form, as names that people type do. A name with several forms can match one pattern in one form and the other pattern in
another: `Sale` and `Sale *` both match `Sale` with a blank at its end. Only the live groups can show such names.
"""

from __future__ import annotations

import itertools
import unicodedata
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.names import drop_blank_letters, drop_invisible, find_name_fault, normalize
from groupsync.patterns import find_first_match, has_wildcard, list_pattern_forms, make_matcher

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_ANY = "\ud800"  # `?` in the texts of a _Glob; no name has it, because it is not text in UTF-8
_NO_BITS, _ALL_BITS = b"\0" * 4, b"\xff" * 4
_FILLER = "1"  # what an example has for a wildcard


MOST_WORK = 150_000_000
"""How many steps a comparison may take, some seconds: more than for two times 1,000 patterns of 10 characters."""


class TooMuchWorkError(Exception):
    """The patterns are too many and too long to be compared; the pairs found so far are not all."""


class Overlap(Struct, frozen=True, kw_only=True):
    """Two patterns, by their indexes, and a name that both match."""

    index: int
    other_index: int
    example: str


def find_overlaps(patterns: Sequence[str], others: Sequence[str], *, most_work: int = MOST_WORK) -> Iterator[Overlap]:
    """Yield the pairs of a pattern and another one that match a common name; a name has one pair only.

    Raises TooMuchWorkError if it would take more than `most_work` steps.
    """
    yield from _find_matched_names(patterns, others)
    with_wildcard = [index for index, pattern in enumerate(patterns) if has_wildcard(pattern)]
    for found in _find_matched_names(others, [patterns[index] for index in with_wildcard]):
        yield Overlap(index=with_wildcard[found.other_index], other_index=found.index, example=found.example)
    prepared = [_prepare(number, patterns[number]) for number in with_wildcard]
    other_prepared = [_prepare(number, other) for number, other in enumerate(others) if has_wildcard(other)]
    work = 0
    for one, other in itertools.product(prepared, other_prepared):
        if _may_overlap(one, other):
            work += _estimate_work(one, other)
            if work > most_work:
                raise TooMuchWorkError
            example = _find_example(one, other)
            if example is not None:
                yield Overlap(index=one.number, other_index=other.number, example=example)


def _find_matched_names(patterns: Sequence[str], others: Sequence[str]) -> Iterator[Overlap]:
    """Yield the patterns without wildcards, which are names, that one of the others matches."""
    matches = make_matcher(tuple(others))
    for index, name in enumerate(patterns):
        if not has_wildcard(name) and matches(name):
            first = find_first_match(range(len(others)), name, others.__getitem__)
            if first is not None:
                yield Overlap(index=index, other_index=first, example=name)


class _Glob(Struct, frozen=True, kw_only=True):
    """A form of a pattern: the texts before, between and after its `*`; without a `*` it is all `head`.

    `start` is the head and `end` the reversed tail as numbers, to compare them quickly.
    """

    head: str
    middle: tuple[str, ...] = ()
    tail: str = ""
    has_star: bool = False
    start: _Code
    end: _Code


class _Code:
    """A text as a number with 32 bits for each character, and a mask with no bits for `?`."""

    __slots__ = ("mask", "value")

    def __init__(self, text: str) -> None:
        self.value = int.from_bytes(text.replace(_ANY, "\0").encode("utf-32-le", "surrogatepass"), "little")
        self.mask = int.from_bytes(b"".join(_NO_BITS if char == _ANY else _ALL_BITS for char in text), "little")

    def fits(self, other: _Code) -> bool:
        """Return whether one text can begin like the other, if `?` is any character."""
        return not (self.value ^ other.value) & self.mask & other.mask


class _Prepared(Struct, frozen=True, kw_only=True):
    """A pattern with wildcards; `start` and `end` are what all forms of its names begin and end with."""

    number: int
    text: str
    start: str
    end: str
    exact: _Glob
    folded: tuple[_Glob, ...]


def _prepare(number: int, pattern: str) -> _Prepared:
    exact, *folded = list_pattern_forms(pattern)
    return _Prepared(
        number=number,
        text=pattern,
        start=_reduce(exact[0]),
        end=_reduce(exact[-1]),
        exact=_make_glob(exact),
        folded=tuple(map(_make_glob, dict.fromkeys(map(tuple, folded)))),
    )


def _reduce(text: str) -> str:
    """Return what is the same in all forms of a text: its letters without case, marks, blanks and invisible ones."""
    if text.isascii():
        return "".join(text.lower().split())
    folded = normalize("NFKD", normalize("NFKD", drop_blank_letters(drop_invisible(text))).casefold())
    return "".join(char for char in folded if not char.isspace() and unicodedata.category(char)[0] != "M")


def _make_glob(parts: Sequence[str]) -> _Glob:
    texts = [""]
    for number, part in enumerate(parts):
        if part == "*" and number % 2:
            texts.append("")
        else:
            texts[-1] += _ANY if number % 2 else part
    head, *middle, tail = texts if len(texts) > 1 else (*texts, "")
    return _Glob(
        head=head,
        middle=tuple(middle),
        tail=tail,
        has_star=len(texts) > 1,
        start=_Code(head),
        end=_Code(tail[::-1]),
    )


def _may_overlap(one: _Prepared, other: _Prepared) -> bool:
    """Return whether the patterns can begin and end alike, which is quick to say for a million pairs."""
    starts_alike = one.start.startswith(other.start) or other.start.startswith(one.start)
    return starts_alike and (one.end.endswith(other.end) or other.end.endswith(one.end))


def _estimate_work(one: _Prepared, other: _Prepared) -> int:
    """Return about how many steps of 50 ns a comparison takes; it is quadratic only if one of the two has no `*`."""
    if one.exact.has_star == other.exact.has_star:
        return (len(one.text) + len(other.text)) // 8
    return len(one.text) * len(other.text)


def _find_example(one: _Prepared, other: _Prepared) -> str | None:
    """Return a name that both patterns match, if possible one that groupsync would write; None if there is none."""
    if not _overlap_in_a_form(one, other):
        return None
    pairs = [(one.exact, other.exact), *itertools.product((*one.folded, one.exact), (*other.folded, other.exact))]
    names = itertools.chain.from_iterable(itertools.starmap(_list_common_names, pairs))
    matching = [name for name in dict.fromkeys(names) if _match(one, name) and _match(other, name)]
    return min(matching, key=lambda name: bool(find_name_fault(name)) or "  " in name, default=None)


def _overlap_in_a_form(one: _Prepared, other: _Prepared) -> bool:
    """Return whether two forms have a common text; for ASCII patterns, the folded forms include all others."""
    if one.text.isascii() and other.text.isascii():
        pairs: Iterable[tuple[_Glob, _Glob]] = itertools.product(one.folded, other.folded)
    else:
        pairs = itertools.product((one.exact, *one.folded), (other.exact, *other.folded))
    return any(itertools.starmap(_have_common_text, pairs))


def _have_common_text(one: _Glob, other: _Glob) -> bool:
    """Return whether a text matches both: two globs with `*` only have to begin and end alike."""
    if not one.start.fits(other.start) or not one.end.fits(other.end):
        return False
    if one.has_star == other.has_star:
        return one.has_star or len(one.head) == len(other.head)
    return _merge_globs(one, other) is not None


def _match(pattern: _Prepared, name: str) -> bool:
    return make_matcher((pattern.text,))(name)


def _list_common_names(one: _Glob, other: _Glob) -> Iterator[str]:
    """Yield examples of texts that match both: the shortest one, and others with something for a `*`."""
    for before, after in (("", ""), ("", _FILLER), (_FILLER, ""), (_FILLER, _FILLER)):
        text = _merge_globs(one, other, before=before, after=after)
        if text:
            yield text.replace(_ANY, _FILLER)


def _merge_globs(one: _Glob, other: _Glob, *, before: str = "", after: str = "") -> str | None:
    """Return a text that matches both, None if there is none; between two `*` it has `before` and `after`."""
    if one.has_star and other.has_star:
        head, tail = _merge_starts(one.head, other.head), _merge_ends(one.tail, other.tail)
        if head is None or tail is None:
            return None
        return "".join([head, before, *one.middle, *other.middle, after, tail])
    if one.has_star:
        return _fit(one, other.head)
    if other.has_star:
        return _fit(other, one.head)
    return _merge_starts(one.head, other.head) if len(one.head) == len(other.head) else None


def _fit(glob: _Glob, text: str) -> str | None:
    """Return a text without `*` merged with a glob that has some, None if they do not fit."""
    room = len(text) - len(glob.tail)
    head = _merge_starts(glob.head, text)
    tail = _merge_ends(glob.tail, text)
    if len(glob.head) > room or head is None or tail is None:
        return None
    merged = head[:room] + tail[room:]
    position = len(glob.head)
    for part in glob.middle:
        found = _find_place(merged, part, position, room)
        if found is None:
            return None
        position, merged = found
    return merged


def _find_place(text: str, part: str, start: int, end: int) -> tuple[int, str] | None:
    """Return the end of the first place from `start` to `end` that a part fits, and the text with the part there."""
    for first in range(start, end - len(part) + 1):
        merged = _merge_starts(text[first : first + len(part)], part)
        if merged is not None:
            last = first + len(part)
            return last, text[:first] + merged + text[last:]
    return None


def _merge_starts(one: str, other: str) -> str | None:
    """Return the longer text, with its `?` replaced by what the shorter one has there; None if they differ."""
    shorter, longer = sorted((one, other), key=len)
    if _ANY not in shorter and _ANY not in longer:
        return longer if longer.startswith(shorter) else None  # fast path: nearly every pattern
    merged = ""
    for char, char_of_longer in zip(shorter, longer, strict=False):
        if _ANY not in {char, char_of_longer} and char != char_of_longer:
            return None
        merged += char_of_longer if char == _ANY else char
    return merged + longer[len(shorter) :]


def _merge_ends(one: str, other: str) -> str | None:
    merged = _merge_starts(one[::-1], other[::-1])
    return None if merged is None else merged[::-1]
