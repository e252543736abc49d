"""The files of examples/ci and of its pages, read as they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.ci.runner import ROOT, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACTION = ROOT / "action.yml"
WORKFLOWS = tuple(sorted((ROOT / "examples" / "ci" / "github").glob("*.yml")))
OWN_WORKFLOWS = tuple(sorted((ROOT / ".github" / "workflows").glob("*.yml")))
TEAMS = ROOT / "examples" / "ci" / "several-teams" / "teams.yml"
GITLAB = ROOT / "examples" / "ci" / "gitlab" / ".gitlab-ci.yml"
SCRIPTS = tuple(sorted((ROOT / "action").glob("*.sh")))
BACKUP_PROGRAMS = tuple(sorted((ROOT / "examples" / "ci" / "backups").glob("*/*")))
HOOKS = ROOT / ".pre-commit-hooks.yaml"
DOCKERFILE = ROOT / "Dockerfile"
PAGES = tuple(ROOT / "docs" / name for name in ("ci.md", "many-accounts.md", "several-teams.md"))
GITLAB_WORDS = {"stages", "variables", "default"}


def read_page_workflow() -> str:
    """Return the workflow of docs/many-accounts.md."""
    page = (ROOT / "docs" / "many-accounts.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- file: .github/workflows/phonebook.yml -->\n```yaml\n(.*?)```", page, re.DOTALL)
    assert found
    return found[1]


def list_run_blocks(file: Path) -> Iterator[tuple[str, str]]:
    """Return every shell step of a workflow or action, with its file and name."""
    content = read_yaml(file)
    jobs: list[dict[str, Any]] = [content["runs"]] if "runs" in content else list(content["jobs"].values())
    for job in jobs:
        for step in job.get("steps", ()):  # a job that calls another workflow has none
            if "run" in step:
                yield f"{file.name}: {step['name']}", step["run"]


def list_gitlab_scripts(file: Path) -> dict[str, str]:
    """Return the script of every job as GitLab runs it: all lines in one shell."""
    jobs = {name: job for name, job in read_yaml(file).items() if name not in GITLAB_WORDS}
    return {name: "".join(f"{line}\n" for line in job["script"]) for name, job in jobs.items()}
