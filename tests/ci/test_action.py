"""action.yml alone: its inputs and outputs, and what docs/ci.md says about them."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from groupsync.model.account import make_target
from tests.ci.files import ACTION
from tests.ci.runner import ROOT, JobRun, put_program, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.ci.conftest import GitHubProject

PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
FIGURES = ("changes", "creates", "renames", "deletes", "memberships-lost")


def read_page_step() -> dict[str, Any]:
    found = re.search(r"## The action alone\n\n```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    ((step),) = yaml.safe_load(found[1])
    read: dict[str, Any] = step
    return read


def use(project: GitHubProject, **inputs: str) -> JobRun:
    """Run a job with one step: that of the page, with other inputs."""
    step = read_page_step()
    action = read_yaml(ACTION)
    step["with"] = inputs
    job = {
        "runs-on": "ubuntu-latest",
        "environment": "phonebook-plan",
        "permissions": {"contents": "read"},
        "outputs": {name: f"${{{{ steps.plan.outputs.{name} }}}}" for name in action["outputs"]},
        "steps": [
            {"name": "Check out", "uses": "actions/checkout@v5", "with": {"persist-credentials": False}},
            step,
        ],
    }
    file = project.machine.home.parent / "one.yml"
    file.write_text(json.dumps({"name": "one", "on": "push", "permissions": {}, "jobs": {"one": job}}))
    return project.machine.run(file, "push", {}, sha=project.sha)["one"]


def test_the_step_of_the_page_plans_files_and_folders_together(project: GitHubProject, sandbox: Sandbox) -> None:
    (project.machine.repository / "accounts" / "ee").mkdir(parents=True)
    project.write("groups: [Estonia]\nremoved: [{name: Sale, contacts_at_most: 2}]\n", file="accounts/ee/groups.yaml")
    project.write("groups: [{name: New, previously: [Old]}]\n", file="shared.yaml")
    sandbox.add_group("Old", contacts=3)
    sandbox.add_group("Sale", contacts=2)

    done = use(project, config=read_page_step()["with"]["config"], allow="backup max-deletes")

    assert done.result == "success"
    assert {name: done.outputs[name] for name in FIGURES} == dict(zip(FIGURES, "31112", strict=True))
    assert done.outputs["exit-code"] == "2"
    plan = json.loads((project.machine.home / "run-1").rglob("plan.json").__next__().read_text())
    assert done.outputs["approval"] == plan["approval"]
    assert (done.outputs["digest"], done.outputs["account"]) == (plan["digest"], plan["account"])
    assert done.outputs["plan-path"].endswith("plan.json")
    assert done.outputs["markdown-path"].endswith("plan.md")


@pytest.mark.parametrize(
    "allow",
    [
        "backup\nmax-deletes\n",
        "\n backup\n\n  max-deletes",
        "backup, max-deletes",
        "backup,max-deletes",
        "backup\r\nmax-deletes",
    ],
)
def test_guards_may_be_separated_by_anything(project: GitHubProject, sandbox: Sandbox, allow: str) -> None:
    sandbox.add_group("Sale", contacts=2)
    sandbox.add_group("Other")
    sandbox.add_group("Kept", contacts=1)
    project.write(
        "groups: [Kept]\nremoved: [{name: Sale, contacts_at_most: 2}]\npolicy: {unlisted: delete, max_deletes: 0}\n"
    )

    assert use(project, allow="max-deletes").outputs["exit-code"] == "3"
    assert use(project, allow=allow).outputs["exit-code"] == "2"


def test_a_guard_that_does_not_exist_is_an_error_on_any_line(project: GitHubProject, sandbox: Sandbox) -> None:
    done = use(project, allow="backup\nbackups")

    assert done.result == "failure"
    assert done.outputs["exit-code"] == "64"
    assert sandbox.log() == ()


def test_the_page_names_every_output(project: GitHubProject) -> None:
    table = PAGE.partition("| Output |")[2].partition("\n\n")[0]

    assert project.machine.runs == 0
    assert set(re.findall(r"`([a-z-]+)`", re.sub(r"\|[^|\n]*\|$", "", table, flags=re.MULTILINE))) == set(
        read_yaml(ACTION)["outputs"]
    )


def test_a_refused_plan_writes_its_summary_and_fails_the_step(project: GitHubProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Customers", contacts=12)
    project.write("groups: [Newsletter]\n")

    done = use(project)

    assert done.result == "failure"
    assert done.errors == ["groupsync plan ended with exit code 3; see the summary and the log"]
    assert "contacts-lost" in done.summary
    assert done.outputs["exit-code"] == "3"


def test_a_failed_plan_sets_no_counts_as_outputs(project: GitHubProject, sandbox: Sandbox) -> None:
    project.write("groups: [Newsletter]\n")
    sandbox.fail_next("GET", status=403)

    done = use(project, fail="false")

    assert done.result == "success"
    assert {name for name, value in done.outputs.items() if value} == {"account", "exit-code", "program"}
    assert done.outputs["exit-code"] == "1"


def test_the_account_is_an_output_even_if_nothing_is_requested(project: GitHubProject, sandbox: Sandbox) -> None:
    """The file is for another account, so the account of the credentials must not even be read."""
    project.write("account: acc-000000000000\ngroups: [Newsletter]\n")

    done = use(project, fail="false")

    assert done.outputs["exit-code"] == "3"
    assert done.outputs["account"] == make_target(sandbox.url, sandbox.username).account
    assert sandbox.log() == ()


def test_without_credentials_the_account_is_empty(project: GitHubProject, sandbox: Sandbox) -> None:
    project.write("groups: [Newsletter]\n")
    project.machine.secrets = {}

    done = use(project, fail="false")

    assert {name for name, value in done.outputs.items() if value} == {"exit-code", "program"}
    assert done.outputs["exit-code"] == "1"
    assert sandbox.log() == ()


def test_an_unknown_command_is_an_error(project: GitHubProject) -> None:
    done = use(project, command="aply")

    assert done.result == "failure"
    assert done.errors == ["the input command of groupsync is one of those that action.yml lists"]


def test_a_failure_that_is_at_no_line_is_an_error_too(project: GitHubProject, sandbox: Sandbox) -> None:
    project.write("groups: [Newsletter]\n")
    project.machine.variables["GROUPSYNC_SCOPE"] = " "

    done = use(project, command="validate")

    assert done.result == "failure"
    assert done.errors == ["groupsync validate ended with exit code 1; the log says why"]
    assert "GROUPSYNC_SCOPE is empty" in done.log
    assert sandbox.log() == ()


def test_scopes_that_match_no_file_are_an_error(project: GitHubProject, sandbox: Sandbox) -> None:
    """A mistyped pattern must not make the check pass."""
    project.write("groups: [Newsletter]\n")

    done = use(project, command="scopes", config="groups.yaml\nteam/*\n")

    assert done.result == "failure"
    assert done.errors == ["No file or folder matches team/*."]
    assert sandbox.log() == ()


def test_install_only_installs(project: GitHubProject, sandbox: Sandbox) -> None:
    done = use(project, command="install")

    assert done.result == "success"
    assert {name for name, value in done.outputs.items() if value} == {"program"}
    assert sandbox.log() == ()


@pytest.fixture
def asked(project: GitHubProject) -> Path:
    """A file in which fakes of `python` and `pip` record how they are called."""
    asked = project.machine.programs / "asked"
    put_program(project.machine.programs / "pip", f'#!/bin/sh\necho pip "$@" >> {asked}\n')
    make_venv = f'mkdir -p "$3/bin" && cp {project.machine.programs}/pip "$3/bin/"'
    put_program(project.machine.programs / "python", f'#!/bin/sh\necho python "$@" >> {asked}\n{make_venv}\n')
    return asked


def test_a_groupsync_of_another_version_in_path_is_not_used(project: GitHubProject, asked: Path) -> None:
    put_program(project.machine.programs / "groupsync", "#!/bin/sh\necho groupsync 0.0.1\n")

    done = use(project, command="install")

    made, installed = asked.read_text().splitlines()
    assert done.result == "success"
    assert made.startswith("python -m venv ")
    assert installed == f"pip install --quiet --disable-pip-version-check --constraint {ROOT}/constraints.txt {ROOT}"
    assert done.outputs["program"] == made.removeprefix("python -m venv ") + "/bin/groupsync"


@pytest.mark.parametrize("inputs", [{}, {"rehearsal": ".github/rehearsal.json"}], ids=["an account", "a rehearsal"])
def test_a_groupsync_in_path_without_the_sandbox_is_not_used_for_a_rehearsal(
    project: GitHubProject, asked: Path, inputs: dict[str, str]
) -> None:
    """The groupsync of this repository, with a Python that does not find the packages of the extra."""
    without = project.machine.home.parent / "without"
    without.mkdir()
    (without / "flask.py").write_text("raise ModuleNotFoundError('No module named flask', name='flask')\n")
    own = f'#!/bin/sh\nPYTHONPATH={without} exec {sys.executable} -m groupsync "$@"\n'
    put_program(project.machine.programs / "groupsync", own)

    done = use(project, command="install", **inputs)

    calls = asked.read_text().splitlines() if asked.exists() else []
    installed = [line.split()[-1] for line in calls if line.startswith("pip ")]
    assert installed == ([f"{ROOT}[sandbox]"] if inputs else [])
    assert (str(project.machine.programs) in done.outputs["program"]) == (not inputs)
