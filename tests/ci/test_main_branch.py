"""examples/ci/github/apply.yml: a reviewed plan is applied, any other waits for an approval."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from groupsync.cli.main import run
from tests.ci.conftest import make_comment
from tests.cli.conftest import count_writes

if TYPE_CHECKING:
    from groupsync.sandbox import Sandbox
    from tests.ci.conftest import GitHubProject
    from tests.ci.runner import JobRun

COMPARE = "Compare with what was reviewed"


def review(project: GitHubProject, sandbox: Sandbox) -> None:
    """Open a pull request that renames a full group, deletes another one, and creates a third."""
    sandbox.add_group("VIP", contacts=3)
    sandbox.add_group("Spring sale", contacts=2)
    project.write(
        "groups: [{name: VIP customers, previously: [VIP]}, Newsletter]\n"
        "removed: [{name: Spring sale, contacts_at_most: 2}]\n"
    )
    assert project.push().result == "success"


def test_the_plan_of_the_pull_request_is_applied(project: GitHubProject, sandbox: Sandbox) -> None:
    review(project, sandbox)

    jobs = project.merge()

    assert (jobs["plan"].result, jobs["apply"].result) == ("success", "success")
    assert jobs["plan"].outputs["reviewed"] == "true"
    assert jobs["apply"].environment == "phonebook"
    assert sandbox.names() == ["Newsletter", "VIP customers"]
    assert jobs["apply"].summary.startswith("<!-- groupsync report account=acc-")
    assert jobs["plan"].outputs["digest"] in jobs["apply"].summary
    assert "This is the plan of pull request #7." in jobs["plan"].summary
    assert project.calls("PATCH", "DELETE") == []
    (backup,) = project.kept_backups.glob("Spring-sale.*.json")
    assert backup.stat().st_mode & 0o077 == 0


def test_nothing_is_written_if_backups_cannot_be_kept(project: GitHubProject, sandbox: Sandbox) -> None:
    review(project, sandbox)
    (project.machine.repository / ".github" / "keep-backups").unlink()

    jobs = project.merge()

    assert jobs["apply"].result == "failure"
    assert ".github/keep-backups is not a program" in jobs["apply"].errors[0]
    assert count_writes(sandbox) == 0


def delete_comment(state: dict[str, Any]) -> None:
    state["comments"].clear()


def replace_author(state: dict[str, Any]) -> None:
    """Somebody else writes the same comment, and that of the bot is gone."""
    state["comments"] = [make_comment(state["comments"][0]["body"])]


def edit_comment(state: dict[str, Any]) -> None:
    """A maintainer edits the comment of the bot, which is still its author."""
    state["comments"][0].update(edited_at="2026-11-23T12:30:00Z", editor="mallory")


def edit_and_delete_account(state: dict[str, Any]) -> None:
    """The comment was edited by an account that no longer exists."""
    state["comments"][0].update(edited_at="2026-11-23T12:30:00Z", editor=None)


def hide_comment(state: dict[str, Any]) -> None:
    """GitHub does not say who edited it."""
    state["hidden"] = [state["comments"][0]["node_id"]]


def add_second_plan(state: dict[str, Any]) -> None:
    """Two plans of one account: it is not known which one was reviewed."""
    (own,) = state["comments"]
    state["comments"].append({**own, "id": 2, "body": own["body"].replace("digest=sha256:", "digest=sha256:0")})


def move_marker(state: dict[str, Any]) -> None:
    state["comments"][0]["body"] = "Hello\n" + state["comments"][0]["body"]


def quote_marker(state: dict[str, Any]) -> None:
    """A plan with another digest, whose text contains the marker of this one."""
    body = state["comments"][0]["body"]
    state["comments"][0]["body"] = body.replace("digest=sha256:", "digest=sha256:0", 1) + body


def merge_elsewhere(state: dict[str, Any]) -> None:
    """The commit belongs to a pull request of another branch."""
    state["pulls"][0]["base"]["ref"] = "release"


def assert_waits(jobs: dict[str, JobRun]) -> None:
    assert jobs["plan"].result == "success"
    assert jobs["plan"].outputs["reviewed"] == "false"
    assert jobs["plan"].summary.startswith("<!-- groupsync plan account=")
    assert "Nobody has reviewed this plan yet" in jobs["plan"].summary
    assert (jobs["apply"].environment, jobs["apply"].result) == ("phonebook-approval", "waiting")


CHANGES = (
    delete_comment,
    replace_author,
    edit_comment,
    edit_and_delete_account,
    hide_comment,
    add_second_plan,
    move_marker,
    quote_marker,
    merge_elsewhere,
)


def test_only_an_unedited_comment_of_the_bot_counts_as_reviewed(project: GitHubProject, sandbox: Sandbox) -> None:
    """One run, whose comparing step is run again after each change."""
    review(project, sandbox)
    project.push()  # the second push makes the bot edit its own comment
    job = project.merge()["plan"]
    before = project.state()

    for change in CHANGES:
        with project.editing() as state:
            state.update(json.loads(json.dumps(before)))
            change(state)
        assert job.again(COMPARE) == (True, {"reviewed": "false"}), change.__name__
    with project.editing() as state:
        state.update(before)

    assert job.outputs["reviewed"] == "true"
    assert job.again(COMPARE) == (True, {"reviewed": "true"})


def test_a_plan_waits_for_approval_when_the_phonebook_has_changed(project: GitHubProject, sandbox: Sandbox) -> None:
    review(project, sandbox)
    sandbox.add_group("Surprise")

    jobs = project.merge()

    assert_waits(jobs)
    assert "Surprise" in jobs["plan"].summary
    assert count_writes(sandbox) == 0


def test_an_approved_plan_is_the_one_that_the_summary_shows(project: GitHubProject, sandbox: Sandbox) -> None:
    """Another commit followed the plan of the pull request."""
    review(project, sandbox)
    project.write("groups: [VIP, Newsletter, Partners, Spring sale]\n")

    jobs = project.merge(approve=lambda: True)

    assert jobs["apply"].result == "success"
    assert "Partners" in jobs["plan"].summary
    assert sandbox.names() == ["Newsletter", "Partners", "Spring sale", "VIP"]


def test_an_approval_environment_without_reviewers_is_an_error(project: GitHubProject, sandbox: Sandbox) -> None:
    """GitHub creates a missing environment that a job names, without protection."""
    review(project, sandbox)
    sandbox.add_group("Surprise")
    with project.editing() as state:
        state["environments"]["phonebook-approval"] = []

    jobs = project.merge(approve=lambda: True)

    assert (jobs["plan"].result, jobs["apply"].result) == ("failure", "skipped")
    assert "has no required reviewers" in jobs["plan"].errors[0]
    for rules, ok in (([{"type": "wait_timer"}], False), (None, False), ([{"type": "required_reviewers"}], True)):
        with project.editing() as state:
            state["environments"]["phonebook-approval"] = rules
        assert jobs["plan"].again(COMPARE)[0] is ok
    assert count_writes(sandbox) == 0


def test_a_commit_that_is_no_longer_the_head_is_refused(project: GitHubProject, sandbox: Sandbox) -> None:
    review(project, sandbox)
    sandbox.forget_requests()

    jobs = project.merge(overtaken=True)

    assert (jobs["plan"].result, jobs["apply"].result) == ("failure", "skipped")
    assert "the run of that commit applies it" in jobs["plan"].errors[0]
    assert "Plan anew" not in jobs["plan"].ran
    assert sandbox.log() == ()


def test_a_refused_plan_is_not_applied_and_its_summary_says_why(project: GitHubProject, sandbox: Sandbox) -> None:
    review(project, sandbox)
    sandbox.add_group("Customers", contacts=5)

    jobs = project.merge()

    assert (jobs["plan"].result, jobs["apply"].result) == ("failure", "skipped")
    assert "contacts-lost" in jobs["plan"].summary
    assert count_writes(sandbox) == 0


def test_without_changes_there_is_nothing_to_apply(project: GitHubProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Newsletter")
    project.write("groups: [Newsletter]\n")
    project.push()

    jobs = project.merge()

    assert (jobs["plan"].result, jobs["apply"].result) == ("success", "skipped")


def test_an_incomplete_apply_fails_and_writes_its_report(project: GitHubProject, sandbox: Sandbox) -> None:
    review(project, sandbox)
    sandbox.fail_next("PUT", status=400)

    jobs = project.merge()

    assert jobs["apply"].result == "failure"
    assert jobs["apply"].summary.startswith("<!-- groupsync report account=acc-")
    assert "Keep the backups" in jobs["apply"].ran
    assert "Spring sale" in sandbox.names()


def test_without_the_environment_there_are_no_secrets(project: GitHubProject, sandbox: Sandbox) -> None:
    """Secrets belong to the environment, so nothing is written if the repository does not have it yet."""
    review(project, sandbox)
    del project.machine.secrets["phonebook"]

    jobs = project.merge()

    assert jobs["apply"].result == "failure"
    assert count_writes(sandbox) == 0


def test_only_the_plan_with_the_approved_digest_is_applied(project: GitHubProject, sandbox: Sandbox) -> None:
    """Somebody replaces the approved plan file with another plan of the same configuration."""
    review(project, sandbox)
    sandbox.add_group("Surprise")

    def approve() -> bool:
        sandbox.add_group("Later")
        (artifact,) = project.machine.home.rglob("artifacts/*/plan.json")
        secrets = project.machine.secrets["phonebook"]
        environ = {**project.machine.variables, **secrets, "GROUPSYNC_BACKUP_DIR": str(project.kept_backups)}
        config = project.machine.repository / "groups.yaml"
        assert run(("plan", "-c", str(config), "--out", str(artifact)), environ) == 0
        return True

    jobs = project.merge(approve=approve)

    assert jobs["apply"].result == "failure"
    assert "digest" in jobs["apply"].log
    assert count_writes(sandbox) == 0


def test_a_live_change_during_the_approval_makes_the_plan_stale(project: GitHubProject, sandbox: Sandbox) -> None:
    """Between the two jobs somebody renames a group that the plan deletes."""
    review(project, sandbox)
    surprise = sandbox.add_group("Surprise")

    def approve() -> bool:
        sandbox.rename_group(surprise, "No surprise")
        return True

    jobs = project.merge(approve=approve)

    assert jobs["apply"].result == "failure"
    assert "stale" in jobs["apply"].log
    assert count_writes(sandbox) == 0
