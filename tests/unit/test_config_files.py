"""Several files and folders as one configuration."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.config.load import load_config, load_texts
from groupsync.config.source.files import find_files
from groupsync.errors import ConfigError
from groupsync.model.config import Unlisted
from tests.unit.reading import ONE_OR_IDS, TOP_KEYS

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, **texts: str) -> list[Path]:
    """Write a file `name.yaml` for each text, with the version before it."""
    paths = [folder / f"{name}.yaml" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(f"version: 1\n{text}", encoding="utf-8")
    return paths


def problems_of_files(folder: Path, paths: list[Path]) -> list[str]:
    """Return the problems of several files, with DIR for their folder."""
    with pytest.raises(ConfigError) as caught:
        load_config(paths)
    return [problem.replace(str(folder), "DIR") for problem in caught.value.problems]


def test_lists_of_several_files_add_up_in_the_order_given(tmp_path: Path) -> None:
    paths = write(
        tmp_path,
        b="groups: [b]\nremoved: [{name: x}]\n",
        a="groups: [a]\nignore: ['i*']\n",
        c="policy: {unlisted: refuse}\nremoved: [{name: y}]\nignore: ['j*']\n",
    )

    config = load_config(paths)

    assert [str(group.source).removeprefix(f"{tmp_path}/") for group in config.groups] == ["b.yaml:2", "a.yaml:2"]
    assert [entry.source.file for entry in config.removed] == [str(paths[0]), str(paths[2])]
    assert [pattern.text for pattern in config.ignore] == ["i*", "j*"]
    assert config.policy.unlisted == Unlisted.REFUSE
    assert config.files == tuple(str(path) for path in paths)


def test_a_folder_stands_for_its_yaml_files(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    (folder / "sub.yaml").mkdir(parents=True)
    write(folder, b="groups: [b]\n", a="groups: [a]\n")
    (folder / "c.yml").write_text("version: 1\ngroups: [c]\n", encoding="utf-8")
    (folder / ".hidden.yaml").write_text("]", encoding="utf-8")
    for name in ("README.md", "d.json", "e.YAML", "f", "g", "h"):
        (folder / name).write_text("]", encoding="utf-8")

    config = load_config([folder])

    assert [group.name for group in config.groups] == ["a", "b", "c"]
    assert config.files == tuple(str(folder / name) for name in ("a.yaml", "b.yaml", "c.yml"))
    assert config.warnings == (
        f'{folder}: only *.yaml and *.yml are read here, not "README.md", "d.json", "e.YAML", "f", "g", and 2 more',
        f'{folder}: hidden files are not read: ".hidden.yaml"',
    )


def test_a_subfolder_is_not_read_and_gives_a_warning(tmp_path: Path) -> None:
    write(tmp_path, a="groups: []\n")
    (tmp_path / "estonia").mkdir()

    assert load_config([tmp_path]).warnings == (f'{tmp_path}: only *.yaml and *.yml are read here, not "estonia/"',)


def test_devices_and_pipes_in_a_folder_are_not_opened(tmp_path: Path) -> None:
    paths = write(tmp_path, a="groups: []\n")
    os.mkfifo(tmp_path / "fifo.yaml")
    (tmp_path / "device.yml").symlink_to(os.devnull)
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")

    search = find_files([tmp_path])

    assert search.files == tuple(paths)
    others = '"device.yml" (not a regular file), "fifo.yaml" (not a regular file), "notes.txt"'
    assert search.warnings == (f"{tmp_path}: only *.yaml and *.yml are read here, not {others}",)


def test_a_link_to_nothing_in_a_folder_is_a_problem(tmp_path: Path) -> None:
    """Its groups would otherwise be gone from the configuration, and be deleted."""
    write(tmp_path, a="groups: []\n")
    (tmp_path / "b.yaml").symlink_to(tmp_path / "gone")

    assert problems_of_files(tmp_path, [tmp_path]) == [
        "DIR/b.yaml: there is no such file or folder: check the name and the folder you are in"
    ]


def test_without_a_first_file_the_error_says_how_to_write_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigError, match=r"^groups\.yaml: .* write one .*: groupsync export --out groups\.yaml$"):
        load_config(["groups.yaml"])


@pytest.mark.parametrize("there", ["groups.yml", "groups.json", "groups"])
def test_a_file_of_almost_the_same_name_is_suggested(tmp_path: Path, there: str) -> None:
    (tmp_path / there).mkdir()

    [found] = problems_of_files(tmp_path, [tmp_path / "groups.yaml"])

    assert found == f"DIR/groups.yaml: there is no such file or folder: did you mean -c DIR/{there}?"


@pytest.mark.parametrize(
    ("missing", "there"),
    [
        ("groups.yaml", "Groups.yaml"),
        ("groups.yaml", "GROUPS.YML"),
        ("groups.yaml", "group.yaml"),
        ("groups.yaml", "groups.yaml.txt"),
        ("Eesti.yaml", "eesti.yml"),
        ("retial.yml", "retail.yml"),
    ],
)
def test_a_file_whose_name_differs_by_case_or_by_a_slip_is_suggested(tmp_path: Path, missing: str, there: str) -> None:
    (tmp_path / there).write_text("groups: []\n", encoding="utf-8")
    (tmp_path / f"{missing}.bak").write_text("groups: []\n", encoding="utf-8")
    (tmp_path / "notes.yaml").write_text("groups: []\n", encoding="utf-8")

    [found] = problems_of_files(tmp_path, [tmp_path / missing])

    assert found == f"DIR/{missing}: there is no such file or folder: did you mean -c DIR/{there}?"


def test_no_file_of_another_name_or_kind_is_suggested(tmp_path: Path) -> None:
    for other in ("groups.yaml.bak", "groups.yaml~", "groups.py", "customers.yaml"):
        (tmp_path / other).write_text("groups: []\n", encoding="utf-8")

    [found] = problems_of_files(tmp_path, [tmp_path / "groups.yaml"])

    assert found == "DIR/groups.yaml: there is no such file or folder: check the name and the folder you are in"


def test_the_same_file_counts_once(tmp_path: Path) -> None:
    [path] = write(tmp_path, a="groups: [a]\n")
    link = tmp_path / "link.yaml"
    link.symlink_to(path)

    config = load_config([path, tmp_path, link])

    assert [group.name for group in config.groups] == ["a"]
    assert config.files == (str(path),)


def test_problems_come_in_the_order_of_the_files(tmp_path: Path) -> None:
    paths = write(tmp_path, z="groups: [VIP]\nx: 1\n", a="groups: [NO,\n  VIP]\n", m="groups: [")
    (tmp_path / "empty").mkdir()

    found = problems_of_files(tmp_path, [tmp_path / "none.yaml", paths[0], tmp_path / "empty", *paths[1:]])

    assert found == [
        "DIR/none.yaml: there is no such file or folder: check the name and the folder you are in",
        f'DIR/z.yaml:3:1: unknown key "x", correct or remove it ({TOP_KEYS})',
        "DIR/empty: there is no *.yaml or *.yml file in this folder: add one, or name another folder",
        'DIR/a.yaml:2:10: groups[0]: NO is read as a boolean by YAML, not as text: quote it: "NO"',
        f'DIR/a.yaml:3:3: groups[1]: "VIP" is listed already at DIR/z.yaml:2: {ONE_OR_IDS}',
        'DIR/m.yaml:2:9: this "[" is not closed, or lacks a comma in line 2: add "]" or ","',
    ]


def test_one_file_has_the_policy_and_at_least_one_has_groups(tmp_path: Path) -> None:
    paths = write(tmp_path, a="policy: {}\n", b="policy: {unlisted: keep}\n")

    advice = "add it and name a group, such as `groups: [Newsletter]`"
    assert problems_of_files(tmp_path, paths) == [
        f'DIR/a.yaml:1:1: none of the 2 files has the key "groups": {advice}',
        "DIR/b.yaml:2:9: policy: is already at DIR/a.yaml:2: keep it in one file",
    ]


def test_each_file_needs_a_version(tmp_path: Path) -> None:
    paths = write(tmp_path, a="groups: []\n", b="")
    paths[1].write_text("ignore: []\n", encoding="utf-8")

    assert problems_of_files(tmp_path, paths) == ['DIR/b.yaml:1:1: the key "version" is missing: add `version: 1`']


def test_yaml_and_json_files_can_be_combined(tmp_path: Path) -> None:
    [path] = write(tmp_path, a="groups: [a]\n")
    other = tmp_path / "b.json"
    other.write_text('{"version": 1, "groups": ["b"]}', encoding="utf-8")

    assert [group.name for group in load_config([path, other]).groups] == ["a", "b"]


def test_a_file_name_cannot_forge_a_line(tmp_path: Path) -> None:
    path = tmp_path / "a\nb.yaml"
    path.write_text("version: 1\ngroups:\n  - VIP\n  - VIP\n", encoding="utf-8")

    [problem] = problems_of_files(tmp_path, [path])

    shown = '"DIR/a\\u000ab.yaml"'
    assert problem == f'{shown}:4:5: groups[1]: "VIP" is listed already at {shown}:3: {ONE_OR_IDS}'


def test_no_path_is_a_problem() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config([])

    assert caught.value.problems == ("no configuration file is given: give at least one",)


NOTE_OPENED_SCHEMAS = """
import sys

opened = []

def note(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".json"):
        opened.append(arguments[0])

sys.addaudithook(note)
import groupsync.config.load
print(opened)
"""


def test_importing_the_reader_reads_no_schema() -> None:
    """A command that does not need the schema must not read it."""
    finished = subprocess.run([sys.executable, "-c", NOTE_OPENED_SCHEMAS], capture_output=True, text=True, check=True)

    assert finished.stdout == "[]\n"


def test_a_check_of_texts_can_leave_the_warnings_out() -> None:
    texts = {"groups.yaml": "version: 1\ngroups: [VIP, vip]\n"}

    loud, quiet = load_texts(texts), load_texts(texts, warn=False)

    assert len(loud.warnings) == 1
    assert quiet == replace(loud, warnings=())
