"""examples/ci/gitlab: the comment on the merge request, and the plan that was approved there."""

from __future__ import annotations

import importlib.util
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.ci.conftest import make_blob
from tests.ci.fakes.gitlab_api import TOKEN, GitLab
from tests.ci.runner import ROOT
from tests.ci.test_gitlab import MERGE_REQUEST, GitLabProject, project  # noqa: F401 - a fixture
from tests.cli.conftest import count_writes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from groupsync.sandbox import Sandbox

CONFIG = (
    "groups: [{name: VIP customers, previously: [VIP]}, Newsletter]\n"
    "removed: [{name: Spring sale, contacts_at_most: 9}]\n"
)


@pytest.fixture
def gitlab(project: GitLabProject) -> Iterator[GitLab]:  # noqa: F811 - the fixture
    with GitLab() as gitlab:
        project.environ.update(
            CI_API_V4_URL=gitlab.url,
            CI_PROJECT_ID="1",
            CI_JOB_ID="42",
            CI_JOB_URL="https://gitlab.invalid/job",
            PHONEBOOK_TOKEN=TOKEN,
        )
        yield gitlab


class Road:
    """A merge request from its plan to the plan of the default branch."""

    def __init__(self, project: GitLabProject, gitlab: GitLab) -> None:  # noqa: F811 - no fixture here
        self.project, self.gitlab = project, gitlab
        self.pipeline: dict[str, str] = {}

    def plan(self, text: str) -> Any:
        self.pipeline = self.project.commit(text)
        sha = self.pipeline["CI_COMMIT_SHA"]
        refs = {"base_sha": "b" * 40, "start_sha": "b" * 40, "head_sha": sha}
        self.gitlab.merge_request = {"iid": 7, "sha": sha, "state": "opened", "diff_refs": refs}
        variables = {**self.pipeline, **MERGE_REQUEST, "CI_MERGE_REQUEST_IID": "7"}
        return self.project.run("plan", **variables)

    def merge(self) -> dict[str, str]:
        """Plan the default branch; return the variables that the job hands on."""
        self.gitlab.merge_request.update(
            state="merged", target_branch="main", merge_commit_sha=None, squash_commit_sha=None
        )
        planned = self.project.run("plan-to-apply", **self.pipeline)
        assert planned.returncode == 0, planned.stderr
        lines = (self.project.folder / "approval.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def apply(self, job: str) -> Any:
        return self.project.run(job, **self.pipeline)


@pytest.fixture
def road(project: GitLabProject, gitlab: GitLab, sandbox: Sandbox) -> Road:  # noqa: F811 - the fixture
    sandbox.add_group("VIP", contacts=3)
    sandbox.add_group("Spring sale", contacts=2)
    return Road(project, gitlab)


def test_the_plan_of_the_merge_request_is_commented_and_applied(road: Road, sandbox: Sandbox) -> None:
    for body in ("LGTM", "me too", "and me"):  # so that the comment is on the second page
        road.gitlab.add_note(body, 8)
    first = road.plan(CONFIG.replace("Newsletter", "News"))
    second = road.plan(CONFIG)

    (note,) = (note for note in road.gitlab.notes if note["author"]["id"] == 7)
    handed_on = road.merge()
    applied = road.apply("apply-reviewed")

    assert (first.returncode, second.returncode) == (0, 0), second.stderr
    assert note["body"].startswith("<!-- groupsync plan account=acc-")
    assert "Newsletter" in note["body"]
    assert handed_on["REVIEWED"] == "true"
    assert applied.returncode == 0, applied.stderr
    assert sandbox.names() == ["Newsletter", "VIP customers"]
    assert "42/Spring-sale." in (road.project.folder / "report.md").read_text()


def test_any_other_plan_waits_for_the_manual_job(road: Road, sandbox: Sandbox) -> None:
    road.plan(CONFIG)
    sandbox.add_group("Surprise")

    handed_on = road.merge()
    refused = road.apply("apply-reviewed")
    before = sandbox.names()
    applied = road.apply("apply")

    assert handed_on["REVIEWED"] == "false"
    assert refused.returncode == 75
    assert before == ["Spring sale", "Surprise", "VIP"]
    assert applied.returncode == 0, applied.stderr
    assert sandbox.names() == ["Newsletter", "VIP customers"]


def edit(gitlab: GitLab) -> None:
    gitlab.notes[0]["updated_at"] = "2026-11-24T12:00:00.000Z"


def delete(gitlab: GitLab) -> None:
    gitlab.notes.clear()


def forge(gitlab: GitLab) -> None:
    gitlab.notes[0]["author"]["id"] = 8


def add_second(gitlab: GitLab) -> None:
    gitlab.add_note(gitlab.notes[0]["body"], 7)


def move_marker(gitlab: GitLab) -> None:
    gitlab.notes[0]["body"] = f"Hello\n{gitlab.notes[0]['body']}"


def approve_fewer(gitlab: GitLab) -> None:
    gitlab.notes[0]["body"] = gitlab.notes[0]["body"].replace("+2 -->", "+1 -->")


def approve_no_number(gitlab: GitLab) -> None:
    gitlab.notes[0]["body"] = gitlab.notes[0]["body"].replace("+2 -->", "+9\u0662 -->")


def approve_one_group_more(gitlab: GitLab) -> None:
    gitlab.notes[0]["body"] = gitlab.notes[0]["body"].replace("+2 -->", "+2,2 -->")


def approve_another_account(gitlab: GitLab) -> None:
    gitlab.notes[0]["body"] = re.sub(r"acc-[0-9a-f]{12}", "acc-000000000000", gitlab.notes[0]["body"])


def merge_elsewhere(gitlab: GitLab) -> None:
    gitlab.merge_request["target_branch"] = "other"


def not_merged(gitlab: GitLab) -> None:
    gitlab.merge_request["state"] = "closed"


CHANGES: tuple[Callable[[GitLab], None], ...] = (
    edit,
    delete,
    forge,
    add_second,
    move_marker,
    approve_fewer,
    approve_no_number,
    approve_one_group_more,
    approve_another_account,
    merge_elsewhere,
    not_merged,
)


def test_only_an_unedited_comment_of_the_token_counts(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program runs in this process: one plan, and the answer after each change."""
    road.plan(CONFIG)
    assert road.merge()["REVIEWED"] == "true"
    monkeypatch.syspath_prepend(ROOT / "action")
    spec = importlib.util.spec_from_file_location("gitlab", ROOT / "action" / "gitlab.py")
    assert spec
    assert spec.loader
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    for name, value in {**road.project.environ, **road.pipeline}.items():
        monkeypatch.setenv(name, value)
    plan = json.loads((road.project.folder / "plan.json").read_text())
    saved = json.dumps([road.gitlab.notes, road.gitlab.merge_request])

    for change in CHANGES:
        change(road.gitlab)
        assert program.find_approval(plan) == "", change.__name__
        road.gitlab.notes, road.gitlab.merge_request = json.loads(saved)

    assert program.find_approval(plan).endswith("+2")


def test_an_error_replaces_the_plan_of_an_earlier_commit(road: Road) -> None:
    road.plan(CONFIG)

    done = road.plan("groups: [NO\n")

    (note,) = road.gitlab.notes
    assert done.returncode == 1
    assert "### No plan could be made" in note["body"]
    assert "Newsletter" not in note["body"]


def test_a_pipeline_of_an_old_commit_writes_no_comment(road: Road) -> None:
    road.plan(CONFIG)
    before = list(road.gitlab.notes)
    variables = {**road.pipeline, **MERGE_REQUEST, "CI_MERGE_REQUEST_IID": "7"}
    road.gitlab.merge_request["sha"] = "a" * 40

    done = road.project.run("plan", **variables)

    assert done.returncode == 1
    assert "the pipeline of that commit writes the comment" in done.stderr
    assert road.gitlab.notes == before


def test_without_a_token_there_is_no_comment_and_no_plan_is_approved(road: Road, sandbox: Sandbox) -> None:
    del road.project.environ["PHONEBOOK_TOKEN"]

    planned = road.plan(CONFIG)
    handed_on = road.merge()

    assert planned.returncode == 0
    assert handed_on["REVIEWED"] == "false"
    assert road.gitlab.calls == []
    assert count_writes(sandbox) == 0


def test_a_token_that_is_not_valid_fails_the_job(road: Road, sandbox: Sandbox) -> None:
    road.project.environ["PHONEBOOK_TOKEN"] = "wrong"

    assert road.plan(CONFIG).returncode != 0
    assert count_writes(sandbox) == 0


def test_a_suggestion_is_at_its_line_and_turns_the_plan_into_a_rename(road: Road) -> None:
    file = road.project.folder / "groups.yaml"
    text = "policy: {unlisted: delete}\ngroups:\n  - VIP customers # since 2019\n  - Spring sale\n"
    patch = "@@ -4,2 +4,2 @@\n-  - VIP # since 2019\n+  - VIP customers # since 2019\n   - Spring sale\n"
    road.gitlab.diffs = [{"new_path": "groups.yaml", "old_path": "groups.yaml", "diff": patch}]
    road.gitlab.blobs = {"groups.yaml": make_blob(f"version: 1\n{text}")}

    refused = road.plan(text)
    ((suggestion,),) = (one["notes"] for one in road.gitlab.discussions)
    found = re.search(r"^```suggestion:-0\+0\n(.*?)^```$", suggestion["body"], flags=re.DOTALL | re.MULTILINE)
    assert found
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[suggestion["position"]["new_line"] - 1] = found[1]
    fixed = road.plan("".join(lines).removeprefix("version: 1\n"))

    assert refused.returncode == 3
    assert suggestion["position"]["head_sha"] != road.pipeline["CI_COMMIT_SHA"]
    assert fixed.returncode == 0, fixed.stderr
    assert "1 to rename" in fixed.stdout
    assert road.gitlab.discussions == [], "the suggestion of the earlier commit is gone"


def test_without_a_plan_the_suggestions_of_an_earlier_commit_are_deleted(road: Road) -> None:
    suggest_a_rename(road)
    assert len(road.gitlab.discussions) == 1
    of_somebody = road.gitlab.add_discussion({"body": road.gitlab.discussions[0]["notes"][0]["body"]})
    of_somebody["notes"][0]["author"]["id"] = 8

    done = road.plan("groups: [NO\n")

    assert done.returncode == 1
    assert road.gitlab.discussions == [of_somebody]


def test_a_failure_to_delete_suggestions_fails_no_comment(road: Road) -> None:
    suggest_a_rename(road)
    road.gitlab.refused = "DELETE /projects/1/merge_requests/7/discussions/"

    failed = road.plan("groups: [NO\n")
    note = road.gitlab.notes[0]["body"]
    planned = road.plan(CONFIG)

    assert (failed.returncode, planned.returncode) == (1, 0), planned.stderr
    assert "### No plan could be made" in note
    assert "Newsletter" in road.gitlab.notes[0]["body"]
    assert "The suggestions could not be shown at their lines." in failed.stderr
    assert len(road.gitlab.discussions) == 1


def suggest_a_rename(road: Road) -> None:
    """Plan a merge request whose rename is suggested at its line."""
    text = "policy: {unlisted: delete}\ngroups:\n  - VIP customers\n  - Spring sale\n"
    patch = "@@ -4,2 +4,2 @@\n-  - VIP\n+  - VIP customers\n   - Spring sale\n"
    road.gitlab.diffs = [{"new_path": "groups.yaml", "old_path": "groups.yaml", "diff": patch}]
    road.gitlab.blobs = {"groups.yaml": make_blob(f"version: 1\n{text}")}
    road.plan(text)


def test_a_suggestion_for_another_file_than_that_of_the_head_is_left_out(road: Road) -> None:
    text = "policy: {unlisted: delete}\ngroups:\n  - VIP customers\n  - Spring sale\n"
    patch = "@@ -4,2 +4,2 @@\n-  - VIP\n+  - VIP customers\n   - Spring sale\n"
    road.gitlab.diffs = [{"new_path": "groups.yaml", "old_path": "groups.yaml", "diff": patch}]
    road.gitlab.blobs = {"groups.yaml": "0" * 40}

    refused = road.plan(text)

    assert refused.returncode == 3
    assert "could not be shown" not in refused.stderr
    assert road.gitlab.discussions == []
