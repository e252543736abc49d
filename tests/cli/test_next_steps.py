"""Commands that groupsync prints as the next step: pasted into a shell as they are, they do what they say."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from groupsync.cli.main import COMMANDS
from groupsync.cli.program import cli
from groupsync.command import CommandOptions, quote_word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupsync.sandbox import Sandbox

ODD = (
    "cfg",
    "my groups.yaml",
    "-c.yaml",
    'it\'s "one" $HOME `id`',
    "line\nbreak.yaml",
    "##[group].yaml",
    "é\u200b.yaml",
)


@dataclass(frozen=True)
class Shown:
    """What a command printed to a terminal, without colours, and how it ended."""

    code: int
    text: str


@pytest.fixture
def variables(environ: Mapping[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of a person at a terminal: nothing says where the Phonebook, the files or the backups are."""
    left_out = {"GROUPSYNC_ENDPOINT", "GROUPSYNC_BACKUP_DIR", "GROUPSYNC_CONFIG"}
    kept = {key: value for key, value in environ.items() if key not in left_out}
    program = tmp_path / "bin" / "groupsync"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m groupsync "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(Path(__file__).parents[2])}


def show(arguments: list[str], folder: Path, variables: Mapping[str, str]) -> Shown:
    """Run a command with a terminal for its output."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(arguments, env=variables, cwd=folder, stdout=theirs, stderr=theirs)
    os.close(theirs)
    text = b""
    while chunk := _read(ours):
        text += chunk
    os.close(ours)
    return Shown(process.wait(), text.decode().replace("\r\n", "\n"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # the other end is closed
        return b""


def find_command(text: str, name: str) -> str:
    """Return the last command of that name that is printed; it takes the rest of its line."""
    return str(re.findall(rf"(groupsync {name} .*)", text)[-1])


@pytest.mark.parametrize("name", ODD)
def test_the_commands_of_a_run_work_as_printed(
    sandbox: Sandbox, folder: Path, variables: dict[str, str], name: str
) -> None:
    """Plan, show, check and apply, of a configuration and a folder of backups with an odd name."""
    sandbox.add_group("Old", contacts=2)
    (folder / name).write_text("version: 1\ngroups: [New]\nremoved: [{name: Old, contacts_at_most: 2}]\n")
    plan_file = f"{name}.json"
    options = ["--endpoint", sandbox.url, "--backup-dir", f"{name} kept"]

    planned = show(["groupsync", "plan", "-c", name, "--out", plan_file, *options], folder, variables)
    shown = show(["groupsync", "show", "--", plan_file], folder, variables)
    command = find_command(planned.text, "apply")
    checked = show(["sh", "-c", command.replace("apply", "check", 1)], folder, variables)
    applied = show(["sh", "-c", find_command(checked.text, "apply")], folder, variables)

    assert (
        find_command(planned.text, "apply") == find_command(shown.text, "apply") == find_command(checked.text, "apply")
    )
    assert (planned.code, shown.code, checked.code, applied.code) == (0, 0, 0, 0)
    assert "Apply complete: 1 created, 0 renamed, 1 deleted." in applied.text
    assert sandbox.names() == ["New"]

    (folder / name).write_text("version: 1\ngroups: [New, Old]\n")
    restored = show(["sh", "-c", find_command(applied.text, "restore") + " --auto-approve"], folder, variables)

    assert restored.code == 0
    assert sandbox.names() == ["New", "Old"]


@pytest.mark.parametrize("name", ODD)
def test_the_command_of_the_markdown_works_as_printed(
    sandbox: Sandbox, folder: Path, variables: dict[str, str], name: str
) -> None:
    (folder / name).write_text("version: 1\ngroups: [New]\n")
    options = ["--endpoint", sandbox.url, "--allow", "empty-account"]

    page = show(["groupsync", "plan", "-c", name, *options, "--format", "markdown"], folder, variables).text
    commands = page.split("```sh\n")[1].split("\n```")[0]
    finished = show(["sh", "-ec", commands], folder, variables)

    assert finished.code == 0
    assert sandbox.names() == ["New"]


def test_a_stale_plan_says_how_to_make_a_new_one(sandbox: Sandbox, folder: Path, variables: dict[str, str]) -> None:
    (folder / "my groups.yaml").write_text("version: 1\ngroups: [New]\n")
    options = ["-c", "my groups.yaml", "--endpoint", sandbox.url, "--allow", "empty-account"]
    show(["groupsync", "plan", *options, "--out", "-p.json"], folder, variables)
    (folder / "my groups.yaml").write_text("version: 1\ngroups: [Newer]\n")

    stale = show(["groupsync", "apply", *options, "--", "-p.json"], folder, variables)
    planned = show(["sh", "-c", find_command(stale.text, "plan")], folder, variables)
    applied = show(["sh", "-c", find_command(planned.text, "apply")], folder, variables)

    assert (stale.code, planned.code, applied.code) == (4, 0, 0)
    assert sandbox.names() == ["Newer"]


def test_a_plan_file_that_was_edited_says_how_to_make_a_new_one(
    sandbox: Sandbox, folder: Path, variables: dict[str, str]
) -> None:
    (folder / "cfg").write_text("version: 1\ngroups: [New]\n")
    (folder / "plan.json").write_text("{}")

    refused = show(["groupsync", "apply", "plan.json", "-c", "cfg", "--endpoint", sandbox.url], folder, variables)

    assert refused.code == 1
    assert f"groupsync plan --out plan.json -c cfg --endpoint {sandbox.url}\n" in refused.text


def test_an_export_says_how_to_plan_with_its_file(sandbox: Sandbox, folder: Path, variables: dict[str, str]) -> None:
    sandbox.add_group("Old", contacts=2)

    exported = show(["groupsync", "export", "--out", "-x y.yaml", "--endpoint", sandbox.url], folder, variables)
    planned = show(["sh", "-c", find_command(exported.text, "plan")], folder, variables)

    assert "No changes." in planned.text


def test_a_doctor_says_how_to_export(sandbox: Sandbox, folder: Path, variables: dict[str, str]) -> None:
    sandbox.add_group("Old", contacts=2)

    checked = show(["groupsync", "doctor", "--endpoint", sandbox.url], folder, variables)
    exported = show(["sh", "-c", find_command(checked.text, "export")], folder, variables)

    assert exported.code == 0
    assert (folder / "groups.yaml").exists()


def test_a_restore_says_how_to_put_the_contacts_into_a_live_group(
    sandbox: Sandbox, folder: Path, variables: dict[str, str]
) -> None:
    sandbox.add_group("Old", contacts=2)
    (folder / "c d").write_text("version: 1\ngroups: [New]\nremoved: [{name: Old, contacts_at_most: 2}]\n")
    options = ["-c", "c d", "--endpoint", sandbox.url]
    show(["groupsync", "apply", *options, "--backup-dir", "k p", "--auto-approve"], folder, variables)
    (folder / "c d").write_text("version: 1\ngroups: [New, Old]\n")
    show(["groupsync", "apply", *options, "--auto-approve"], folder, variables)
    [backup] = folder.glob("k p/**/*.json")

    refused = show(["groupsync", "restore", *options, str(backup)], folder, variables)
    restored = show(["sh", "-c", find_command(refused.text, "restore") + " --auto-approve"], folder, variables)

    assert (refused.code, restored.code) == (3, 0)
    assert "2 contacts added" in restored.text


def test_a_command_is_given_only_options_that_it_takes() -> None:
    every = CommandOptions(config_paths=("c",), endpoint="e", backup_dir="b", allowed=("backup",))
    options = {"-c": "config_paths", "--endpoint": "endpoint", "--backup-dir": "backup_dir", "--allow": "allowed"}
    context = click.Context(cli)
    assert isinstance(cli, click.Group)

    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command
        taken = {parameter.name for parameter in command.params}
        written = every.write(name).split()
        assert {options[word] for word in written if word in options} == taken & set(options.values()), name


def test_a_password_in_an_endpoint_is_not_repeated() -> None:
    assert CommandOptions(endpoint="https://user:secret@host/v1").write("plan") == "groupsync plan"


@pytest.mark.parametrize("word", [*ODD, "", "~", "\udcff", "\x1b[31m", "a\\033b", "%s", "-e", "'", "\n\n x"])
def test_a_shell_reads_a_quoted_word_as_it_was(word: str) -> None:
    quoted = quote_word(word)

    out = subprocess.run(["sh", "-c", f"printf '%s' {quoted}"], capture_output=True, check=True).stdout
    assert out == word.encode(errors="surrogateescape")
    assert quoted.isprintable()
    assert json.dumps(quoted)
