"""Files in a folder that are not read: what looks like a configuration is an error, everything else is left alone."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from groupsync.config import unread
from groupsync.config.checks.resemblance import resembles_configuration
from groupsync.config.load import load_config
from groupsync.config.source.files import find_files
from groupsync.errors import ConfigError

PART = "version: 1\ngroups: [B]\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder `acc` with one configuration file, in the working folder."""
    monkeypatch.chdir(tmp_path)
    write("acc/a.yaml", "version: 1\ngroups: [A]\n")
    return Path("acc")


def write(name: str, text: str | bytes) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def problems_of(*paths: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load_config(paths)
    return caught.value.problems


@pytest.mark.usefixtures("folder")
def test_a_configuration_in_a_sub_folder_is_an_error_with_both_ways_out() -> None:
    write("acc/teams/b.yaml", PART)

    (problem,) = problems_of("acc")

    assert problem == (
        "acc/teams/b.yaml: looks like a groupsync configuration, but sub-folders of acc are not read: "
        "name its folder too (-c acc/teams), or move it, into acc or elsewhere"
    )


@pytest.mark.usefixtures("folder")
def test_both_ways_out_work() -> None:
    write("acc/my teams/b.yaml", PART)
    assert "(-c 'acc/my teams')" in problems_of("acc")[0]

    assert [group.name for group in load_config(["acc", "acc/my teams"]).groups] == ["A", "B"]
    assert [group.name for group in load_config(["acc/my teams", "acc"]).groups] == ["B", "A"]
    assert [group.name for group in load_config(["acc", "acc/my teams/b.yaml"]).groups] == ["A", "B"]
    Path("acc/my teams/b.yaml").rename("acc/b.yaml")
    assert [group.name for group in load_config(["acc"]).groups] == ["A", "B"]
    Path("acc/b.yaml").rename("b.yaml")
    assert [group.name for group in load_config(["acc"]).groups] == ["A"]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["b.json", "b.JSON", "b.YAML", "b.Yml"])
def test_a_file_that_no_folder_stands_for_is_to_be_named_itself(name: str) -> None:
    text = '{"version": 1, "groups": ["B"]}'
    write(f"acc/{name}", text)
    write(f"acc/teams/{name}", text)

    beside, below = problems_of("acc")

    assert beside == (
        f"acc/{name}: looks like a groupsync configuration, but only *.yaml and *.yml of acc are read: "
        f"name it too (-c acc/{name}), or move it elsewhere"
    )
    assert below == (
        f"acc/teams/{name}: looks like a groupsync configuration, but sub-folders of acc are not read: "
        f"name it too (-c acc/teams/{name}), or move it, into acc or elsewhere"
    )
    Path(f"acc/teams/{name}").unlink()
    assert [group.name for group in load_config(["acc", f"acc/{name}"]).groups] == ["A", "B"]


@pytest.mark.usefixtures("folder")
def test_a_folder_is_searched_at_any_depth_and_a_named_one_is_not_another_one_s() -> None:
    deep = "acc/" + "/".join("abcdefghij" * 5)
    write(f"{deep}/b.yaml", PART)
    write("acc/teams/more/c.yaml", "version: 1\ngroups: [C]\n")
    write("acc/teams/d.yaml", "version: 1\ngroups: [D]\n")

    found = problems_of("acc", "acc/teams")

    assert [problem.partition(":")[0] for problem in found] == [f"{deep}/b.yaml", "acc/teams/more/c.yaml"]
    assert "sub-folders of acc/teams are not read" in found[1]
    assert len(load_config(["acc", "acc/teams", "acc/teams/more", deep]).groups) == 4


@pytest.mark.usefixtures("folder")
def test_links_are_followed_each_folder_once_and_without_a_loop() -> None:
    write("shared/b.yaml", PART)
    for name in ("one", "two"):
        Path(f"acc/{name}").symlink_to("../shared")
    Path("shared/back").symlink_to("../acc")
    Path("acc/up").symlink_to("..")
    Path("acc/self").symlink_to(".")
    Path("acc/gone").symlink_to("nowhere")
    Path("acc/loop").symlink_to("loop")

    assert [problem.partition(":")[0] for problem in problems_of("acc")] == ["acc/one/b.yaml"]
    assert len(load_config(["acc", "shared"]).groups) == 2


@pytest.mark.usefixtures("folder")
def test_a_link_in_a_sub_folder_to_a_file_that_is_read_is_fine() -> None:
    write("acc/teams/note.txt", "")
    Path("acc/teams/a.yaml").symlink_to("../a.yaml")
    os.link("acc/a.yaml", "acc/teams/b.yaml")

    assert len(load_config(["acc"]).groups) == 1


@pytest.mark.usefixtures("folder")
def test_hidden_files_and_folders_are_at_most_a_warning() -> None:
    for name in (".git/b.yaml", ".github/workflows/b.yaml", "teams/.old/b.yaml", ".b.yaml", "teams/.b.yaml"):
        write(f"acc/{name}", PART)

    assert load_config(["acc"]).warnings == (
        'acc: only *.yaml and *.yml are read here, not "teams/"',
        'acc: hidden files are not read: ".b.yaml"',
    )


@pytest.mark.usefixtures("folder")
def test_no_pipe_or_device_is_opened() -> None:
    Path("acc/teams").mkdir()
    os.mkfifo("acc/teams/b.yaml")
    Path("acc/teams/c.yaml").symlink_to("/dev/zero")

    assert len(load_config(["acc"]).warnings) == 1


def test_a_folder_of_accounts_says_what_to_name(folder: Path) -> None:
    """The layout of docs/many-accounts.md, with the folder above given."""
    for account in ("ee", "no"):
        write(f"accounts/{account}/groups.yaml", PART)

    found = problems_of("accounts")

    assert len(found) == 3
    assert "-c accounts/ee" in found[0]
    assert folder.exists()
    assert load_config(["accounts/ee"]).warnings == ()


@pytest.mark.usefixtures("folder")
def test_many_such_files_do_not_hide_other_problems() -> None:
    write("acc/z.yaml", "version: 1\ngroups: [NO]\n")
    for place in range(150):
        write(f"acc/teams/{place:03}.yaml", PART)

    found = problems_of("acc")

    assert len(found) == 22
    assert found[19].startswith("acc/teams/019.yaml: looks like")
    assert found[20] == (
        "130 more files look like a groupsync configuration and are not read: name their folders too, or move them"
    )
    assert found[21].startswith("acc/z.yaml:2:10: ")


@pytest.mark.usefixtures("folder")
def test_a_folder_that_cannot_be_read_is_a_warning() -> None:
    """A name that is too long stands in for a folder of another user, which root can read."""
    start = Path.cwd()
    os.chdir("acc")
    for _ in range(17):
        Path("x" * 250).mkdir()
        os.chdir("x" * 250)
    os.chdir(start)

    (_, warning) = load_config(["acc"]).warnings

    assert warning.startswith("acc/xxx")
    assert warning.endswith("x: cannot be read (file name too long), so configuration files in it would not be noticed")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("limits", [{"most_entries": 3}, {"most_files": 2}], ids=str)
def test_a_limit_that_is_reached_is_said(limits: dict[str, int]) -> None:
    for place in range(9):
        write(f"acc/other/{place}.yaml", "image: alpine\n")

    (warning,) = unread.find_unread_files(find_files([Path("acc")]), **limits).warnings

    assert warning == (
        "acc: its sub-folders hold too much to check for configuration files that are not read: "
        "keep the configuration in a folder of its own"
    )


@pytest.mark.usefixtures("folder")
def test_a_huge_folder_is_searched_in_little_time() -> None:
    """As many files as are looked at, each as slow to judge as possible."""
    text = "groups:\n" + "- {x: 1}\n" * 3_600
    for place in range(unread.MOST_FILES + 10):
        write(f"acc/other/{place}.yaml", text)
    begun = time.process_time()

    assert len(load_config(["acc"]).warnings) == 2

    print(f"{time.process_time() - begun:.2f} s")  # noqa: T201 - for docs/safety.md
    assert time.process_time() - begun < 10


CONFIGURATIONS = {
    "plain": PART,
    "quoted": '"version": 1\n"groups":\n  - name: B\n',
    "flow": "{version: 1, groups: [B]}",
    "in a document": "---\n# ours\nversion: 1\nremoved: [{name: B}]\n...\n",
    "second document": f"a: 1\n---\n{PART}",
    "indented": "  version: 1\n  groups:\n    - B\n",
    "CR LF": PART.replace("\n", "\r\n"),
    "byte order mark": f"\ufeff{PART}",
    "UTF-16": PART.encode("utf-16"),
    "no version": "groups: [B]\n",
    "no version, mappings": "groups:\n  - {name: B, previously: [C]}\n",
    "version as text": "version: '1'\ngroups: [B]\n",
    "misspelled key": "version: 1\ngruops: [B]\n",
    "misspelled entry": "version: 1\ngroups: [{nam: B}]\n",
    "another key": "version: 1\nteam: x\ngroups: [B]\n",
    "policy alone": "version: 1\npolicy: {unlisted: delete}\n",
    "ignore alone": "version: 1\nignore: ['x*']\n",
    "broken below": "version: 1\ngroups:\n  - B\n  - [\n",
    "broken above": "version: 1\nx: [\ngroups:\n  - B\n",
    "anchors": "version: 1\nx: &x [1]\ngroups: [B]\n",
    "long": "version: 1\ngroups:\n" + "  - some group\n" * 10_000,
    "long comment": "#\n" * 10_000 + PART,
    "with a NUL": PART + "# \x00\n",
    "deep": "version: 1\ngroups: [B]\nx: " + "[" * 1000,
}
OTHERS = {
    "nothing": "",
    "text": "groups",
    "Prometheus": "groups:\n  - name: x\n    rules:\n      - alert: Down\n",
    "Compose": 'version: "3"\nservices:\n  web: {image: x}\n',
    "logging": "version: 1\nformatters: {x: {}}\n",
    "Dependabot": "version: 2\nupdates:\n  - groups: {all: {patterns: ['*']}}\n",
    "GitLab": "stages: [build]\nignore: [x]\n",
    "Codecov": "ignore:\n  - tests\n",
    "Kubernetes": "apiVersion: v1\nkind: ConfigMap\ndata: {groups: '[A]'}\n",
    "policy of another": "version: 1\npolicy: strict\n",
    "groups of users": "groups:\n  admin: [a, b]\n",
    "entries of another": "groups:\n  - {name: x, members: [a]}\n",
    "no groups": "groups: []\n",
    "binary": bytes(range(256)) + b"groups",
}


@pytest.mark.parametrize("text", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_this_looks_like_a_configuration(text: str | bytes) -> None:
    content = text if isinstance(text, bytes) else text.encode()

    assert resembles_configuration(content[: unread.BEGINNING], "b.yaml", may_parse=True)


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_this_does_not(text: str | bytes) -> None:
    content = text if isinstance(text, bytes) else text.encode()

    assert not resembles_configuration(content, "b.yaml", may_parse=True)


@pytest.mark.parametrize(
    ("text", "resembles"),
    [
        ('{"version": 1, "groups": ["B"]}', True),
        ('{"groups": [{"name": "VIP"}]}', False),
        ('{\n  "format_version": "2.0",\n  "changes": [],\n  "policy": {}\n}\n', False),
    ],
)
def test_json_needs_a_version(text: str, resembles: bool) -> None:
    """A seed of the sandbox or an answer of the Phonebook has none."""
    assert resembles_configuration(text.encode(), "b.json", may_parse=True) is resembles
