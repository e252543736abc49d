"""A group that somebody renamed in the dashboard: the plan offers to rename it back, and to take its new name over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.unit.core import make_id

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

FILE = "version: 1\ngroups:\n  - Newsletter\n  - VIP customers\n"
POLICIES = ["", "policy: {unlisted: keep}\n", "policy: {unlisted: refuse}\n", "policy: {unlisted: delete}\n"]


def find_blocks(out: str) -> list[str]:
    """Return the entries that the suggestion offers, without what follows them."""
    suggestion = out.partition("like a rename")[2].partition("\n\n")[2].partition("\n\n")[0]
    return re.findall(r"^  - [^\n]*\n(?:    [^\n]*\n?)*(?=    or, |\Z)", suggestion + "\n", re.MULTILINE)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("way", ["back", "over"])
def test_each_way_can_be_pasted_and_does_what_it_says(
    way: str, policy: str, sandbox: Sandbox, groupsync: Groupsync, folder: Path
) -> None:
    sandbox.add_group("Newsletter", id=make_id(1), contacts=2)
    sandbox.add_group("VIP customer", id=make_id(2), contacts=5)  # renamed in the dashboard
    (folder / "groups.yaml").write_text(FILE + policy)

    back, over = find_blocks(groupsync("plan").out)
    pasted = back if way == "back" else over
    (folder / "groups.yaml").write_text(FILE.replace("  - VIP customers\n", pasted.rstrip() + "\n") + policy)
    finished = groupsync("apply", "--auto-approve")

    assert finished.code == 0, finished.err + finished.out
    assert sandbox.names() == ["Newsletter", "VIP customers" if way == "back" else "VIP customer"]
    assert len(sandbox.members(make_id(2))) == 5


@pytest.mark.parametrize("policy", [POLICIES[0], POLICIES[2]])
def test_a_name_without_any_likeness_is_mentioned_as_well(
    policy: str, sandbox: Sandbox, groupsync: Groupsync, folder: Path
) -> None:
    sandbox.add_group("Newsletter")
    sandbox.add_group("Gold", contacts=5)
    (folder / "groups.yaml").write_text(FILE + policy)

    with_create = groupsync("plan").out
    (folder / "groups.yaml").write_text("version: 1\ngroups: [Newsletter]\n" + policy)
    without_create = groupsync("plan").out

    assert (
        "if one of these was renamed in the dashboard, write its new name in its entry; to rename it back"
        in with_create
    )
    assert "renamed in the dashboard" not in without_create
