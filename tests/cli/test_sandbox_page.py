"""docs/sandbox.md: its examples run, and its tables list every option, control and field."""

from __future__ import annotations

import inspect
import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask

from groupsync.cli.sandbox import sandbox as sandbox_command
from groupsync.sandbox import Sandbox
from groupsync.sandbox.control_calls import control_calls
from groupsync.sandbox.controls import Behaviour
from tests.cli.console import BLOCKS, list_commands, run_command

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
EXAMPLES = [
    example for block in BLOCKS.finditer(PAGE) if block["kind"] == "console" for example in list_commands(block["text"])
]


def read_rows(heading: str) -> list[list[str]]:
    """Return the cells of the table whose first column has this heading, without the heading."""
    table = PAGE.partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in table.splitlines()[2:]]


@pytest.fixture
def repository(folder: Path) -> Path:
    """A folder with the files of the page."""
    repository = folder / "repository"
    repository.mkdir()
    for block in BLOCKS.finditer(PAGE):
        if block["file"]:
            (repository / block["file"]).write_text(block["text"], encoding="utf-8")
    return repository


@pytest.mark.parametrize(("command", "output"), EXAMPLES)
def test_an_example_prints_what_the_page_shows(repository: Path, command: str, output: str) -> None:
    if "bad-day.sh" in command and not shutil.which("curl"):
        pytest.skip("the controls are used with curl")

    finished = run_command(command, repository, {"GROUPSYNC_LOCK_DIR": str(repository)})

    assert (finished.returncode, finished.stdout) == (0, output)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 2


def test_the_python_example_passes(repository: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_pipeline.py"],
        cwd=repository,
        env={**os.environ, "PATH": path, "GROUPSYNC_LOCK_DIR": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (finished.returncode, finished.stderr) == (0, ""), finished.stdout
    assert "1 passed" in finished.stdout


def test_every_option_is_in_the_table() -> None:
    named = {option for row in read_rows("Option") for option in re.findall(r"--[a-z-]+", row[0])}

    assert named == {name for option in sandbox_command.params for name in option.opts if name.startswith("--")}


def test_every_control_is_in_the_table() -> None:
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(control_calls)
    controls = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    named = {(method.strip("`"), path.strip("`").partition("?")[0]) for method, path, *_ in read_rows("Method")}

    assert named == controls


def test_every_key_of_a_fault_and_of_the_behaviour_is_in_a_table() -> None:
    fault = set(inspect.signature(Sandbox.fail_next).parameters) - {"self"} | {"drop"}
    behaviour = {field.name for field in fields(Behaviour)}

    named = re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE)

    assert sorted(named) == sorted(fault | behaviour)


def test_every_public_part_of_the_class_is_on_the_page() -> None:
    parts = {name for name in dir(Sandbox) if not name.startswith("_")} - {"note", "wait"}  # of the sandbox's own calls
    parameters = set(inspect.signature(Sandbox).parameters)
    section = PAGE.partition("\n## In Python tests\n")[2]

    assert {name for name in parts | parameters if not re.search(rf"\b{name}\b", section)} == set()
