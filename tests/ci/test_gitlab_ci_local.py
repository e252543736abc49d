"""gitlab-ci-local runs examples/ci/gitlab as it is, without the image and the installation of groupsync."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.ci.fakes.gitlab_api import TOKEN, GitLab
from tests.ci.files import GITLAB
from tests.ci.runner import FAKES, ROOT, put_program
from tests.ci.test_gitlab import project  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from groupsync.sandbox import Sandbox
    from tests.ci.test_gitlab import GitLabProject

NODE = Path(sys.executable).parent / "node"
PROGRAM = Path(sys.prefix) / "gitlab-ci-local" / "node_modules" / "gitlab-ci-local"
OPTIONS = ("--force-shell-executor", "--no-json-schema-validation", "--no-color")


def run_jobs(project: GitLabProject, *jobs: str, **variables: str) -> subprocess.CompletedProcess[str]:  # noqa: F811
    """Run jobs one after the other, as a pipeline with these variables would."""
    given = [word for name, value in variables.items() for word in ("--variable", f"{name}={value}")]
    ignored = ("--ignore-predefined-vars", ",".join(variables))
    return subprocess.run(
        [NODE, PROGRAM / "dist" / "index.js", *OPTIONS, *ignored, *given, "--concurrency", "1", *jobs],
        cwd=project.folder,
        env=project.environ,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_a_merge_request_is_planned_commented_merged_and_applied(
    project: GitLabProject,  # noqa: F811 - the fixture
    sandbox: Sandbox,
    tmp_path: Path,
) -> None:
    sandbox.add_group("VIP", contacts=3)
    pipeline = GITLAB.read_text(encoding="utf-8")
    default = re.search(r"^default:\n(?:  .*\n)+", pipeline, flags=re.MULTILINE)
    assert default
    (project.folder / ".gitlab-ci.yml").write_text(pipeline.replace(default[0], ""), encoding="utf-8")
    put_program(tmp_path / "bin-rsync", f'#!/bin/sh\nexec {sys.executable} {FAKES / "rsync_program.py"} "$@"\n')
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin-rsync").rename(tmp_path / "bin" / "rsync")
    project.environ["PATH"] = f"{tmp_path}/bin:{project.environ['PATH']}"
    project.environ["PHONEBOOK_TOKEN"] = TOKEN
    sha = project.commit("groups: [{name: VIP customers, previously: [VIP]}]\n")["CI_COMMIT_SHA"]
    subprocess.run(["git", "add", ".gitlab-ci.yml"], cwd=project.folder, check=True)
    subprocess.run(
        ["git", "remote", "add", "origin", "git@gitlab.invalid:acme/groups.git"], cwd=project.folder, check=True
    )
    both = {"CI_COMMIT_SHA": sha, "CI_REPOSITORY_URL": str(project.folder), "CI_PROJECT_ID": "1", "SOURCE": str(ROOT)}
    request = {
        "CI_MERGE_REQUEST_PROJECT_ID": "1",
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1",
        "CI_MERGE_REQUEST_IID": "7",
    }

    with GitLab() as gitlab:
        gitlab.merge_request = {"iid": 7, "sha": sha, "state": "opened", "target_branch": "main"}
        both["CI_API_V4_URL"] = gitlab.url
        planned = run_jobs(project, "validate", "plan", **both, **request, CI_PIPELINE_SOURCE="merge_request_event")
        (note,) = gitlab.notes
        gitlab.merge_request.update(state="merged", merge_commit_sha=None, squash_commit_sha=None)
        applied = run_jobs(
            project, "plan-to-apply", "apply-reviewed", **both, CI_PIPELINE_SOURCE="push", CI_COMMIT_BRANCH="main"
        )

    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert "VIP customers" in note["body"]
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert "REVIEWED=true" in applied.stdout
    assert sandbox.names() == ["VIP customers"]


def test_the_installed_gitlab_ci_local_is_the_locked_version() -> None:
    lock = json.loads((ROOT / "script" / "gitlab-ci-local" / "package-lock.json").read_text(encoding="utf-8"))
    installed = json.loads((PROGRAM / "package.json").read_text(encoding="utf-8"))

    locked = lock["packages"]["node_modules/gitlab-ci-local"]
    assert locked["integrity"].startswith("sha512-ArmGX576uKqT")
    assert installed["version"] == locked["version"]
