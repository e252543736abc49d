"""The run of a CI system, and the commit that it is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groupsync.environment.pull_requests import find_pull_request
from groupsync.model.ci_run import CiRun

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[A-Za-z0-9._~/-]*)?")
_LONGEST_URL = 500


def find_ci_run(environ: Mapping[str, str]) -> CiRun | None:
    """Return the run of the CI system as GitHub or GitLab names it; None outside of CI."""
    if not environ.get("CI") and not environ.get("GITHUB_ACTIONS"):
        return None
    is_pull_request = bool(find_pull_request(environ))
    repository, run_id = environ.get("GITHUB_REPOSITORY", ""), environ.get("GITHUB_RUN_ID", "")
    if repository and run_id:
        url = f"{environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}/actions/runs/{run_id}"
        return CiRun(system="GitHub", url=_find_plain_url(url), is_pull_request=is_pull_request)
    url = environ.get("CI_JOB_URL") or environ.get("CI_PIPELINE_URL") or ""
    system = "GitLab" if environ.get("GITLAB_CI") else ""
    return CiRun(system=system, url=_find_plain_url(url), is_pull_request=is_pull_request)


def _find_plain_url(url: str) -> str:
    """Return the URL if it is safe to print; empty if it is not."""
    return url if len(url) <= _LONGEST_URL and _PLAIN_URL.fullmatch(url) else ""


def find_commit(environ: Mapping[str, str]) -> str:
    """Return the commit of the configuration as you, GitHub or GitLab name it; empty if nobody does."""
    for variable in ("GROUPSYNC_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA"):
        if commit := environ.get(variable, "").strip():
            return commit
    return ""
