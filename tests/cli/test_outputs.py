"""Outputs of one run: text, Markdown, plan file, GitLab report; concise, quiet, verbose; in CI."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import NEW_ACCOUNT
from tests.golden.test_golden import HERE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

ALL = ("--out", "plan.json", "--markdown", "plan.md", "--gitlab-report", "gitlab.json")
MARKER = "<!-- groupsync plan account=acc-"


@pytest.fixture
def refused(sandbox: Sandbox, write: Callable[[str], None]) -> None:
    """A plan that is refused: it creates a group and deletes one that holds contacts."""
    sandbox.add_group("Old", contacts=12)
    write("groups: [New]\n")


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize("format_name", ["text", "markdown", "json"])
def test_one_run_with_one_request_writes_all_outputs(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, format_name: str
) -> None:
    finished = groupsync("plan", *ALL, "--format", format_name, "--detailed-exitcode", GITHUB_SHA="0123abc")

    plan, markdown = (folder / "plan.json").read_text(), (folder / "plan.md").read_text()
    assert (finished.code, sandbox.requests("GET")) == (3, 1)
    assert json.loads(plan)["summary"] == {"create": 1, "rename": 0, "delete": 1, "memberships_lost": 12}
    assert markdown.startswith(MARKER)
    assert json.loads(plan)["approval"] is None
    assert "approval=" not in markdown
    assert "commit `0123abc`" in markdown
    assert (folder / "gitlab.json").read_text() == '{"create":1,"update":0,"delete":1}\n'
    expected = {"markdown": markdown, "json": plan}.get(format_name)
    assert finished.out == expected if expected else finished.out.startswith("groupsync would make these changes")


@pytest.mark.parametrize("format_name", ["text", "markdown", "json"])
@pytest.mark.parametrize("detail", [(), ("-q",), ("-v",)])
def test_the_format_never_changes_the_exit_code(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], format_name: str, detail: tuple[str, ...]
) -> None:
    sandbox.add_group("Old")
    write("groups: [New]\n")

    assert groupsync("plan", "--format", format_name, *detail).code == 0
    assert groupsync("plan", "--format", format_name, *detail, "--detailed-exitcode").code == 2
    write("groups: [NO]\n")
    assert groupsync("plan", "--format", format_name, *detail).code == 1


@pytest.mark.usefixtures("refused")
def test_a_saved_plan_is_shown_in_the_same_formats(groupsync: Groupsync, folder: Path) -> None:
    groupsync("plan", *ALL, GITHUB_SHA="0123abc")
    before = {name: (folder / name).read_bytes() for name in ("plan.md", "gitlab.json")}
    for name in before:
        (folder / name).unlink()

    finished = groupsync("show", "plan.json", *ALL[2:], "--format", "markdown", GITHUB_SHA="0123abc")

    assert finished.code == 0
    assert finished.out == (folder / "plan.md").read_text()
    assert (folder / "gitlab.json").read_bytes() == before["gitlab.json"]
    assert finished.out.splitlines()[:3] == before["plan.md"].decode().splitlines()[:3]


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize("detail", [(), ("--quiet",), ("--verbose",)])
def test_a_saved_plan_is_shown_as_plan_printed_it(groupsync: Groupsync, detail: tuple[str, ...]) -> None:
    planned = groupsync("plan", "--out", "plan.json", *detail)

    assert groupsync("show", "plan.json", *detail).out == planned.out


def test_a_failed_run_leaves_no_markdown_of_an_earlier_run(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    """Otherwise a bot would post yesterday's plan."""
    write("groups: [New]\n")
    groupsync("plan", "--markdown", "plan.md")
    assert (folder / "plan.md").exists()
    sandbox.fail_next("GET", status=400, times=2)

    assert groupsync("plan", "--markdown", "plan.md").code == 1
    assert not (folder / "plan.md").exists()


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--markdown", "groups.yaml"), 1),
        (("--gitlab-report", "groups.yaml"), 1),
        (("--out", "x", "--markdown", "x"), 64),
        (("--max-bytes", "10"), 64),
    ],
)
def test_an_output_that_would_overwrite_another_file_is_refused(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, options: tuple[str, ...], code: int
) -> None:
    before = (folder / "groups.yaml").read_bytes()

    assert groupsync("plan", *options).code == code
    assert sandbox.log() == ()
    assert (folder / "groups.yaml").read_bytes() == before


def test_max_bytes_limits_the_size_of_the_markdown(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    for number in range(200):
        sandbox.add_group(f"Old group {number:03}", contacts=1)
    write("groups: [New]\n")

    groupsync("plan", "--markdown", "plan.md", "--max-bytes", "4500")

    page = (folder / "plan.md").read_bytes()
    assert 3_600 < len(page) <= 4_500
    assert re.search(rb"Left out: \d+ of 200 deletions.*See them with", page)


@pytest.mark.usefixtures("refused")
def test_quiet_prints_only_the_summary(groupsync: Groupsync) -> None:
    assert groupsync("plan", "--quiet").out == (
        "Plan: 1 to create, 0 to rename, 1 to delete. Memberships lost: 12.\n"
        "Not agreed to: 1 group, 12 contacts.\n"
        "Refused: contacts-lost.\n"
    )
    assert len(groupsync("plan", "-q", "--format", "markdown").out.splitlines()) == 10


def test_verbose_also_shows_the_groups_that_do_not_change(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    ids = {name: sandbox.add_group(name, contacts=3) for name in ("Same", "Kept", "Imported 1", "Old name")}
    write(
        "policy: {unlisted: keep}\ngroups: [Same, {name: New name, previously: [Old name]}]\nignore: ['Imported *']\n"
    )

    concise, verbose = groupsync("plan").out, groupsync("plan", "--verbose").out

    assert "Same" not in concise
    blocks = {
        f'  # 1 group {what}\n    "{name}"': name
        for what, name in {
            "unchanged": "Same",
            "kept, although not in the configuration": "Kept",
            "ignored": "Imported 1",
        }.items()
    }
    for block, name in blocks.items():
        assert f"{block}{' ' * (52 - len(block.splitlines()[1]))}3 contacts\n      id: {ids[name]}\n" in verbose


def test_an_apply_writes_its_report_as_markdown(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    sandbox.add_group("Old", contacts=2)
    write("groups: [New]\nremoved: [{name: Old, contacts_at_most: 2}]\n")
    groupsync("plan", "--out", "plan.json")

    finished = groupsync("apply", "plan.json", "--markdown", "report.md", "--format", "markdown")

    page = (folder / "report.md").read_text()
    assert (finished.code, finished.out) == (0, page)
    assert page.startswith("<!-- groupsync report account=acc-")
    assert "\n**Apply complete: 1 created, 0 renamed, 1 deleted**\n" in page
    assert "**1 group deleted**\n\n| Group | Contacts | Members are saved in |\n" in page
    assert '\n| `"Old"` | 2 | `' in page


def test_the_markdown_of_a_failed_apply_lists_what_is_not_done(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    write("groups: [New]\n")
    sandbox.fail_next("POST", status=422)

    finished = groupsync("apply", *NEW_ACCOUNT, "--auto-approve", "--quiet", "--markdown", "report.md")

    page = (folder / "report.md").read_text()
    assert (finished.code, finished.out.splitlines()[-1]) == (5, "Apply incomplete: 1 failed.")
    assert "> [!CAUTION]\n> **Not everything is done.**" in page
    assert '> - failed: create group `"New"`: ' in page


def test_a_quiet_apply_prints_no_progress_but_what_failed(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("groups: [New, Newer]\n")
    sandbox.fail_next("POST", status=422)

    some = groupsync("apply", *NEW_ACCOUNT, "--auto-approve", "--quiet", "--parallelism", "1")
    rest = groupsync("apply", *NEW_ACCOUNT, "--auto-approve", "--quiet")

    assert [line.partition(" ")[0] for line in some.err.splitlines() if line.startswith("[")] == ["[1/2]"]
    assert (rest.code, rest.err) == (0, "")


def test_no_format_prints_a_name_as_a_command_of_a_ci_log(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    """GitHub and Azure look for `##[` anywhere in a log."""
    names = ("##[error]a", "x ##vso[task.setvariable variable=y]z", "::warning::w")
    for name in names:
        sandbox.add_group(name, contacts=1)
    write("groups: ['##[group]new']\nignore: ['##[nothing]*']\n")

    outputs = {name: groupsync("plan", "--format", name) for name in ("text", "markdown", "json")}
    exported = groupsync("export").out

    for finished in outputs.values():
        assert "##[" not in finished.out + finished.err
        assert "##vso[" not in finished.out + finished.err
    assert "##[" not in exported
    assert {group["name"] for group in json.loads(outputs["json"].out)["base"]} == set(names)


@pytest.mark.parametrize(("ci", "hints"), [(None, True), ("true", False)])
def test_the_next_command_is_suggested_only_outside_ci(
    folder: Path, environ: Mapping[str, str], write: Callable[[str], None], ci: str | None, hints: bool
) -> None:
    write("groups: [New]\n")
    variables = {key: value for key, value in environ.items() if key != "CI"} | ({"CI": ci} if ci else {})
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "groupsync", "plan", *NEW_ACCOUNT, "--out", "plan.json"],
        env=variables,
        cwd=folder,
        stdout=theirs,
        stderr=theirs,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)

    assert ("To apply exactly this plan: groupsync apply plan.json" in shown) is hints


def test_there_are_at_least_fifteen_golden_folders() -> None:
    assert sum(path.is_dir() and (path / "plan.md").exists() for path in HERE.iterdir()) >= 15
