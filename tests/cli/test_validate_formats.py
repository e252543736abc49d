"""The command `validate --format`: problems on stdout for machines, on stderr for people."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Groupsync

EMPTY = {
    "github": "",
    "gitlab": "[]\n",
    "json": '{\n  "format_version": 1,\n  "is_valid": true,\n  "problems": []\n}\n',
}


def test_validate_imports_nothing_of_the_network_or_of_plans(folder: Path, write: Callable[[str], None]) -> None:
    write("groups: [Newsletter]\n")
    program = "import sys, groupsync.cli.main as m; code = m.run(['validate']); print(*sys.modules); sys.exit(code)"

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env={**os.environ}, capture_output=True, text=True, check=True
    )

    *_, loaded = done.stdout.splitlines()
    packages = {
        "requests",
        "urllib3",
        "http",
        "ssl",
        "email",
        "logging",
        "hashlib",
        "shutil",
        "jsonschema",
        "dataclasses",
    }
    own = {f"groupsync.{name}" for name in ("api", "applier", "guards", "model.plan", "planfile", "planner", "review")}
    assert {*loaded.split()} & {*packages, *own} == set()
    assert "groupsync.config.load" in loaded.split()


@pytest.mark.parametrize("format_name", EMPTY)
def test_a_valid_configuration_has_no_problems(
    groupsync: Groupsync, write: Callable[[str], None], format_name: str
) -> None:
    write("groups: [Newsletter]\n")

    finished = groupsync("validate", "--format", format_name)

    assert (finished.code, finished.out, finished.err) == (0, EMPTY[format_name], "")


def test_a_problem_goes_to_both_streams(groupsync: Groupsync, write: Callable[[str], None]) -> None:
    write("groups: [NO]\nfoo: 1\n")

    finished = groupsync("validate", "--format", "github")

    places = [line.split("::")[1] for line in finished.out.splitlines()]
    assert finished.code == 1
    assert places == [f"error title=groupsync,file=groups.yaml,line={at}" for at in ("2,col=10", "3,col=1")]
    assert finished.err == groupsync("validate").err
    assert "2 problems in the configuration:" in finished.err


def test_each_problem_names_its_own_file(groupsync: Groupsync, folder: Path) -> None:
    (folder / "teams").mkdir()
    for name in ("a.yaml", "b,c.yaml"):
        (folder / "teams" / name).write_text("version: 1\ngroups: [NO]\n", encoding="utf-8")

    finished = groupsync("validate", "-c", "teams", "-c", "nowhere.yaml", "--format", "json")

    places = [(problem["file"], problem["line"], problem["column"]) for problem in json.loads(finished.out)["problems"]]
    assert places == [("teams/a.yaml", 2, 10), ("teams/b,c.yaml", 2, 10), ("nowhere.yaml", None, None)]


def test_a_mistake_that_is_in_no_file_prints_nothing_to_stdout(
    groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("groups: [Newsletter]\n")

    finished = groupsync("validate", "--format", "github", GROUPSYNC_SCOPE=" ")

    assert (finished.code, finished.out) == (1, "")
    assert "GROUPSYNC_SCOPE is empty" in finished.err
