"""examples/ci/github/apply.yml: a reviewed plan is applied, any other waits for an approval."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from groupsync.cli.main import run
from tests.ci.conftest import make_comment
from tests.cli.conftest import count_writes

if TYPE_CHECKING:
    from pathlib import Path

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
    assert "Report of an apply: Complete" in read_report_page(jobs["apply"])
    assert jobs["plan"].outputs["approval"].endswith("+2")
    assert jobs["plan"].outputs["approval"].removesuffix("+2") in jobs["apply"].summary
    assert "These are the changes of pull request #7." in jobs["plan"].summary
    assert project.calls("PATCH", "DELETE") == []
    (backup,) = project.kept_backups.glob("Spring-sale.*.json")
    assert backup.stat().st_mode & 0o077 == 0


def read_report_page(job: JobRun) -> str:
    return (job.artifacts["groupsync-report"] / "report.html").read_text(encoding="utf-8")


def test_no_apply_loses_more_than_the_job_allows(project: GitHubProject, sandbox: Sandbox) -> None:
    """Whatever was approved: the limit of docs/ci.md is in the job."""
    sandbox.add_group("Sale", contacts=501)
    project.write("groups: [Newsletter]\nremoved: [{name: Sale, contacts_at_most: 501}]\n")
    assert project.push().result == "success"

    jobs = project.merge()

    assert (jobs["plan"].outputs["reviewed"], jobs["apply"].result) == ("true", "failure")
    assert "Check of a plan: Refused" in read_report_page(jobs["apply"])
    assert "GROUPSYNC_MAX_CONTACTS_LOST is 500" in jobs["apply"].summary + jobs["apply"].log
    assert count_writes(sandbox) == 0


def test_nothing_is_written_if_backups_cannot_be_kept(project: GitHubProject, sandbox: Sandbox) -> None:
    review(project, sandbox)
    (project.machine.repository / ".github" / "keep-backups").unlink()

    jobs = project.merge()

    assert jobs["apply"].result == "failure"
    assert ".github/keep-backups, which keeps their backups, is not an executable" in jobs["apply"].errors[0]
    assert count_writes(sandbox) == 0


def test_a_plan_without_deletions_needs_no_program_that_keeps_backups(project: GitHubProject, sandbox: Sandbox) -> None:
    sandbox.add_group("VIP", contacts=3)
    project.write("groups: [{name: VIP customers, previously: [VIP]}, Newsletter]\n")
    (project.machine.repository / ".github" / "keep-backups").unlink()
    assert project.push().result == "success"

    jobs = project.merge()

    assert (jobs["plan"].result, jobs["apply"].result) == ("success", "success")
    assert sandbox.names() == ["Newsletter", "VIP customers"]


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
    state["comments"].append({**own, "id": 2, "body": own["body"].replace("approval=sha256:", "approval=sha256:0")})


def move_marker(state: dict[str, Any]) -> None:
    state["comments"][0]["body"] = "Hello\n" + state["comments"][0]["body"]


def quote_marker(state: dict[str, Any]) -> None:
    """A plan with another approval, whose text contains the marker of this one."""
    body = state["comments"][0]["body"]
    state["comments"][0]["body"] = body.replace("approval=sha256:", "approval=sha256:0", 1) + body


def merge_elsewhere(state: dict[str, Any]) -> None:
    """The commit belongs to a pull request of another branch."""
    state["pulls"][0]["base"]["ref"] = "release"


def replace_counts(state: dict[str, Any], counts: str) -> None:
    body = state["comments"][0]["body"]
    state["comments"][0]["body"] = re.sub(r"^(<!-- .* approval=sha256:[0-9a-f]{64})\+2", rf"\1{counts}", body, count=1)


def approve_fewer_people(state: dict[str, Any]) -> None:
    replace_counts(state, "+1")


def approve_by_digest_alone(state: dict[str, Any]) -> None:
    replace_counts(state, "")


def approve_one_group_more(state: dict[str, Any]) -> None:
    replace_counts(state, "+2,2")


def approve_no_number(state: dict[str, Any]) -> None:
    replace_counts(state, "+nan")


def approve_a_negative_number(state: dict[str, Any]) -> None:
    replace_counts(state, "+-2")


def approve_in_other_digits(state: dict[str, Any]) -> None:
    replace_counts(state, "+\u0662")


def approve_more_than_can_be_counted(state: dict[str, Any]) -> None:
    replace_counts(state, "+1" + "0" * 400)


def approve_nothing(state: dict[str, Any]) -> None:
    """The comment says that no plan could be made."""
    body = state["comments"][0]["body"]
    state["comments"][0]["body"] = re.sub(r" approval=\S+", "", body, count=1)


def approve_another_account(state: dict[str, Any]) -> None:
    body = state["comments"][0]["body"]
    state["comments"][0]["body"] = re.sub(r"account=acc-[0-9a-f]{12}", "account=acc-000000000000", body, count=1)


def break_the_line(state: dict[str, Any]) -> None:
    """What a job writes to its outputs must stay one line."""
    body = state["comments"][0]["body"]
    state["comments"][0]["body"] = body.replace(" -->", "\rreviewed=true -->", 1)


def assert_waits(jobs: dict[str, JobRun]) -> None:
    assert jobs["plan"].result == "success"
    assert jobs["plan"].outputs["reviewed"] == "false"
    assert jobs["plan"].summary.startswith("<!-- groupsync plan account=")
    assert "This plan is not approved yet" in jobs["plan"].summary
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
    approve_fewer_people,
    approve_by_digest_alone,
    approve_one_group_more,
    approve_no_number,
    approve_a_negative_number,
    approve_in_other_digits,
    approve_more_than_can_be_counted,
    approve_nothing,
    approve_another_account,
    break_the_line,
)


def test_only_an_unedited_comment_of_the_bot_counts_as_reviewed(project: GitHubProject, sandbox: Sandbox) -> None:
    """One run, whose comparing step is run again after each change."""
    review(project, sandbox)
    project.push()  # the second push makes the bot edit its own comment
    job = project.merge()["plan"]
    before = project.state()
    own = job.outputs["approval"]

    for change in CHANGES:
        with project.editing() as state:
            state.update(json.loads(json.dumps(before)))
            change(state)
        assert job.again(COMPARE) == (True, {"reviewed": "false", "approval": own}), change.__name__
    with project.editing() as state:
        state.update(before)

    assert job.outputs["reviewed"] == "true"
    assert job.again(COMPARE) == (True, {"reviewed": "true", "approval": own})


OTHER = f"<!-- groupsync plan account=acc-000000000000 approval=sha256:{'0' * 64}+7 -->"


def test_one_comment_can_carry_the_approvals_of_many_accounts(project: GitHubProject, sandbox: Sandbox) -> None:
    """As `groupsync summary --format markdown` writes it. Only the lines at its top count."""
    review(project, sandbox)
    job = project.merge()["plan"]
    own = job.outputs["approval"]
    before = project.state()
    marker = before["comments"][0]["body"].split("\n")[0]
    bodies = {
        f"{OTHER}\n{marker}\n\n### Groups of all accounts\n": "true",
        f"{OTHER}\r\n{marker}\r\n\r\n### Groups of all accounts\r\n": "true",
        f"{marker}\n{OTHER}": "true",
        f"{OTHER}\n\n{marker}\n": "false",
        f"{OTHER}\n### Groups\n{marker}\n": "false",
        f"{marker}\n{OTHER}\n{marker}\n": "false",
        f"{marker} x\n{marker}\n": "false",
        f"{OTHER}\n{marker.replace(' -->', '')}\n": "false",
    }

    for body, reviewed in bodies.items():
        with project.editing() as state:
            state.update(json.loads(json.dumps(before)))
            state["comments"][0]["body"] = body
        assert job.again(COMPARE) == (True, {"reviewed": reviewed, "approval": own}), body


def test_the_comment_of_a_summary_is_one_of_them(project: GitHubProject, sandbox: Sandbox, tmp_path: Path) -> None:
    review(project, sandbox)
    job = project.merge()["plan"]
    (plan_file,) = tmp_path.rglob("artifacts/groupsync-plan/plan.json")
    assert run(("summary", str(plan_file), "--markdown", str(tmp_path / "summary.md")), {}) == 2

    with project.editing() as state:
        state["comments"][0]["body"] = f"{OTHER}\n{(tmp_path / 'summary.md').read_text(encoding='utf-8')}"

    assert job.again(COMPARE)[1]["reviewed"] == "true"


def test_an_approval_survives_one_person_fewer(project: GitHubProject, sandbox: Sandbox) -> None:
    review(project, sandbox)
    change_members(sandbox, "Spring sale", 1)

    jobs = project.merge()

    assert jobs["plan"].outputs["approval"].endswith("+2")
    assert (jobs["apply"].environment, jobs["apply"].result) == ("phonebook", "success")
    assert sandbox.names() == ["Newsletter", "VIP customers"]


def test_a_plan_waits_for_approval_when_a_group_has_one_person_more(project: GitHubProject, sandbox: Sandbox) -> None:
    """The configuration consents to it, but nobody has seen that number."""
    review(project, sandbox)
    project.write(
        "groups: [{name: VIP customers, previously: [VIP]}, Newsletter]\n"
        "removed: [{name: Spring sale, contacts_at_most: 9}]\n"
    )
    assert project.push().result == "success"
    change_members(sandbox, "Spring sale", 3)

    jobs = project.merge()

    assert_waits(jobs)
    assert jobs["plan"].outputs["approval"].endswith("+3")
    assert count_writes(sandbox) == 0


def test_a_plan_waits_for_approval_when_people_moved_between_approved_groups(
    project: GitHubProject, sandbox: Sandbox
) -> None:
    """As many people lose a group as was approved, but others do."""
    sandbox.add_group("One", contacts=5)
    sandbox.add_group("Two", contacts=5)
    project.write("groups: [A]\nremoved: [{name: One, contacts_at_most: 9}, {name: Two, contacts_at_most: 9}]\n")
    assert project.push().result == "success"
    change_members(sandbox, "One", 4)
    change_members(sandbox, "Two", 6)

    assert_waits(project.merge())


def test_an_approval_survives_another_merged_pull_request(project: GitHubProject, sandbox: Sandbox) -> None:
    """Its changes are applied already, and what remains is exactly what was reviewed here."""
    review(project, sandbox)
    sandbox.add_group("Partners")
    project.write(
        "policy: {max_deletes: 5}\ngroups: [{name: VIP customers, previously: [VIP]}, Newsletter, Partners]\n"
        "removed: [{name: Spring sale, contacts_at_most: 2}]\nprotected: [Partners]\n"
    )

    jobs = project.merge()

    assert (jobs["apply"].environment, jobs["apply"].result) == ("phonebook", "success")
    assert sandbox.names() == ["Newsletter", "Partners", "VIP customers"]


def test_a_plan_that_was_refused_in_the_pull_request_waits_for_approval(
    project: GitHubProject, sandbox: Sandbox
) -> None:
    """Nobody can have approved it, also if nothing refuses it any more."""
    group = sandbox.add_group("Sale", contacts=3)
    project.write("groups: [Newsletter]\n")
    assert project.push().result == "failure"
    sandbox.delete_group(group)
    sandbox.add_group("Sale", id=group)

    jobs = project.merge()

    assert_waits(jobs)
    assert sandbox.names() == ["Sale"]


def test_a_plan_with_too_many_deletions_for_the_marker_waits_for_approval(
    project: GitHubProject, sandbox: Sandbox
) -> None:
    """It is applied with its whole approval, although no comment can hold that."""
    for number in range(300):
        sandbox.add_group(f"Sale {number}")
    project.write("policy: {unlisted: delete, max_deletes: 300}\ngroups: [Newsletter]\n")
    assert project.push().result == "success"
    assert re.match(r"<!-- groupsync plan account=acc-[0-9a-f]{12} -->\n", project.comments()[0])

    jobs = project.merge()
    approved = project.merge(approve=lambda: True)

    assert_waits(jobs)
    assert approved["apply"].result == "success"
    assert sandbox.names() == ["Newsletter"]


def change_members(sandbox: Sandbox, name: str, contacts: int) -> None:
    """Give the group another number of members, and nothing else."""
    (group,) = (group for group in sandbox.groups() if group.name == name)
    sandbox.delete_group(group.id)
    sandbox.add_group(name, id=group.id, contacts=contacts)


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
    assert "Plan" not in jobs["plan"].ran
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


def test_failed_jobs_that_are_started_again_apply_the_rest_of_the_same_plan(
    project: GitHubProject, sandbox: Sandbox
) -> None:
    review(project, sandbox)
    sandbox.fail_next("PUT", status=400)
    first = project.merge()
    created = sandbox.names()
    sandbox.forget_requests()

    second = project.rerun_failed_jobs(first)

    assert (first["apply"].result, created) == ("failure", ["Newsletter", "Spring sale", "VIP"])
    assert second["plan"] is first["plan"]
    assert (second["apply"].environment, second["apply"].result) == ("phonebook", "success"), second["apply"].log
    assert sandbox.names() == ["Newsletter", "VIP customers"]
    assert (sandbox.requests("POST"), sandbox.requests("PUT")) == (0, 1)
    assert "2-2/Spring-sale." in second["apply"].summary
    assert len([*project.kept_backups.glob("Spring-sale.*.json")]) == 1


def test_a_change_between_the_two_attempts_makes_the_plan_stale(project: GitHubProject, sandbox: Sandbox) -> None:
    review(project, sandbox)
    sandbox.fail_next("PUT", status=400)
    first = project.merge()
    (sale,) = (group for group in sandbox.groups() if group.name == "Spring sale")
    sandbox.rename_group(sale.id, "Autumn sale")

    second = project.rerun_failed_jobs(first)

    assert second["apply"].result == "failure"
    assert "stale" in second["apply"].log
    assert "Autumn sale" in sandbox.names()


def test_failed_jobs_of_an_old_commit_are_refused(project: GitHubProject, sandbox: Sandbox) -> None:
    review(project, sandbox)
    sandbox.fail_next("PUT", status=400)
    first = project.merge()
    sandbox.forget_requests()

    second = project.rerun_failed_jobs(first, overtaken=True)

    assert second["apply"].result == "failure"
    assert "the run of that commit applies it" in second["apply"].errors[0]
    assert sandbox.log() == ()


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
    assert "the plan is not what was approved" in jobs["apply"].log
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
