"""examples/ci/github/drift.yml: one issue, while there is drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ci.conftest import make_comment

if TYPE_CHECKING:
    from groupsync.sandbox import Sandbox
    from tests.ci.conftest import Road

ISSUES = "repos/acme/phonebook/issues"


def test_drift_opens_an_issue_updates_it_and_closes_it_when_all_is_well(road: Road, sandbox: Sandbox) -> None:
    road.write("groups: [Newsletter]\n")

    first = road.look_for_drift()
    (opened,) = road.state()["issues"]
    stray = sandbox.add_group("Stray")
    second = road.look_for_drift()
    (updated,) = road.state()["issues"]
    sandbox.delete_group(stray)
    sandbox.add_group("Newsletter")
    third = road.look_for_drift()

    (closed,) = road.state()["issues"]
    assert [run.result for run in (first, second, third)] == ["success"] * 3
    assert opened["title"].startswith("Phonebook drift: acc-")
    assert opened["body"].startswith("<!-- groupsync drift account=acc-")
    assert "Stray" not in opened["body"]
    assert "Stray" in updated["body"]
    assert (updated["state"], closed["state"]) == ("open", "closed")
    assert "again" in road.comments()[0]
    number = opened["number"]
    assert road.calls("POST", "PATCH") == [
        f"POST {ISSUES}",
        f"PATCH {ISSUES}/{number}",
        f"POST {ISSUES}/{number}/comments",
        f"PATCH {ISSUES}/{number}",
    ]


def test_without_drift_nothing_is_written(road: Road, sandbox: Sandbox) -> None:
    sandbox.add_group("Newsletter")
    road.write("groups: [Newsletter]\n")

    done = road.look_for_drift()

    assert done.result == "success"
    assert road.calls("POST", "PATCH") == []


def test_a_refused_plan_is_drift(road: Road, sandbox: Sandbox) -> None:
    sandbox.add_group("Customers", contacts=5)
    road.write("groups: [Newsletter]\n")

    done = road.look_for_drift()

    (issue,) = road.state()["issues"]
    assert done.result == "success"
    assert "contacts-lost" in issue["body"]


def test_an_issue_that_was_closed_is_left_and_a_new_one_opened(road: Road) -> None:
    road.write("groups: [Newsletter]\n")
    road.look_for_drift()
    with road.editing() as state:
        state["issues"][0]["state"] = "closed"

    road.look_for_drift()

    assert [issue["state"] for issue in road.state()["issues"]] == ["closed", "open"]


def test_an_issue_of_somebody_else_is_left_alone(road: Road) -> None:
    road.write("groups: [Newsletter]\n")
    road.look_for_drift()
    (own,) = road.state()["issues"]
    other = {**make_comment(own["body"]), "number": 5, "state": "open"}
    empty = {**own, "number": 6, "body": None}
    with road.editing() as state:
        state["issues"] = [other, empty, own]

    done = road.look_for_drift()

    assert done.result == "success"
    assert road.state()["issues"][:2] == [other, empty]
    assert road.calls("POST", "PATCH") == [f"POST {ISSUES}", f"PATCH {ISSUES}/{own['number']}"]


def test_what_could_not_be_looked_at_is_no_drift_but_a_failure(road: Road, sandbox: Sandbox) -> None:
    road.write("groups: [Newsletter]\n")
    sandbox.fail_next("GET", status=403)

    done = road.look_for_drift()

    assert done.result == "failure"
    assert road.calls("POST", "PATCH") == []
