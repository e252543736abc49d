"""Where entries are in the files on the disk, while answers change the texts in memory."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from groupsync.display import quote_file
from groupsync.editing import EntryList, RemoveEntry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from groupsync.editing import Edit
    from groupsync.model.config import Config
    from groupsync.model.groups import Source

NO_ORIGINS: Mapping[Source, Source | None] = {}
"""The origins of entries that are where they are on the disk."""


def follow_entries(
    origins: Mapping[Source, Source | None], before: Config, edits: Sequence[Edit], after: Config
) -> dict[Source, Source | None]:
    """Return where each entry of `after` is on the disk; None for one that is not there yet.

    `origins` says that of the entries of `before`. The edits made `after` of it: entries keep their order, and new ones
    come last in their list.
    """
    removed = {edit.source for edit in edits if isinstance(edit, RemoveEntry)}
    result: dict[Source, Source | None] = {}
    for section in EntryList:
        old = _sort_by_file(before, section)
        for file, sources in _sort_by_file(after, section).items():
            kept = [origins.get(source, source) for source in old.get(file, []) if source not in removed]
            result.update(zip_longest(sources, kept))
    return result


def describe_origin(origins: Mapping[Source, Source | None], source: Source) -> str:
    """Return the file and line of an entry on the disk; for an entry that is not there yet, the file."""
    origin = origins.get(source, source)
    return str(origin) if origin else f"{quote_file(source.file)}, new"


def _sort_by_file(config: Config, section: EntryList) -> dict[str, list[Source]]:
    """Return where the entries of a list are, in each file from its first line to its last one."""
    entries = config.groups if section is EntryList.GROUPS else config.removed
    sources: dict[str, list[Source]] = {}
    for source in sorted(entry.source for entry in entries):
        sources.setdefault(source.file, []).append(source)
    return sources
