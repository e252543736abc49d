"""Warnings about names in the configuration that look like the name of a live group, but differ from it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from groupsync.display import count, count_contacts, describe_look_alike, quote
from groupsync.model.config import find_consents
from groupsync.model.plan import Reason
from groupsync.names import describe_difference, look_alike_key, same_name_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup, Source
    from groupsync.planner.matching import Matching

MOST_WARNINGS = 20
"""How many warnings of one kind are shown; one more says how many are omitted."""


def find_look_alikes(config: Config, matching: Matching) -> Iterator[str]:
    """Yield a warning for each name that looks like the name of a live group that no entry means.

    `find_conflicts` handles new names that a server may take for an existing one. Groups that an entry means are not
    compared here, because the check of the configuration compares the entries.
    """
    staying = [*matching.unlisted, *matching.ignored, *(one.group for one in matching.postponed)]
    to_delete = [one.group for one in matching.to_delete]
    new_names = [(entry.name, entry.source) for entry in matching.missing]
    new_names += [(match.entry.name, match.entry.source) for match in matching.to_rename]
    yield from warn_of_new_names(new_names, staying)
    yield from _limit(_warn_of_deletions(new_names, to_delete))
    earlier = [(name, entry.source) for entry in matching.missing for name in entry.previously]
    yield from _limit(_warn_of_idle_names("the earlier name", earlier, [*staying, *to_delete]))
    without_consent = [one.group for one in matching.to_delete if one.reason is Reason.UNLISTED]
    deleted_names = {group.name for group in to_delete}
    removed = [
        (name, removal.source) for name, removal in find_consents(config.removed).items() if name not in deleted_names
    ]
    yield from _limit(_warn_of_idle_names("removed", removed, [*staying, *without_consent]))


def warn_of_new_names(new_names: Sequence[tuple[str, Source | None]], staying: Sequence[LiveGroup]) -> Iterator[str]:
    """Yield a warning for each new name that looks like the name of a live group that stays."""
    yield from _limit(
        f"{source}: {_describe_pair(name, group)}: check that you mean both"
        for name, source, group in _find_new_pairs(new_names, staying)
    )


def _warn_of_deletions(new_names: Sequence[tuple[str, Source | None]], to_delete: Sequence[LiveGroup]) -> Iterator[str]:
    for name, source, group in _find_new_pairs(new_names, to_delete):
        lost = count_contacts(group.contacts_count)
        yield (
            f"{source}: {_describe_pair(name, group)}, which would be deleted ({lost}): if that group is meant, "
            "copy its name, or add it under previously to rename the group"
        )


def _describe_pair(name: str, group: LiveGroup) -> str:
    return (
        f"{quote(name)} looks like the live group {quote(group.name)} [id={group.id}]"
        f"{describe_difference(name, group.name)}"
    )


def _find_new_pairs(
    new_names: Sequence[tuple[str, Source | None]], groups: Sequence[LiveGroup]
) -> Iterator[tuple[str, Source | None, LiveGroup]]:
    """Yield each new name with the first group that looks the same but does not count as the same."""
    look_alikes = _group_look_alikes((name for name, _ in new_names), groups)
    for name, source in new_names:
        others = look_alikes.get(name, [])
        if others and not any(same_name_key(group.name) == same_name_key(name) for group in others):
            yield name, source, others[0]


def _warn_of_idle_names(what: str, names: Sequence[tuple[str, Source]], groups: Sequence[LiveGroup]) -> Iterator[str]:
    look_alikes = _group_look_alikes((name for name, _ in names), groups)
    for name, source in names:
        others = look_alikes.get(name, [])
        if others and not any(group.name == name for group in others):
            clause = describe_look_alike(name, others[0].name, others[0].id)
            problem = f"{what} {quote(name)} matches no live group; {clause}"
            yield f"{source}: {problem}: if that group is meant, copy its name"


def _group_look_alikes(names: Iterable[str], groups: Sequence[LiveGroup]) -> Mapping[str, Sequence[LiveGroup]]:
    """Return for each name the groups whose names look the same."""
    names_by_look: dict[str, list[str]] = defaultdict(list)
    if groups:
        for name in dict.fromkeys(names):
            names_by_look[look_alike_key(name)].append(name)
    if not names_by_look:
        return {}
    found: dict[str, list[LiveGroup]] = defaultdict(list)
    for group in groups:
        for name in names_by_look.get(look_alike_key(group.name), ()):
            found[name].append(group)
    return found


def _limit(warnings: Iterable[str]) -> Iterator[str]:
    found = list(warnings)
    yield from found[:MOST_WARNINGS]
    if len(found) > MOST_WARNINGS:
        yield f"{count(len(found) - MOST_WARNINGS, 'more name looks', 'more names look')} like that of a live group"
