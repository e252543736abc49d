"""Runs of pull requests, told by the variables that CI systems set, and runs that are none in spite of some of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from groupsync.environment.policy import load_run_policy
from groupsync.environment.pull_requests import CI_SYSTEMS, CISystem, find_pull_request
from groupsync.model.account import make_target

PAGE = Path(__file__).parents[2] / "docs" / "ci.md"
SHA = "5c88526e2f1d4d8f9a0b7c6d5e4f3a2b1c0d9e8f"


@dataclass(frozen=True, kw_only=True)
class Case:
    """The environments of one system, each without what is the same in all of them (`base`).

    `runs` are those of pull requests, with the variable that shows it; `others` are none.
    """

    base: dict[str, str]
    runs: dict[str, tuple[dict[str, str], str]]
    others: dict[str, dict[str, str]]


CASES = {
    "GitHub Actions": Case(
        base={
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "acme/groups",
            "GITHUB_RUN_ID": "7261847302",
            "GITHUB_SHA": SHA,
            "GITHUB_HEAD_REF": "",
            "GITHUB_BASE_REF": "",
        },
        runs={
            "a pull request": (
                {
                    "GITHUB_EVENT_NAME": "pull_request",
                    "GITHUB_REF": "refs/pull/7/merge",
                    "GITHUB_REF_NAME": "7/merge",
                    "GITHUB_HEAD_REF": "new-groups",
                    "GITHUB_BASE_REF": "main",
                },
                "GITHUB_EVENT_NAME is pull_request",
            ),
            "one from main": (
                {
                    "GITHUB_EVENT_NAME": "pull_request",
                    "GITHUB_REF": "refs/pull/8/merge",
                    "GITHUB_HEAD_REF": "main",
                    "GITHUB_BASE_REF": "production",
                },
                "GITHUB_EVENT_NAME is pull_request",
            ),
            "pull_request_target": (
                {
                    "GITHUB_EVENT_NAME": "pull_request_target",
                    "GITHUB_REF": "refs/heads/main",
                    "GITHUB_HEAD_REF": "new-groups",
                    "GITHUB_BASE_REF": "main",
                },
                "GITHUB_EVENT_NAME is pull_request_target",
            ),
            "one on a branch that it does not target": (
                {
                    "GITHUB_EVENT_NAME": "pull_request",
                    "GITHUB_REF": "refs/heads/new-groups",
                    "GITHUB_HEAD_REF": "new-groups",
                    "GITHUB_BASE_REF": "main",
                },
                "GITHUB_EVENT_NAME is pull_request",
            ),
            "a review": (
                {"GITHUB_EVENT_NAME": "pull_request_review", "GITHUB_REF": "refs/pull/7/merge"},
                "GITHUB_EVENT_NAME is pull_request_review",
            ),
            "a merge queue": (
                {"GITHUB_EVENT_NAME": "merge_group", "GITHUB_REF": "refs/heads/gh-readonly-queue/main/pr-7-5c88526e"},
                "GITHUB_EVENT_NAME is merge_group",
            ),
            "a container without the event": ({"GITHUB_HEAD_REF": "new-groups"}, "GITHUB_HEAD_REF is new-groups"),
        },
        others={
            "a branch": {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/new-groups"},
            "after the merge": {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main"},
            "the event of the merge": {
                "GITHUB_EVENT_NAME": "pull_request",
                "GITHUB_REF": "refs/heads/main",
                "GITHUB_HEAD_REF": "new-groups",
                "GITHUB_BASE_REF": "main",
            },
            "main while a pull request from it is open": {
                "GITHUB_EVENT_NAME": "push",
                "GITHUB_REF": "refs/heads/main",
                "GITHUB_REF_NAME": "main",
            },
            "by hand": {"GITHUB_EVENT_NAME": "workflow_dispatch", "GITHUB_REF": "refs/heads/main"},
            "by time": {"GITHUB_EVENT_NAME": "schedule", "GITHUB_REF": "refs/heads/main"},
        },
    ),
    "GitLab": Case(
        base={"CI": "true", "GITLAB_CI": "true", "CI_PIPELINE_ID": "9912", "CI_COMMIT_SHA": SHA},
        runs={
            "a merge request": (
                {
                    "CI_PIPELINE_SOURCE": "merge_request_event",
                    "CI_MERGE_REQUEST_IID": "7",
                    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "new-groups",
                    "CI_COMMIT_REF_NAME": "new-groups",
                },
                "CI_PIPELINE_SOURCE is merge_request_event",
            ),
            "its child pipeline": (
                {"CI_PIPELINE_SOURCE": "parent_pipeline", "CI_MERGE_REQUEST_IID": "7"},
                "CI_MERGE_REQUEST_IID is 7",
            ),
            "a pull request on GitHub": (
                {
                    "CI_PIPELINE_SOURCE": "external_pull_request_event",
                    "CI_EXTERNAL_PULL_REQUEST_IID": "7",
                    "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME": "new-groups",
                },
                "CI_PIPELINE_SOURCE is external_pull_request_event",
            ),
            "the child pipeline of that": (
                {"CI_PIPELINE_SOURCE": "parent_pipeline", "CI_EXTERNAL_PULL_REQUEST_IID": "7"},
                "CI_EXTERNAL_PULL_REQUEST_IID is 7",
            ),
        },
        others={
            "a branch with an open merge request": {
                "CI_PIPELINE_SOURCE": "push",
                "CI_COMMIT_BRANCH": "new-groups",
                "CI_OPEN_MERGE_REQUESTS": "acme/groups!7",
            },
            "after the merge": {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main"},
            "main while a merge request from it is open": {
                "CI_PIPELINE_SOURCE": "push",
                "CI_COMMIT_BRANCH": "main",
                "CI_OPEN_MERGE_REQUESTS": "acme/groups!8",
            },
            "by time": {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main"},
        },
    ),
    "Azure Pipelines": Case(
        base={"TF_BUILD": "True", "BUILD_BUILDID": "4711", "BUILD_SOURCEVERSION": SHA},
        runs={
            "a pull request": (
                {
                    "BUILD_REASON": "PullRequest",
                    "BUILD_SOURCEBRANCH": "refs/pull/7/merge",
                    "SYSTEM_PULLREQUEST_PULLREQUESTID": "7",
                    "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/new-groups",
                },
                "BUILD_REASON is PullRequest",
            ),
            "one that was started again by hand": (
                {"BUILD_REASON": "Manual", "BUILD_SOURCEBRANCH": "refs/pull/7/merge"},
                "BUILD_SOURCEBRANCH is refs/pull/7/merge",
            ),
            "a container with its id": (
                {"SYSTEM_PULLREQUEST_PULLREQUESTID": "7"},
                "SYSTEM_PULLREQUEST_PULLREQUESTID is 7",
            ),
            "a container with its number": (
                {"SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "7"},
                "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER is 7",
            ),
        },
        others={
            "a branch": {"BUILD_REASON": "IndividualCI", "BUILD_SOURCEBRANCH": "refs/heads/new-groups"},
            "after the merge": {"BUILD_REASON": "IndividualCI", "BUILD_SOURCEBRANCH": "refs/heads/main"},
            "main while a pull request from it is open": {
                "BUILD_REASON": "BatchedCI",
                "BUILD_SOURCEBRANCH": "refs/heads/main",
                "SYSTEM_PULLREQUEST_PULLREQUESTID": "$(System.PullRequest.PullRequestId)",
            },
            "by time": {"BUILD_REASON": "Schedule", "BUILD_SOURCEBRANCH": "refs/heads/main"},
        },
    ),
    "Bitbucket Pipelines": Case(
        base={"CI": "true", "BITBUCKET_BUILD_NUMBER": "31", "BITBUCKET_COMMIT": SHA, "BITBUCKET_WORKSPACE": "acme"},
        runs={
            "a pull request": (
                {
                    "BITBUCKET_PR_ID": "7",
                    "BITBUCKET_BRANCH": "new-groups",
                    "BITBUCKET_PR_DESTINATION_BRANCH": "main",
                },
                "BITBUCKET_PR_ID is 7",
            ),
        },
        others={
            "a branch": {"BITBUCKET_BRANCH": "new-groups"},
            "after the merge": {"BITBUCKET_BRANCH": "main"},
            "main while a pull request from it is open": {"BITBUCKET_BRANCH": "main", "BITBUCKET_PR_ID": ""},
        },
    ),
    "CircleCI": Case(
        base={"CI": "true", "CIRCLECI": "true", "CIRCLE_BUILD_NUM": "12", "CIRCLE_SHA1": SHA},
        runs={
            "a branch with an open pull request": (
                {
                    "CIRCLE_BRANCH": "new-groups",
                    "CIRCLE_PULL_REQUEST": "https://github.com/acme/groups/pull/7",
                },
                "CIRCLE_PULL_REQUEST is https://github.com/acme/groups/pull/7",
            ),
            "a fork": (
                {
                    "CIRCLE_BRANCH": "pull/7",
                    "CIRCLE_PR_NUMBER": "7",
                    "CIRCLE_PR_USERNAME": "stranger",
                    "CIRCLE_PULL_REQUEST": "https://github.com/acme/groups/pull/7",
                },
                "CIRCLE_PR_NUMBER is 7",
            ),
            "the main branch of a fork": (
                {
                    "CIRCLE_BRANCH": "main",
                    "CIRCLE_PR_USERNAME": "stranger",
                    "CIRCLE_PULL_REQUEST": "https://github.com/acme/groups/pull/7",
                },
                "CIRCLE_PULL_REQUEST is https://github.com/acme/groups/pull/7",
            ),
            "a container with the branch": ({"CIRCLE_BRANCH": "pull/7"}, "CIRCLE_BRANCH is pull/7"),
        },
        others={
            "a branch": {"CIRCLE_BRANCH": "new-groups"},
            "after the merge": {"CIRCLE_BRANCH": "main"},
            "main while a pull request from it is open": {
                "CIRCLE_BRANCH": "main",
                "CIRCLE_PULL_REQUEST": "https://github.com/acme/groups/pull/8",
            },
            "master while a pull request from it is open": {
                "CIRCLE_BRANCH": "master",
                "CIRCLE_PULL_REQUEST": "https://github.com/acme/groups/pull/8",
            },
        },
    ),
    "Jenkins": Case(
        base={
            "BUILD_NUMBER": "12",
            "BUILD_TAG": "jenkins-groups-main-12",
            "GIT_COMMIT": SHA,
            "JENKINS_URL": "https://jenkins.example/",
        },
        runs={
            "a pull request": (
                {
                    "BRANCH_NAME": "PR-7",
                    "CHANGE_ID": "7",
                    "CHANGE_TARGET": "main",
                    "CHANGE_BRANCH": "new-groups",
                    "CHANGE_URL": "https://github.com/acme/groups/pull/7",
                },
                "CHANGE_ID is 7",
            ),
            "a container with its number": ({"CHANGE_ID": "7", "JENKINS_URL": ""}, "CHANGE_ID is 7"),
            "a change with another name": (
                {"CHANGE_ID": "I3f0d6f9b", "CHANGE_TARGET": "main"},
                "CHANGE_ID is I3f0d6f9b",
            ),
        },
        others={
            "a branch": {"BRANCH_NAME": "new-groups", "GIT_BRANCH": "origin/new-groups"},
            "after the merge": {"BRANCH_NAME": "main", "BRANCH_IS_PRIMARY": "true"},
            "main while a pull request from it is open": {"BRANCH_NAME": "main", "GIT_BRANCH": "origin/main"},
            "main with a ticket": {"BRANCH_NAME": "main", "CHANGE_ID": "CHG0031337"},
            "main with the number of a ticket": {
                "BRANCH_NAME": "main",
                "BRANCH_IS_PRIMARY": "true",
                "CHANGE_ID": "31337",
            },
        },
    ),
    "Buildkite": Case(
        base={
            "CI": "true",
            "BUILDKITE": "true",
            "BUILDKITE_COMMIT": SHA,
            "BUILDKITE_REPO": "git@github.com:acme/groups.git",
            "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "trunk",
            "BUILDKITE_PULL_REQUEST": "false",
            "BUILDKITE_PULL_REQUEST_REPO": "",
            "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "",
        },
        runs={
            "a pull request": (
                {
                    "BUILDKITE_BRANCH": "new-groups",
                    "BUILDKITE_PULL_REQUEST": "7",
                    "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "trunk",
                    "BUILDKITE_PULL_REQUEST_REPO": "https://github.com/acme/groups.git",
                },
                "BUILDKITE_PULL_REQUEST is 7",
            ),
            "the default branch of a fork": (
                {
                    "BUILDKITE_BRANCH": "trunk",
                    "BUILDKITE_PULL_REQUEST": "7",
                    "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "trunk",
                    "BUILDKITE_PULL_REQUEST_REPO": "git://github.com/stranger/groups.git",
                },
                "BUILDKITE_PULL_REQUEST is 7",
            ),
            "a merge queue": (
                {
                    "BUILDKITE_BRANCH": "gh-readonly-queue/trunk/pr-7-5c88526e",
                    "BUILDKITE_MERGE_QUEUE_BASE_BRANCH": "trunk",
                },
                "BUILDKITE_MERGE_QUEUE_BASE_BRANCH is trunk",
            ),
            "a container without branches": (
                {"BUILDKITE_PULL_REQUEST": "7", "BUILDKITE_PIPELINE_DEFAULT_BRANCH": ""},
                "BUILDKITE_PULL_REQUEST is 7",
            ),
        },
        others={
            "a branch": {"BUILDKITE_BRANCH": "new-groups"},
            "after the merge": {"BUILDKITE_BRANCH": "trunk"},
            "main while a pull request from it is open": {
                "BUILDKITE_BRANCH": "trunk",
                "BUILDKITE_PULL_REQUEST": "8",
                "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "production",
                "BUILDKITE_PULL_REQUEST_REPO": "git://github.com/acme/groups.git",
            },
        },
    ),
    "Drone": Case(
        base={"CI": "true", "DRONE": "true", "DRONE_BUILD_NUMBER": "12", "DRONE_COMMIT_SHA": SHA},
        runs={
            "a pull request": (
                {
                    "DRONE_BUILD_EVENT": "pull_request",
                    "DRONE_PULL_REQUEST": "7",
                    "DRONE_COMMIT_REF": "refs/pull/7/head",
                    "DRONE_BRANCH": "main",
                },
                "DRONE_BUILD_EVENT is pull_request",
            ),
            "a container with its number": ({"DRONE_PULL_REQUEST": "7"}, "DRONE_PULL_REQUEST is 7"),
        },
        others={
            "a branch": {"DRONE_BUILD_EVENT": "push", "DRONE_BRANCH": "new-groups"},
            "after the merge": {"DRONE_BUILD_EVENT": "push", "DRONE_BRANCH": "main"},
            "main while a pull request from it is open": {
                "DRONE_BUILD_EVENT": "push",
                "DRONE_BRANCH": "main",
                "DRONE_PULL_REQUEST": "",
            },
            "by time": {"DRONE_BUILD_EVENT": "cron", "DRONE_BRANCH": "main"},
        },
    ),
    "Woodpecker": Case(
        base={"CI": "woodpecker", "CI_SYSTEM_NAME": "woodpecker", "CI_COMMIT_SHA": SHA},
        runs={
            "a pull request": (
                {"CI_PIPELINE_EVENT": "pull_request", "CI_COMMIT_PULL_REQUEST": "7", "CI_COMMIT_BRANCH": "main"},
                "CI_PIPELINE_EVENT is pull_request",
            ),
            "one that was closed, or merged": (
                {"CI_PIPELINE_EVENT": "pull_request_closed", "CI_COMMIT_PULL_REQUEST": "7"},
                "CI_PIPELINE_EVENT is pull_request_closed",
            ),
            "a container with its number": (
                {"CI": "true", "CI_COMMIT_PULL_REQUEST": "7"},
                "CI_COMMIT_PULL_REQUEST is 7",
            ),
        },
        others={
            "a branch": {"CI_PIPELINE_EVENT": "push", "CI_COMMIT_BRANCH": "new-groups"},
            "after the merge": {"CI_PIPELINE_EVENT": "push", "CI_COMMIT_BRANCH": "main"},
            "main while a pull request from it is open": {
                "CI_PIPELINE_EVENT": "push",
                "CI_COMMIT_BRANCH": "main",
                "CI_COMMIT_PULL_REQUEST": "",
            },
        },
    ),
    "Travis CI": Case(
        base={"CI": "true", "TRAVIS": "true", "TRAVIS_COMMIT": SHA, "TRAVIS_PULL_REQUEST": "false"},
        runs={
            "a pull request": (
                {
                    "TRAVIS_PULL_REQUEST": "7",
                    "TRAVIS_EVENT_TYPE": "pull_request",
                    "TRAVIS_BRANCH": "main",
                    "TRAVIS_PULL_REQUEST_BRANCH": "new-groups",
                },
                "TRAVIS_PULL_REQUEST is 7",
            ),
            "a container with the event": (
                {"TRAVIS_PULL_REQUEST": "", "TRAVIS_EVENT_TYPE": "pull_request"},
                "TRAVIS_EVENT_TYPE is pull_request",
            ),
        },
        others={
            "a branch": {"TRAVIS_EVENT_TYPE": "push", "TRAVIS_BRANCH": "new-groups"},
            "after the merge": {"TRAVIS_EVENT_TYPE": "push", "TRAVIS_BRANCH": "main"},
            "main while a pull request from it is open": {
                "TRAVIS_EVENT_TYPE": "push",
                "TRAVIS_BRANCH": "main",
                "TRAVIS_PULL_REQUEST_BRANCH": "",
            },
            "by time": {"TRAVIS_EVENT_TYPE": "cron", "TRAVIS_BRANCH": "main"},
        },
    ),
    "AWS CodeBuild": Case(
        base={"CODEBUILD_BUILD_ID": "groups:b1e6661e", "CODEBUILD_RESOLVED_SOURCE_VERSION": SHA},
        runs={
            "a pull request": (
                {
                    "CODEBUILD_WEBHOOK_EVENT": "PULL_REQUEST_CREATED",
                    "CODEBUILD_WEBHOOK_TRIGGER": "pr/7",
                    "CODEBUILD_SOURCE_VERSION": "pr/7",
                    "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/new-groups",
                },
                "CODEBUILD_WEBHOOK_EVENT is PULL_REQUEST_CREATED",
            ),
            "one that was closed without a merge": (
                {"CODEBUILD_WEBHOOK_EVENT": "PULL_REQUEST_CLOSED", "CODEBUILD_WEBHOOK_TRIGGER": "pr/7"},
                "CODEBUILD_WEBHOOK_EVENT is PULL_REQUEST_CLOSED",
            ),
            "a container with the trigger": (
                {"CODEBUILD_WEBHOOK_TRIGGER": "pr/7"},
                "CODEBUILD_WEBHOOK_TRIGGER is pr/7",
            ),
            "by hand": ({"CODEBUILD_SOURCE_VERSION": "pr/7"}, "CODEBUILD_SOURCE_VERSION is pr/7"),
        },
        others={
            "a branch": {"CODEBUILD_WEBHOOK_EVENT": "PUSH", "CODEBUILD_WEBHOOK_TRIGGER": "branch/new-groups"},
            "after the merge": {
                "CODEBUILD_WEBHOOK_EVENT": "PUSH",
                "CODEBUILD_WEBHOOK_TRIGGER": "branch/main",
                "CODEBUILD_SOURCE_VERSION": SHA,
            },
            "the event of the merge": {
                "CODEBUILD_WEBHOOK_EVENT": "PULL_REQUEST_MERGED",
                "CODEBUILD_WEBHOOK_TRIGGER": "pr/7",
                "CODEBUILD_SOURCE_VERSION": "pr/7",
            },
            "main while a pull request from it is open": {
                "CODEBUILD_WEBHOOK_EVENT": "PUSH",
                "CODEBUILD_WEBHOOK_TRIGGER": "branch/main",
                "CODEBUILD_WEBHOOK_HEAD_REF": "refs/heads/main",
            },
        },
    ),
}
RUNS = [
    pytest.param(case.base | variables, why, id=f"{name}: {run}")
    for name, case in CASES.items()
    for run, (variables, why) in case.runs.items()
]
OTHERS = [
    pytest.param(case.base | variables, id=f"{name}: {other}")
    for name, case in CASES.items()
    for other, variables in case.others.items()
]
ITS_OWN_MARKER = {
    "GITHUB_EVENT_NAME": ("pull_request", "pull_request_target", "pull_request_review", "merge_group"),
    "CI_PIPELINE_SOURCE": ("merge_request_event",),
    "CI_MERGE_REQUEST_IID": ("7",),
}


@pytest.mark.parametrize(("environ", "why"), RUNS)
def test_the_run_of_a_pull_request_is_recognised(environ: dict[str, str], why: str) -> None:
    assert find_pull_request(environ) == why


@pytest.mark.parametrize("environ", OTHERS)
def test_other_runs_are_none_of_a_pull_request(environ: dict[str, str]) -> None:
    assert find_pull_request(environ) == ""


@pytest.mark.parametrize("system", CI_SYSTEMS, ids=lambda system: system.name)
def test_every_sign_has_a_run_and_every_system_three_runs_that_are_none(system: CISystem) -> None:
    case = CASES[system.name]
    shown = {why.partition(" is ")[0] for _variables, why in case.runs.values()}

    assert shown == {sign.variable for sign in system.signs}
    assert len(case.others) >= 3
    assert {"after the merge"} <= set(case.others)
    assert any(other.startswith("a branch") for other in case.others)
    assert any(other.endswith("from it is open") for other in case.others)


@pytest.mark.parametrize(
    ("system", "environ"),
    [
        pytest.param(system, CASES[system.name].base | variables, id=f"{system.name}: {run}")
        for system in CI_SYSTEMS
        for run, (variables, _why) in CASES[system.name].runs.items()
    ],
)
def test_without_the_marker_of_the_system_nothing_is_recognised(system: CISystem, environ: dict[str, str]) -> None:
    """Except by a variable that no other program sets."""
    markers = {marker.variable for marker in system.markers}
    unmarked = {name: value for name, value in environ.items() if name not in markers}
    is_certain = any(unmarked.get(name) in values for name, values in ITS_OWN_MARKER.items())

    assert (find_pull_request(unmarked) != "") is is_certain
    assert (find_pull_request(unmarked | dict.fromkeys(markers, "false")) != "") is is_certain


@pytest.mark.parametrize("system", CI_SYSTEMS, ids=lambda system: system.name)
@pytest.mark.parametrize("value", ["", " ", "false", "False"])
def test_a_variable_that_says_no_counts_as_absent(system: CISystem, value: str) -> None:
    signs = {sign.variable: value for sign in system.signs}

    assert find_pull_request(CASES[system.name].base | signs) == ""


def test_a_variable_without_its_system_is_something_else() -> None:
    assert find_pull_request({"CHANGE_ID": "7", "CHANGE_TARGET": "production"}) == ""
    assert find_pull_request({"CI": "true", "CI_COMMIT_PULL_REQUEST": "7", "CI_PIPELINE_EVENT": "pull_request"}) == ""
    assert find_pull_request({"BUILD_REASON": "PullRequest", "BITBUCKET_PR_ID": "7", "DRONE_PULL_REQUEST": "7"}) == ""


@pytest.mark.parametrize("value", ["\x1b[2J", "x" * 100, "https://me:s3cret@example.com/7", "a\nb", "🙂"])
def test_only_harmless_values_are_shown(value: str) -> None:
    assert find_pull_request({"GITHUB_ACTIONS": "true", "GITHUB_HEAD_REF": value}) == "GITHUB_HEAD_REF is set"


@pytest.mark.parametrize(("environ", "why"), RUNS)
def test_a_phonebook_on_this_machine_is_not_guarded(environ: dict[str, str], why: str) -> None:
    policies = [
        load_run_policy(environ, allowed=(), keeps_backups=True, applies_to=target)
        for target in (
            make_target("https://api.messente.com/v1", "me"),
            make_target("http://127.0.0.1:9/v1", "me"),
            None,
        )
    ]

    assert [policy.pull_request for policy in policies] == [why, "", ""]


def test_the_page_has_the_same_table() -> None:
    rows = re.findall(
        r"^\| \[([^\]]+)\]\(([^)]+)\) \| (.*?) \| (.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    shown = {
        (name, source, frozenset(re.findall(r"`(\w+)", markers)), frozenset(re.findall(r"`([A-Z_]+)", signs)))
        for name, source, markers, signs in rows
    }

    assert shown == {
        (
            system.name,
            system.source,
            frozenset(marker.variable for marker in system.markers),
            frozenset(sign.variable for sign in system.signs),
        )
        for system in CI_SYSTEMS
    }
