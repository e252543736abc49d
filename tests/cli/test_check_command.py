"""`check PLAN`: everything that `apply PLAN` verifies before its first write, and nothing more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from groupsync.cli.main import run
from tests.cli.conftest import count_writes
from tests.unit.core import make_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Finished, Groupsync

CONFIG = (
    "groups:\n  - {name: VIP customers, previously: [VIP]}\n  - New\nremoved:\n  - {name: Old, contacts_at_most: 2}\n"
)


@pytest.fixture
def plan(sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path) -> Path:
    """A plan of a rename, a create and a deletion of a group with two contacts."""
    sandbox.add_group("VIP", id=make_id(1), contacts=3)
    sandbox.add_group("Old", id=make_id(2), contacts=2)
    write(CONFIG)
    assert groupsync("plan", "--out", "plan.json").code == 0
    return folder / "plan.json"


@pytest.mark.usefixtures("plan")
def test_a_valid_plan_is_shown_with_its_remaining_changes(groupsync: Groupsync, sandbox: Sandbox) -> None:
    finished = groupsync("check", "plan.json")

    assert (finished.code, finished.err) == (0, "")
    assert finished.out == (
        "The plan is still valid. Applying it would do this:\n"
        "Plan: 1 to create, 1 to rename, 1 to delete. Memberships lost: 2.\n"
    )
    assert count_writes(sandbox) == 0


@pytest.mark.usefixtures("plan")
def test_done_changes_and_newcomers_are_shown(groupsync: Groupsync, sandbox: Sandbox) -> None:
    sandbox.rename_group(make_id(1), "VIP customers")
    sandbox.add_group("Stranger")

    finished = groupsync("check", "plan.json")

    assert (finished.code, finished.err) == (0, "")
    assert finished.out == (
        "The plan is still valid, 1 of 3 changes are done. Applying it would do this:\n"
        "Plan: 1 to create, 0 to rename, 1 to delete. Memberships lost: 2.\n"
        "New since the plan, and left alone: 1 group.\n"
    )


@pytest.mark.usefixtures("plan")
def test_an_applied_plan_is_valid_and_has_nothing_left_to_do(groupsync: Groupsync) -> None:
    assert groupsync("apply", "plan.json").code == 0

    finished = groupsync("check", "plan.json")

    assert (finished.code, finished.err) == (0, "")
    assert finished.out == "The plan is still valid, and nothing is left to do: its changes (3) are all done.\n"


def test_a_plan_without_changes_is_valid(sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]) -> None:
    sandbox.add_group("A")
    write("groups: [A]\n")
    groupsync("plan", "--out", "plan.json")

    finished = groupsync("check", "plan.json")

    assert (finished.code, finished.out) == (0, "The plan is still valid: it has no changes.\n")


@pytest.mark.usefixtures("plan")
def test_a_check_lists_the_groups_once_and_writes_nothing(
    groupsync: Groupsync, sandbox: Sandbox, environ: Mapping[str, str]
) -> None:
    sandbox.forget_requests()

    groupsync("check", "plan.json")

    assert [(entry.method, entry.path) for entry in sandbox.log()] == [("GET", "/v1/phonebook/groups")]
    assert list(Path(environ["GROUPSYNC_BACKUP_DIR"]).iterdir()) == []
    assert list(Path(environ["GROUPSYNC_LOCK_DIR"]).iterdir()) == []


@pytest.mark.usefixtures("plan")
def test_a_check_needs_no_folder_for_locks(groupsync: Groupsync, folder: Path) -> None:
    """It takes no lock, so it also works while a run is under way."""
    finished = groupsync("check", "plan.json", GROUPSYNC_LOCK_DIR=str(folder / "gone"))

    assert finished.code == 0


# The same verdict as `apply`


def add_a_contact(sandbox: Sandbox) -> None:
    sandbox.delete_group(make_id(2))
    sandbox.add_group("Old", id=make_id(2), contacts=3)


def omit_counts(sandbox: Sandbox) -> None:
    groups = [{"id": group.id, "name": group.name} for group in sandbox.groups()]
    sandbox.fail_next("GET", status=200, body={"groups": groups}, times=2)


def damage(path: Path) -> None:
    path.write_text(path.read_text().replace("VIP customers", "VIP  ustomers"))


def reseal_for_another_version(path: Path) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), "format_version": "9.9"}))


SITUATIONS: dict[str, tuple[int, Callable[[Sandbox, Path], object], tuple[str, ...], dict[str, str]]] = {
    "a group was renamed": (4, lambda sandbox, _: sandbox.rename_group(make_id(1), "X"), (), {}),
    "a group is gone": (4, lambda sandbox, _: sandbox.delete_group(make_id(1)), (), {}),
    "a group gained a contact": (4, lambda sandbox, _: add_a_contact(sandbox), (), {}),
    "a name is taken": (4, lambda sandbox, _: sandbox.add_group("VIP customers"), (), {}),
    "a name is taken in another case": (4, lambda sandbox, _: sandbox.add_group("new"), (), {}),
    "two of a new name": (4, lambda sandbox, _: (sandbox.add_group("New"), sandbox.add_group("New")), (), {}),
    "another configuration": (
        4,
        lambda _, path: (path.parent / "groups.yaml").write_text("version: 1\ngroups: [New]\n"),
        (),
        {},
    ),
    "another digest": (4, lambda _, __: None, ("--expect-digest", "sha256:" + "0" * 64), {}),
    "an unknown number of contacts": (4, lambda sandbox, _: omit_counts(sandbox), (), {}),
    "a group that another run left at a temporary name": (
        3,
        lambda sandbox, _: sandbox.add_group("X [groupsync ce89a0b0]", id=make_id(9)),
        (),
        {},
    ),
    "one byte changed": (1, lambda _, path: damage(path), (), {}),
    "another version": (1, lambda _, path: reseal_for_another_version(path), (), {}),
    "a missing plan": (1, lambda _, path: path.unlink(), (), {}),
    "a wrong configuration": (1, lambda _, path: (path.parent / "groups.yaml").write_text("groups: 1\n"), (), {}),
    "no credentials": (1, lambda _, __: None, (), {"MESSENTE_API_PASSWORD": "", "MESSENTE_API_USERNAME": ""}),
    "a wrong password": (1, lambda _, __: None, (), {"MESSENTE_API_PASSWORD": "wrong"}),
    "a server that refuses": (1, lambda sandbox, _: sandbox.fail_next("GET", status=400, times=2), (), {}),
    "a folder for backups that cannot be made": (1, lambda _, __: None, ("--backup-dir", "groups.yaml/x"), {}),
    "an unknown option": (64, lambda _, __: None, ("--zzz",), {}),
}


@pytest.mark.parametrize(("code", "change", "options", "variables"), SITUATIONS.values(), ids=SITUATIONS)
def test_check_gives_the_same_verdict_as_apply(
    sandbox: Sandbox,
    groupsync: Groupsync,
    plan: Path,
    code: int,
    change: Callable[[Sandbox, Path], object],
    options: tuple[str, ...],
    variables: dict[str, str],
) -> None:
    change(sandbox, plan)

    checked = groupsync("check", "plan.json", *options, **variables)
    applied = groupsync("apply", "plan.json", *options, **variables)

    assert (checked.code, applied.code) == (code, code)
    assert (checked.out, _without_usage(checked)) == (applied.out, _without_usage(applied))
    assert count_writes(sandbox) == 0


@pytest.mark.usefixtures("plan")
def test_a_plan_for_another_phonebook_is_stale(groupsync: Groupsync, sandbox: Sandbox) -> None:
    elsewhere = sandbox.url.replace("127.0.0.1", "localhost")

    checked = groupsync("check", "plan.json", GROUPSYNC_ENDPOINT=elsewhere)
    applied = groupsync("apply", "plan.json", GROUPSYNC_ENDPOINT=elsewhere)

    assert (checked.code, applied.code) == (4, 4)
    assert checked.err == applied.err
    assert "Phonebook: account: reviewed" in checked.err
    assert count_writes(sandbox) == 0


@pytest.mark.usefixtures("plan")
def test_a_plan_for_another_account_is_stale_before_any_request(groupsync: Groupsync, sandbox: Sandbox) -> None:
    """The account is compared before the first request, which would send the credentials."""
    sandbox.forget_requests()

    checked = groupsync("check", "plan.json", MESSENTE_API_USERNAME="somebody else")
    applied = groupsync("apply", "plan.json", MESSENTE_API_USERNAME="somebody else")

    assert (checked.code, applied.code) == (4, 4)
    assert sandbox.log() == ()


def _without_usage(finished: Finished) -> str:
    return finished.err.rpartition("\nError: ")[2]


def test_a_guard_refuses_and_is_overridden_as_in_apply(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Old", contacts=1)
    write("groups: [A]\n")
    assert groupsync("plan", "--out", "plan.json").code == 3

    refused = groupsync("check", "plan.json")
    refused_by_apply = groupsync("apply", "plan.json")
    allowed = groupsync("check", "plan.json", "--allow", "contacts-lost")

    assert (refused.code, refused.out, refused.err) == (3, refused_by_apply.out, refused_by_apply.err)
    assert "contacts-lost" in refused.out
    assert allowed.code == 0
    assert count_writes(sandbox) == 0


@pytest.mark.usefixtures("plan")
def test_without_a_backup_folder_the_backup_guard_refuses_unless_allowed(
    sandbox: Sandbox, folder: Path, environ: Mapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    variables = {name: value for name, value in environ.items() if name != "GROUPSYNC_BACKUP_DIR"}

    codes = [run(["check", "plan.json", *options], variables) for options in ([], ["--allow", "backup"])]

    assert codes == [3, 0]
    assert "backup" in capsys.readouterr().out
    assert count_writes(sandbox) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["groups.yaml", "plan.json"]
