"""Which backups of a folder a restore could use for a group that is created or whose id is lost."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from groupsync.backup import BackupFolder, find_backups
from groupsync.model.account import make_target
from groupsync.model.contacts import Contact
from tests.unit.core import TARGET, make_id

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.model.account import Target
    from groupsync.model.groups import GroupId

DAY = timedelta(days=1)


def save(folder: Path, number: int, name: str, contacts: int, *, day: int = 0, target: Target = TARGET) -> str:
    """Save a backup of a day, and return its file."""
    now = datetime(2026, 11, 23, 12, tzinfo=timezone.utc) + day * DAY
    members = [Contact(phone=f"+3725{one:07}", fields=()) for one in range(contacts)]
    return BackupFolder(folder, target, lambda: now).save(make_id(number), name, members)


def find(folder: Path, *names: str, ids: tuple[GroupId, ...] = ()) -> list[tuple[str, int]]:
    return [(found.file, found.contacts_count) for found in find_backups(folder, TARGET, names=names, ids=ids)]


def test_the_newest_backup_of_a_name_and_of_an_id(tmp_path: Path) -> None:
    save(tmp_path, 1, "VIP", 5)
    newest = save(tmp_path, 1, "VIP", 3, day=2)
    save(tmp_path, 1, "VIP", 4, day=1)
    other = save(tmp_path, 2, "Õhtu ☾", 1)

    assert find(tmp_path, "VIP") == [(newest, 3)]
    assert find(tmp_path, ids=(make_id(1),)) == [(newest, 3)]
    assert find(tmp_path, "Õhtu ☾", "VIP") == [(newest, 3), (other, 1)]
    assert find(tmp_path, "Vip", "VI", "P") == []


def test_names_with_the_same_beginning_of_their_file_are_told_apart(tmp_path: Path) -> None:
    wanted = save(tmp_path, 1, "VIP: gold", 5)
    save(tmp_path, 2, "VIP, gold", 3, day=1)

    assert find(tmp_path, "VIP: gold") == [(wanted, 5)]


def test_a_backup_of_another_account_is_none(tmp_path: Path) -> None:
    save(tmp_path, 1, "VIP", 5, target=make_target(TARGET.endpoint, "somebody else"))

    assert find(tmp_path, "VIP", ids=(make_id(1),)) == []


def test_a_backup_that_a_restore_has_used_is_none(tmp_path: Path) -> None:
    older = save(tmp_path, 1, "VIP", 5)
    newer = save(tmp_path, 1, "VIP", 6, day=1)
    (tmp_path / f"{newer}.restored").write_text(f'{{"group_id": "{make_id(2)}"}}\n')

    assert find(tmp_path, "VIP") == [(older, 5)]


def test_damaged_files_and_other_files_are_left_out(tmp_path: Path) -> None:
    older = save(tmp_path, 1, "VIP", 5)
    damaged = tmp_path / save(tmp_path, 1, "VIP", 6, day=1)
    damaged.write_bytes(damaged.read_bytes()[:-40])
    (tmp_path / "VIP.json").write_text("{}")
    (tmp_path / damaged.name.replace("20261124", "20261125")).mkdir()

    assert find(tmp_path, "VIP") == [(older, 5)]


@pytest.mark.parametrize("name", ["missing", "file"])
def test_no_folder_has_no_backups(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")

    assert find(tmp_path / name, "VIP") == []


def test_only_so_many_files_are_read(tmp_path: Path) -> None:
    """A folder with many damaged backups of one group must not make a plan slow."""
    save(tmp_path, 1, "VIP", 5)
    for day in range(1, 52):
        (tmp_path / save(tmp_path, 1, "VIP", 1, day=day)).write_text("{}")

    assert find(tmp_path, "VIP") == []
