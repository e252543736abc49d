"""Colours depend on how lines begin: each of these beginnings must be one that the program really prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.render.colour import STYLES, colour_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync


@pytest.fixture
def show(groupsync: Groupsync) -> Callable[..., list[str]]:
    """Run a command line and return the lines of both its streams."""

    def show(*args: str, **variables: str) -> list[str]:
        finished = groupsync(*args, **variables)
        return (finished.out + finished.err).split("\n")

    return show


def show_plans(sandbox: Sandbox, write: Callable[[str], None], show: Callable[..., list[str]]) -> list[str]:
    """Show plans of every verdict, apply one of them, and leave groups behind that nothing restores."""
    write("groups: [NO]\n")
    lines = show("plan")
    for name in ("Leads", "Twin", "Twin", "Sale 2023"):
        sandbox.add_group(name, contacts=2)
    write("groups: [Twin]\n")
    lines += show("plan")
    write("groups: [Other]\nremoved: [{name: Leads, contacts_at_most: 2}]\nignore: [Twin]\n")
    lines += show("plan")
    write("policy: {unlisted: refuse}\ngroups: [Sale 2024]\nignore: [Twin, Leads]\n")
    lines += show("plan")
    write(
        "policy: {max_deletes: 500}\n"
        "groups: [New, {name: Prospects, previously: [Leads]}]\n"
        "removed: [{name: Sale 2023, contacts_at_most: 2}]\n"
        "ignore: [Twin]\n"
    )
    lines += show("plan", "--out", "plan.json", GROUPSYNC_PROTECTED="Nobody")
    sandbox.fail_next("POST", status=400)
    lines += show("apply", "plan.json")
    for command in ("check", "apply", "apply"):
        lines += show(command, "plan.json")
    return lines + show("plan")


def show_restores(
    sandbox: Sandbox, write: Callable[[str], None], show: Callable[..., list[str]], backup: Path
) -> list[str]:
    """Show a restore, one that fails and one that does not."""
    write("policy: {unlisted: keep}\ngroups: [Sale 2023]\n")
    lines = show("restore", str(backup))
    sandbox.fail_next("POST", status=400)
    lines += show("restore", str(backup), "--auto-approve")
    return lines + show("restore", str(backup), "--auto-approve")


def test_every_style_is_for_lines_that_are_printed(
    sandbox: Sandbox,
    environ: Mapping[str, str],
    folder: Path,
    write: Callable[[str], None],
    show: Callable[..., list[str]],
) -> None:
    lines = show_plans(sandbox, write, show)
    (backup,) = (folder / environ["GROUPSYNC_BACKUP_DIR"]).iterdir()
    lines += show_restores(sandbox, write, show, backup)
    lines += show("doctor")
    lines += show("doctor", MESSENTE_API_PASSWORD="")

    assert [beginning for beginning in STYLES if not any(line.startswith(beginning) for line in lines)] == []


def test_the_lines_below_a_change_are_dim_and_lines_to_paste_are_not() -> None:
    plan = '  - "a"\n      groups.yaml:3\n      id: 1\n\n  code: b\n    to do\n      - name: a\n'

    assert colour_lines(plan) == (
        '\x1b[31m  - "a"\x1b[0m\n\x1b[2m      groups.yaml:3\x1b[0m\n\x1b[2m      id: 1\x1b[0m\n'
        "\n  code: b\n    to do\n      - name: a\n"
    )


def test_a_line_has_the_style_of_its_beginning() -> None:
    assert colour_lines("  + a\n+ a\n\nError: b\n") == "\x1b[32m  + a\x1b[0m\n+ a\n\n\x1b[1;31mError: b\x1b[0m\n"
