"""Six mistakes that tools with tags, selectors and ignored records have shipped, none of which groupsync makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import count_writes
from tests.unit.core import make_id

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

SALES, OTHER, VIP = make_id(1), make_id(2), make_id(3)
SCOPED = 'version: 1\nscope: ["Sales *"]\npolicy: {unlisted: delete}\n'


@pytest.fixture(autouse=True)
def _groups(sandbox: Sandbox) -> None:
    sandbox.add_group("Sales EE", id=SALES, contacts=4)
    sandbox.add_group("Newsletter", id=OTHER)
    sandbox.add_group("Marketing VIP", id=VIP, contacts=7)


def test_an_untagged_object_is_not_deleted_by_a_tagged_sync(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path
) -> None:
    """Not even if it is empty and unlisted groups are deleted: outside the scope, no group is unlisted."""
    sandbox.add_group("Sales old")
    (folder / "groups.yaml").write_text(SCOPED + "groups: [Sales EE]\n")

    finished = groupsync("apply", "--auto-approve")

    assert finished.code == 0
    assert sandbox.names() == ["Marketing VIP", "Newsletter", "Sales EE"]
    assert sandbox.requests("DELETE") == 1


@pytest.mark.parametrize("files", [("groups.yaml",), ("groups.d/a.yaml", "groups.d/b.yaml")], ids=["file", "folder"])
def test_the_tag_in_the_file_is_obeyed_without_an_option(
    files: tuple[str, ...], sandbox: Sandbox, groupsync: Groupsync, folder: Path
) -> None:
    """It is enough in one of several files, whichever it is. A run that ignored it would delete all others."""
    (folder / "groups.d").mkdir()
    texts = dict.fromkeys(files, "version: 1\ngroups: [Sales FI]\n")
    texts[files[-1]] = SCOPED + "groups: [Sales EE]\n"
    for file, text in texts.items():
        (folder / file).write_text(text)
    options = ("-c", "groups.d") if len(files) > 1 else ()

    plan = groupsync("plan", "--out", "plan.json", *options)
    applied = groupsync("apply", "plan.json", *options)

    assert (plan.code, applied.code) == (0, 0)
    assert plan.out.startswith('Scope: only groups named "Sales *".\n')
    assert applied.out.startswith('Scope: only groups named "Sales *".\n')
    assert {"Marketing VIP", "Newsletter", "Sales EE"} <= {*sandbox.names()}
    assert OTHER not in (folder / "plan.json").read_text()


@pytest.mark.parametrize(
    "claim",
    [
        f"groups: [Sales EE, {{name: Sales VIP, id: {VIP}}}]\n",
        f"groups: [Sales EE]\nremoved: [{{id: {VIP}, contacts_at_most: 99}}]\n",
    ],
    ids=["listed", "removed"],
)
def test_an_object_is_not_claimed_by_a_second_owner(
    claim: str, sandbox: Sandbox, groupsync: Groupsync, folder: Path
) -> None:
    """The group of another scope keeps its name and contacts, whatever this file says of its id."""
    (folder / "groups.yaml").write_text(SCOPED + claim)

    finished = groupsync("apply", "--auto-approve")

    assert finished.code == 3
    assert "belongs to another scope" in finished.out
    assert "groups.yaml:" in finished.out
    assert count_writes(sandbox) == 0
    assert sandbox.names() == ["Marketing VIP", "Newsletter", "Sales EE"]


def test_a_name_of_a_second_owner_is_refused_offline(sandbox: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    """A name is an error of the file, at its line, before anything is sent."""
    (folder / "groups.yaml").write_text(SCOPED + "groups: [Sales EE]\nremoved: [{name: Marketing VIP}]\n")

    finished = groupsync("apply", "--auto-approve")

    assert finished.code == 1
    assert 'groups.yaml:5:18: removed[0].name: "Marketing VIP" is outside the scope' in finished.err
    assert sandbox.requests("GET") == 0


@pytest.mark.parametrize("removal", ["", f"removed: [{{id: {make_id(4)}, contacts_at_most: 99}}]\n"])
def test_an_ignored_record_is_not_deleted(removal: str, sandbox: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    """`ignore` wins inside the scope: over the policy, and over an id under `removed`."""
    sandbox.add_group("Sales import 7", id=make_id(4))
    sandbox.add_group("Sales old", id=make_id(5))
    ignoring = SCOPED + 'ignore: ["sales import *"]\ngroups: [Sales EE]\n'
    (folder / "groups.yaml").write_text(ignoring + removal)

    finished = groupsync("apply", "--auto-approve")

    assert finished.code == (3 if removal else 0)
    assert "Sales import 7" in sandbox.names()
    assert ("Sales old" in sandbox.names()) is bool(removal)


def test_an_object_that_lost_its_tag_is_not_made_again_as_a_twin(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path
) -> None:
    """Somebody renamed it in the dashboard. The ways out are offered, and each does what it says."""
    sandbox.rename_group(SALES, "EE")
    (folder / "groups.yaml").write_text(SCOPED + "groups: [Sales EE]\n")
    before = count_writes(sandbox)

    refused = groupsync("apply", "--auto-approve")
    sandbox.rename_group(SALES, "Sales EE")
    renamed_back = groupsync("plan", "--detailed-exitcode")
    sandbox.rename_group(SALES, "EE")
    (folder / "groups.yaml").write_text(SCOPED.replace('"Sales *"', '"Sales *", EE') + "groups: [EE]\n")
    followed = groupsync("plan", "--detailed-exitcode")
    (folder / "groups.yaml").write_text(SCOPED + "groups: [Sales EE]\n")
    allowed = groupsync("apply", "--auto-approve", "--allow", "scope")

    assert (refused.code, renamed_back.code, followed.code, allowed.code) == (3, 0, 0, 0)
    assert f'"EE", 4 contacts, may be "Sales EE" [id={SALES}]' in refused.out
    assert "rename it back in the dashboard, or write its new name under scope and groups:" in refused.out
    assert "--allow scope" in refused.out
    assert count_writes(sandbox) == before + 1
    assert len(sandbox.members(SALES)) == 4


@pytest.mark.parametrize(
    ("live", "argument"),
    [
        ("Sales old name", "Sales old name"),
        ("Sales old name", "Sales EE"),
        ("Sales old name", SALES),
        (None, "Sales E*"),
    ],
)
def test_an_excluded_object_is_not_made_again(
    live: str | None, argument: str, sandbox: Sandbox, groupsync: Groupsync, folder: Path
) -> None:
    """Neither under the name that its entry gives it, nor if it is gone: its entry is excluded with it."""
    if live:
        sandbox.rename_group(SALES, live)
    else:
        sandbox.delete_group(SALES)
    (folder / "groups.yaml").write_text(
        SCOPED + "groups:\n  - {name: Sales EE, previously: [Sales old name]}\n  - Sales FI\n"
    )

    plan = groupsync("plan", "--exclude", argument, "--out", "plan.json", "--detailed-exitcode")
    applied = groupsync("apply", "plan.json")
    drift = groupsync("plan", "--exclude", argument, "--detailed-exitcode")

    assert (plan.code, applied.code, drift.code) == (2, 0, 2)
    assert "Excluded (--exclude " in plan.out.partition("\n\n")[0]
    assert "Excluded (--exclude " in applied.out.partition("\n\n")[0]
    assert sandbox.names() == sorted(["Marketing VIP", "Newsletter", "Sales FI", *([live] if live else [])])
    assert sandbox.requests("POST") == 1
