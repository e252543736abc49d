"""examples/ci/github/drift.yml keeps one issue open while there is drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ci.conftest import make_comment

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.ci.conftest import GitHubProject

ISSUES = "repos/acme/phonebook/issues"


def test_drift_opens_one_issue_updates_it_and_closes_it_in_the_end(
    project: GitHubProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    project.write("groups: [Newsletter]\n")

    first = project.check_drift()
    (opened,) = project.state()["issues"]
    stray = sandbox.add_group("Stray")
    second = project.check_drift()
    (updated,) = project.state()["issues"]
    sandbox.delete_group(stray)
    sandbox.add_group("Newsletter")
    third = project.check_drift()

    (closed,) = project.state()["issues"]
    assert [run.result for run in (first, second, third)] == ["success"] * 3
    assert opened["title"].startswith("Phonebook drift: acc-")
    assert len(pages := [*tmp_path.rglob("artifacts/groupsync-page/plan.html")]) == 3
    assert all("<h1>" in page.read_text(encoding="utf-8") for page in pages)
    assert opened["body"].startswith("<!-- groupsync drift account=acc-")
    assert "Stray" not in opened["body"]
    assert "Stray" in updated["body"]
    assert (updated["state"], closed["state"]) == ("open", "closed")
    assert "again" in project.comments()[0]
    number = opened["number"]
    assert project.calls("POST", "PATCH") == [
        f"POST {ISSUES}",
        f"PATCH {ISSUES}/{number}",
        f"POST {ISSUES}/{number}/comments",
        f"PATCH {ISSUES}/{number}",
    ]


def test_without_drift_nothing_is_written(project: GitHubProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Newsletter")
    project.write("groups: [Newsletter]\n")

    done = project.check_drift()

    assert done.result == "success"
    assert project.calls("POST", "PATCH") == []


def test_a_refused_plan_is_drift(project: GitHubProject, sandbox: Sandbox) -> None:
    sandbox.add_group("Customers", contacts=5)
    project.write("groups: [Newsletter]\n")

    done = project.check_drift()

    (issue,) = project.state()["issues"]
    assert done.result == "success"
    assert "contacts-lost" in issue["body"]


def test_a_group_of_which_nothing_says_what_should_happen_to_it_is_drift(
    project: GitHubProject, sandbox: Sandbox
) -> None:
    sandbox.add_group("Newsletter")
    sandbox.add_group("Added in the dashboard", contacts=5)
    project.write("policy: {}\ngroups: [Newsletter]\n")

    done = project.check_drift()

    (issue,) = project.state()["issues"]
    assert done.result == "success"
    assert "unlisted: the configuration does not list 1 live group" in issue["body"]
    assert "Added in the dashboard" in issue["body"]
    assert project.calls("POST", "PATCH") == [f"POST {ISSUES}"]


def test_a_closed_issue_stays_closed_and_a_new_one_is_opened(project: GitHubProject) -> None:
    project.write("groups: [Newsletter]\n")
    project.check_drift()
    with project.editing() as state:
        state["issues"][0]["state"] = "closed"

    project.check_drift()

    assert [issue["state"] for issue in project.state()["issues"]] == ["closed", "open"]


def test_an_issue_of_somebody_else_is_not_changed(project: GitHubProject) -> None:
    project.write("groups: [Newsletter]\n")
    project.check_drift()
    (own,) = project.state()["issues"]
    other = {**make_comment(own["body"]), "number": 5, "state": "open"}
    empty = {**own, "number": 6, "body": None}
    with project.editing() as state:
        state["issues"] = [other, empty, own]

    done = project.check_drift()

    assert done.result == "success"
    assert project.state()["issues"][:2] == [other, empty]
    assert project.calls("POST", "PATCH") == [f"POST {ISSUES}", f"PATCH {ISSUES}/{own['number']}"]


def test_a_phonebook_that_cannot_be_read_is_a_failure_and_no_drift(project: GitHubProject, sandbox: Sandbox) -> None:
    project.write("groups: [Newsletter]\n")
    sandbox.fail_next("GET", status=403)

    done = project.check_drift()

    assert done.result == "failure"
    assert project.calls("POST", "PATCH") == []
