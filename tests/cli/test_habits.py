"""Habits from other tools are met with the command that does what was meant."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from groupsync.cli.habits import _COMMANDS
from groupsync.cli.main import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Groupsync

HABITS = {
    "plan -out=plan.json": "write it with two dashes: --out=plan.json",
    "plan -out plan.json": "write it with two dashes: --out",
    "plan '-out=my plan.json'": "write it with two dashes: --out='my plan.json'",
    "apply -auto-approve plan.json": "write it with two dashes: --auto-approve",
    "plan -detailed-exitcode": "write it with two dashes: --detailed-exitcode",
    "plan -json": "the option of groupsync is --format json",
    "apply --yes": "the option of groupsync is --auto-approve",
    "plan -f groups.yaml": "the option of groupsync is -c FILE",
    "plan -target=VIP": "leave it out: a plan is always for the whole configuration",
    "plan -var x=1": "leave it out: a configuration has no variables",
    "plan -destroy": "to delete groups, list them under removed in groups.yaml, then run groupsync plan",
    "apply --dry-run": "plan changes nothing; to see what would change: groupsync plan",
    "apply -lock=false": "groupsync always locks; to wait for another run: --lock-timeout SECONDS",
    "plan groups.yaml": "to name the configuration: groupsync plan -c groups.yaml",
    "plan accounts/ee/": "to name the configuration: groupsync plan -c accounts/ee/",
    "plan 'my groups.yml'": "to name the configuration: groupsync plan -c 'my groups.yml'",
    "validate groups.yaml": "to name the configuration: groupsync validate -c groups.yaml",
    "plan p.json": "to see a saved plan: groupsync show p.json; to save a new one: groupsync plan --out p.json",
    "export groups.yaml": "to write to a file: groupsync export --out groups.yaml",
    "rename VIP Gold": "to rename a group, edit its name in groups.yaml, then run groupsync plan",
    "output": "to see a saved plan: groupsync show plan.json",
    "import": "to write your live groups to a file: groupsync export --out groups.yaml",
    "init": "there is nothing to set up; to write your live groups to a file: groupsync export --out groups.yaml",
    "destroy": "to delete groups, list them under removed in groups.yaml, then run groupsync plan",
    "Destroy -auto-approve": "to delete groups, list them under removed in groups.yaml, then run groupsync plan",
    "plna": "did you mean groupsync plan?",
    "aply --auto-approve": "did you mean groupsync apply?",
}


@pytest.mark.parametrize(("line", "remedy"), HABITS.items(), ids=HABITS)
def test_a_habit_is_answered_with_the_right_command(groupsync: Groupsync, line: str, remedy: str) -> None:
    finished = groupsync(*shlex.split(line))

    assert (finished.code, finished.out) == (64, "")
    assert finished.err.endswith(f"  -> {remedy}\n"), finished.err


@pytest.mark.parametrize("command", ["apply", "check", "show"])
@pytest.mark.parametrize("name", ["groups.yaml", "my groups.yml"])
def test_a_configuration_given_as_a_plan_is_not_to_be_overwritten(
    groupsync: Groupsync, tmp_path: Path, command: str, name: str
) -> None:
    (tmp_path / name).write_text("version: 1\ngroups: [News]\n")

    finished = groupsync(command, name)

    assert (finished.code, finished.out) == (1, "")
    assert finished.err.endswith(
        f"  -> make a plan from the configuration: groupsync plan -c {shlex.quote(name)} --out plan.json\n"
    )


def test_a_plan_given_as_a_configuration_is_one_problem(groupsync: Groupsync, write: Callable[[str], None]) -> None:
    write("groups: [News]\n")
    groupsync("plan", "--out", "plan.json", "--allow", "empty-account")

    finished = groupsync("plan", "-c", "plan.json")

    assert (finished.code, finished.out) == (1, "")
    assert finished.err == (
        "Error: plan.json:1:1: this is a file that groupsync wrote, such as a plan, and not a configuration: "
        "name it without -c, as in groupsync show FILE\n"
    )


@pytest.mark.parametrize("line", ["frobnicate", "plan --frobnicate", "plan frobnicate", "apply a b", "show", "-x"])
def test_what_nobody_can_guess_gets_no_remedy(groupsync: Groupsync, line: str) -> None:
    finished = groupsync(*line.split())

    assert (finished.code, finished.out) == (64, "")
    assert "Error: " in finished.err
    assert "->" not in finished.err


def test_every_remedy_names_a_command_that_exists() -> None:
    for remedy in _COMMANDS.values():
        for command in re.findall(r"groupsync ([a-z]+) ?(?=$|--out)", remedy):
            assert command in {*COMMANDS, "keeps"}
