"""Merge queues, Dependabot, the token of an app, and runs that are started again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ci.conftest import WORKFLOWS
from tests.ci.test_main_branch import review
from tests.cli.conftest import count_writes

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.ci.conftest import GitHubProject


def test_an_entry_of_a_merge_queue_is_planned_and_writes_no_comment(project: GitHubProject, sandbox: Sandbox) -> None:
    """An earlier entry is not applied yet, so its changes are no drift."""
    sandbox.add_group("Old")
    project.write_base("groups: [Old, Earlier entry]\n")
    project.write("groups: [Old, Earlier entry, Newsletter]\n")

    done = project.queue()

    assert done.result == "success"
    assert "Earlier entry" in done.summary
    assert project.calls("") == []


def test_a_refused_plan_leaves_the_merge_queue(project: GitHubProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Customers", contacts=12)
    project.write("groups: [Newsletter]\n")

    done = project.queue()

    assert done.result == "failure"
    assert done.errors == ["The plan is refused; the summary says why and what to do."]


def test_each_entry_of_a_merge_queue_has_its_own_concurrency() -> None:
    """`github.ref` is another one for each pull request and each entry, so only pushes of one cancel each other."""
    text = (WORKFLOWS / "plan.yml").read_text(encoding="utf-8")

    assert "group: ${{ github.workflow }}-${{ github.ref }}\n" in text


def test_dependabot_passes_if_it_does_not_change_the_configuration(project: GitHubProject, sandbox: Sandbox) -> None:
    project.machine.secrets.clear()
    project.write("groups: [Newsletter]\n")
    project.write_base("groups: [Newsletter]\n")

    done = project.push(actor="dependabot[bot]")

    assert done.result == "success"
    assert "does not change the configuration" in done.log
    assert sandbox.log() == ()
    assert project.calls("") == []


def test_dependabot_fails_if_it_changes_the_configuration(project: GitHubProject, sandbox: Sandbox) -> None:
    project.machine.secrets.clear()
    project.write("groups: [Newsletter, Partners]\n")
    project.write_base("groups: [Newsletter]\n")

    done = project.push(actor="dependabot[bot]")

    assert done.result == "failure"
    assert "A run of Dependabot is given no secrets" in done.errors[0]
    assert sandbox.log() == ()


def test_a_fork_that_does_not_change_the_configuration_passes(project: GitHubProject, sandbox: Sandbox) -> None:
    project.machine.secrets.clear()
    project.write("groups: [Newsletter]\n")
    project.write_base("groups: [Newsletter]\n")

    assert project.push(from_repository="mallory/phonebook").result == "success"
    assert sandbox.log() == ()


def use_app(folder: Path, name: str) -> Path:
    """Return a workflow whose comments are written by an app, and read from it."""
    text = (WORKFLOWS / name).read_text(encoding="utf-8")
    given = "          token: token-of-the-app\n          comment-author: acme-groups[bot]\n"
    for command in ("pull-request", "plan-to-apply"):
        text = text.replace(f"command: {command}\n", f"command: {command}\n{given}")
    file = folder / f"app-{name}"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_approval_is_read_from_the_comment_of_an_app(
    project: GitHubProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.add_group("VIP", contacts=3)
    project.write("groups: [{name: VIP customers, previously: [VIP]}]\n")
    plan, apply = use_app(tmp_path, "plan.yml"), use_app(tmp_path, "apply.yml")

    for _ in range(2):  # the second push makes the app edit its own comment
        assert project.push(workflow=plan).result == "success"
    (comment,) = project.state()["comments"]
    others = project.merge()
    jobs = project.merge(workflow=apply)

    assert comment["user"]["login"] == "acme-groups[bot]"
    assert others["apply"].environment == "phonebook-approval"
    assert "the comment of github-actions[bot] on the pull request" in others["plan"].summary
    assert (jobs["apply"].environment, jobs["apply"].result) == ("phonebook", "success")
    assert sandbox.names() == ["VIP customers"]


def test_all_jobs_of_a_run_can_be_started_again(project: GitHubProject, sandbox: Sandbox) -> None:
    """The artifact of the first attempt is replaced."""
    review(project, sandbox)
    sandbox.fail_next("PUT", status=400)
    first = project.merge()

    second = project.merge(again=True, approve=lambda: True)

    assert (first["apply"].result, second["apply"].result) == ("failure", "success")
    assert sandbox.names() == ["Newsletter", "VIP customers"]
    assert count_writes(sandbox) > 0
