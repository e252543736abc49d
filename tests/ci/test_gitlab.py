"""examples/ci/gitlab/.gitlab-ci.yml: which jobs a pipeline has, and what their scripts do with a sandbox."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.ci.conftest import complete
from tests.ci.files import GITLAB, GITLAB_WORDS, list_gitlab_scripts
from tests.ci.runner import ROOT, commit_files, put_program, read_yaml

if TYPE_CHECKING:
    from groupsync.sandbox import Sandbox

CONTENT = read_yaml(GITLAB)
SCRIPTS = list_gitlab_scripts(GITLAB)
JOBS = {name: job for name, job in CONTENT.items() if name not in GITLAB_WORDS}
MERGE_REQUEST = {
    "CI_PIPELINE_SOURCE": "merge_request_event",
    "CI_MERGE_REQUEST_PROJECT_ID": "1",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1",
    "CI_DEFAULT_BRANCH": "main",
}
FORK = {**MERGE_REQUEST, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2"}
PUSH = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"}


def holds(rule: str, variables: dict[str, str]) -> bool:
    """Return whether a rule is true: comparisons of variables and texts, joined by &&."""

    def value(word: str) -> str:
        return variables.get(word[1:], "") if word.startswith("$") else word.strip('"')

    for comparison in rule.split(" && "):
        found = re.fullmatch(r'(\$\w+) (==|!=) (\$\w+|"\w+")', comparison)
        assert found, comparison
        if (value(found[1]) == value(found[3])) != (found[2] == "=="):
            return False
    return True


@pytest.mark.parametrize(
    ("variables", "jobs"),
    [
        (MERGE_REQUEST, ["validate", "plan"]),
        (FORK, ["validate", "fork"]),
        (PUSH, ["plan-to-apply", "apply-reviewed", "apply"]),
        ({**PUSH, "CI_COMMIT_BRANCH": "other"}, []),
        ({**PUSH, "CI_PIPELINE_SOURCE": "schedule"}, ["drift"]),
        ({**PUSH, "CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "other"}, []),
    ],
    ids=["merge request", "fork", "default branch", "another branch", "schedule", "schedule of another branch"],
)
def test_a_pipeline_has_the_jobs_of_its_event(variables: dict[str, str], jobs: list[str]) -> None:
    assert [name for name, job in JOBS.items() if any(holds(rule["if"], variables) for rule in job["rules"])] == jobs


def test_the_apply_job_is_manual_and_uses_the_plan_of_its_own_pipeline() -> None:
    job, reviewed = JOBS["apply"], JOBS["apply-reviewed"]

    assert [rule["when"] for rule in job["rules"]] == ["manual"]
    assert job["environment"] == {"name": "phonebook-approval"}
    assert "when" not in reviewed["rules"][0]
    assert reviewed["environment"] == {"name": "phonebook"}
    assert reviewed["allow_failure"] == {"exit_codes": 75}
    for one in (job, reviewed):
        assert one["needs"] == ["plan-to-apply"]
        assert one["resource_group"] == "phonebook"
        assert one["interruptible"] is False
    assert "plan.json" in JOBS["plan-to-apply"]["artifacts"]["paths"]
    assert "plan.json" not in str(JOBS["plan"])
    assert all(job["artifacts"]["access"] == "developer" for job in JOBS.values() if "artifacts" in job)


@dataclass
class GitLabProject:
    """A clone, and the variables of a job."""

    folder: Path
    environ: dict[str, str]
    kept: Path

    def run(self, job: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the script of a job as GitLab does on a machine with bash, with the variables of its dotenv report."""
        dotenv = self.folder / "approval.env"
        needed = dict(line.split("=", 1) for line in dotenv.read_text().splitlines()) if dotenv.exists() else {}
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", SCRIPTS[job]],
            cwd=self.folder,
            env={**self.environ, **(needed if "needs" in JOBS[job] else {}), **variables},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def commit(self, text: str) -> dict[str, str]:
        """Commit the configuration; return the variables of the pipeline that this starts."""
        (self.folder / "groups.yaml").write_text(complete(text), encoding="utf-8")
        self._git("add", "groups.yaml")
        self._git("commit", "--quiet", "--message", "groups")
        sha = self._git("rev-parse", "HEAD").strip()
        return {**PUSH, "CI_COMMIT_SHA": sha, "CI_REPOSITORY_URL": str(self.folder)}

    def _git(self, *words: str) -> str:
        who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.invalid", "-c", "commit.gpgsign=false")
        command = ["git", *who, *words]
        return subprocess.run(command, cwd=self.folder, capture_output=True, encoding="utf-8", check=True).stdout


def test_groupsync_and_its_programs_are_those_of_the_named_commit_with_pinned_packages(tmp_path: Path) -> None:
    """Real git fetches from a repository on this machine; apt-get and pip are fakes, which record their arguments."""
    origin, source, programs = (tmp_path / name for name in ("origin", "source", "programs"))
    origin.mkdir()
    programs.mkdir()
    for name in ("apt-get", "pip"):
        put_program(programs / name, f'#!/bin/sh\necho {name} "$@" >> {tmp_path}/asked\n')
    (origin / "constraints.txt").write_text("named")
    commit_files(origin)
    named = subprocess.run(["git", "rev-parse", "HEAD"], cwd=origin, capture_output=True, encoding="utf-8", check=True)
    (origin / "constraints.txt").write_text("later")
    commit_files(origin)
    script = "\n".join(CONTENT["default"]["before_script"])
    script = script.replace("https://github.com/YOUR-ORG/groupsync", origin.as_uri()).replace(
        "0" * 40, named.stdout[:40]
    )

    environ = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(tmp_path), "SOURCE": str(source)}
    subprocess.run(["bash", "-eo", "pipefail", "-c", script], env=environ, check=True)

    assert (source / "constraints.txt").read_text() == "named"
    installed = (tmp_path / "asked").read_text().splitlines()[-1]
    assert installed == f"pip install --quiet --constraint {source}/constraints.txt {source}"


@pytest.fixture
def project(sandbox: Sandbox, tmp_path: Path) -> GitLabProject:
    folder = tmp_path / "clone"
    for name in ("clone", "locks", "kept"):
        (tmp_path / name).mkdir()
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", folder], check=True)
    put_program(tmp_path / "keep", f'#!/bin/sh\ncp -R "$1"/. {tmp_path}/kept/\n')
    environ = {
        **CONTENT["variables"],
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "CI_JOB_ID": "42",
        "GROUPSYNC_BACKUP_DIR": str(tmp_path / "backups"),
        "GROUPSYNC_ENDPOINT": sandbox.url,
        "GROUPSYNC_LOCK_DIR": str(tmp_path / "locks"),
        "KEEP_BACKUPS": str(tmp_path / "keep"),
        "SOURCE": str(ROOT),
        "MESSENTE_API_USERNAME": sandbox.username,
        "MESSENTE_API_PASSWORD": sandbox.password,
    }
    return GitLabProject(folder=folder, environ=environ, kept=tmp_path / "kept")


def test_a_merge_request_shows_the_counts_of_the_plan(project: GitLabProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Old")
    project.commit("groups: [{name: New, previously: [Old]}, Newsletter]\n")

    validated = project.run("validate", **MERGE_REQUEST)
    planned = project.run("plan", **MERGE_REQUEST)

    assert (validated.returncode, planned.returncode) == (0, 0)
    report = project.folder / JOBS["plan"]["artifacts"]["reports"]["terraform"]
    assert json.loads(report.read_text()) == {"create": 1, "update": 1, "delete": 0}
    assert (project.folder / "plan.md").read_text().startswith("<!-- groupsync plan account=acc-")


def test_a_refused_plan_writes_its_report_and_fails_the_job(project: GitLabProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Customers", contacts=5)
    project.commit("groups: [Newsletter]\n")

    planned = project.run("plan", **MERGE_REQUEST)

    assert planned.returncode == 3
    assert JOBS["plan"]["artifacts"]["when"] == "always"
    report = project.folder / JOBS["plan"]["artifacts"]["reports"]["terraform"]
    assert json.loads(report.read_text()) == {"create": 1, "update": 0, "delete": 1}
    assert "<title>Plan: Refused</title>" in read_artifact(project, "plan", "plan.html")


def test_a_fork_fails_without_a_request(project: GitLabProject, sandbox: Sandbox) -> None:
    project.commit("groups: [Newsletter]\n")

    finished = project.run("fork", **FORK)

    assert finished.returncode == 1
    assert "A maintainer must push the branch" in finished.stderr
    assert sandbox.log() == ()


def test_the_plan_of_the_plan_job_is_applied_and_backups_are_kept(project: GitLabProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Spring sale", contacts=2)
    pipeline = project.commit("groups: [Newsletter]\nremoved: [{name: Spring sale, contacts_at_most: 2}]\n")

    planned = project.run("plan-to-apply", **pipeline)
    applied = project.run("apply", **pipeline)

    assert (planned.returncode, applied.returncode) == (0, 0), planned.stderr + applied.stderr
    assert sandbox.names() == ["Newsletter"]
    assert len(list(project.kept.glob("Spring-sale.*.json"))) == 1
    assert (project.folder / "report.md").read_text().startswith("<!-- groupsync report account=acc-")
    assert "<title>Plan: Contacts lose a group</title>" in read_artifact(project, "plan-to-apply", "plan.html")
    assert "<title>Report of an apply: Complete</title>" in read_artifact(project, "apply", "report.html")


def read_artifact(project: GitLabProject, job: str, name: str) -> str:
    assert name in JOBS[job]["artifacts"]["paths"]
    return (project.folder / name).read_text(encoding="utf-8")


def test_a_schedule_fails_if_there_is_drift_and_keeps_its_page(project: GitLabProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Newsletter")
    pipeline = project.commit("groups: [Newsletter]\n")
    same = project.run("drift", **pipeline)
    sandbox.add_group("Stray")

    drifted = project.run("drift", **pipeline)

    assert (same.returncode, drifted.returncode) == (0, 2), drifted.stderr
    assert "Stray" in read_artifact(project, "drift", "plan.html")
    assert JOBS["drift"]["artifacts"]["when"] == "always"
    assert sandbox.names() == ["Newsletter", "Stray"]


def test_a_commit_that_is_no_longer_the_head_is_refused_by_both_jobs(project: GitLabProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Newsletter")
    pipeline = project.commit("groups: [Newsletter]\n")
    assert project.run("plan-to-apply", **pipeline).returncode == 0
    project.commit("groups: [Newsletter, Partners]\n")
    sandbox.forget_requests()

    finished = [project.run(job, **pipeline) for job in ("plan-to-apply", "apply")]

    assert [one.returncode for one in finished] == [1, 1]
    assert all("main is at" in one.stderr for one in finished)
    assert sandbox.log() == ()


def test_a_branch_whose_name_ends_like_that_of_the_default_branch_stops_no_pipeline(
    project: GitLabProject, sandbox: Sandbox
) -> None:
    """`git ls-remote` lists every ref that ends with what it is asked for."""
    sandbox.add_group("Newsletter")
    pipeline = project.commit("groups: [Newsletter]\n")
    subprocess.run(["git", "branch", "x/refs/heads/main"], cwd=project.folder, check=True)

    planned = project.run("plan-to-apply", **pipeline)

    assert planned.returncode == 0, planned.stderr


def test_nothing_is_planned_if_nobody_says_where_the_branch_is(project: GitLabProject, sandbox: Sandbox) -> None:
    pipeline = {**project.commit("groups: [Newsletter]\n"), "CI_REPOSITORY_URL": str(project.folder / "nowhere")}

    assert project.run("plan-to-apply", **pipeline).returncode != 0
    assert sandbox.log() == ()


def test_nothing_is_written_if_backups_cannot_be_kept(project: GitLabProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Partners")
    pipeline = project.commit("groups: [Newsletter]\n")
    assert project.run("plan-to-apply", **pipeline).returncode == 0

    finished = project.run("apply", **pipeline, KEEP_BACKUPS=CONTENT["variables"]["KEEP_BACKUPS"])

    assert finished.returncode == 1
    assert "which keeps their backups, is not an executable program" in finished.stderr
    assert sandbox.names() == ["Partners"]


def test_a_plan_without_deletions_needs_no_program_that_keeps_backups(project: GitLabProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Partners")
    pipeline = project.commit("groups: [Newsletter, Partners]\n")
    assert project.run("plan-to-apply", **pipeline).returncode == 0

    finished = project.run("apply", **pipeline, KEEP_BACKUPS=CONTENT["variables"]["KEEP_BACKUPS"])

    assert finished.returncode == 0, finished.stderr
    assert sandbox.names() == ["Newsletter", "Partners"]


def test_the_apply_job_cannot_use_the_plan_of_a_merge_request(project: GitLabProject, sandbox: Sandbox) -> None:
    """It has only the artifacts of the job before it."""
    pipeline = project.commit("groups: [Newsletter]\n")
    project.run("plan", **MERGE_REQUEST)

    finished = project.run("apply", **pipeline)

    assert finished.returncode != 0
    assert sandbox.names() == []
