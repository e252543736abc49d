"""Match the name patterns of `ignore` and `protected`: `*` is any characters, `?` is one.

A pattern matches a name exactly, or if the two look the same. For that, the name and each literal part of the pattern
are folded in several ways (`_FOLDS`), and match if they do in one of them. Wildcards are found before the folding,
because folding can produce wildcard characters: a full-width asterisk is a literal. So folding only adds matches. A
name of more than 1,000 characters is never folded: a pattern matches it exactly or not at all.
"""

from __future__ import annotations

import fnmatch
import functools
import re
import unicodedata
from collections import Counter, defaultdict
from itertools import chain, pairwise
from typing import TYPE_CHECKING, TypeVar

from groupsync.names import (
    NOT_ALWAYS_VISIBLE,
    drop_blank_letters,
    drop_invisible,
    fold_look_alikes,
    is_too_long,
    join_blanks,
    nfc,
    normalize,
    replace_foreign_letters,
    same_name_key,
    strip_any_suffix,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

T = TypeVar("T")

_WILDCARD = re.compile(r"([*?])")
_SPECIAL = re.compile(r"([*?\[])")
_CLOSING_BRACKET = re.compile("[]\ufe48\uff3d]")  # all characters that NFKC makes a "]" of
_MOST_WILDCARDS = 20  # patterns with wildcards for which a look-alike is searched
_NOT_PLAIN = re.compile(f"{NOT_ALWAYS_VISIBLE.pattern}|[\u0307ı]")  # noqa: RUF001

MOST_WILDCARD_PATTERNS = 1_000
"""How many patterns with a wildcard a configuration or a variable may have; the others are not limited."""

_FEW = 50  # up to this many globs are compared with each name one by one; more of them are found by an index


@functools.lru_cache(maxsize=1024)
def make_matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that returns whether a name matches one of the patterns, exactly or by its look."""
    if not patterns:
        return _match_nothing
    matches_exactly = _make_any_glob(map(_split, patterns))
    matches_folded = _make_any_glob(parts for pattern in patterns for parts in _fold_pattern(pattern))

    def matches(name: str) -> bool:
        folded = None if is_too_long(name) else _fold_plain(name)
        if folded is not None:
            return matches_folded(folded)  # fast path; what matches exactly also matches folded
        return matches_exactly(name) or any(map(matches_folded, _fold_name(name)))

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
    if not matched:
        return tuple(patterns)
    forms = frozenset(chain.from_iterable(map(_list_forms, matched)))
    return tuple(pattern for pattern in patterns if not _matches_any(pattern, matched, forms))


def find_first_match(patterns: Iterable[T], name: str, text: Callable[[T], str]) -> T | None:
    """Return the first pattern that matches the name of a group, None if none does; `text` returns a pattern's text."""
    forms = frozenset(_list_forms(name))
    return next((pattern for pattern in patterns if _matches_any(text(pattern), [name], forms)), None)


def has_wildcard(pattern: str) -> bool:
    """Return whether a pattern has a `*` or `?`; one without is a name."""
    return _WILDCARD.search(pattern) is not None


def list_pattern_forms(pattern: str) -> tuple[Sequence[str], ...]:
    """Return the forms in which a pattern is compared with names, first the exact one.

    A form has literals, possibly empty, at even indexes, and wildcards at odd ones.
    """
    return (_split(pattern), *_fold_pattern(pattern))


def _matches_any(pattern: str, names: Collection[str], forms: AbstractSet[str]) -> bool:
    """Return whether a pattern matches one of the groups; `forms` are all forms of their names."""
    if not has_wildcard(pattern):
        return pattern in forms or any("".join(parts) in forms for parts in _fold_pattern(pattern))
    return any(map(make_group_matcher((pattern,)), names))


def _list_forms(name: str) -> Iterator[str]:
    """Yield the forms of a group's name that are compared with a pattern, also without a temporary suffix."""
    for text in dict.fromkeys((name, _strip_suffix(name))):
        yield text
        yield from _fold_name(text)


def find_look_alikes(patterns: Sequence[str], names: Collection[str]) -> dict[str, str]:
    """Return, for each pattern that matches none of the names, the first name that looks like a match.

    A pattern without wildcards is compared as names are. With wildcards, only letters of other alphabets count: `I*`
    does not look like everything that begins with `l`. Only the first such patterns are compared, because each is slow.
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
    if is_too_long(text):
        return text
    return text.lower() if text.isascii() else replace_foreign_letters(_fold_look(text))


def _match_nothing(_name: str) -> bool:
    return False


def _strip_suffix(name: str) -> str:
    """Return the name without its temporary suffix, even if a server stored the suffix in another case or form."""
    if not _CLOSING_BRACKET.search(name):
        return name  # fast path: nearly every name
    stripped = strip_any_suffix(name)
    return stripped if stripped != name or is_too_long(name) else strip_any_suffix(_fold_look(name).strip())


# Globs: patterns as `fnmatch` reads them


def _split(pattern: str) -> list[str]:
    """Return the parts of a pattern: literals (possibly empty) at even indexes, wildcards at odd ones."""
    return _WILDCARD.split(pattern)


def _make_glob(parts: Sequence[str]) -> str:
    """Return the parts as one glob; for `fnmatch`, a special character in brackets is a literal."""
    escaped = [part if number % 2 else _SPECIAL.sub(r"[\1]", part) for number, part in enumerate(parts)]
    return "".join(escaped)


def _compile(globs: Iterable[str]) -> Callable[[str], re.Match[str] | None]:
    return re.compile("|".join(map(fnmatch.translate, globs))).match


def _make_any_glob(patterns: Iterable[Sequence[str]]) -> Callable[[str], bool]:
    """Return a function that returns whether a text, without folding, matches a pattern; each is given by its parts."""
    names: set[str] = set()
    globs: dict[str, Sequence[str]] = {}
    for parts in patterns:
        if len(parts) == 1:
            names.add(parts[0])
        else:
            globs[_make_glob(parts)] = parts
    if not globs:
        return names.__contains__
    matches_glob = _compile(globs) if len(globs) <= _FEW else _make_glob_index(globs)
    return lambda text: text in names or bool(matches_glob(text))


def _make_glob_index(globs: Mapping[str, Sequence[str]]) -> Callable[[str], bool]:
    """Return a function that returns whether a text matches one of many globs.

    The index finds a glob by two consecutive characters of its literals, the two that the fewest globs have. So a text
    is compared with few globs.
    """
    pairs = {glob: {pair for literal in parts[::2] for pair in _list_pairs(literal)} for glob, parts in globs.items()}
    frequency = Counter(chain.from_iterable(pairs.values()))
    found_by: dict[str, list[str]] = defaultdict(list)
    for glob, found in pairs.items():
        found_by[min(found, key=lambda pair: (frequency[pair], pair), default="")].append(glob)
    matchers = {pair: _compile(sharing) for pair, sharing in found_by.items()}

    def matches(text: str) -> bool:
        candidates = matchers.keys() & {"", *_list_pairs(text)}
        return any(matchers[pair](text) for pair in candidates)

    return matches


def _list_pairs(text: str) -> Iterator[str]:
    return map("".join, pairwise(text))


def _fold_pattern(pattern: str) -> Iterator[list[str]]:
    """Yield the parts of a pattern for each way of folding its literals; nothing if the pattern is too long."""
    if is_too_long(pattern):
        return
    parts = _split(pattern)
    for fold in _FOLDS:
        folded = [part if number % 2 else fold(part) for number, part in enumerate(parts)]
        yield folded
        if fold in _FOLDS_OF_LOOK:
            trimmed = folded.copy()
            trimmed[0] = trimmed[0].lstrip() or trimmed[0]  # a literal of blanks only is kept: it is beside a wildcard
            trimmed[-1] = trimmed[-1].rstrip() or trimmed[-1]
            yield trimmed


def _fold_plain(name: str) -> str | None:
    """Return an ordinary name folded, if all ways of folding give the same (as for nearly every name); else None."""
    if not name.isprintable() or "  " in name or name != name.strip():
        return None
    if name.isascii():
        return name.lower()
    folded = name.casefold()
    if len(folded) != len(name) or _NOT_PLAIN.search(folded) or not unicodedata.is_normalized("NFKC", name):
        return None
    return folded if unicodedata.is_normalized("NFKC", folded) else None


def _fold_name(name: str) -> Iterator[str]:
    """Yield the name for each way of folding it; nothing if it is too long."""
    if is_too_long(name):
        return
    for fold in _FOLDS:
        folded = fold(name)
        yield folded
        if fold in _FOLDS_OF_LOOK:
            yield folded.strip()


# The ways of folding


def _fold_each(text: str) -> str:
    """Fold the case of each character that stays one character: in `Straße`, `?` matches the `ß`."""
    return "".join(map(_fold_character, nfc(text)))


@functools.lru_cache(maxsize=4096)
def _fold_character(char: str) -> str:
    return next(folded for folded in (_fold_form(char), char.lower(), char) if len(folded) == 1)


def _fold_form(text: str) -> str:
    """Fold Unicode form and case: `STRASSE` is `Straße`. Turkish has two letters i, whose capitals are I and İ."""
    folded = normalize("NFKC", text).casefold()
    return normalize("NFKC", folded.replace("i\u0307", "i").replace("ı", "i"))  # noqa: RUF001


def _fold_look(text: str) -> str:
    """Fold form and case, remove invisible characters, and replace each run of blanks by one."""
    return join_blanks(_fold_form(drop_invisible(text) or text))


def _fold_narrow_look(text: str) -> str:
    """Fold like `_fold_look`, but for fonts that do not render blank letters."""
    return _fold_look(drop_blank_letters(text) or text)


_FOLDS_OF_LOOK = (_fold_look, _fold_narrow_look)
_FOLDS = (_fold_each, _fold_form, *_FOLDS_OF_LOOK)
