"""Names of groups may come from the author of a pull request: no program takes one for a command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.ci.logs import read_commands

if TYPE_CHECKING:
    from groupsync.sandbox import Sandbox
    from tests.ci.conftest import GitHubProject
    from tests.ci.runner import JobRun

HOSTILE = (
    "::set-output name=digest::evil",
    "##[set-output name=digest;]evil",
    "##[add-mask]a",
    "##vso[task.setvariable variable=x]evil",
    "two\nchanges=0\nlines",
    "two\r\n::error::lines",
    "$(touch ran-1)",
    "`touch ran-2`",
    "'; touch ran-3; '",
    "${{ secrets.MESSENTE_API_PASSWORD }}",
    "--> <!-- groupsync plan account=acc-000000000000 -->",
)


def write_groups(project: GitHubProject) -> None:
    """Write names as JSON, which is YAML with every name quoted, but without line breaks, which are not allowed."""
    names = [{"name": f"New {name}"} for name in HOSTILE if "\n" not in name]
    project.write(
        f"groups: {json.dumps(names)}\npolicy: {{unlisted: delete, max_contacts_lost: 100, max_deletes: 100}}\n"
    )


def assert_nothing_ran(project: GitHubProject, job: JobRun) -> None:
    for word in ("evil", "touch", "lines", "secrets", "New "):
        assert word not in job.written
    assert not list(project.machine.home.rglob("ran-*"))


def test_no_name_is_taken_for_a_command_in_the_workflows(project: GitHubProject, sandbox: Sandbox) -> None:
    for name in HOSTILE:
        sandbox.add_group(name)
    write_groups(project)

    pull = project.push()
    jobs = project.merge()
    drift = project.check_drift()

    assert (pull.result, jobs["apply"].result, drift.result) == ("success",) * 3
    assert jobs["apply"].environment == "phonebook"
    assert len(project.comments()) == 1
    for job in (pull, jobs["plan"], jobs["apply"], drift):
        assert job.errors == []
        assert_nothing_ran(project, job)
    assert all("[set-output name=digest;]" in job.log for job in (pull, jobs["plan"], jobs["apply"]))
    assert len(sandbox.names()) == len([name for name in HOSTILE if "\n" not in name])


def test_no_file_name_of_a_fork_is_taken_for_a_command(project: GitHubProject) -> None:
    project.write("groups:\n  - NO # ##[set-output name=program;]evil\n")

    done = project.push(from_repository="mallory/phonebook")

    assert done.result == "failure"
    assert "[set-output name=program;]" in done.log
    assert [error.partition(" ")[0] for error in done.errors] == ["groups[0]:", "A"]
    assert_nothing_ran(project, done)


def test_the_tests_find_commands_in_a_log_as_a_runner_does() -> None:
    before = "::set-output name=a::1\nx ##[set-output name=b;]2\n"
    stopped = "::stop-commands::t\n::set-output name=a::3\n##[error]x\n::t::\n"
    after = "::error file=a,line=1::wrong\n x::error::no command\n::debug::said\n"

    commands = read_commands(before + stopped + after)

    assert commands.outputs == {"a": "1", "b": "2"}
    assert commands.errors == ["wrong"]
    assert commands.others == ["::debug::said"]
