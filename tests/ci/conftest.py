"""A project on GitHub with the workflows of examples/ci, whose account is on a sandbox."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING, Any

import pytest

from tests.ci.runner import ROOT, JobRun, Machine, install_fakes, put_program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from groupsync.sandbox import Sandbox

WORKFLOWS = ROOT / "examples" / "ci" / "github"
HERE = "acme/phonebook"
ENVIRONMENTS = ("phonebook-plan", "phonebook", "phonebook-approval")
REVIEWERS = [{"type": "required_reviewers"}]
NUMBER = 7


def make_sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def make_blob(text: str) -> str:
    """Return the id that git gives a file with this text."""
    content = text.encode()
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()


def complete(text: str) -> str:
    """Return the text as a configuration: unlisted groups are deleted, unless it says something about the policy."""
    policy = "" if "policy" in text else "policy: {unlisted: delete}\n"
    return f"version: 1\n{text}{policy}"


@dataclass(kw_only=True)
class GitHubProject:
    """A GitHub repository and its runs: a pull request that is pushed, planned, merged and applied."""

    machine: Machine
    kept_backups: Path  # the folder to which the workflow copies backups
    describe_head: Callable[[dict[str, str]], dict[str, str]] = dict  # the blobs of the head, given those of the merge

    def write(self, text: str, file: str = "groups.yaml") -> None:
        (self.machine.repository / file).write_text(
            complete(text) if file == "groups.yaml" else f"version: 1\n{text}", encoding="utf-8"
        )

    def write_base(self, text: str) -> None:
        """Write the configuration of the main branch, which the pull request is based on."""
        (self.machine.base / "groups.yaml").write_text(complete(text), encoding="utf-8")

    def push(
        self,
        *,
        from_repository: str | None = HERE,
        workflow: Path = WORKFLOWS / "plan.yml",
        overtaken: bool = False,
        actor: str = "octocat",
    ) -> JobRun:
        """Push the files of the repository to the branch of the pull request; return the job `plan`.

        `overtaken`: another push followed.
        """
        with self.editing() as state:
            state["pulls"][0]["head"] = {"sha": make_sha("another") if overtaken else self.sha}
            state["files"], blobs = self._describe_changes()
            state["blobs"][self.sha] = self.describe_head(blobs)
        repo = {"full_name": from_repository} if from_repository else None
        pull_request = {
            "number": NUMBER,
            "head": {"sha": self.sha, "repo": repo},
            "base": {"sha": make_sha("base")},
        }
        event = {"pull_request": pull_request}
        jobs = self.machine.run(workflow, "pull_request", event, sha=make_sha("merge"), ref_name="7/merge", actor=actor)
        return jobs["plan"]

    def _describe_changes(self) -> tuple[list[dict[str, str]], dict[str, str]]:
        """Return the files that the pull request changes, with their patches, and the blobs of all its files."""
        files, blobs = [], {}
        for file in sorted(self.machine.repository.glob("*.yaml")):
            new = file.read_text(encoding="utf-8")
            base = self.machine.base / file.name
            old = base.read_text(encoding="utf-8") if base.exists() else ""
            patch = "\n".join([*unified_diff(old.splitlines(), new.splitlines(), lineterm="")][2:])
            if patch:
                files.append({"filename": file.name, "patch": patch})
            blobs[file.name] = make_blob(new)
        return files, blobs

    def queue(self) -> JobRun:
        """Put the pull request into the merge queue; return the job `plan`."""
        event = {"merge_group": {"head_sha": make_sha("queued"), "base_sha": make_sha("base")}}
        name = f"gh-readonly-queue/main/pr-{NUMBER}-{make_sha('base')}"
        return self.machine.run(WORKFLOWS / "plan.yml", "merge_group", event, sha=make_sha("queued"), ref_name=name)[
            "plan"
        ]

    def merge(
        self,
        *,
        overtaken: bool = False,
        approve: Callable[[], bool] = lambda: False,
        workflow: Path = WORKFLOWS / "apply.yml",
        again: bool = False,
        kept: dict[str, JobRun] | None = None,
    ) -> dict[str, JobRun]:
        """Merge the pull request and return the jobs of the apply workflow.

        `overtaken`: another push followed. `approve` answers if the workflow waits for an approval. `again`: the run
        of the merge is started again, except the jobs of `kept`.
        """
        with self.editing() as state:
            (pull,) = state["pulls"]
            pull.update(merged_at="2026-11-23T12:00:00Z", merge_commit_sha=self.sha, commits=[self.sha])
            state["heads"]["main"] = make_sha("another") if overtaken else self.sha

        def ask(environment: str) -> bool:
            return environment != "phonebook-approval" or approve()

        return self.machine.run(workflow, "push", {}, sha=self.sha, approve=ask, again=again, kept=kept)

    def rerun_failed_jobs(self, jobs: dict[str, JobRun], *, overtaken: bool = False) -> dict[str, JobRun]:
        """Do what *Re-run failed jobs* does in the run of the merge: a job that succeeded keeps its outputs."""
        kept = {name: job for name, job in jobs.items() if job.result == "success"}
        return self.merge(overtaken=overtaken, again=True, kept=kept)

    def restore(self, workflow: Path = WORKFLOWS / "restore.yml", **inputs: str) -> JobRun:
        """Start the restore workflow by hand, on the main branch, with the approval of a reviewer."""
        with self.editing() as state:
            state["heads"]["main"] = self.sha
        given = {"into": "", "confirm": "false", **inputs}
        return self.machine.run(workflow, "workflow_dispatch", {"inputs": given}, sha=self.sha)["restore"]

    def check_drift(self, *, overtaken: bool = False) -> JobRun:
        with self.editing() as state:
            state["heads"]["main"] = make_sha("another") if overtaken else self.sha
        return self.machine.run(WORKFLOWS / "drift.yml", "schedule", {}, sha=self.sha)["drift"]

    def pull(self, workflow: Path = WORKFLOWS / "pull.yml", *, overtaken: bool = False) -> JobRun:
        with self.editing() as state:
            state["heads"]["main"] = make_sha("another") if overtaken else self.sha
        return self.machine.run(workflow, "schedule", {}, sha=self.sha)["pull"]

    @property
    def sha(self) -> str:
        files = sorted(self.machine.repository.glob("*.yaml"))
        return make_sha("".join(file.read_text(encoding="utf-8") for file in files))

    def editing(self) -> Editing:
        return Editing(self.machine.gh_file)

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self.machine.gh_file.read_text(encoding="utf-8"))
        return state

    def comments(self) -> list[str]:
        return [comment["body"] for comment in self.state()["comments"]]

    def calls(self, *methods: str) -> list[str]:
        return [call for call in self.state()["calls"] if call.startswith(methods)]


class Editing:
    """A context in which somebody else changes the repository as `gh` sees it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._state: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))

    def __enter__(self) -> dict[str, Any]:
        return self._state

    def __exit__(self, *_: object) -> None:
        self._file.write_text(json.dumps(self._state), encoding="utf-8")


def make_comment(body: str, login: str = "mallory") -> dict[str, Any]:
    """Return a comment on the pull request that was not written by the bot."""
    user = {"login": login, "type": "User"}
    ids = {"id": 1, "node_id": "IC_1", "issue": NUMBER}
    return {**ids, "user": user, "edited_at": None, "editor": None, "body": body}


@pytest.fixture
def project(sandbox: Sandbox, tmp_path: Path) -> GitHubProject:
    for name in ("repository", "locks", "kept"):
        (tmp_path / name).mkdir()
    install_fakes(tmp_path / "programs")
    (tmp_path / "repository" / ".github").mkdir()
    put_program(tmp_path / "repository" / ".github" / "keep-backups", f'#!/bin/sh\ncp -R "$1"/. {tmp_path}/kept/\n')
    state = {
        "last_id": 100,
        "heads": {"main": make_sha("main")},
        "pulls": [{"number": NUMBER, "base": {"ref": "main"}, "merged_at": None, "commits": []}],
        "comments": [],
        "issues": [],
        "files": [],
        "blobs": {},
        "review_comments": [],
        "hidden": [],
        "environments": {"phonebook-plan": [], "phonebook": [], "phonebook-approval": REVIEWERS},
        "calls": [],
    }
    (tmp_path / "github.json").write_text(json.dumps(state), encoding="utf-8")
    secrets = {"MESSENTE_API_USERNAME": sandbox.username, "MESSENTE_API_PASSWORD": sandbox.password}
    (tmp_path / "base").mkdir()
    machine = Machine(
        repository=tmp_path / "repository",
        base=tmp_path / "base",
        home=tmp_path / "runs",
        gh_file=tmp_path / "github.json",
        programs=tmp_path / "programs",
        variables={"GROUPSYNC_ENDPOINT": sandbox.url, "GROUPSYNC_LOCK_DIR": str(tmp_path / "locks")},
        secrets=dict.fromkeys(ENVIRONMENTS, secrets),
    )
    return GitHubProject(machine=machine, kept_backups=tmp_path / "kept")
