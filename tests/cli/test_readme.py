"""The README and the reference are correct: files are valid, tables compared with the program."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from groupsync.cli.main import COMMANDS
from groupsync.errors import ExitCode
from groupsync.schema import read_schema
from tests.cli.console import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
LONGEST_README = 150


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= LONGEST_README


@pytest.mark.parametrize("page", [README, REFERENCE], ids=["README", "reference"])
def test_the_configuration_that_a_page_explains_is_valid(folder: Path, page: str) -> None:
    (block,) = [block["text"] for block in BLOCKS.finditer(page) if "yaml-language-server" in block["text"]]
    (folder / "groups.yaml").write_text(block, encoding="utf-8")

    subprocess.run([sys.executable, "-m", "groupsync", "validate"], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("name", ["plan-light.svg", "plan-dark.svg"])
def test_the_picture_shows_what_a_plan_prints(folder: Path, name: str) -> None:
    """Only the text is compared: the drawing is made by rich and may change."""
    subprocess.run([sys.executable, ROOT / "script" / "picture.py", "."], cwd=folder, check=True)

    drawn, shown = (
        re.findall(r">([^<]*)</text>", path.read_text(encoding="utf-8"))
        for path in (folder / name, ROOT / "docs" / name)
    )

    assert f"docs/{name}" in README
    assert drawn == shown
    assert any("1&#160;to&#160;create" in text for text in shown)


@pytest.mark.parametrize("name", ["pull-request-light.png", "pull-request-dark.png"])
def test_the_picture_of_a_pull_request_is_of_the_page_that_a_plan_writes(name: str) -> None:
    """A browser has taken it; the Markdown that it was taken of is in it. The version may be an earlier one."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import page_picture; print(page_picture.write_page(), end='')"
    )
    written = subprocess.run(
        [sys.executable, "-c", program, ROOT / "script"], capture_output=True, text=True, check=True
    ).stdout

    with Image.open(ROOT / "docs" / name) as picture:
        pictured = picture.info["markdown"]

    assert f"docs/{name}" in README
    assert remove_version(pictured) == remove_version(written)


def remove_version(text: str) -> str:
    shortened, found = re.subn(r" by groupsync [\d.]+</sub>", "", text)
    assert found == 1
    return shortened


def test_the_reference_lists_the_keys_of_the_schema() -> None:
    table = REFERENCE.partition("| Key |")[2].partition("\n\n")[0]

    assert re.findall(r"^\| `([^`]+)` \|", table, flags=re.MULTILINE) == [
        key for key in list_keys(json.loads(read_schema("groups"))) if key != "policy"
    ]


def list_keys(schema: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the keys of a configuration, `policy.unlisted` and `groups[].name` among them."""
    for key, value in schema.get("properties", {}).items():
        yield prefix + key
        yield from list_keys(value, f"{prefix}{key}.")
        yield from list_keys(value.get("items", {}), f"{prefix}{key}[].")


def test_the_reference_lists_the_exit_codes_of_the_program() -> None:
    table = REFERENCE.partition("## Exit codes")[2].partition("\n## ")[0]

    rows = re.findall(r"^\| (\d+) \| (.+) \|$", table, flags=re.MULTILINE)

    assert rows == [(str(int(code)), code.meaning) for code in ExitCode]


def test_every_command_is_in_the_reference_and_has_a_help_text() -> None:
    for name, summary in COMMANDS.items():
        finished = subprocess.run(
            [sys.executable, "-m", "groupsync", name, "--help"], capture_output=True, text=True, check=True
        )

        assert f"| `groupsync {name}" in REFERENCE
        assert " ".join(finished.stdout.split()).partition(summary)[1] == summary
        assert re.search(rf"^  Examples?:\n    groupsync {name}\b", finished.stdout, flags=re.MULTILINE)


def test_the_example_is_valid() -> None:
    subprocess.run(
        [sys.executable, "-m", "groupsync", "validate", "-c", str(ROOT / "examples" / "groups.yaml")],
        check=True,
        capture_output=True,
    )


def test_shell_completion_works() -> None:
    finished = subprocess.run(
        [Path(sys.executable).parent / "groupsync"],
        env={**os.environ, "_GROUPSYNC_COMPLETE": "zsh_source"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "_GROUPSYNC_COMPLETE=zsh_complete" in finished.stdout
