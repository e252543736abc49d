"""Which groups the backups of a folder hold, found by the names of their files."""

from __future__ import annotations

import os
import re
from itertools import islice
from typing import TYPE_CHECKING

from groupsync.backup.content import load_backup
from groupsync.backup.folder import make_file_prefix
from groupsync.backup.notes import NOTE_SUFFIX
from groupsync.errors import GroupsyncError
from groupsync.files import read_file
from groupsync.model.backup import BackupSummary
from groupsync.model.groups import GroupId

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from groupsync.model.account import Target

_MOST_FILES = 100_000
_MOST_READ = 50
_LARGEST_READ = 64 * 2**20
_FILE = re.compile(
    r"((?:[A-Za-z0-9-]+\.)?)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{8}T\d{6}Z-[0-9a-f]+)\.json"
)


def find_backups(
    folder: Path, target: Target, *, names: Collection[str] = (), ids: Collection[GroupId] = ()
) -> tuple[BackupSummary, ...]:
    """Return the newest backup of each of these names and ids that a restore could use; no folder has none.

    A backup that has a note of a restore was used already. Files that cannot be read, that are damaged or that belong
    to another account are left out. At most 50 files are read, and at most 64 MiB together.
    """
    wanted_names, wanted_ids, size = set(names), set(ids), 0
    found = []
    for path in islice(_list_candidates(folder, names, ids), _MOST_READ):
        if not wanted_names and not wanted_ids:
            break
        try:
            content = read_file(path, limit=_LARGEST_READ - size)
            size += len(content)
            backup = load_backup(content, str(path))
        except GroupsyncError:
            continue
        if backup.target.account == target.account and (backup.name in wanted_names or backup.group_id in wanted_ids):
            wanted_names.discard(backup.name)
            wanted_ids.discard(backup.group_id)
            contacts = len(backup.contacts)
            found.append(
                BackupSummary(file=str(path), group_id=backup.group_id, name=backup.name, contacts_count=contacts)
            )
    return tuple(found)


def _list_candidates(folder: Path, names: Collection[str], ids: Collection[GroupId]) -> Iterator[Path]:
    """Yield the files whose names fit one of the groups, the newest first."""
    prefixes = set(map(make_file_prefix, names))
    files = _list_files(folder)
    there = frozenset(files)
    fitting = [
        (match[3], file)
        for file in files
        if (match := _FILE.fullmatch(file))
        and (match[1] in prefixes or GroupId(match[2]) in ids)
        and f"{file}{NOTE_SUFFIX}" not in there
    ]
    for _, file in sorted(fitting, reverse=True):
        yield folder / file


def _list_files(folder: Path) -> Sequence[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in islice(entries, _MOST_FILES)]
    except OSError:
        return []
