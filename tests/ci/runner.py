"""A small runner for GitHub's workflows: it reads the files as they are and runs their shell steps with real bash.

Steps that use an action are imitated: checkout and artifacts copy folders, the placeholder is `action.yml` of this
repository. Anything in a workflow that the runner does not know is an error, never ignored.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from tests.ci.expressions import evaluate_condition, fill
from tests.ci.logs import read_commands

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "action.yml"
PLACEHOLDER = "YOUR-ORG/groupsync"
FAKES = Path(__file__).parent / "fakes"

Values: TypeAlias = dict[str, Any]

ENVIRON_OF_GITHUB = ("event_name", "sha", "ref_name", "repository", "actor", "run_id", "run_attempt")
WORKFLOW_KEYS = {"name", "on", True, "permissions", "concurrency", "jobs"}  # YAML 1.1 reads `on` as true
JOB_KEYS = {
    "name",
    "runs-on",
    "timeout-minutes",
    "environment",
    "permissions",
    "env",
    "outputs",
    "needs",
    "strategy",
    "if",
    "steps",
}
STEP_KEYS = {"name", "id", "if", "uses", "with", "env", "shell", "run"}


@dataclass
class JobRun:
    """The result of a job."""

    result: str = "success"
    environment: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    log: str = ""
    errors: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    written: str = ""  # everything written to GITHUB_OUTPUT
    again: Callable[[str], tuple[bool, dict[str, str]]] = field(default=lambda _name: (False, {}), repr=False)
    artifacts: dict[str, Path] = field(default_factory=dict)  # what it uploaded


@dataclass(kw_only=True)
class Machine:
    """A repository on GitHub, and what its runs find on their machines."""

    repository: Path  # what a checkout copies
    base: Path  # what a checkout of the base of the pull request copies
    home: Path  # a folder for runs
    gh_file: Path  # the repository as `gh` sees it
    programs: Path  # a folder of programs, the first in PATH
    variables: dict[str, str]  # of every process, such as where the sandbox is
    secrets: dict[str, dict[str, str]]  # of each environment
    runs: int = 0
    attempts: int = 1

    def run(
        self,
        file: Path,
        event_name: str,
        event: Values,
        *,
        sha: str,
        ref_name: str = "main",
        approve: Callable[[str], bool] = bool,
        actor: str = "octocat",
        again: bool = False,
        kept: dict[str, JobRun] | None = None,
    ) -> dict[str, JobRun]:
        """Run a workflow and return its jobs; `approve` says for each environment whether its job may start.

        `again`: all jobs of the last run are started again, which keeps its artifacts; those of `kept` are not, and
        the others get their outputs.
        """
        self.runs += not again
        self.attempts = self.attempts + 1 if again else 1
        workflow = read_yaml(file)
        assert set(workflow) <= WORKFLOW_KEYS
        assert workflow["permissions"] == {}
        github = {
            "event_name": event_name,
            "event": event,
            "sha": sha,
            "ref_name": ref_name,
            "ref": f"refs/heads/{ref_name}",
            "actor": actor,
            "repository": "acme/phonebook",
            "server_url": "https://github.invalid",
            "run_id": str(self.runs),
            "run_attempt": str(self.attempts),
            "workflow": workflow["name"],
            "token": "token-of-the-run",
        }
        folder = self.home / f"run-{self.runs}"
        jobs: dict[str, JobRun] = {}
        for name, job in workflow["jobs"].items():
            for matrix in _list_matrix(job):
                full_name = f"{name} ({next(iter(matrix.values()))})" if matrix else name
                if kept and full_name in kept:
                    jobs[full_name] = kept[full_name]
                    continue
                jobs[full_name] = _Job(
                    self,
                    job,
                    folder / f"attempt-{self.attempts}" / full_name,
                    folder / "artifacts",
                    github,
                    jobs,
                    matrix=matrix,
                ).run(approve)
        return jobs


def _list_matrix(job: Values) -> list[dict[str, str]]:
    """Return the values of each run of a job; one run without values if it has no matrix."""
    if "strategy" not in job:
        return [{}]
    assert job["strategy"].keys() == {"fail-fast", "matrix"}
    assert job["strategy"]["matrix"].keys() == {"include"}
    runs: list[dict[str, str]] = job["strategy"]["matrix"]["include"]
    return runs


def read_yaml(file: Path) -> Values:
    content: Values = yaml.safe_load(file.read_text(encoding="utf-8"))
    return content


def install_fakes(folder: Path) -> None:
    """Install the programs of `fakes` in a folder for PATH."""
    folder.mkdir(exist_ok=True)
    for name in ("gh", "jq"):
        put_program(folder / name, f'#!/bin/sh\nexec {sys.executable} {FAKES / name}_program.py "$@"\n')


def commit_files(folder: Path) -> None:
    """Make a folder a git repository, with one commit of all its files."""
    author = ("-c", "user.name=x", "-c", "user.email=x@x.invalid")
    for args in (("init", "-q"), ("add", "--all"), (*author, "commit", "-q", "--allow-empty", "-m", "All files")):
        subprocess.run(["git", *args], cwd=folder, check=True)


def put_program(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)


class _Job:
    """One job, and the folder that replaces its machine."""

    def __init__(
        self,
        machine: Machine,
        job: Values,
        folder: Path,
        artifacts: Path,
        github: Values,
        before: dict[str, JobRun],
        *,
        matrix: dict[str, str],
    ) -> None:
        assert set(job) <= JOB_KEYS, set(job) - JOB_KEYS
        self._machine = machine
        self._job = job
        self._workspace = folder / "workspace"
        self._temp = folder / "temp"
        self._artifacts = artifacts
        self._before = before
        self._done = JobRun()
        self._context: Values = {
            "github": github,
            "matrix": matrix,
            "needs": {name: {"result": done.result, "outputs": done.outputs} for name, done in before.items()},
            "runner": {"temp": str(self._temp)},
            "secrets": {},
            "steps": {},
            "env": {},
            "inputs": github["event"].get("inputs", {}),
        }
        self._shell_steps: dict[str, tuple[Values, Values]] = {}
        self._functions = {
            "success": lambda: self._done.result == "success",
            "failure": lambda: self._done.result == "failure",
            "always": lambda: True,
            "cancelled": lambda: False,
        }

    def run(self, approve: Callable[[str], bool]) -> JobRun:
        needs = [self._job["needs"]] if isinstance(self._job.get("needs"), str) else self._job.get("needs", [])
        if any(self._before[name].result != "success" for name in needs) or not self._holds(self._job):
            return JobRun(result="skipped")
        self._done.environment = self._fill(self._job.get("environment", ""))
        if not approve(self._done.environment):
            self._done.result = "waiting"
            return self._done
        self._context["secrets"] = self._machine.secrets.get(self._done.environment, {})
        self._context["env"] = self._fill_all(self._job.get("env", {}))
        for folder in (self._workspace, self._temp):
            folder.mkdir(parents=True)
        try:
            self._run_steps(self._job["steps"])
        finally:
            self._end_processes()
        self._done.again = self._run_again
        self._done.outputs = self._fill_all(self._job.get("outputs", {}))
        return self._done

    def _run_again(self, name: str) -> tuple[bool, dict[str, str]]:
        """Run a shell step once more in its job; return whether it succeeded, and its outputs."""
        step, context = self._shell_steps[name]
        now, self._context = self._context, context
        finished = self._run_shell(step)
        self._context = now
        return finished

    def _run_steps(self, steps: list[Values]) -> None:
        for step in steps:
            assert set(step) <= STEP_KEYS, set(step) - STEP_KEYS
            if not self._holds(step):
                continue
            self._done.ran.append(step["name"])
            outer = self._context["env"]
            self._context["env"] = {**outer, **self._fill_all(step.get("env", {}))}
            ok, outputs = self._use(step) if "uses" in step else self._run_shell(step)
            self._context["env"] = outer
            if "id" in step:
                self._context["steps"][step["id"]] = {"outputs": outputs, "outcome": "success" if ok else "failure"}
            if not ok:
                self._done.result = "failure"

    def _end_processes(self) -> None:
        """End what a step has left running, as a runner does after a job."""
        file = self._temp / "rehearsal.pid"
        if file.exists():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(file.read_text()), signal.SIGKILL)

    def _run_shell(self, step: Values) -> tuple[bool, dict[str, str]]:
        """Run a shell step; its script contains no expression (`test_lints.py` checks that)."""
        assert step["shell"] == "bash"
        self._shell_steps[step["name"]] = step, {**self._context}
        script, output, summary = (self._temp / name for name in ("_script", "_output", "_summary"))
        script.write_text(step["run"], encoding="utf-8")
        output.write_text("", encoding="utf-8")
        summary.write_text("", encoding="utf-8")
        finished = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self._workspace,
            env={**self._make_environ(), "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        commands = read_commands(finished.stdout)
        self._done.log += finished.stdout
        self._done.errors += commands.errors
        self._done.summary += summary.read_text(encoding="utf-8")
        assert commands.others == []
        written = output.read_text(encoding="utf-8")
        self._done.written += written
        return finished.returncode == 0, {**read_outputs(written), **commands.outputs}

    def _make_environ(self) -> dict[str, str]:
        github: Mapping[str, Any] = self._context["github"]
        permissions = self._job["permissions"]
        return {
            **self._machine.variables,
            "PATH": f"{self._machine.programs}:{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(self._temp),
            "RUNNER_TEMP": str(self._temp),
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            **{f"GITHUB_{name.upper()}": github[name] for name in ENVIRON_OF_GITHUB},
            "FAKE_GH_FILE": str(self._machine.gh_file),
            "FAKE_GH_PERMISSIONS": json.dumps(permissions),
            **self._context["env"],
        }

    def _use(self, step: Values) -> tuple[bool, dict[str, str]]:
        name = step["uses"].partition("@")[0]
        inputs = self._fill_all(step.get("with", {}))
        match name:
            case "actions/checkout":
                self._check_out(**inputs)
            case "actions/setup-python":
                pass
            case "actions/upload-artifact":
                self._upload(**inputs)
            case "actions/download-artifact":
                self._download(**inputs)
            case _:
                assert name == PLACEHOLDER, f"unknown action: {name}"
                return self._run_action(inputs)
        return True, {}

    def _check_out(self, **inputs: str) -> None:
        assert inputs.pop("persist-credentials") == "false"
        if inputs:
            assert inputs == {
                "ref": self._context["github"]["event"]["pull_request"]["base"]["sha"],
                "path": ".groupsync-base",
            }
            shutil.copytree(self._machine.base, self._workspace / ".groupsync-base")
        else:
            shutil.copytree(self._machine.repository, self._workspace, dirs_exist_ok=True)
            commit_files(self._workspace)

    def _upload(self, **inputs: str) -> None:
        """Copy a file or the files of a folder; an artifact of an earlier attempt is replaced only with `overwrite`."""
        assert set(inputs) - {"overwrite"} == {"name", "path", "if-no-files-found", "retention-days"}
        source, target = Path(inputs["path"]), self._artifacts / inputs["name"]
        files = [source] if source.is_file() else sorted(source.iterdir()) if source.is_dir() else []
        assert files or inputs["if-no-files-found"] == "ignore"
        if not files:
            return
        if inputs.get("overwrite") == "true":
            shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for file in files:
            shutil.copy(file, target)
        self._done.artifacts[inputs["name"]] = target

    def _download(self, **inputs: str) -> None:
        """Copy an artifact of this run; `run-id` would name another run and is refused."""
        assert set(inputs) == {"name", "path"}
        shutil.copytree(self._artifacts / inputs["name"], inputs["path"])

    def _run_action(self, inputs: dict[str, str]) -> tuple[bool, dict[str, str]]:
        """Run the steps of `action.yml` in their own contexts."""
        action = read_yaml(ACTION)
        assert set(inputs) <= set(action["inputs"])
        result, outer = self._done.result, self._context
        defaults = {name: self._fill(described.get("default", "")) for name, described in action["inputs"].items()}
        self._done.result = "success"
        self._context = {**outer, "inputs": {**defaults, **inputs}, "steps": {}, "secrets": {}}
        self._run_steps(action["runs"]["steps"])
        outputs = {name: self._fill(described["value"]) for name, described in action["outputs"].items()}
        ok = self._done.result == "success"
        self._done.result, self._context = result, outer
        return ok, outputs

    def _holds(self, thing: Values) -> bool:
        return evaluate_condition(str(thing.get("if", "success()")), self._context, self._functions)

    def _fill(self, value: object) -> str:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return fill(text, self._context, self._functions)

    def _fill_all(self, values: Values) -> dict[str, str]:
        return {name: self._fill(value) for name, value in values.items()}


def read_outputs(text: str) -> dict[str, str]:
    """Return the outputs of a step; each must be one line `name=value`."""
    pairs = [line.partition("=") for line in text.splitlines()]
    assert all(sign == "=" and name and "<<" not in name for name, sign, _ in pairs), text
    return {name: value for name, _, value in pairs}
