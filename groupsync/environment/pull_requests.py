"""Decides whether a run of a CI system is for a pull request, by the variables that the system sets. Pure.

A variable counts only beside its system's own marker: a CHANGE_ID alone is often the number of a ticket. A few are
their own marker, because no other program sets them, and a container often receives only some variables of its job.
Empty values and "false" count as absent.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SHOWN_VALUE = re.compile(r"[\w./:#-]{1,60}", re.ASCII)  # no escapes of terminals, no passwords in URLs
_MAIN_BRANCHES = {"main", "master"}


class Sign(Struct, frozen=True, kw_only=True):
    """A variable, and a pattern for its whole value."""

    variable: str
    pattern: str = ".+"
    is_marker: bool = False

    def is_in(self, environ: Mapping[str, str]) -> bool:
        """Return whether the variable has such a value."""
        return re.fullmatch(self.pattern, _get(environ, self.variable), re.DOTALL) is not None


class CISystem(Struct, frozen=True, kw_only=True):
    """A CI system, and how to recognise its runs for pull requests.

    - `source`: the page of its documentation about this.
    - `markers`: each of them shows that this is a run of the system.
    - `signs`: each of them, together with a marker, shows that the run is for a pull request.
    - `is_exception`: returns whether the run is not for a pull request although there is a sign.
    """

    name: str
    source: str
    markers: tuple[Sign, ...]
    signs: tuple[Sign, ...]
    is_exception: Callable[[Mapping[str, str]], bool] = lambda _environ: False


def find_pull_request(environ: Mapping[str, str]) -> str:
    """Return the variable that shows that the run is for a pull request; empty if none does."""
    for system in CI_SYSTEMS:
        is_running = any(marker.is_in(environ) for marker in system.markers)
        if is_running and system.is_exception(environ):
            continue
        for sign in system.signs:
            if (is_running or sign.is_marker) and sign.is_in(environ):
                return _describe_sign(sign, environ)
    return ""


def _describe_sign(sign: Sign, environ: Mapping[str, str]) -> str:
    value = _get(environ, sign.variable)
    return f"{sign.variable} is {value}" if _SHOWN_VALUE.fullmatch(value) else f"{sign.variable} is set"


def _get(environ: Mapping[str, str], variable: str) -> str:
    """Return the value of a variable; empty if it means that there is none."""
    value = environ.get(variable, "").strip()
    is_absent = value.lower() == "false" or value.startswith("$(")  # Azure Pipelines leaves $(a.b) if there is no a.b
    return "" if is_absent else value


# The exceptions


def _is_merged_on_github(environ: Mapping[str, str]) -> bool:
    """Return whether the pull request is merged: then GITHUB_REF is the branch that it was merged into.

    This holds only for the event pull_request, whose GITHUB_REF is refs/pull/7/merge before the merge. With
    pull_request_target it is always the target branch.
    """
    base = _get(environ, "GITHUB_BASE_REF")
    is_on_base = bool(base) and _get(environ, "GITHUB_REF") == f"refs/heads/{base}"
    return is_on_base and _get(environ, "GITHUB_EVENT_NAME") == "pull_request"


def _is_main_on_circleci(environ: Mapping[str, str]) -> bool:
    """Return whether the main branch is built, not a fork.

    CIRCLE_PULL_REQUEST is set for every branch with an open pull request, and no variable names the default branch.
    """
    is_fork = any(_get(environ, f"CIRCLE_PR_{name}") for name in ("NUMBER", "USERNAME", "REPONAME"))
    return _get(environ, "CIRCLE_BRANCH") in _MAIN_BRANCHES and not is_fork


def _is_ticket_on_jenkins(environ: Mapping[str, str]) -> bool:
    """Return whether CHANGE_ID is a parameter of the job: that of a pull request is a number with a target branch."""
    if _get(environ, "CHANGE_TARGET"):
        return False
    return not _get(environ, "CHANGE_ID").isdecimal() or _get(environ, "BRANCH_IS_PRIMARY") == "true"


def _is_default_branch_on_buildkite(environ: Mapping[str, str]) -> bool:
    """Return whether the default branch is built, and not a fork's branch of that name."""
    branch = _get(environ, "BUILDKITE_BRANCH")
    repository, source = _get(environ, "BUILDKITE_REPO"), _get(environ, "BUILDKITE_PULL_REQUEST_REPO")
    is_default = bool(branch) and branch == _get(environ, "BUILDKITE_PIPELINE_DEFAULT_BRANCH")
    return is_default and _find_repository(repository) == _find_repository(source or repository)


def _find_repository(url: str) -> list[str]:
    """Return owner and name of a repository, from its URL for HTTPS, git or SSH."""
    return re.split(r"[/:]", url.lower().rstrip("/").removesuffix(".git"))[-2:]


def _is_merged_on_codebuild(environ: Mapping[str, str]) -> bool:
    return _get(environ, "CODEBUILD_WEBHOOK_EVENT") == "PULL_REQUEST_MERGED"


# The table. docs/ci.md shows it, and a test compares the two.

CI_SYSTEMS = (
    CISystem(
        name="GitHub Actions",
        source="https://docs.github.com/en/actions/reference/workflows-and-actions/variables",
        markers=(Sign(variable="GITHUB_ACTIONS"),),
        signs=(
            Sign(variable="GITHUB_EVENT_NAME", pattern="pull_request.*|merge_group", is_marker=True),
            Sign(variable="GITHUB_HEAD_REF"),
        ),
        is_exception=_is_merged_on_github,
    ),
    CISystem(
        name="GitLab",
        source="https://docs.gitlab.com/ci/variables/predefined_variables/",
        markers=(Sign(variable="GITLAB_CI"),),
        signs=(
            Sign(variable="CI_PIPELINE_SOURCE", pattern="merge_request_event", is_marker=True),
            Sign(variable="CI_MERGE_REQUEST_IID", is_marker=True),
            Sign(variable="CI_PIPELINE_SOURCE", pattern="external_pull_request_event"),
            Sign(variable="CI_EXTERNAL_PULL_REQUEST_IID"),
        ),
    ),
    CISystem(
        name="Azure Pipelines",
        source="https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables",
        markers=(Sign(variable="TF_BUILD"),),
        signs=(
            Sign(variable="BUILD_REASON", pattern="PullRequest"),
            Sign(variable="SYSTEM_PULLREQUEST_PULLREQUESTID"),
            Sign(variable="SYSTEM_PULLREQUEST_PULLREQUESTNUMBER"),
            Sign(variable="BUILD_SOURCEBRANCH", pattern="refs/pull/.+"),
        ),
    ),
    CISystem(
        name="Bitbucket Pipelines",
        source="https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/",
        markers=(Sign(variable="BITBUCKET_BUILD_NUMBER"),),
        signs=(Sign(variable="BITBUCKET_PR_ID"),),
    ),
    CISystem(
        name="CircleCI",
        source="https://circleci.com/docs/reference/variables/",
        markers=(Sign(variable="CIRCLECI"),),
        signs=(
            Sign(variable="CIRCLE_PR_NUMBER"),
            Sign(variable="CIRCLE_PULL_REQUEST"),
            Sign(variable="CIRCLE_BRANCH", pattern="pull/.+"),
        ),
        is_exception=_is_main_on_circleci,
    ),
    CISystem(
        name="Jenkins",
        source="https://www.jenkins.io/doc/book/pipeline/multibranch/#additional-environment-variables",
        markers=(Sign(variable="JENKINS_URL"), Sign(variable="BUILD_TAG", pattern="jenkins-.+")),
        signs=(Sign(variable="CHANGE_ID"),),
        is_exception=_is_ticket_on_jenkins,
    ),
    CISystem(
        name="Buildkite",
        source="https://buildkite.com/docs/pipelines/configure/environment-variables",
        markers=(Sign(variable="BUILDKITE"),),
        signs=(Sign(variable="BUILDKITE_PULL_REQUEST"), Sign(variable="BUILDKITE_MERGE_QUEUE_BASE_BRANCH")),
        is_exception=_is_default_branch_on_buildkite,
    ),
    CISystem(
        name="Drone",
        source="https://docs.drone.io/pipeline/environment/reference/",
        markers=(Sign(variable="DRONE"),),
        signs=(Sign(variable="DRONE_BUILD_EVENT", pattern="pull_request"), Sign(variable="DRONE_PULL_REQUEST")),
    ),
    CISystem(
        name="Woodpecker",
        source="https://woodpecker-ci.org/docs/usage/environment",
        markers=(Sign(variable="CI", pattern="woodpecker"), Sign(variable="CI_SYSTEM_NAME", pattern="woodpecker")),
        signs=(
            Sign(variable="CI_PIPELINE_EVENT", pattern="pull_request.*"),
            Sign(variable="CI_COMMIT_PULL_REQUEST"),
        ),
    ),
    CISystem(
        name="Travis CI",
        source="https://docs.travis-ci.com/user/environment-variables/#default-environment-variables",
        markers=(Sign(variable="TRAVIS"),),
        signs=(Sign(variable="TRAVIS_PULL_REQUEST"), Sign(variable="TRAVIS_EVENT_TYPE", pattern="pull_request")),
    ),
    CISystem(
        name="AWS CodeBuild",
        source="https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html",
        markers=(Sign(variable="CODEBUILD_BUILD_ID"),),
        signs=(
            Sign(variable="CODEBUILD_WEBHOOK_EVENT", pattern="PULL_REQUEST_.+"),
            Sign(variable="CODEBUILD_WEBHOOK_TRIGGER", pattern="pr/.+"),
            Sign(variable="CODEBUILD_SOURCE_VERSION", pattern="pr/.+"),
        ),
        is_exception=_is_merged_on_codebuild,
    ),
)
