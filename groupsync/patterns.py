"""Match the name patterns of `ignore` and `protected`: `*` is any characters, `?` is one.

A pattern matches a name exactly, or if the two look the same. For that, the name and each literal part of the pattern
are folded in the same ways (`_FOLDS`), and one of the results has to match. The wildcards are found before the folding,
which can make characters that look like them: a full-width asterisk is a literal. So folding only adds matches.
"""

from __future__ import annotations

import fnmatch
import functools
import re
import unicodedata
from typing import TYPE_CHECKING

from groupsync.names import (
    NOT_ALWAYS_VISIBLE,
    drop_blank_letters,
    drop_invisible,
    fold_look_alikes,
    join_blanks,
    nfc,
    replace_foreign_letters,
    same_name_key,
    strip_any_suffix,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

_WILDCARD = re.compile(r"([*?])")
_SPECIAL = re.compile(r"([*?\[])")
_CLOSING_BRACKET = re.compile("[]\ufe48\uff3d]")  # all characters that NFKC makes a "]" of
_LONGEST_FOLDED = 1_000  # characters; folding much longer texts takes too long
_MOST_WILDCARDS = 20  # patterns with wildcards for which a look-alike is searched
_NOT_PLAIN = re.compile(f"{NOT_ALWAYS_VISIBLE.pattern}|[\u0307ı]")  # noqa: RUF001


@functools.lru_cache(maxsize=1024)
def make_matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that returns whether a name matches one of the patterns, exactly or by its look."""
    if not patterns:
        return _match_nothing
    matches_exactly = _compile(map(_make_glob, map(_split, patterns)))
    matches_folded = _compile(glob for pattern in patterns for glob in _fold_pattern(pattern))

    def matches(name: str) -> bool:
        folded = _fold_plain(name)
        if folded is not None:
            return matches_folded(folded) is not None  # fast path; what matches exactly also matches folded
        return matches_exactly(name) is not None or any(map(matches_folded, _fold_name(name)))

    return matches


def make_group_matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return a function like `make_matcher`'s for live groups: it also tries the name without a temporary suffix."""
    if not patterns:
        return _match_nothing
    matches = make_matcher(patterns)

    def matches_group(name: str) -> bool:
        return matches(name) or ((bare := _strip_suffix(name)) != name and matches(bare))

    return matches_group


def find_idle_patterns(patterns: Sequence[str], names: Collection[str]) -> tuple[str, ...]:
    """Return the patterns that match no group; `names` are the names of all groups."""
    if not patterns:
        return ()
    matched = list(filter(make_group_matcher(tuple(patterns)), names))
    return tuple(pattern for pattern in patterns if not any(map(make_group_matcher((pattern,)), matched)))


def find_look_alikes(patterns: Sequence[str], names: Collection[str]) -> dict[str, str]:
    """Return, for patterns that match none of the names, the first name that looks like one that each would match.

    A pattern without wildcards is compared as names are. With wildcards only letters of other alphabets count, so that
    `I*` is not taken for all that begins with `l`, and only the first patterns are looked at: each is slow.
    """
    exact = [pattern for pattern in patterns if not _WILDCARD.search(pattern)]
    with_wildcards = [pattern for pattern in patterns if _WILDCARD.search(pattern)][:_MOST_WILDCARDS]
    return _find_look_alikes_of_names(exact, names) | _find_look_alikes_of_wildcards(with_wildcards, names)


def _find_look_alikes_of_names(patterns: Sequence[str], names: Collection[str]) -> dict[str, str]:
    names_by_look: dict[str, str] = {}
    for name in names if patterns else ():
        names_by_look.setdefault(fold_look_alikes(same_name_key(name)), name)
    looks = {pattern: fold_look_alikes(same_name_key(pattern)) for pattern in patterns}
    return {pattern: names_by_look[look] for pattern, look in looks.items() if look in names_by_look}


def _find_look_alikes_of_wildcards(patterns: Sequence[str], names: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    if all(pattern.isascii() for pattern in patterns):
        names = [name for name in names if not name.isascii()]  # folding changes neither of two ASCII texts
    folded_names = [(_replace_look(name), name) for name in names] if patterns else []
    for pattern in patterns:
        parts = [part if number % 2 else _replace_look(part) for number, part in enumerate(_split(pattern))]
        matches = _compile([_make_glob(parts)])
        look_alike = next((name for folded, name in folded_names if matches(folded)), None)
        if look_alike is not None:
            found[pattern] = look_alike
    return found


def _replace_look(text: str) -> str:
    if len(text) > _LONGEST_FOLDED:
        return text
    return text.lower() if text.isascii() else replace_foreign_letters(_fold_look(text))


def _match_nothing(_name: str) -> bool:
    return False


def _strip_suffix(name: str) -> str:
    """Return the name without a temporary suffix, also if a server stored the suffix in another case or form."""
    if not _CLOSING_BRACKET.search(name):
        return name  # fast path: nearly every name
    stripped = strip_any_suffix(name)
    return stripped if stripped != name else strip_any_suffix(_fold_look(name).strip())


# Globs: patterns as `fnmatch` reads them


def _split(pattern: str) -> list[str]:
    """Return the parts of a pattern: literals at the even places, which may be empty, wildcards at the odd ones."""
    return _WILDCARD.split(pattern)


def _make_glob(parts: Sequence[str]) -> str:
    """Return the parts as one glob; for `fnmatch`, a special character in brackets is a literal."""
    escaped = [part if number % 2 else _SPECIAL.sub(r"[\1]", part) for number, part in enumerate(parts)]
    return "".join(escaped)


def _compile(globs: Iterable[str]) -> Callable[[str], re.Match[str] | None]:
    return re.compile("|".join(map(fnmatch.translate, dict.fromkeys(globs)))).match


def _fold_pattern(pattern: str) -> Iterator[str]:
    """Yield a glob for each way of folding the literal parts."""
    parts = _split(pattern)
    for fold in _FOLDS:
        folded = [part if number % 2 else fold(part) for number, part in enumerate(parts)]
        yield _make_glob(folded)
        if fold in _FOLDS_OF_LOOK:
            folded[0] = folded[0].lstrip() or folded[0]  # a literal of blanks only is kept: it is beside a wildcard
            folded[-1] = folded[-1].rstrip() or folded[-1]
            yield _make_glob(folded)


def _fold_plain(name: str) -> str | None:
    """Return what all ways of folding make of an ordinary name, which is nearly every name; None if they may differ."""
    if not name.isprintable() or "  " in name or name != name.strip():
        return None
    if name.isascii():
        return name.lower()
    folded = name.casefold()
    if len(folded) != len(name) or _NOT_PLAIN.search(folded) or not unicodedata.is_normalized("NFKC", name):
        return None
    return folded if unicodedata.is_normalized("NFKC", folded) else None


def _fold_name(name: str) -> Iterator[str]:
    """Yield the name for each way of folding it."""
    for fold in _FOLDS:
        folded = fold(name)
        yield folded
        if fold in _FOLDS_OF_LOOK:
            yield folded.strip()


# The ways of folding


def _fold_each(text: str) -> str:
    """Fold the case of each character that stays one character: in `Straße`, `?` can be the `ß`."""
    return "".join(map(_fold_character, nfc(text)))


@functools.lru_cache(maxsize=4096)
def _fold_character(char: str) -> str:
    return next(folded for folded in (_fold_form(char), char.lower(), char) if len(folded) == 1)


def _fold_form(text: str) -> str:
    """Fold Unicode form and case: `STRASSE` is `Straße`. Turkish has two letters i, whose capitals are I and İ."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded.replace("i\u0307", "i").replace("ı", "i"))  # noqa: RUF001


def _fold_look(text: str) -> str:
    """Fold form and case, drop what is invisible, and make one blank of each run of blanks."""
    return join_blanks(_fold_form(drop_invisible(text) or text))


def _fold_narrow_look(text: str) -> str:
    """Fold like `_fold_look`, as a font shows it that does not render the letters that are blank."""
    return _fold_look(drop_blank_letters(text) or text)


_FOLDS_OF_LOOK = (_fold_look, _fold_narrow_look)
_FOLDS = (_fold_each, _fold_form, *_FOLDS_OF_LOOK)
