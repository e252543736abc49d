"""examples/ci/github/plan.yml: one comment by the bot, and a check that fails when it should."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from groupsync.sandbox import Sandbox
from tests.ci.conftest import WORKFLOWS, make_comment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ci.conftest import GitHubProject

MARKER = re.compile(r"<!-- groupsync plan account=acc-[0-9a-f]{12} approval=sha256:[0-9a-f]{64}(\+[0-9,]+)? -->\n")
WITHOUT_APPROVAL = re.compile(r"<!-- groupsync plan account=acc-[0-9a-f]{12} -->\n")
COMMENTS = "repos/acme/phonebook/issues/7/comments"


def test_the_first_push_adds_a_comment_and_the_second_updates_it(project: GitHubProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Old")
    project.write("groups: [Old, Newsletter]\n")

    first = project.push()
    (before,) = project.comments()
    project.write("groups: [Old, Newsletter, Partners]\n")
    second = project.push()

    (after,) = project.comments()
    assert (first.result, second.result) == ("success", "success")
    assert MARKER.match(before)
    assert MARKER.match(after)
    assert "Partners" not in before
    assert "Partners" in after
    assert project.sha[:7] in after
    assert project.calls("POST", "PATCH") == [f"POST {COMMENTS}", "PATCH repos/acme/phonebook/issues/comments/101"]
    assert after == second.summary
    assert sandbox.names() == ["Old"]


def test_a_run_of_an_old_commit_does_not_touch_the_comment(project: GitHubProject, sandbox: Sandbox) -> None:
    """A job that is started again must not show, and so offer for approval, the plan of an earlier commit."""
    sandbox.add_group("Old")
    project.write("groups: [Old, Partners]\n")
    project.push()
    (before,) = project.comments()
    project.write("groups: [Old]\n")

    done = project.push(overtaken=True)

    assert done.result == "failure"
    assert "the run of that commit writes the comment" in done.errors[0]
    assert project.comments() == [before]


def test_drift_is_shown_in_the_comment_and_fails_the_check(project: GitHubProject, sandbox: Sandbox) -> None:
    """Somebody made a group in the dashboard; the main branch would delete it, and so does this plan."""
    sandbox.add_group("Old")
    sandbox.add_group("By hand")
    project.write_base("groups: [Old]\n")
    project.write("groups: [Old, Newsletter]\n")

    done = project.push()

    (comment,) = project.comments()
    assert done.result == "failure"
    assert MARKER.match(comment)
    assert "> **Drift: 1 of these changes are not part of this pull request.**\n" in comment
    assert "::error::The plan has drifted: 1 of its changes are not part of this pull request." in done.log


def test_a_pull_request_that_adopts_the_drift_passes(project: GitHubProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Old")
    sandbox.add_group("By hand")
    project.write_base("groups: [Old]\n")
    project.write("groups: [Old, By hand, Newsletter]\n")

    assert project.push().result == "success"
    assert "Drift" not in project.comments()[0]


def test_changes_of_the_pull_request_itself_are_no_drift(project: GitHubProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Old")
    project.write_base("groups: [Old]\n")
    project.write("groups: [{name: New, previously: [Old]}, Newsletter]\n")

    assert project.push().result == "success"


def test_a_plan_without_changes_is_commented_too(project: GitHubProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Old")
    project.write("groups: [Old]\n")

    done = project.push()

    assert done.result == "success"
    assert len(project.comments()) == 1
    assert "changes=0\n" in done.written


def test_a_comment_of_somebody_else_is_never_changed(project: GitHubProject, sandbox: Sandbox) -> None:
    """Anyone who can comment can write the marker; the fourth comment is on the second page."""
    project.write("groups: [Newsletter]\n")
    project.push()
    (own,) = project.state()["comments"]
    forged = make_comment(own["body"])
    with project.editing() as state:
        state["comments"] = [forged, make_comment("Looks good to me"), make_comment("I agree"), own]
    sandbox.add_group("Surprise")
    project.write("groups: [Newsletter, Surprise, Partners]\n")

    project.push()

    comments = project.state()["comments"]
    assert comments[:3] == [forged, make_comment("Looks good to me"), make_comment("I agree")]
    assert "Partners" in comments[3]["body"]
    assert len(project.calls("POST")) == 1


def test_a_comment_that_only_quotes_the_marker_is_not_updated(project: GitHubProject) -> None:
    """The marker counts only at the very beginning of the comment."""
    project.write("groups: [Newsletter]\n")
    project.push()
    (own,) = project.state()["comments"]
    quoting = {**own, "body": "> " + own["body"]}
    with project.editing() as state:
        state["comments"] = [quoting]

    project.push()

    assert project.state()["comments"][0] == quoting
    assert len(project.comments()) == 2


def test_a_refused_plan_is_commented_and_fails_the_check(project: GitHubProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Customers", contacts=12)
    project.write("groups: [Newsletter]\n")

    done = project.push()

    assert done.result == "failure"
    assert done.errors == ["The plan is refused; the comment says why and what to do."]
    (comment,) = project.comments()
    assert WITHOUT_APPROVAL.match(comment)
    assert "sha256:" not in comment
    assert "contacts-lost" in comment
    assert done.summary == comment
    assert "exit-code=3\n" in done.written


@pytest.mark.parametrize("earlier", [True, False], ids=["with an earlier plan", "without"])
def test_an_error_replaces_the_comment_of_an_earlier_plan(project: GitHubProject, earlier: bool) -> None:
    """The plan of an earlier commit must not look like that of this one."""
    project.write("groups: [Newsletter]\n")
    if earlier:
        project.push()
    project.write("groups: [Newsletter\n")

    done = project.push()

    assert done.result == "failure"
    assert done.errors[1:] == ["No plan could be made; the log of the step Plan says why."]
    assert "::error title=groupsync,file=groups.yaml,line=" in done.log
    (comment,) = project.comments()
    assert re.match(r"<!-- groupsync plan account=acc-[0-9a-f]{12} -->\n### No plan could be made\n", comment)
    assert f"`{project.sha}`" in comment
    assert "https://github.invalid/acme/phonebook/actions/runs/" in comment
    assert "Newsletter" not in comment
    assert "exit code 1" in done.summary


def test_the_next_plan_replaces_the_comment_of_an_error(project: GitHubProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Newsletter")
    project.write("groups: [Newsletter\n")
    project.push()
    project.write("groups: [Newsletter, VIP]\n")

    done = project.push()

    assert done.result == "success"
    (comment,) = project.comments()
    assert MARKER.match(comment)


def test_without_credentials_every_plan_in_the_comments_is_replaced(project: GitHubProject) -> None:
    """The account is not known then, so every plan on this pull request is outdated."""
    project.write("groups: [Newsletter]\n")
    project.push()
    account = project.comments()[0].split(" ")[3]
    project.machine.secrets.clear()

    done = project.push()

    assert done.result == "failure"
    (comment,) = project.comments()
    assert comment.startswith(f"<!-- groupsync plan {account} -->\n### No plan could be made\n")


@pytest.mark.parametrize("fork", ["mallory/phonebook", None], ids=["a fork", "a fork that is gone"])
def test_a_fork_is_validated_without_secrets_and_fails_the_check(
    project: GitHubProject, sandbox: Sandbox, fork: str | None
) -> None:
    project.machine.secrets.clear()
    project.write("groups: [Newsletter]\n")

    done = project.push(from_repository=fork)

    assert done.result == "failure"
    (message,) = done.errors
    assert "A maintainer must" in message
    assert "Validate" in done.ran
    assert "The configuration is valid." in done.log
    assert sandbox.log() == ()
    assert project.calls("") == []


def test_a_fork_with_an_invalid_file_gets_both_messages(project: GitHubProject) -> None:
    project.write("groups: [NO]\n")

    done = project.push(from_repository="mallory/phonebook")

    mistake, message = done.errors
    assert done.result == "failure"
    assert "::error title=groupsync,file=groups.yaml,line=2,col=10::groups[0]: NO is read as a boolean" in done.log
    assert mistake.startswith("groups[0]: NO is read as a boolean")
    assert "A maintainer must" in message


def test_each_of_two_accounts_has_its_own_comment(project: GitHubProject, tmp_path: Path) -> None:
    project.write("groups: [Estonia]\n")
    project.write("groups: [Latvia]\n", file="lv.yaml")
    workflow = tmp_path / "plan-lv.yml"
    workflow.write_text((WORKFLOWS / "plan.yml").read_text().replace("config: groups.yaml", "config: lv.yaml"))
    ours = dict(project.machine.variables), dict(project.machine.secrets)

    with Sandbox(username="api-lv") as other:
        for _ in range(2):
            project.push()
            project.machine.variables["GROUPSYNC_ENDPOINT"] = other.url
            project.machine.secrets["phonebook-plan"] = {
                "MESSENTE_API_USERNAME": other.username,
                "MESSENTE_API_PASSWORD": other.password,
            }
            project.push(workflow=workflow)
            project.machine.variables, project.machine.secrets = dict(ours[0]), dict(ours[1])

    first, second = project.comments()
    assert "Estonia" in first
    assert "Latvia" in second
    assert len(project.calls("POST")) == 2
    assert len(project.calls("PATCH")) == 2


def test_a_comment_is_never_too_long_for_github(project: GitHubProject, sandbox: Sandbox) -> None:
    """The `gh` of these tests refuses more than 65,536 characters, as GitHub does; the issue has one line more."""
    names = [f"Group {number} {'x' * 60}" for number in range(2_000)]
    sandbox.add_group("Newsletter")
    project.write(f"groups: {json.dumps([*names, 'Newsletter'])}\n")

    done = project.push()
    drift = project.check_drift()

    assert (done.result, drift.result) == ("success", "success")
    assert len(project.comments()[0]) > 50_000
    assert sandbox.names() == ["Newsletter"]
