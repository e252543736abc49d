"""Backups: what is written is read back and nothing else, and no file in the folder is lost or exposed."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from groupsync.backup import BackupFolder, RestoreNoteFiles, dump_backup, load_backup
from groupsync.errors import DamagedBackupError, FileError
from groupsync.model.backup import Backup
from groupsync.model.contacts import FIELDS, Contact
from groupsync.names import temporary_name
from groupsync.schema import find_violations
from groupsync.sealed import seal
from tests.unit.core import NOW, TARGET, make_id

BACKUP = Backup(
    created_at="2026-11-23T12:00:00Z",
    groupsync_version="0.1",
    target=TARGET,
    group_id=make_id(1),
    name='Kevad "24"',
    contacts=(
        Contact(phone="+37250000000", fields=(("firstName", "Mäe"), ("custom4", ""))),
        Contact(phone="+37250000001"),
    ),
)
HOSTILE_NAMES = (
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "",
    "-rf",
    "~root",
    "a\x00b",
    "a\nb\r",
    "x" * 5_000,
    "日" * 300,
    "🎉",
    "ﷺ" * 100,
    "e\u0301\u202e\u200b",
    "CON",
    "a.json",
    "$(reboot);`id`|*?",
    "\\\\server\\share",
)


@st.composite
def contacts(draw: st.DrawFn) -> tuple[Contact, ...]:
    """Draw contacts in the order of the file, each with any fields of any text."""
    digits = st.text("0123456789", min_size=3, max_size=20)
    plus = st.sampled_from(("+", ""))
    fields = st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=5), max_size=3)
    drawn = draw(st.dictionaries(st.builds(str.__add__, plus, digits), fields, max_size=4))
    return tuple(
        Contact(phone=phone, fields=tuple((field, drawn[phone][field]) for field in FIELDS if field in drawn[phone]))
        for phone in sorted(drawn)
    )


@given(name=st.text(), contacts=contacts())
def test_what_is_written_is_read_back(name: str, contacts: tuple[Contact, ...]) -> None:
    """Names and fields may hold anything that the Phonebook can return: all of Unicode except lone surrogates."""
    backup = replace(BACKUP, name=name, contacts=contacts)
    content = dump_backup(backup)

    assert load_backup(content, "backup.json") == backup
    assert find_violations("backup", json.loads(content)) == ()
    assert content.isascii()


@given(contacts=contacts())
def test_the_order_of_the_contacts_on_the_server_does_not_change_the_file(contacts: tuple[Contact, ...]) -> None:
    backup = replace(BACKUP, contacts=contacts)

    assert dump_backup(replace(backup, contacts=contacts[::-1])) == dump_backup(backup)


def test_a_file_with_a_changed_byte_is_damaged() -> None:
    content = dump_backup(BACKUP)
    for offset in range(len(content)):
        for other in (content[offset] ^ 1, content[offset] ^ 32, 10):
            changed = content[:offset] + bytes([other]) + content[offset + 1 :]
            if changed != content:
                with pytest.raises(DamagedBackupError):
                    load_backup(changed, "backup.json")


def test_a_file_with_a_missing_or_doubled_byte_is_damaged() -> None:
    content = dump_backup(BACKUP)
    for offset in range(len(content)):
        before, byte, after = content[:offset], content[offset : offset + 1], content[offset + 1 :]
        for changed in (before + after, before + byte + byte + after):
            with pytest.raises(DamagedBackupError):
                load_backup(changed, "backup.json")


@pytest.mark.parametrize("length", [0, 1, 100, -1, -2, -80])
def test_a_file_cut_short_is_damaged(length: int) -> None:
    with pytest.raises(DamagedBackupError):
        load_backup(dump_backup(BACKUP)[:length], "backup.json")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format_version", "2.0"),
        ("format_version", 1.0),
        ("format_version", None),
        ("created_at", 0),
        ("created_at", "2026-11-23"),
        ("created_at", "2026-11-23T12:00:00Z\n"),
        ("created_at", "2026-11-23T12:00:00Z\x1b[31m"),
        ("groupsync_version", "0.1.0\n"),
        ("groupsync_version", "\u202e0.1"),
        ("endpoint", None),
        ("account", "acc-user"),
        ("group", {"id": make_id(1), "name": "VIP", "contacts_count": 3}),
        ("group", {"id": make_id(1).upper(), "name": "VIP", "contacts_count": 2}),
        ("group", {"id": "../../x", "name": "VIP", "contacts_count": 2}),
        ("group", {"id": make_id(1), "name": 7, "contacts_count": 2}),
        ("group", {"id": make_id(1), "name": "VIP"}),
        ("contacts", [{"phoneNumber": "+37250000001"}, {"phoneNumber": "+37250000000"}]),
        ("contacts", [{"phoneNumber": "+37250000000"}]),
        ("contacts", [{"phoneNumber": "+372 5000 0000"}, {"phoneNumber": "+37250000001"}]),
        ("contacts", [{"phoneNumber": "../groups"}, {"phoneNumber": "+37250000001"}]),
        ("contacts", [{"phoneNumber": "+37250000000", "shoeSize": "44"}, {"phoneNumber": "+37250000001"}]),
        ("contacts", [{"phoneNumber": "+37250000000", "email": None}, {"phoneNumber": "+37250000001"}]),
        ("contacts", [{"phoneNumber": "+37250000000", "title": "", "email": ""}, {"phoneNumber": "+37250000001"}]),
        ("contacts", {}),
        ("more", True),
    ],
)
def test_a_file_that_groupsync_would_not_write_is_damaged_even_with_a_correct_checksum(key: str, value: object) -> None:
    """A wrong count, another order, unknown fields: such a file does not hold the members of a group."""
    document: dict[str, Any] = json.loads(dump_backup(BACKUP))
    del document["checksum"]

    content = seal({**document, key: value})

    with pytest.raises(DamagedBackupError):
        load_backup(content, "backup.json")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "it is empty"),
        (b"{", "it is not JSON at line 1, column 2"),
        (b"\xff", "it is not UTF-8"),
        (b"[" * 100_000, "it is nested too deep"),
        (b"[]", "its format_version is null, this groupsync reads 1.0"),
        (b'{"format_version": "1.0"}', "the document is not as the schema says"),
    ],
)
def test_the_error_for_a_damaged_file_names_it(content: bytes, problem: str) -> None:
    with pytest.raises(DamagedBackupError) as raised:
        load_backup(content, "VIP.json")

    assert str(raised.value) == f"VIP.json: not a usable backup: {problem}"
    assert raised.value.exit_code == 1


def test_no_message_about_a_damaged_backup_shows_a_phone_number() -> None:
    content = dump_backup(BACKUP).replace(b'"+37250000000"', b'"+37250000000x"')

    with pytest.raises(DamagedBackupError) as raised:
        load_backup(content, "backup.json")

    assert "5000000" not in str(raised.value)


def test_no_repr_shows_a_phone_number_or_a_name() -> None:
    assert "5000000" not in repr(BACKUP)
    assert "Mäe" not in repr(BACKUP)


def folder_at(path: Path) -> BackupFolder:
    return BackupFolder(path, TARGET, lambda: NOW)


def test_only_the_owner_can_read_a_backup(tmp_path: Path) -> None:
    folder = folder_at(tmp_path / "backups")

    folder.prepare()
    name = folder.save(make_id(1), "VIP", BACKUP.contacts[::-1])

    path = Path(name)
    saved = load_backup(path.read_bytes(), name)
    assert (saved.group_id, saved.name, saved.contacts) == (make_id(1), "VIP", BACKUP.contacts)
    assert (saved.created_at, saved.target) == ("2026-11-23T12:00:00Z", TARGET)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    """It may be shared on purpose; the files in it are not."""
    tmp_path.chmod(0o750)

    folder_at(tmp_path).prepare()
    name = folder_at(tmp_path).save(make_id(1), "VIP", BACKUP.contacts)

    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750
    assert stat.S_IMODE(Path(name).stat().st_mode) == 0o600


def test_no_backup_replaces_another(tmp_path: Path) -> None:
    """Not even one of the same group in the same second, because it may be all that is left of that group."""
    folder = folder_at(tmp_path)

    names = {folder.save(make_id(1), "VIP", BACKUP.contacts[:number]) for number in (1, 2, 1, 2)}

    assert len(names) == len(list(tmp_path.iterdir())) == 4


@settings(max_examples=40)  # each one is a file on the disk
@given(name=st.text())
def test_any_name_gives_a_plain_file_inside_the_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    _check_file_of(name, tmp_path_factory.getbasetemp() / "any-names")


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_a_hostile_name_gives_a_plain_file_inside_the_folder(tmp_path: Path, name: str) -> None:
    _check_file_of(name, tmp_path / "backups")


def _check_file_of(name: str, path: Path) -> None:
    folder = folder_at(path)
    folder.prepare()

    saved = Path(folder.save(make_id(1), name, BACKUP.contacts))

    assert saved.parent == path
    assert saved.name.isascii()
    assert all(char.isalnum() or char in ".-" for char in saved.name)
    assert saved.name[0].isalnum()
    assert make_id(1) in saved.name
    assert len(saved.name) < 128
    assert load_backup(saved.read_bytes(), str(saved)).name == name
    saved.unlink()


def test_a_group_at_a_temporary_name_is_saved_under_its_earlier_name(tmp_path: Path) -> None:
    """It could not be restored under its temporary name: groupsync never creates a group of such a name."""
    saved = folder_at(tmp_path).save(make_id(1), temporary_name("VIP", make_id(1)), BACKUP.contacts)

    assert load_backup(Path(saved).read_bytes(), saved).name == "VIP"
    assert Path(saved).name.startswith("VIP.00000001-")


def test_the_temporary_name_of_another_group_is_an_ordinary_name(tmp_path: Path) -> None:
    name = temporary_name("VIP", make_id(2))

    saved = folder_at(tmp_path).save(make_id(1), name, BACKUP.contacts)

    assert load_backup(Path(saved).read_bytes(), saved).name == name


@pytest.mark.parametrize("kind", ["file", "dangling link", "link to a file", "missing parent", "file as parent"])
def test_preparing_a_folder_that_cannot_exist_is_an_error(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "backups"
    (tmp_path / "file").write_text("mine")
    match kind:
        case "file":
            path = tmp_path / "file"
        case "dangling link":
            path.symlink_to(tmp_path / "nowhere")
        case "link to a file":
            path.symlink_to(tmp_path / "file")
        case "missing parent":
            path = tmp_path / "missing" / "backups"
        case _:
            path = tmp_path / "file" / "backups"

    with pytest.raises(FileError) as raised:
        folder_at(path).prepare()

    assert str(raised.value).startswith(f"{path}: cannot be made: ")
    assert raised.value.remedy == "name another folder"
    assert (tmp_path / "file").read_text() == "mine"


def test_preparing_a_folder_that_cannot_be_written_is_an_error() -> None:
    """In this folder of the kernel nobody can create a file, not even root."""
    with pytest.raises(FileError, match="cannot be written"):
        folder_at(Path("/proc/self/fd")).prepare()


def test_preparing_leaves_nothing_behind(tmp_path: Path) -> None:
    folder_at(tmp_path).prepare()
    folder_at(tmp_path).prepare()

    assert list(tmp_path.iterdir()) == []


def test_saving_to_a_folder_that_was_deleted_is_an_error(tmp_path: Path) -> None:
    folder = folder_at(tmp_path / "backups")
    folder.prepare()
    (tmp_path / "backups").rmdir()

    with pytest.raises(FileError, match="cannot be written: no such file or directory"):
        folder.save(make_id(1), "VIP", BACKUP.contacts)


def test_a_discarded_backup_is_gone_and_others_stay(tmp_path: Path) -> None:
    folder = folder_at(tmp_path)
    one, other = (folder.save(make_id(number), "VIP", BACKUP.contacts) for number in (1, 2))

    folder.discard(one)
    folder.discard(one)

    assert [str(path) for path in tmp_path.iterdir()] == [other]


def test_the_note_says_which_group_was_created_from_a_backup(tmp_path: Path) -> None:
    backup = str(tmp_path / "VIP.json")
    notes = RestoreNoteFiles()

    before = notes.read(backup)
    notes.write(backup, None)
    begun = notes.read(backup)
    notes.write(backup, make_id(7))

    assert (before, begun, notes.read(backup)) == (None, None, make_id(7))
    assert (tmp_path / "VIP.json.restored").read_text() == f'{{"group_id": "{make_id(7)}"}}\n'
    assert stat.S_IMODE((tmp_path / "VIP.json.restored").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'"x"',
        b"7",
        b'{"group_id": 7}',
        b'{"group_id": ""}',
        b'{"group_id": "../../x"}',
        b'{"group_id": ["x"]}',
        b'{"group_id": "00000001-52b7-4f0d-9c3e-1b7a60d2f40"}',
        b"\xff\xfe",
        b'{"group_id": null, "group_id": null}',
    ],
)
def test_a_note_that_does_not_say_which_group_was_created_is_an_error(tmp_path: Path, content: bytes) -> None:
    """If it counted as no note, the group would be created a second time."""
    backup = tmp_path / "VIP.json"
    note = tmp_path / "VIP.json.restored"
    note.write_bytes(content)

    with pytest.raises(FileError) as raised:
        RestoreNoteFiles().read(str(backup))

    assert str(raised.value) == f"{note}: does not say which group was created"
    assert "--into ID" in raised.value.remedy


@pytest.mark.parametrize("name", ["mine", "nowhere"])
def test_a_note_is_not_written_through_a_link(tmp_path: Path, name: str) -> None:
    """The note is written once before the group is created, so this is found out in time."""
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "VIP.json.restored").symlink_to(tmp_path / name)

    with pytest.raises(FileError, match="is a link"):
        RestoreNoteFiles().write(str(tmp_path / "VIP.json"), None)

    assert (tmp_path / "mine").read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("kind", ["folder", "missing parent"])
def test_a_note_that_cannot_be_written_is_an_error(tmp_path: Path, kind: str) -> None:
    backup = tmp_path / "missing" / "VIP.json" if kind == "missing parent" else tmp_path / "VIP.json"
    if kind == "folder":
        (tmp_path / "VIP.json.restored").mkdir()

    with pytest.raises(FileError):
        RestoreNoteFiles().write(str(backup), None)


def test_a_note_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "VIP.json.restored").mkdir()

    with pytest.raises(FileError):
        RestoreNoteFiles().read(str(tmp_path / "VIP.json"))
