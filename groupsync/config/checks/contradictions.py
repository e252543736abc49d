"""Contradictions that no schema can see: between entries, wherever their files are."""

from __future__ import annotations

import unicodedata
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from groupsync.display import quote
from groupsync.model.config import RemovedId, RemovedName
from groupsync.names import find_name_fault, nfc
from groupsync.patterns import make_matcher
from groupsync.schema import MOST_VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.config.entries import ConfigEntries, Located
    from groupsync.config.problems import ConfigProblem
    from groupsync.model.config import GroupEntry, Pattern, Removal
    from groupsync.model.groups import GroupId

_MOST_CODE_POINTS = 4


def find_contradictions(entries: ConfigEntries) -> Iterator[ConfigProblem]:
    """Yield the contradictions, each at the later of its places and naming the other; of each kind 101 at most."""
    listed: dict[str, Located[GroupEntry]] = {}
    for found in entries.groups:
        listed.setdefault(found.value.name, found)
    checks = (
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
    )
    for problems in checks:
        yield from islice(problems, MOST_VIOLATIONS + 1)  # no more are ever shown


def _find_names_twice(
    groups: tuple[Located[GroupEntry], ...], listed: dict[str, Located[GroupEntry]]
) -> Iterator[ConfigProblem]:
    if len(listed) == len(groups):
        return
    without_id = {found.value.name for found in groups if found.value.id is None}
    for found in groups:
        name, first = found.value.name, listed[found.value.name]
        if found is not first and name in without_id:
            place = str(first.source)
            sentence = f"{quote(name)} is listed already at {place}: remove one of the two, or give each its `id`"
            yield found.problem(sentence, "name")


def _earlier_names(groups: tuple[Located[GroupEntry], ...]) -> Iterator[tuple[str, int, Located[GroupEntry]]]:
    """Yield each earlier name with its position in its entry."""
    return ((name, index, found) for found in groups for index, name in enumerate(found.value.previously))


def _find_earlier_names_twice(groups: tuple[Located[GroupEntry], ...]) -> Iterator[ConfigProblem]:
    first: dict[str, Located[GroupEntry]] = {}
    for name, index, found in _earlier_names(groups):
        if name in first:
            sentence = f"{quote(name)} is an earlier name already at {first[name].source}: keep it in one place"
            yield found.problem(sentence, "previously", index)
        first.setdefault(name, found)


def _find_listed_earlier_names(
    groups: tuple[Located[GroupEntry], ...], listed: dict[str, Located[GroupEntry]]
) -> Iterator[ConfigProblem]:
    for name, index, found in _earlier_names(groups):
        if name in listed:
            place = str(listed[name].source)
            sentence = f"{quote(name)} is both an earlier name and a group (at {place}): keep one of the two"
            yield found.problem(sentence, "previously", index)


def _find_listed_removals(
    removed: tuple[Located[Removal], ...], listed: dict[str, Located[GroupEntry]]
) -> Iterator[ConfigProblem]:
    for found in removed:
        if isinstance(found.value, RemovedName) and found.value.name in listed:
            name, other = found.value.name, listed[found.value.name]
            sentence = f"{quote(name)} is both removed and a group (at {other.source}): keep one of the two"
            yield found.problem(sentence, "name")


def _find_ids_twice(entries: ConfigEntries) -> Iterator[ConfigProblem]:
    first: dict[GroupId, Located[GroupEntry] | Located[Removal]] = {}
    for group_id, found in _ids(entries):
        if group_id in first:
            yield found.problem(f"{group_id} stands already at {first[group_id].source}: keep it in one place", "id")
        first.setdefault(group_id, found)


def _ids(entries: ConfigEntries) -> Iterator[tuple[GroupId, Located[GroupEntry] | Located[Removal]]]:
    for group in entries.groups:
        if group.value.id is not None:
            yield group.value.id, group
    for removal in entries.removed:
        if isinstance(removal.value, RemovedId):
            yield removal.value.id, removal


def _find_ignored(entries: ConfigEntries) -> Iterator[ConfigProblem]:
    if not entries.ignore:
        return
    is_ignored = make_matcher(tuple(found.value.text for found in entries.ignore))
    for found in entries.groups:
        if is_ignored(found.value.name):
            yield found.problem(_ignored(entries, found.value.name), "name")
    for name, index, found in _earlier_names(entries.groups):
        if is_ignored(name):
            yield found.problem(_ignored(entries, name), "previously", index)
    for removal in entries.removed:
        if isinstance(removal.value, RemovedName) and is_ignored(removal.value.name):
            yield removal.problem(_ignored(entries, removal.value.name), "name")


def _ignored(entries: ConfigEntries, name: str) -> str:
    pattern = _find_pattern(entries.ignore, name)
    return (
        f"{quote(name)} is ignored by the pattern {quote(pattern.text)} (at {pattern.source}), "
        "so it is never touched: remove it here, or narrow the pattern"
    )


def _find_protected_removals(entries: ConfigEntries) -> Iterator[ConfigProblem]:
    is_protected = make_matcher(tuple(found.value.text for found in entries.protected))
    for removal in entries.removed:
        if isinstance(removal.value, RemovedName) and is_protected(removal.value.name):
            pattern = _find_pattern(entries.protected, removal.value.name)
            sentence = (
                f"{quote(removal.value.name)} is protected by the pattern {quote(pattern.text)} (at {pattern.source}), "
                "so it is never deleted: remove it here, or narrow the pattern"
            )
            yield removal.problem(sentence, "name")


def _find_pattern(patterns: tuple[Located[Pattern], ...], name: str) -> Pattern:
    """Return the first pattern that matches a name which one of them does."""
    return next(found.value for found in patterns if make_matcher((found.value.text,))(name))


def _find_unwritable(groups: tuple[Located[GroupEntry], ...]) -> Iterator[ConfigProblem]:
    for found in groups:
        if found.value.id is None and (fault := find_name_fault(found.value.name)):
            sentence = (
                f"{quote(found.value.name)} {fault}: write another name, or add the `id` of the group that has it"
            )
            yield found.problem(sentence, "name")


def _find_equal_after_nfc(groups: tuple[Located[GroupEntry], ...]) -> Iterator[ConfigProblem]:
    first: dict[str, Located[GroupEntry]] = {}
    for found in groups:
        other = first.setdefault(nfc(found.value.name), found)
        if other.value.name == found.value.name:
            continue
        at, to = (other, found) if found.value.id is not None else (found, other)
        if at.value.id is None:
            sentence = (
                f"{quote(at.value.name)} is the same text as the name at {to.source}, "
                f"only in other code points{_show_code_points(at.value.name, to.value.name)}: "
                "remove one of the two, or give each its `id`"
            )
            yield at.problem(sentence, "name")


def _show_code_points(here: str, there: str) -> str:
    """Return the first part that two names equal after NFC write in different code points, if it is a short one."""
    start = next(index for index, pair in enumerate(zip(here, there, strict=False)) if pair[0] != pair[1])
    while start and (unicodedata.combining(here[start]) or unicodedata.combining(there[start])):
        start -= 1  # a combining mark is shown with its letter
    ends = range(start + 1, start + 1 + _MOST_CODE_POINTS)
    for part, other in ((here[start:end], there[start:other_end]) for end, other_end in product(ends, ends)):
        if part != other and nfc(part) == nfc(other):
            return f" ({quote(nfc(part))} is {_code_points(part)} here and {_code_points(other)} there)"
    return ""


def _code_points(text: str) -> str:
    return " ".join(f"U+{ord(char):04X}" for char in text)


def _find_twice(several: tuple[Located[Any], ...]) -> Iterator[ConfigProblem]:
    for found in several[1:]:
        yield found.problem(f"stands already at {several[0].source}: keep it in one file")
