"""The number of contacts that a saved plan prints is today's, and backups follow what may be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.core import make_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

SALE = make_id(7)


@pytest.fixture
def plan(sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]) -> str:
    """A plan that deletes a group with 100 contacts; the configuration consents to lose 120."""
    sandbox.add_group("Kept")
    sandbox.add_group("Sale", id=SALE, contacts=100)
    write("groups: [Kept]\nremoved: [{name: Sale, contacts_at_most: 120}]\n")
    assert groupsync("plan", "--out", "plan.json").code == 0
    return "plan.json"


def refill(sandbox: Sandbox, contacts: int) -> None:
    sandbox.delete_group(SALE)
    sandbox.add_group("Sale", id=SALE, contacts=contacts)
    sandbox.forget_requests()


@pytest.mark.parametrize("contacts", [0, 5, 100])
def test_check_and_apply_print_how_many_contacts_lose_the_group_now(
    plan: str, sandbox: Sandbox, groupsync: Groupsync, contacts: int
) -> None:
    refill(sandbox, contacts)
    figures = f"Plan: 0 to create, 0 to rename, 1 to delete. Memberships lost: {contacts}.\n"

    checked = groupsync("check", plan)
    applied = groupsync("apply", plan)

    assert (checked.code, checked.out) == (0, f"The plan is still valid. Applying it would do this:\n{figures}")
    assert applied.code == 0
    assert applied.out.startswith(figures)


def test_a_group_that_is_now_empty_is_backed_up_if_contacts_may_be_lost(
    plan: str, sandbox: Sandbox, groupsync: Groupsync, tmp_path: Path
) -> None:
    """Somebody may put contacts into it before it is deleted: up to 100 were reviewed, and they would be saved."""
    refill(sandbox, 0)
    backups = tmp_path / "backups"

    checked = groupsync("check", plan, GROUPSYNC_BACKUP_DIR=str(backups))
    is_prepared = backups.is_dir()
    applied = groupsync("apply", plan, GROUPSYNC_BACKUP_DIR=str(backups))

    assert (checked.code, is_prepared, applied.code) == (0, True, 0)
    assert [entry.path for entry in sandbox.log() if entry.path.endswith("/contacts")]


def test_an_empty_group_needs_no_backup_if_no_contact_may_be_lost(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], tmp_path: Path
) -> None:
    sandbox.add_group("Kept")
    sandbox.add_group("Sale", id=SALE)
    write("groups: [Kept]\nremoved: [{name: Sale}]\n")
    groupsync("plan", "--out", "plan.json")

    applied = groupsync("apply", "plan.json", GROUPSYNC_BACKUP_DIR=str(tmp_path / "backups"))

    assert applied.code == 0
    assert not (tmp_path / "backups").exists()


def test_one_count_that_disagrees_with_the_members_stops_the_other_deletions(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Kept")
    for number in (1, 2, 3):
        sandbox.add_group(f"Old {number}", id=make_id(number), contacts=2)
    write(
        "groups: [Kept]\nremoved:" + "".join(f"\n  - {{name: Old {n}, contacts_at_most: 2}}" for n in (1, 2, 3)) + "\n"
    )
    groupsync("plan", "--out", "plan.json")
    lie = {"id": make_id(1), "name": "Old 1", "contactsCount": 1}
    sandbox.fail_next("GET", path=f"*/groups/{make_id(1)}", status=200, body={"group": lie}, times=9)

    applied = groupsync("apply", "plan.json", "--parallelism", "1")

    assert applied.code == 5
    assert "Apply incomplete: 1 conflict, 2 not attempted." in applied.out
    assert sandbox.names() == ["Kept", "Old 1", "Old 2", "Old 3"]
