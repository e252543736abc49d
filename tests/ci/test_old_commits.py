"""Every documented workflow refuses an old commit, so a run that is started again takes nothing back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.ci.files import GITLAB, GITLAB_WORDS, TEAMS, WORKFLOWS, read_page_workflow
from tests.ci.runner import put_program, read_yaml
from tests.cli.conftest import count_writes

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.ci.conftest import GitHubProject
    from tests.ci.runner import JobRun

ACCOUNT = "ee"
REFUSAL = "Refuse a commit that is no longer the head of its branch"


def list_triggers() -> dict[str, Any]:
    """Return what starts each workflow; YAML 1.1 reads `on` as true."""
    files = (*WORKFLOWS, TEAMS)
    contents: dict[str, dict[Any, Any]] = {file.name: yaml.safe_load(file.read_text("utf-8")) for file in files}
    contents["many-accounts.md"] = yaml.safe_load(read_page_workflow())
    return {name: content[True] for name, content in contents.items()}


def test_every_push_is_applied_whatever_files_it_changes() -> None:
    """If a push of other files started no run, nothing would apply what the refused run of the push before did not."""
    pushes = {name: triggers["push"] for name, triggers in list_triggers().items() if "push" in triggers}

    assert pushes == {name: {"branches": ["main"]} for name in ("apply.yml", "teams.yml", "many-accounts.md")}
    jobs = {name: job for name, job in read_yaml(GITLAB).items() if name not in GITLAB_WORDS}
    assert not [name for name, job in jobs.items() for rule in job["rules"] if {"changes", "exists"} & rule.keys()]


@pytest.fixture
def page_workflow(project: GitHubProject) -> Path:
    """The workflow of docs/many-accounts.md for one account of its matrix, with what it expects on its machine."""
    workflow = yaml.safe_load(read_page_workflow().replace("${{ matrix.account }}", ACCOUNT))
    job = workflow["jobs"]["groups"]
    workflow["jobs"] = {"groups": job}  # the other job writes a comment on a pull request
    assert ACCOUNT in job.pop("strategy")["matrix"]["account"]
    assert job.pop("concurrency")["cancel-in-progress"] is False
    file = project.machine.home.parent / "page.yml"
    del workflow[True]
    file.write_text(json.dumps(workflow), encoding="utf-8")
    project.machine.secrets[f"phonebook-{ACCOUNT}"] = project.machine.secrets["phonebook"]
    return file


def run_page(project: GitHubProject, workflow: Path, commit: str, *, head: str) -> JobRun:
    """Run the job of a push to main whose commit has the group of this name; `head` is where main is now."""
    folder = project.machine.repository / "accounts" / ACCOUNT
    folder.mkdir(parents=True, exist_ok=True)
    project.write(f"policy: {{unlisted: delete}}\ngroups: [{commit}]\n", file=f"accounts/{ACCOUNT}/groups.yaml")
    with project.editing() as state:
        state["heads"]["main"] = head * 40
    return project.machine.run(workflow, "push", {}, sha=commit * 40)["groups"]


def test_the_job_of_an_older_commit_is_refused_when_it_is_started_again(
    project: GitHubProject, page_workflow: Path, sandbox: Sandbox
) -> None:
    sandbox.add_group("a")
    first = run_page(project, page_workflow, "a", head="a")
    second = run_page(project, page_workflow, "b", head="b")
    sandbox.forget_requests()

    again = run_page(project, page_workflow, "a", head="b")

    assert [job.result for job in (first, second, again)] == ["success", "success", "failure"], first.log + second.log
    assert again.errors == [f"main is at {'b' * 40} now; the run of that commit applies it."]
    assert [step for step in again.ran if "backups" not in step][-1] == REFUSAL
    assert sandbox.log() == ()
    assert sandbox.names() == ["b"]


def test_a_commit_that_was_overtaken_while_it_waited_is_applied_by_the_run_of_the_next_one(
    project: GitHubProject, page_workflow: Path, sandbox: Sandbox
) -> None:
    sandbox.add_group("a")
    overtaken = run_page(project, page_workflow, "a", head="b")
    assert count_writes(sandbox) == 0

    last = run_page(project, page_workflow, "b", head="b")

    assert (overtaken.result, last.result) == ("failure", "success")
    assert sandbox.names() == ["b"]


def test_nothing_is_applied_if_nobody_says_where_the_branch_is(
    project: GitHubProject, page_workflow: Path, sandbox: Sandbox
) -> None:
    put_program(project.machine.programs / "gh", "#!/bin/sh\nexit 1\n")

    assert run_page(project, page_workflow, "a", head="a").result == "failure"
    assert sandbox.log() == ()


def test_a_pull_request_is_planned_without_being_the_head_of_main(
    project: GitHubProject, page_workflow: Path, sandbox: Sandbox
) -> None:
    sandbox.add_group("a")
    run_page(project, page_workflow, "a", head="a")

    first = project.machine.run(page_workflow, "pull_request", {}, sha="c" * 40)["groups"]
    again = project.machine.run(page_workflow, "pull_request", {}, sha="c" * 40, again=True)["groups"]

    for job in (first, again):
        assert job.result == "success"
        assert REFUSAL not in job.ran
        assert (job.artifacts[f"plan-{ACCOUNT}"] / "plan.json").is_file()
    assert sandbox.names() == ["a"]


def test_an_old_drift_run_that_is_started_again_opens_no_issue(project: GitHubProject, sandbox: Sandbox) -> None:
    project.write("groups: [Newsletter]\n")

    job = project.check_drift(overtaken=True)

    assert job.result == "failure"
    assert job.ran[-1] == REFUSAL
    assert project.state()["issues"] == []
    assert sandbox.log() == ()
