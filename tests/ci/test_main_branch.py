"""examples/ci/github/apply.yml: what was reviewed is applied, and what was not waits for somebody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from groupsync.cli.main import run
from tests.ci.conftest import make_comment
from tests.cli.conftest import count_writes

if TYPE_CHECKING:
    from groupsync.sandbox import Sandbox
    from tests.ci.conftest import Road
    from tests.ci.runner import JobRun

COMPARE = "Compare with what was reviewed"


def review(road: Road, sandbox: Sandbox) -> None:
    """Open a pull request that renames a group with people in it, deletes another, and creates a third."""
    sandbox.add_group("VIP", contacts=3)
    sandbox.add_group("Spring sale", contacts=2)
    road.write(
        "groups: [{name: VIP customers, previously: [VIP]}, Newsletter]\n"
        "removed: [{name: Spring sale, contacts_at_most: 2}]\n"
    )
    assert road.push().result == "success"


def test_the_plan_of_the_pull_request_is_applied(road: Road, sandbox: Sandbox) -> None:
    review(road, sandbox)

    jobs = road.merge()

    assert (jobs["plan"].result, jobs["apply"].result) == ("success", "success")
    assert jobs["plan"].outputs["reviewed"] == "true"
    assert jobs["apply"].environment == "phonebook"
    assert sandbox.names() == ["Newsletter", "VIP customers"]
    assert jobs["apply"].summary.startswith("<!-- groupsync report account=acc-")
    assert jobs["plan"].outputs["digest"] in jobs["apply"].summary
    assert "This is the plan of pull request #7." in jobs["plan"].summary
    assert road.calls("PATCH", "DELETE") == []
    (backup,) = road.kept.glob("Spring-sale.*.json")
    assert backup.stat().st_mode & 0o077 == 0


def test_without_a_place_for_backups_nothing_is_written(road: Road, sandbox: Sandbox) -> None:
    review(road, sandbox)
    (road.machine.repository / ".github" / "keep-backups").unlink()

    jobs = road.merge()

    assert jobs["apply"].result == "failure"
    assert ".github/keep-backups is not a program" in jobs["apply"].errors[0]
    assert count_writes(sandbox) == 0


def lose_comment(state: dict[str, Any]) -> None:
    state["comments"].clear()


def take_over(state: dict[str, Any]) -> None:
    """Somebody else says the same; the bot says nothing."""
    state["comments"] = [make_comment(state["comments"][0]["body"])]


def edit_comment(state: dict[str, Any]) -> None:
    """A maintainer can edit the comment of the bot, which stays its author."""
    state["comments"][0].update(edited_at="2026-11-23T12:30:00Z", editor="mallory")


def edit_and_leave(state: dict[str, Any]) -> None:
    """The account of whoever edited it is gone."""
    state["comments"][0].update(edited_at="2026-11-23T12:30:00Z", editor=None)


def hide_comment(state: dict[str, Any]) -> None:
    """GitHub does not say who edited it."""
    state["hidden"] = [state["comments"][0]["node_id"]]


def say_two_things(state: dict[str, Any]) -> None:
    """Two plans of one account: nobody knows which one was read."""
    (own,) = state["comments"]
    state["comments"].append({**own, "id": 2, "body": own["body"].replace("digest=sha256:", "digest=sha256:0")})


def move_marker(state: dict[str, Any]) -> None:
    state["comments"][0]["body"] = "Hello\n" + state["comments"][0]["body"]


def quote_marker(state: dict[str, Any]) -> None:
    """The plan of another digest, in which something looks like the marker of this one."""
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
    lose_comment,
    take_over,
    edit_comment,
    edit_and_leave,
    hide_comment,
    say_two_things,
    move_marker,
    quote_marker,
    merge_elsewhere,
)


def test_only_the_untouched_comment_of_the_bot_says_what_was_reviewed(road: Road, sandbox: Sandbox) -> None:
    """In one run, of which the step that compares is run again after each change."""
    review(road, sandbox)
    road.push()  # so that the bot itself has edited its comment
    job = road.merge()["plan"]
    before = road.state()

    for change in CHANGES:
        with road.editing() as state:
            state.update(json.loads(json.dumps(before)))
            change(state)
        assert job.again(COMPARE) == (True, {"reviewed": "false"}), change.__name__
    with road.editing() as state:
        state.update(before)

    assert job.outputs["reviewed"] == "true"
    assert job.again(COMPARE) == (True, {"reviewed": "true"})


def test_a_plan_waits_for_approval_when_the_phonebook_has_changed(road: Road, sandbox: Sandbox) -> None:
    review(road, sandbox)
    sandbox.add_group("Surprise")

    jobs = road.merge()

    assert_waits(jobs)
    assert "Surprise" in jobs["plan"].summary
    assert count_writes(sandbox) == 0


def test_what_is_approved_is_what_the_summary_shows(road: Road, sandbox: Sandbox) -> None:
    """A commit came after the plan of the pull request."""
    review(road, sandbox)
    road.write("groups: [VIP, Newsletter, Partners, Spring sale]\n")

    jobs = road.merge(approve=lambda: True)

    assert jobs["apply"].result == "success"
    assert "Partners" in jobs["plan"].summary
    assert sandbox.names() == ["Newsletter", "Partners", "Spring sale", "VIP"]


def test_an_approval_that_nobody_would_be_asked_for_is_an_error(road: Road, sandbox: Sandbox) -> None:
    """GitHub makes an environment that a job names and that is not there, without protection."""
    review(road, sandbox)
    sandbox.add_group("Surprise")
    with road.editing() as state:
        state["environments"]["phonebook-approval"] = []

    jobs = road.merge(approve=lambda: True)

    assert (jobs["plan"].result, jobs["apply"].result) == ("failure", "skipped")
    assert "has no required reviewers" in jobs["plan"].errors[0]
    for rules, ok in (([{"type": "wait_timer"}], False), (None, False), ([{"type": "required_reviewers"}], True)):
        with road.editing() as state:
            state["environments"]["phonebook-approval"] = rules
        assert jobs["plan"].again(COMPARE)[0] is ok
    assert count_writes(sandbox) == 0


def test_a_commit_that_is_no_longer_the_head_is_refused(road: Road, sandbox: Sandbox) -> None:
    review(road, sandbox)
    sandbox.forget_requests()

    jobs = road.merge(overtaken=True)

    assert (jobs["plan"].result, jobs["apply"].result) == ("failure", "skipped")
    assert "the run of that commit applies it" in jobs["plan"].errors[0]
    assert "Plan anew" not in jobs["plan"].ran
    assert sandbox.log() == ()


def test_a_refused_plan_is_not_applied_and_its_summary_says_why(road: Road, sandbox: Sandbox) -> None:
    review(road, sandbox)
    sandbox.add_group("Customers", contacts=5)

    jobs = road.merge()

    assert (jobs["plan"].result, jobs["apply"].result) == ("failure", "skipped")
    assert "contacts-lost" in jobs["plan"].summary
    assert count_writes(sandbox) == 0


def test_without_changes_there_is_nothing_to_apply(road: Road, sandbox: Sandbox) -> None:
    sandbox.add_group("Newsletter")
    road.write("groups: [Newsletter]\n")
    road.push()

    jobs = road.merge()

    assert (jobs["plan"].result, jobs["apply"].result) == ("success", "skipped")


def test_an_incomplete_apply_fails_and_reports(road: Road, sandbox: Sandbox) -> None:
    review(road, sandbox)
    sandbox.fail_next("PUT", status=400)

    jobs = road.merge()

    assert jobs["apply"].result == "failure"
    assert jobs["apply"].summary.startswith("<!-- groupsync report account=acc-")
    assert "Keep the backups" in jobs["apply"].ran
    assert "Spring sale" in sandbox.names()


def test_the_environments_hold_the_secrets(road: Road, sandbox: Sandbox) -> None:
    """A repository that has no such environment yet has no secrets in it, and nothing is written."""
    review(road, sandbox)
    del road.machine.secrets["phonebook"]

    jobs = road.merge()

    assert jobs["apply"].result == "failure"
    assert count_writes(sandbox) == 0


def test_only_the_plan_of_that_digest_is_applied(road: Road, sandbox: Sandbox) -> None:
    """Somebody puts another plan in the place of the one that was approved, of the same configuration."""
    review(road, sandbox)
    sandbox.add_group("Surprise")

    def approve() -> bool:
        sandbox.add_group("Later")
        (artifact,) = road.machine.home.rglob("artifacts/*/plan.json")
        secrets = road.machine.secrets["phonebook"]
        environ = {**road.machine.variables, **secrets, "GROUPSYNC_BACKUP_DIR": str(road.kept)}
        config = road.machine.repository / "groups.yaml"
        assert run(("plan", "-c", str(config), "--out", str(artifact)), environ) == 0
        return True

    jobs = road.merge(approve=approve)

    assert jobs["apply"].result == "failure"
    assert "digest" in jobs["apply"].log
    assert count_writes(sandbox) == 0


def test_live_groups_that_change_during_the_approval_make_the_plan_stale(road: Road, sandbox: Sandbox) -> None:
    """Between the two jobs somebody renames a group that the plan deletes."""
    review(road, sandbox)
    surprise = sandbox.add_group("Surprise")

    def approve() -> bool:
        sandbox.rename_group(surprise, "No surprise")
        return True

    jobs = road.merge(approve=approve)

    assert jobs["apply"].result == "failure"
    assert "stale" in jobs["apply"].log
    assert count_writes(sandbox) == 0
