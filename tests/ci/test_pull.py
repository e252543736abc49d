"""examples/ci/github/pull.yml opens a pull request with the groups that were added in the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ci.conftest import WORKFLOWS
from tests.ci.runner import read_yaml
from tests.cli.conftest import count_writes

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.ci.conftest import GitHubProject

FILE = "groups: # ours\n  - Newsletter # weekly\n"


def list_branches(project: GitHubProject) -> list[str]:
    return [branch for branch in project.state()["heads"] if branch != "main"]


def list_opened(project: GitHubProject) -> list[tuple[str, str, str]]:
    pulls = project.state()["pulls"]
    return [(pull["title"], pull["head"]["ref"], pull["base"]["ref"]) for pull in pulls if "state" in pull]


def test_a_pull_request_adds_the_groups_of_the_dashboard(project: GitHubProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Newsletter")
    hostile = sandbox.add_group("::error::$(id) `x`", contacts=5)
    project.write(FILE)

    done = project.pull()

    assert (done.result, done.errors, done.written.count("\n")) == ("success", [], 1)
    assert list_opened(project) == [("Add groups of the dashboard", "groupsync-pull-1-1", "main")]
    assert "warnings" not in project.state()["pulls"][-1]["body"]
    assert project.state()["branches"] == {
        "groupsync-pull-1-1": {
            "groups.yaml": f"version: 1\n{FILE}"
            f'  - name: "::error::$(id) `x`"\n    id: {hostile}\n'
            "policy: {unlisted: delete}\n"
        }
    }
    assert count_writes(sandbox) == 0


def test_the_pull_request_has_the_warnings_of_the_pull(project: GitHubProject, sandbox: Sandbox) -> None:
    """A group that looks like an entry under another name is added: whoever merges must know. Names are no Markdown."""
    renamed = sandbox.add_group("Newsletter 2024 </b> `x` @all", contacts=5)
    sandbox.add_group("VIP")
    project.write("groups:\n  - Newsletter </b> `x` @all\n  - VIP\n")

    done = project.pull()

    (pull,) = (pull for pull in project.state()["pulls"] if "state" in pull)
    assert done.result == "success"
    assert pull["body"] == (
        "Somebody added these groups in the dashboard. Close and open this pull request once, so that GitHub starts "
        "its checks.\n\n**Before you merge, look at these warnings:**\n\n"
        '    groups.yaml:3: no live group is named "Newsletter </b> `x` @all". If that is the group '
        f'"Newsletter 2024 </b> `x` @all" [id={renamed}], change this entry instead of adding that group. '
        "To do that: groupsync fix -c groups.yaml"
    )


def test_of_very_many_warnings_the_first_ones_are_in_the_pull_request(project: GitHubProject, sandbox: Sandbox) -> None:
    for number in range(40):
        sandbox.add_group(f"{chr(0x4E00 + number) * 12} 2024")
    project.write("groups:\n" + "".join(f"  - {chr(0x4E00 + number) * 12}\n" for number in range(40)))

    project.pull()

    (pull,) = (pull for pull in project.state()["pulls"] if "state" in pull)
    assert pull["body"].count("\n    groups.yaml:") == 30
    assert pull["body"].endswith("\n    and 10 more warnings, in the log of this run")


def test_without_new_groups_nothing_is_written(project: GitHubProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Newsletter")
    project.write(FILE)

    done = project.pull()

    assert done.result == "success"
    assert project.calls("POST", "PATCH") == []


def test_as_long_as_a_pull_request_is_open_no_other_is_opened(project: GitHubProject, sandbox: Sandbox) -> None:
    project.write("groups: []\n")
    sandbox.add_group("One")
    project.pull()
    sandbox.add_group("Two")

    again = project.pull()

    assert again.result == "success"
    assert list_branches(project) == ["groupsync-pull-1-1"]
    assert "is still open: merge or close it" in again.log


def test_after_it_was_closed_another_is_opened(project: GitHubProject, sandbox: Sandbox) -> None:
    project.write("groups: []\n")
    sandbox.add_group("One")
    project.pull()
    with project.editing() as state:
        state["pulls"][-1]["state"] = "closed"

    project.pull()

    assert list_branches(project) == ["groupsync-pull-1-1", "groupsync-pull-2-1"]


def test_a_branch_of_somebody_else_with_that_name_changes_nothing(project: GitHubProject, sandbox: Sandbox) -> None:
    project.write("groups: []\n")
    sandbox.add_group("One")
    project.pull()
    with project.editing() as state:
        state["pulls"][-1]["head"]["repo"]["full_name"] = "mallory/phonebook"

    project.pull()

    assert list_branches(project) == ["groupsync-pull-1-1", "groupsync-pull-2-1"]


def test_an_app_opens_the_pull_request_and_finds_its_own(
    project: GitHubProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    given = "          token: token-of-the-app\n          comment-author: acme-groups[bot]\n"
    text = (WORKFLOWS / "pull.yml").read_text(encoding="utf-8")
    (tmp_path / "app.yml").write_text(text.replace("command: pull\n", f"command: pull\n{given}"), encoding="utf-8")
    project.write("groups: []\n")
    sandbox.add_group("One")

    runs = [project.pull(tmp_path / "app.yml") for _ in range(2)]

    assert [run.result for run in runs] == ["success", "success"]
    assert project.state()["pulls"][-1]["user"]["login"] == "acme-groups[bot]"
    assert list_branches(project) == ["groupsync-pull-1-1"]


def test_an_old_run_that_is_started_again_opens_no_pull_request(project: GitHubProject, sandbox: Sandbox) -> None:
    project.write("groups: []\n")
    sandbox.add_group("One")

    done = project.pull(overtaken=True)

    assert done.result == "failure"
    assert "start a new run of this workflow" in done.errors[0]
    assert project.calls("POST", "PATCH") == []
    assert sandbox.log() == ()


def test_a_phonebook_that_cannot_be_read_opens_no_pull_request(project: GitHubProject, sandbox: Sandbox) -> None:
    project.write("groups: []\n")
    sandbox.fail_next("GET", status=403)

    done = project.pull()

    assert done.result == "failure"
    assert project.calls("POST", "PATCH") == []


def test_it_never_prunes(project: GitHubProject, sandbox: Sandbox) -> None:
    gone = "5792a02a-e5c2-422b-a0a0-0ae65d814663"
    entry = f"  - name: Gone\n    id: {gone}\n"
    project.write(f"groups:\n{entry}")
    sandbox.add_group("New")

    project.pull()

    (files,) = project.state()["branches"].values()
    assert entry in files["groups.yaml"]


def test_only_the_job_of_the_pull_may_write_to_the_repository() -> None:
    permissions = {
        (file.name, name): job["permissions"].get("contents")
        for file in WORKFLOWS.glob("*.yml")
        for name, job in read_yaml(file)["jobs"].items()
    }

    assert [job for job, level in permissions.items() if level == "write"] == [("pull.yml", "pull")]
