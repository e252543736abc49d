"""The edits of a pull as lines to paste, for files that groupsync does not edit."""

from __future__ import annotations

from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING

from groupsync.display import count_contacts, first_lines
from groupsync.model.groups import Source
from groupsync.snippets import add_entries, change_group, remove_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from groupsync.model.config import Config, GroupEntry, Removal
    from groupsync.pulling.differences import DoneLines, LiveDifferences
    from groupsync.pulling.make import PullChoices

_MOST_LINES = 100


def list_edits_by_hand(config: Config, differences: LiveDifferences, choices: PullChoices) -> tuple[str, ...]:
    """Return how to do by hand what `list_edits` would do; of very many edits, the first ones and their number.

    The last edit in a file comes first, so that no edit changes the line numbers of those after it.
    """
    located = [*_change_entries(config, differences, choices), *_remove_done(config, differences, choices)]
    if choices.adds and differences.unlisted:
        entries = [
            ({"name": group.name, "id": group.id}, count_contacts(group.contacts_count))
            for group in differences.unlisted
        ]
        new = add_entries(config, "groups", entries, why="to add what is not in the configuration")
        last = max((entry.source for entry in config.groups), default=Source(file="", line=1))
        located.insert(0, (last, new))
    located.sort(key=itemgetter(0), reverse=True)
    edits = [edit for _, edit in located]
    if choices.prunes and _has_emptied_list(config, differences.done):
        edits.append("write [] after the key of a list that has no entries then, such as `removed: []`")
    return tuple(first_lines(edits, _MOST_LINES, "and {:,} more edits"))


def _change_entries(config: Config, differences: LiveDifferences, choices: PullChoices) -> Iterator[tuple[Source, str]]:
    """Yield the changes of entries with where they are; each entry has all its changes in one."""
    removed: dict[str, list[str]] = {}
    former = differences.former if choices.adds else ()
    done = differences.done.earlier_names if choices.prunes else ()
    for earlier in (*former, *done):
        removed.setdefault(str(earlier.entry.source), []).append(earlier.name)
    pinned = (*(differences.to_pin if choices.adds else ()), *(differences.without_id if choices.pins else ()))
    ids = {match.entry.source: match.group.id for match in pinned}
    for entry in config.groups:
        names = removed.get(str(entry.source), [])
        taken = choices.taken.get(entry.id) if entry.id else None
        kept = tuple(name for name in entry.previously if name not in {*names, taken})
        changes = {
            **({"name": taken} if taken is not None else {}),
            **({"id": ids[entry.source]} if entry.source in ids else {}),
            **({"previously": kept or None} if kept != entry.previously else {}),
        }
        if changes:
            yield entry.source, change_group(config, entry, changes, why="to write what is live")


def _remove_done(config: Config, differences: LiveDifferences, choices: PullChoices) -> Iterator[tuple[Source, str]]:
    done = differences.done
    for one in (*done.entries, *done.removed) if choices.prunes else ():
        yield one.source, f"to remove what is done, {remove_entry(config, one.source)}"


def _has_emptied_list(config: Config, done: DoneLines) -> bool:
    """Return whether several entries are all that a list of a file has; `remove_entry` knows about a single one."""
    for present, removed in ((config.groups, done.entries), (config.removed, done.removed)):
        numbers = _count_files(present)
        if any(number > 1 and numbers[file] == number for file, number in _count_files(removed).items()):
            return True
    return False


def _count_files(entries: Iterable[GroupEntry | Removal]) -> Counter[str]:
    return Counter(entry.source.file for entry in entries)
