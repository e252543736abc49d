"""The README is correct: its files are written, its commands run, its tables compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from groupsync.cli.main import COMMANDS
from groupsync.errors import ExitCode
from groupsync.sandbox import Sandbox
from tests.cli.console import BLOCKS, list_commands, run_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ADOPTING = README.partition("\n## Adopting groupsync\n")[2].partition("\n## ")[0]


def as_in_the_readme(output: str) -> str:
    """Return the output with the port, the times, the random part and the new id that the README shows."""
    output = re.sub(r"\(127\.0\.0\.1:\d+\)", "(127.0.0.1:8080)", output)
    output = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{8}\.json", "20261123T120000Z-5c88526e.json", output)
    output = re.sub(r"on \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "on 2026-11-23T12:00:00Z", output)
    for new_id in re.findall(r"done: .*\[id=([0-9a-f-]{36})\]", output):
        output = output.replace(new_id, "3c5f1c39-7f0e-4a53-9a25-3a8f0d6f9b11")
    return output


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The Phonebook of the README's first example."""
    with Sandbox(seed=ROOT / "examples" / "first-use.json") as sandbox:
        yield sandbox


@pytest.mark.usefixtures("sandbox")
def test_the_commands_of_the_readme_print_what_it_shows(folder: Path, environ: Mapping[str, str]) -> None:
    folder = folder / "repository"
    folder.mkdir()
    ran = 0

    for block in BLOCKS.finditer(README.replace(ADOPTING, "")):
        if block["file"]:
            (folder / block["file"]).write_text(block["text"], encoding="utf-8")
        if block["kind"] == "console":
            for command, output in list_commands(block["text"]):
                finished = run_command(command, folder, environ)
                assert as_in_the_readme(finished.stdout) == output
                assert finished.returncode == 0
                ran += 1

    assert ran == 7


def test_the_configuration_that_the_readme_explains_is_valid(folder: Path) -> None:
    (block,) = [block["text"] for block in BLOCKS.finditer(README) if "yaml-language-server" in block["text"]]
    (folder / "groups.yaml").write_text(block, encoding="utf-8")

    subprocess.run([sys.executable, "-m", "groupsync", "validate"], cwd=folder, check=True, capture_output=True)


def test_the_picture_shows_what_a_plan_prints(folder: Path) -> None:
    """Only the text is compared: the drawing is made by rich and may change."""
    subprocess.run([sys.executable, ROOT / "script" / "picture.py", "plan.svg"], cwd=folder, check=True)

    drawn, shown = (
        re.findall(r">([^<]*)</text>", path.read_text(encoding="utf-8"))
        for path in (folder / "plan.svg", ROOT / "docs" / "plan.svg")
    )

    assert "docs/plan.svg" in README
    assert drawn == shown
    assert any("1&#160;to&#160;create" in text for text in shown)


def test_the_readme_lists_the_exit_codes_of_the_program() -> None:
    table = README.partition("### Exit codes")[2].partition("\n## ")[0]

    rows = re.findall(r"^\| (\d+) \| (.+) \|$", table, flags=re.MULTILINE)

    assert rows == [(str(int(code)), code.meaning) for code in ExitCode]


def test_every_command_is_in_the_readme_and_has_a_help_text() -> None:
    for name, summary in COMMANDS.items():
        finished = subprocess.run(
            [sys.executable, "-m", "groupsync", name, "--help"], capture_output=True, text=True, check=True
        )

        assert f"| `groupsync {name}" in README
        assert " ".join(finished.stdout.split()).partition(summary)[1] == summary


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
