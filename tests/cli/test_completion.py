"""Completion in the shells, by the lines of docs/reference.md; and the versions for a report of a mistake."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from groupsync.cli.main import COMMANDS, run
from groupsync.version import __version__

PAGE = (Path(__file__).parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")
BIN = str(Path(sys.executable).parent)
COMPLETE_IN_BASH = """
COMP_WORDS=(groupsync {words}) COMP_CWORD={position}
compopt() {{ echo compopt "$@"; }}
_groupsync_completion groupsync
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def find_line(shell: str) -> str:
    """Return the documented line of a shell."""
    (line,) = re.findall(rf"^\| {shell} \| `(.+?)` \|", PAGE, re.MULTILINE)
    return str(line).replace("\\|", "|")  # a table needs the backslash


def run_shell(shell: str, script: str) -> list[str]:
    """Run a script after the documented line, and return the lines that it prints."""
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell} here")
    environ = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    options = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    finished = subprocess.run(
        [shell, *options, "-c", script], env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    return finished.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "position", "completed"),
    [
        ("pla", 1, ["plan"]),
        ("''", 1, list(COMMANDS)),
        ("plan --detailed", 2, ["--detailed-exitcode"]),
        ("plan --format m", 3, ["markdown"]),
        ("plan -c x", 3, ["compopt -o default", ""]),
    ],
)
def test_bash_completes(words: str, position: int, completed: list[str]) -> None:
    script = COMPLETE_IN_BASH.format(words=words, position=position)

    assert run_shell("bash", f"{find_line('bash')}\n{script}") == completed


def test_fish_completes() -> None:
    lines = run_shell("fish", f"{find_line('fish')}\ncomplete -C 'groupsync pla'")

    assert [line.split("\t")[0] for line in lines] == ["plan"]


def test_zsh_completes() -> None:
    """The line itself loads what zsh needs, so it works in an empty ~/.zshrc too."""
    lines = run_shell("zsh", f"{find_line('zsh')}\necho $_comps[groupsync]\nwhich _groupsync_completion | head -1")

    assert lines == ["_groupsync_completion", "_groupsync_completion () {"]


@pytest.mark.parametrize("args", [("--version", "--format", "json"), ("--format", "json", "--version")])
def test_the_versions_are_json(capsys: pytest.CaptureFixture[str], args: tuple[str, ...]) -> None:
    code = run(args)

    shown = json.loads(capsys.readouterr().out)
    assert code == 0
    assert list(shown) == ["groupsync", "python", "system", "packages"]
    assert (shown["groupsync"], shown["packages"]["click"]) == (__version__, version("click"))


def test_the_versions_are_those_of_all_packages_that_groupsync_needs(capsys: pytest.CaptureFixture[str]) -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    (block,) = re.findall(r"^dependencies = \[\n(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    needed = {canonicalize_name(name) for name in re.findall(r'^ +"([\w-]+)', block, re.MULTILINE)}

    run(["--version", "--format", "json"])

    shown = {canonicalize_name(name) for name in json.loads(capsys.readouterr().out)["packages"]}
    assert len(needed) >= 7
    assert shown == needed | {"flask"}


def test_a_package_that_is_missing_is_null() -> None:
    code = (
        "import sys; sys.path[:] = [path for path in sys.path if 'site-packages' not in path]\n"
        "from groupsync.cli.bug_report import render_versions; print(render_versions())"
    )
    root = str(Path(__file__).parents[2])

    finished = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)

    assert set(json.loads(finished.stdout)["packages"].values()) == {None}


def test_a_format_before_the_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["--format", "json", "validate"])

    assert code == 64
    assert capsys.readouterr().err.endswith("Error: --format belongs after the command, or after --version.\n")
