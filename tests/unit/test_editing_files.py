"""Edits of several files: the order of writing, the proof, and the writing itself."""

from __future__ import annotations

import os
import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.config.load import load_config, load_texts
from groupsync.editing import EditedText, FileWrite, Refusal, RemoveEntry, SetKey, edit_text, prove_edits
from groupsync.errors import ConfigError, FileError
from groupsync.files import replace_file
from groupsync.runs.edits import make_writes, write_edits
from tests.unit.editing import ID, add, consent, find

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from groupsync.editing import Edit

A, B = "a.yaml", "b.yaml"
HEAD = "version: 1\n"
LONG = "#" * 20_000


def write(folder: Path, **texts: str) -> list[Path]:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_bytes(text.encode())
    return [folder / f"{name}.yaml" for name in texts]


@contextmanager
def limited_files() -> Iterator[None]:
    """Let this process write no file that is as large as LONG."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(LONG) // 2, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_texts_load_as_their_files_do(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, a=HEAD + "groups: [X]\n", b="\ufeff" + HEAD + "removed: [{name: Y}]\n"))

    assert load_texts(config.texts) == config
    with pytest.raises(ConfigError, match='the key "groups" is missing'):
        load_texts({A: HEAD})
    with pytest.raises(ConfigError, match="larger than 16 MiB"):
        load_texts({A: HEAD + "groups: [X]\n" + "#" * 2**24})


def test_additions_are_written_before_removals() -> None:
    texts = {A: HEAD + "groups:\n  - X\n  - Y\n", B: HEAD + "removed: []\n"}
    config = load_texts(texts)
    edits: list[Edit] = [RemoveEntry(source=find(texts[A], "X", file=A)), consent("Z", file=B)]

    writes = make_writes(config, edits)

    assert writes == (
        FileWrite(file=B, old=texts[B], new=HEAD + "removed:\n  - name: Z\n    contacts_at_most: 3\n"),
        FileWrite(file=A, old=texts[A], new=HEAD + "groups:\n  - Y\n"),
    )


def test_a_group_that_moves_leaves_its_old_file_first_because_it_may_not_be_in_two() -> None:
    texts = {A: HEAD + "groups: [X, Y]\n", B: HEAD + "groups: [Z]\n"}

    writes = make_writes(load_texts(texts), [add("X", file=B), RemoveEntry(source=find(texts[A], "X", file=A))])

    assert not isinstance(writes, Refusal)
    assert [one.file for one in writes] == [A, B]


def test_an_exchange_between_two_files_has_no_valid_order() -> None:
    texts = {A: HEAD + "groups: [X]\n", B: HEAD + "groups: [Z]\n"}
    edits = [SetKey(source=find(texts[A], "X", file=A), key="name", value="Z"),
             SetKey(source=find(texts[B], "Z", file=B), key="name", value="X")]  # fmt: skip

    writes = make_writes(load_texts(texts), edits)

    assert str(writes) == "no order of writing the files leaves a valid configuration after each one"


def test_an_invalid_result_is_refused() -> None:
    texts = {A: HEAD + "groups: [X]\n"}

    assert str(make_writes(load_texts(texts), [add("X", file=A)])).startswith(
        "the configuration would not be valid: a.yaml"
    )
    assert str(make_writes(load_texts(texts), [add("X", file=B)])) == "b.yaml is not a file of the configuration"


def test_an_entry_that_no_edit_is_about_must_mean_what_it_meant() -> None:
    texts = {A: HEAD + "groups: [X, Y]\n"}
    config = load_texts(texts)
    x, y = config.groups
    misread = replace(config, groups=(x, replace(y, name="Z")))

    assert str(make_writes(misread, [add("New", file=A)])) == (
        "the configuration would not be valid: an entry that no edit is about would change"
    )


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("version: 1\ngroups:\n- X\n- name: Y\n  id: {id}\n", "a comment would be lost or change"),
        ("version: 1\ngroups:\n- X\n- name: Y  # c\n  id: {id}\n", 'the comment "# c" would belong to something else'),
        (
            "version: 1\ngroups:\n- X  # c\n- name: Z\n  id: {id}\n",
            "the values would not be the old ones with the edits",
        ),
        (
            "version: 1\ngroups:\n- X  # c\n- id: {id}\n  name: Y\n",
            "the values would not be the old ones with the edits",
        ),
        ("version: 1\ngroups:\n- 'X'  # c\n- name: Y\n  id: {id}\n", "text outside the edits would change"),
        ("version: 1\ngroups:\n- X  # c\n- name: Y\n  id: {id}", "text outside the edits would change"),
        ("\ufeffversion: 1\ngroups:\n- X  # c\n- name: Y\n  id: {id}\n", "the byte order mark would change"),
        ("version: 1\ngroups: [\n", "the new text cannot be read: this is not YAML"),
        ("version: 1\ngroups:\n- X  # c\n- name: Y\n  id: {id}\n", ""),
    ],
)
def test_the_proof_finds_what_is_wrong(new: str, reason: str) -> None:
    old = HEAD + "groups:\n- X  # c\n- Y\n"
    edits = [SetKey(source=find(old, "Y", file=A), key="id", value=ID)]
    edited = edit_text(A, old, edits)
    assert isinstance(edited, EditedText)

    assert prove_edits(old, edits, replace(edited, text=new.replace("{id}", ID))) == reason


def test_writing_keeps_mode_mark_and_line_ends_and_leaves_nothing_behind(tmp_path: Path) -> None:
    paths = write(tmp_path, a="\ufeffversion: 1\r\ngroups: [X]\r\n")
    paths[0].chmod(0o640)
    config = load_config(paths)
    writes = make_writes(config, [add("New", file=str(paths[0]))])
    assert not isinstance(writes, Refusal)

    write_edits(config, writes)

    assert paths[0].read_bytes() == "\ufeffversion: 1\r\ngroups: [X, New]\r\n".encode()
    assert (paths[0].stat().st_mode & 0o7777, [*tmp_path.iterdir()]) == (0o640, paths)


def test_an_error_in_the_middle_names_the_files_that_are_written(tmp_path: Path) -> None:
    """The second file is larger than this process may write."""
    first, second = write(tmp_path, a=HEAD + "groups: [X]\n", b=f"{HEAD}groups: [Z]\n{LONG}\n")
    config = load_config([first, second])
    writes = make_writes(config, [add("N", file=str(first)), add("M", file=str(second))])
    assert not isinstance(writes, Refusal)

    with limited_files(), pytest.raises(FileError) as caught:
        write_edits(config, writes)

    assert str(caught.value) == f"{second}: cannot be written: file too large; already written: {first}"
    assert caught.value.remedy == (
        "run the command again after that is fixed; the files are a valid configuration as they are"
    )
    assert [entry.name for entry in load_config([first, second]).groups] == ["X", "N", "Z"]
    assert sorted(tmp_path.iterdir()) == [first, second]


def test_an_error_of_a_file_that_is_written_twice_says_that_a_part_is_written(tmp_path: Path) -> None:
    (path,) = write(tmp_path, a=HEAD + "groups: [X]\n")
    part = HEAD + "groups: [X, Z]\n"
    writes = [FileWrite(file=str(path), old=path.read_text(), new=part)]
    writes.append(FileWrite(file=str(path), old=part, new=part + LONG))

    with limited_files(), pytest.raises(FileError) as caught:
        write_edits(load_config([path]), writes)

    assert str(caught.value).endswith(f"; already written: a part of {path}")
    assert path.read_text() == part


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_root_gives_the_file_back_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    os.chown(path, 12345, 23456)
    path.chmod(0o4750)

    replace_file(path, b"new", expected=b"old")

    status = path.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o7777) == (12345, 23456, 0o4750)


@pytest.mark.parametrize("how", ["content", "longer", "gone", "link", "second name"])
def test_a_file_that_is_not_as_it_was_read_is_not_written(tmp_path: Path, how: str) -> None:
    first, second = write(tmp_path, a=HEAD + "groups: [X]\n", b=HEAD + "groups: [Y]\n")
    config = load_config([first, second])
    writes = make_writes(config, [add("N", file=str(first)), add("M", file=str(second))])
    assert not isinstance(writes, Refusal)
    if how == "content":
        second.write_text(HEAD + "groups: [Z]\n")
    elif how == "longer":
        second.write_text(HEAD + "groups: [Y]\n#")
    elif how == "gone":
        second.unlink()
    elif how == "link":
        second.rename(tmp_path / "c")
        second.symlink_to("c")
    else:
        os.link(second, tmp_path / "c")

    with pytest.raises(FileError, match=r"b\.yaml"):
        write_edits(config, writes)

    assert first.read_text() == HEAD + "groups: [X]\n"
