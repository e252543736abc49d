"""Contradictions between entries, of one file or of several, which a schema cannot express."""

from __future__ import annotations

import unicodedata
from itertools import product
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from groupsync.config.checks.scope import find_names_outside
from groupsync.config.entries import Located, LocatedItems
from groupsync.config.problems import limit_problems
from groupsync.display import quote
from groupsync.model.config import RemovedId, RemovedName
from groupsync.names import LONGEST_NAME, find_name_fault, is_too_long, join_ordinary_names, nfc
from groupsync.patterns import MOST_WILDCARD_PATTERNS, find_first_match, has_wildcard, make_matcher

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.config.entries import ConfigEntries
    from groupsync.config.problems import ConfigProblem
    from groupsync.model.config import GroupEntry, Pattern, Removal
    from groupsync.model.groups import GroupId

_MOST_CODE_POINTS = 4


def find_contradictions(entries: ConfigEntries, job_scope: Sequence[str] = ()) -> Iterator[ConfigProblem]:
    """Yield the contradictions, each at the later of two places; its sentence names the earlier one.

    `job_scope` holds the patterns of GROUPSYNC_SCOPE, which the names must match as well.
    """
    listed = _Listed(entries.groups)
    checks = (
        _find_costly_patterns(entries),
        _find_names_twice(entries.groups, listed),
        _find_earlier_names_twice(entries.groups),
        _find_listed_earlier_names(entries.groups, listed),
        _find_listed_removals(entries.removed, listed),
        _find_ids_twice(entries),
        _find_ignored(entries),
        _find_unwritable(entries.groups),
        _find_equal_after_nfc(entries.groups),
        _find_protected_removals(entries),
        _find_twice(entries.policies),
        _find_twice(entries.accounts),
        _find_twice(entries.scopes),
        () if _has_costly_patterns(entries) else find_names_outside(entries, job_scope),
    )
    for problems in checks:
        yield from limit_problems(problems)


class _Listed:
    """The first entry of each name."""

    def __init__(self, groups: LocatedItems[GroupEntry]) -> None:
        self._groups = groups
        names = [group.name for group in groups.values]
        self._numbers = dict(zip(reversed(names), reversed(range(len(names))), strict=True))

    def __len__(self) -> int:
        """Return the number of names."""
        return len(self._numbers)

    def __contains__(self, name: str) -> bool:
        return name in self._numbers

    def __getitem__(self, name: str) -> Located[GroupEntry]:
        return self._groups[self._numbers[name]]


def _find_names_twice(groups: LocatedItems[GroupEntry], listed: _Listed) -> Iterator[ConfigProblem]:
    if len(listed) == len(groups):
        return
    without_id = {group.name for group in groups.values if group.id is None}
    for group in groups:
        name, first = group.value.name, listed[group.value.name]
        if group.value is not first.value and name in without_id:
            sentence = (
                f"{quote(name)} is listed already at {first.source}: remove one of the two, or give each its `id`"
            )
            yield group.problem(sentence, "name")


def _list_earlier_names(groups: LocatedItems[GroupEntry]) -> Iterator[tuple[str, int, Located[GroupEntry]]]:
    """Yield each earlier name with its index in its entry, and the entry."""
    for number, entry in enumerate(groups.values):
        if entry.previously:
            group = groups[number]
            for index, name in enumerate(entry.previously):
                yield name, index, group


def _find_earlier_names_twice(groups: LocatedItems[GroupEntry]) -> Iterator[ConfigProblem]:
    first: dict[str, Located[GroupEntry]] = {}
    for name, index, group in _list_earlier_names(groups):
        if name in first:
            sentence = f"{quote(name)} is an earlier name already at {first[name].source}: keep it in one place"
            yield group.problem(sentence, "previously", index)
        first.setdefault(name, group)


def _find_listed_earlier_names(groups: LocatedItems[GroupEntry], listed: _Listed) -> Iterator[ConfigProblem]:
    for name, index, group in _list_earlier_names(groups):
        if name in listed:
            yield group.problem(_describe_listed_earlier_name(name, group, listed[name]), "previously", index)


def _describe_listed_earlier_name(name: str, group: Located[GroupEntry], other: Located[GroupEntry]) -> str:
    """Return why `group` cannot have the earlier name, which is the name of the entry `other`."""
    ids = "`groupsync export` shows the ids"
    is_other = other.value is not group.value
    if is_other and group.value.name in other.value.previously:
        pair = f"{quote(group.value.name)} and {quote(name)} (at {other.source})"
        return f"{pair} cannot swap names by `previously`: remove it from both and give both their `id`; {ids}"
    sentence = f"{quote(name)} is both an earlier name and a group (at {other.source}): keep one of the two"
    if is_other and other.value.previously:
        return f"{sentence}, or, if names move on from group to group, give each its `id`; {ids}"
    return sentence


def _find_listed_removals(removed: LocatedItems[Removal], listed: _Listed) -> Iterator[ConfigProblem]:
    for removal in removed:
        if isinstance(removal.value, RemovedName) and removal.value.name in listed:
            name, group = removal.value.name, listed[removal.value.name]
            sentence = f"{quote(name)} is both removed and a group (at {group.source}): keep one of the two"
            yield removal.problem(sentence, "name")


def _find_ids_twice(entries: ConfigEntries) -> Iterator[ConfigProblem]:
    ids = [group.id for group in entries.groups.values if group.id is not None]
    ids += [removal.id for removal in entries.removed.values if isinstance(removal, RemovedId)]
    if len(set(ids)) == len(ids):
        return
    first: dict[GroupId, Located[GroupEntry] | Located[Removal]] = {}
    for group_id, entry in _list_ids(entries):
        if group_id in first:
            yield entry.problem(f"{group_id} is already at {first[group_id].source}: keep it in one place", "id")
        first.setdefault(group_id, entry)


def _list_ids(entries: ConfigEntries) -> Iterator[tuple[GroupId, Located[GroupEntry] | Located[Removal]]]:
    for group in entries.groups:
        if group.value.id is not None:
            yield group.value.id, group
    for removal in entries.removed:
        if isinstance(removal.value, RemovedId):
            yield removal.value.id, removal


def _find_costly_patterns(entries: ConfigEntries) -> Iterator[ConfigProblem]:
    """Yield a problem if patterns are too long or too many to compare with all groups."""
    scope = [
        Located(value=pattern, document=located.document, path=(*located.path, index))
        for located in entries.scopes
        for index, pattern in enumerate(located.value)
    ]
    for patterns in (entries.ignore, entries.protected, scope):
        with_wildcard = [pattern for pattern in patterns if has_wildcard(pattern.value.text)]
        for pattern in with_wildcard:
            if is_too_long(pattern.value.text):
                yield pattern.problem(f"a pattern with * or ? has at most {LONGEST_NAME:,} characters: shorten it")
        if len(with_wildcard) > MOST_WILDCARD_PATTERNS:
            sentence = f"there are more than {MOST_WILDCARD_PATTERNS:,} patterns with * or ?: combine some of them"
            yield with_wildcard[MOST_WILDCARD_PATTERNS].problem(sentence)


def _has_costly_patterns(entries: ConfigEntries) -> bool:
    return any(True for _ in _find_costly_patterns(entries))


def _find_ignored(entries: ConfigEntries) -> Iterator[ConfigProblem]:
    if not entries.ignore or _has_costly_patterns(entries):
        return
    is_ignored = make_matcher(tuple(pattern.value.text for pattern in entries.ignore))
    for number, entry in enumerate(entries.groups.values):
        if is_ignored(entry.name):
            yield entries.groups[number].problem(_describe_ignored(entries, entry.name), "name")
    for name, index, group in _list_earlier_names(entries.groups):
        if is_ignored(name):
            yield group.problem(_describe_ignored(entries, name), "previously", index)
    for removal in entries.removed:
        if isinstance(removal.value, RemovedName) and is_ignored(removal.value.name):
            yield removal.problem(_describe_ignored(entries, removal.value.name), "name")


def _describe_ignored(entries: ConfigEntries, name: str) -> str:
    pattern = _find_pattern(entries.ignore, name)
    return (
        f"{quote(name)} is ignored by the pattern {quote(pattern.text)} (at {pattern.source}), "
        "so it is never touched: remove it here, or narrow the pattern"
    )


def _find_protected_removals(entries: ConfigEntries) -> Iterator[ConfigProblem]:
    if _has_costly_patterns(entries):
        return
    is_protected = make_matcher(tuple(pattern.value.text for pattern in entries.protected))
    for removal in entries.removed:
        if isinstance(removal.value, RemovedName) and is_protected(removal.value.name):
            pattern = _find_pattern(entries.protected, removal.value.name)
            sentence = (
                f"{quote(removal.value.name)} is protected by the pattern {quote(pattern.text)} (at {pattern.source}), "
                "so it is never deleted: remove it here, or narrow the pattern"
            )
            yield removal.problem(sentence, "name")


def _find_pattern(patterns: LocatedItems[Pattern], name: str) -> Pattern:
    """Return the first pattern that matches the name; one of them does."""
    return find_first_match(patterns.values, name, attrgetter("text")) or patterns.values[0]


def _find_unwritable(groups: LocatedItems[GroupEntry]) -> Iterator[ConfigProblem]:
    _, others = join_ordinary_names(group.name for group in groups.values if group.id is None)
    if not any(map(find_name_fault, others)):
        return
    for number, group in enumerate(groups.values):
        if group.id is None and (fault := find_name_fault(group.name)):
            sentence = f"{quote(group.name)} {fault}: write another name, or add the `id` of the group that has it"
            yield groups[number].problem(sentence, "name")


def _find_equal_after_nfc(groups: LocatedItems[GroupEntry]) -> Iterator[ConfigProblem]:
    if all(group.name.isascii() or nfc(group.name) == group.name for group in groups.values):
        return
    first: dict[str, Located[GroupEntry]] = {}
    for group in groups:
        other = first.setdefault(nfc(group.value.name), group)
        if other.value.name == group.value.name:
            continue
        if group.value.id is None:
            yield _make_nfc_problem(group, other)
        elif other.value.id is None:
            yield _make_nfc_problem(other, group)


def _make_nfc_problem(group: Located[GroupEntry], other: Located[GroupEntry]) -> ConfigProblem:
    sentence = (
        f"{quote(group.value.name)} is the same text as the name at {other.source}, "
        f"only in other code points{_describe_code_points(group.value.name, other.value.name)}: "
        "remove one of the two, or give each its `id`"
    )
    return group.problem(sentence, "name")


def _describe_code_points(here: str, there: str) -> str:
    """Return the first part that two names write in different code points; empty if it is too long to show.

    The names are equal after NFC.
    """
    start = next(index for index, pair in enumerate(zip(here, there, strict=False)) if pair[0] != pair[1])
    while start and (unicodedata.combining(here[start]) or unicodedata.combining(there[start])):
        start -= 1  # a combining mark is shown with its letter
    ends = range(start + 1, start + 1 + _MOST_CODE_POINTS)
    for end, other_end in product(ends, ends):
        part, other = here[start:end], there[start:other_end]
        if part != other and nfc(part) == nfc(other):
            return f" ({quote(nfc(part))} is {_list_code_points(part)} here and {_list_code_points(other)} there)"
    return ""


def _list_code_points(text: str) -> str:
    return " ".join(f"U+{ord(char):04X}" for char in text)


def _find_twice(located: tuple[Located[Any], ...]) -> Iterator[ConfigProblem]:
    """Yield the second and further places of something that only one file may have."""
    for other in located[1:]:
        yield other.problem(f"is already at {located[0].source}: keep it in one file")
