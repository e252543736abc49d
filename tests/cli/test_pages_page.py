"""docs/pages.md: its jq recipes, and what it says about the size of a page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jq
import pytest

from groupsync.render.html import render_html
from tests.golden.test_golden import make_many

if TYPE_CHECKING:
    from collections.abc import Callable

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

PAGE = (Path(__file__).parents[2] / "docs" / "pages.md").read_text(encoding="utf-8")


def find_program(command: str) -> str:
    """Return the jq program of the recipe that begins with a command of groupsync."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    (recipe,) = [str(block) for block in blocks if block.startswith(f"groupsync {command} ") and "jq" in block]
    program, curl = recipe.partition("'\n")[2].split("\n' | ")
    assert curl.startswith("curl ")
    return program


def run_jq(program: str, document: str) -> dict[str, str]:
    compiled: Any = getattr(jq, "compile")(program, args={"link": "https://example.com/x"})  # noqa: B009 - it has no types
    message: dict[str, str] = compiled.input_text(document).first()
    return message


@pytest.fixture
def plan(sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]) -> str:
    """The plan file of a plan that deletes a group."""
    sandbox.add_group("Secret name", contacts=12)
    write("groups: [New]\nremoved: [{name: Secret name, contacts_at_most: 20}]\n")
    return groupsync("plan", "--out", "plan.json", "--format", "json").out


def test_the_message_of_a_plan_has_figures_and_a_link_but_no_name(plan: str) -> None:
    assert run_jq(find_program("show"), plan) == {
        "text": "Groups: 1 to create, 0 to rename, 1 to delete. Memberships lost: 12. https://example.com/x"
    }


@pytest.mark.usefixtures("plan")
def test_the_message_of_a_summary_has_a_line_for_each_account(groupsync: Groupsync) -> None:
    account = json.loads(Path("plan.json").read_text(encoding="utf-8"))["account"]
    labels = ("--label", "acc-000000000000=Latvia")
    summary = groupsync("summary", "plan.json", *labels, "--format", "json").out

    assert run_jq(find_program("summary"), summary) == {
        "text": f"Latvia: missing, memberships lost: 0\n{account}: pending, memberships that would be lost: 12\nhttps://example.com/x"
    }


def test_the_page_says_how_large_twenty_thousand_changes_are() -> None:
    (megabytes,) = re.findall(r"20,000 changes has (\d\.\d) MB", PAGE)

    assert f"{len(render_html(make_many()).encode()) / 1e6:.1f}" == megabytes
