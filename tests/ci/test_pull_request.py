"""examples/ci/github/plan.yml: one comment, by the bot, and a check that fails when it should."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from groupsync.sandbox import Sandbox
from tests.ci.conftest import WORKFLOWS, make_comment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ci.conftest import Road

MARKER = re.compile(r"<!-- groupsync plan account=acc-[0-9a-f]{12} digest=sha256:[0-9a-f]{64} -->\n")
COMMENTS = "repos/acme/phonebook/issues/7/comments"


def test_the_first_push_is_commented_and_the_second_updates_the_comment(road: Road, sandbox: Sandbox) -> None:
    sandbox.add_group("Old")
    road.write("groups: [Old, Newsletter]\n")

    first = road.push()
    (before,) = road.comments()
    road.write("groups: [Old, Newsletter, Partners]\n")
    second = road.push()

    (after,) = road.comments()
    assert (first.result, second.result) == ("success", "success")
    assert MARKER.match(before)
    assert MARKER.match(after)
    assert "Partners" not in before
    assert "Partners" in after
    assert road.sha[:7] in after
    assert road.calls("POST", "PATCH") == [f"POST {COMMENTS}", "PATCH repos/acme/phonebook/issues/comments/101"]
    assert after == second.summary
    assert sandbox.names() == ["Old"]


def test_a_plan_that_has_drifted_fails_with_the_comment_in_place(road: Road, sandbox: Sandbox) -> None:
    """Somebody has made a group in the dashboard, which the main branch would delete, and this plan as well."""
    sandbox.add_group("Old")
    sandbox.add_group("By hand")
    road.write_base("groups: [Old]\n")
    road.write("groups: [Old, Newsletter]\n")

    done = road.push()

    (comment,) = road.comments()
    assert done.result == "failure"
    assert MARKER.match(comment)
    assert "> **Drift: 1 of these changes are not of this pull request.**\n" in comment
    assert "::error::The plan has drifted: 1 of its changes are not of this pull request." in done.log


def test_the_pull_request_that_adopts_what_was_changed_passes(road: Road, sandbox: Sandbox) -> None:
    sandbox.add_group("Old")
    sandbox.add_group("By hand")
    road.write_base("groups: [Old]\n")
    road.write("groups: [Old, By hand, Newsletter]\n")

    assert road.push().result == "success"
    assert "Drift" not in road.comments()[0]


def test_what_the_pull_request_changes_is_no_drift(road: Road, sandbox: Sandbox) -> None:
    sandbox.add_group("Old")
    road.write_base("groups: [Old]\n")
    road.write("groups: [{name: New, previously: [Old]}, Newsletter]\n")

    assert road.push().result == "success"


def test_nothing_is_done_for_a_plan_without_changes_but_to_say_so(road: Road, sandbox: Sandbox) -> None:
    sandbox.add_group("Old")
    road.write("groups: [Old]\n")

    done = road.push()

    assert done.result == "success"
    assert len(road.comments()) == 1
    assert "changes=0\n" in done.written


def test_a_comment_of_somebody_else_is_never_touched(road: Road, sandbox: Sandbox) -> None:
    """Whoever may comment can write the marker; the fourth comment is on the second page."""
    road.write("groups: [Newsletter]\n")
    road.push()
    (own,) = road.state()["comments"]
    forged = make_comment(own["body"])
    with road.editing() as state:
        state["comments"] = [forged, make_comment("Looks good to me"), make_comment("I agree"), own]
    sandbox.add_group("Surprise")
    road.write("groups: [Newsletter, Surprise, Partners]\n")

    road.push()

    comments = road.state()["comments"]
    assert comments[:3] == [forged, make_comment("Looks good to me"), make_comment("I agree")]
    assert "Partners" in comments[3]["body"]
    assert len(road.calls("POST")) == 1


def test_a_bot_that_quotes_the_marker_is_not_taken_for_its_comment(road: Road) -> None:
    """Only at the very beginning of the body is it a marker."""
    road.write("groups: [Newsletter]\n")
    road.push()
    (own,) = road.state()["comments"]
    quoting = {**own, "body": "> " + own["body"]}
    with road.editing() as state:
        state["comments"] = [quoting]

    road.push()

    assert road.state()["comments"][0] == quoting
    assert len(road.comments()) == 2


def test_a_refused_plan_fails_the_check_with_the_comment_in_place(road: Road, sandbox: Sandbox) -> None:
    sandbox.add_group("Customers", contacts=12)
    road.write("groups: [Newsletter]\n")

    done = road.push()

    assert done.result == "failure"
    assert done.errors == ["The plan is refused; the comment says why and what to do."]
    (comment,) = road.comments()
    assert MARKER.match(comment)
    assert "contacts-lost" in comment
    assert done.summary == comment
    assert "exit-code=3\n" in done.written


@pytest.mark.parametrize("earlier", [True, False], ids=["with an earlier plan", "without"])
def test_an_error_is_told_in_the_place_of_the_plan(road: Road, earlier: bool) -> None:
    """The plan of an earlier commit must not stay as if it were of this one."""
    road.write("groups: [Newsletter]\n")
    if earlier:
        road.push()
    road.write("groups: [Newsletter\n")

    done = road.push()

    assert done.result == "failure"
    assert done.errors == ["No plan could be made; the log of the step Plan says why."]
    (comment,) = road.comments()
    assert re.match(r"<!-- groupsync plan account=acc-[0-9a-f]{12} -->\n### No plan could be made\n", comment)
    assert f"`{road.sha}`" in comment
    assert "https://github.invalid/acme/phonebook/actions/runs/" in comment
    assert "Newsletter" not in comment
    assert "exit code 1" in done.summary


def test_the_next_plan_takes_the_place_of_an_error(road: Road) -> None:
    road.write("groups: [Newsletter\n")
    road.push()
    road.write("groups: [Newsletter]\n")

    done = road.push()

    assert done.result == "success"
    (comment,) = road.comments()
    assert MARKER.match(comment)


def test_without_credentials_nothing_stays_as_if_it_were_a_plan(road: Road) -> None:
    """Which account it is cannot be known then, so every plan on this pull request is outdated."""
    road.write("groups: [Newsletter]\n")
    road.push()
    account = road.comments()[0].split(" ")[3]
    road.machine.secrets.clear()

    done = road.push()

    assert done.result == "failure"
    (comment,) = road.comments()
    assert comment.startswith(f"<!-- groupsync plan {account} -->\n### No plan could be made\n")


@pytest.mark.parametrize("fork", ["mallory/phonebook", None], ids=["a fork", "a fork that is gone"])
def test_a_fork_is_validated_without_secrets_and_fails_the_check(
    road: Road, sandbox: Sandbox, fork: str | None
) -> None:
    road.machine.secrets.clear()
    road.write("groups: [Newsletter]\n")

    done = road.push(from_repository=fork)

    assert done.result == "failure"
    (message,) = done.errors
    assert "A maintainer must" in message
    assert "Validate" in done.ran
    assert "groups.yaml" in done.log
    assert sandbox.log() == ()
    assert road.calls("") == []


def test_a_fork_with_a_broken_file_is_told_both(road: Road) -> None:
    road.write("groups: [NO]\n")

    done = road.push(from_repository="mallory/phonebook")

    assert done.result == "failure"
    assert "NO is read as a boolean" in done.log
    assert len(done.errors) == 1


def test_two_accounts_have_a_comment_each(road: Road, tmp_path: Path) -> None:
    road.write("groups: [Estonia]\n")
    road.write("groups: [Latvia]\n", file="lv.yaml")
    workflow = tmp_path / "plan-lv.yml"
    workflow.write_text((WORKFLOWS / "plan.yml").read_text().replace("CONFIG: groups.yaml", "CONFIG: lv.yaml"))
    ours = dict(road.machine.variables), dict(road.machine.secrets)

    with Sandbox(username="api-lv") as other:
        for _ in range(2):
            road.push()
            road.machine.variables["GROUPSYNC_ENDPOINT"] = other.url
            road.machine.secrets["phonebook-plan"] = {
                "MESSENTE_API_USERNAME": other.username,
                "MESSENTE_API_PASSWORD": other.password,
            }
            road.push(workflow=workflow)
            road.machine.variables, road.machine.secrets = dict(ours[0]), dict(ours[1])

    first, second = road.comments()
    assert "Estonia" in first
    assert "Latvia" in second
    assert len(road.calls("POST")) == 2
    assert len(road.calls("PATCH")) == 2


def test_a_comment_is_never_too_long_for_github(road: Road, sandbox: Sandbox) -> None:
    """The `gh` of these tests refuses more than 65,536 characters, as GitHub does; the issue has a line more."""
    names = [f"Group {number} {'x' * 60}" for number in range(2_000)]
    road.write(f"groups: {json.dumps(names)}\n")

    done = road.push()
    drift = road.look_for_drift()

    assert (done.result, drift.result) == ("success", "success")
    assert len(road.comments()[0]) > 50_000
    assert sandbox.names() == []
