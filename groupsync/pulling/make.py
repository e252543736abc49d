"""The edits of a pull: from the differences and what was chosen to edits of the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from groupsync.editing import AddEntry, EntryList, RemoveEarlierName, RemoveEntry, SetKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from groupsync.editing import Edit
    from groupsync.model.config import Config
    from groupsync.model.groups import GroupId
    from groupsync.pulling.differences import DoneLines, LiveDifferences


class PullChoices(Struct, frozen=True, kw_only=True):
    """What a pull brings into the files.

    `adds` are the unlisted groups, `taken` the live names of entries by their ids, `pins` the ids of entries without
    one, and `prunes` is the removal of what is done.
    """

    adds: bool = True
    taken: Mapping[GroupId, str] = field(default_factory=dict)
    pins: bool = False
    prunes: bool = False


def list_edits(config: Config, differences: LiveDifferences, choices: PullChoices, into: str) -> tuple[Edit, ...]:
    """Return the edits; `into` is the file of new entries.

    `differences` are those of the configuration in which the entries already have the names that are `taken`. Sources
    are those of `config`.
    """
    edits: list[Edit] = [*_take_names(config, choices.taken)]
    if choices.adds:
        edits += _add_groups(differences, into)
    if choices.pins:
        edits += [SetKey(source=match.entry.source, key="id", value=match.group.id) for match in differences.without_id]
    if choices.prunes:
        edits += _remove_done(differences.done)
    return tuple(dict.fromkeys(edits))


def _take_names(config: Config, taken: Mapping[GroupId, str]) -> Iterator[Edit]:
    for entry in config.groups:
        if entry.id is not None and entry.id in taken:
            yield SetKey(source=entry.source, key="name", value=taken[entry.id])
            if taken[entry.id] in entry.previously:
                yield RemoveEarlierName(source=entry.source, name=taken[entry.id])


def _add_groups(differences: LiveDifferences, into: str) -> Iterator[Edit]:
    for group in differences.unlisted:
        yield AddEntry(file=into, entries=EntryList.GROUPS, values=(("name", group.name), ("id", group.id)))
    for match in differences.to_pin:
        yield SetKey(source=match.entry.source, key="id", value=match.group.id)
    for earlier in differences.former:
        yield RemoveEarlierName(source=earlier.entry.source, name=earlier.name)


def _remove_done(done: DoneLines) -> Iterator[Edit]:
    for entry in done.entries:
        yield RemoveEntry(source=entry.source)
    for earlier in done.earlier_names:
        yield RemoveEarlierName(source=earlier.entry.source, name=earlier.name)
    for removal in done.removed:
        yield RemoveEntry(source=removal.source)
