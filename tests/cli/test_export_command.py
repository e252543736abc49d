"""`export`: write the live groups to a file whose plan is empty."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

import pytest

from groupsync.errors import FileError
from groupsync.files import write_file
from groupsync.model.account import make_target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

VIP = "5792a02a-e5c2-422b-a0a0-0ae65d814663"
BLANK = "4792a02a-e5c2-422b-a0a0-0ae65d814662"


def read_keys(head: str) -> list[str]:
    """Return the lines of an export above its groups, without comments."""
    return [line.partition("  #")[0] for line in head.splitlines() if not line.lstrip().startswith("#")]


def test_every_group_is_printed_with_its_id_sorted_by_name(
    sandbox: Sandbox, groupsync: Groupsync, environ: Mapping[str, str]
) -> None:
    sandbox.add_group("VIP", id=VIP)
    sandbox.add_group("blank ", id=BLANK)
    account = make_target(environ["GROUPSYNC_ENDPOINT"], environ["MESSENTE_API_USERNAME"]).account

    finished = groupsync("export")

    head, _, groups = finished.out.partition("groups:\n")
    assert (finished.code, finished.err) == (0, "")
    assert read_keys(head) == ["version: 1", f"account: {account}", "policy:", "  unlisted: keep"]
    assert "to rename the group and keep its contacts, edit the name" in head
    assert f"\naccount: {account}  # the only account that this file is for\n" in head
    assert groups == (f'  - name: "blank "\n    id: {BLANK}\n  - name: VIP\n    id: {VIP}\n')


def test_with_names_only_names_are_sorted_and_quoted_if_necessary(sandbox: Sandbox, groupsync: Groupsync) -> None:
    for name in ("VIP customers", "estonia", "NO", "007", 'the "best"', "🎉 party", "Ärikliendid", "日本"):
        sandbox.add_group(name)
    sandbox.add_group("blank ", id=BLANK)

    finished = groupsync("export", "--names-only")

    head, _, groups = finished.out.partition("groups:\n")
    assert (finished.code, finished.err) == (0, "")
    assert read_keys(head)[2:] == ["policy:", "  unlisted: refuse"]
    assert "#     previously: [Old name]" in head
    assert re.search(r"\naccount: acc-[0-9a-f]{12}  # for more accounts: \[acc-\.\.\., acc-\.\.\.\]\n", head)
    assert groups == (
        '  - "007"\n'
        '  - name: "blank "  # needs its id: this name begins or ends with a blank\n'
        f"    id: {BLANK}\n"
        "  - estonia\n"
        '  - "NO"\n'
        '  - "the \\"best\\""\n'
        "  - VIP customers\n"
        "  - Ärikliendid\n"
        "  - 日本\n"
        '  - "🎉 party"\n'
    )


@pytest.mark.parametrize("options", [(), ("--names-only",)])
@pytest.mark.parametrize("unlisted", ["delete", "keep", "refuse"])
def test_unlisted_chooses_the_value_of_the_policy(
    sandbox: Sandbox, groupsync: Groupsync, options: tuple[str, ...], unlisted: str
) -> None:
    sandbox.add_group("VIP")

    finished = groupsync("export", *options, "--unlisted", unlisted)

    assert f"\n  unlisted: {unlisted}\n" in finished.out


def test_the_plan_of_an_exported_file_is_empty(sandbox: Sandbox, groupsync: Groupsync) -> None:
    for name in ("VIP", "VIP", "vip", "NO", "tab\there", "Old [groupsync 12345678]", " ", "Ame\u0301lie"):
        sandbox.add_group(name, contacts=2)

    for options in ((), ("--names-only",), ("--unlisted", "delete")):
        exported = groupsync("export", "--out", "groups.yaml", "--force", *options)
        planned = groupsync("plan")

        assert (exported.code, exported.out) == (0, "Wrote 8 groups to groups.yaml.\n")
        assert (planned.code, planned.out) == (0, "No changes. The Phonebook matches the configuration.\n")


def test_an_edited_name_renames_the_group(sandbox: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    sandbox.add_group("VIP", id=VIP, contacts=3)
    groupsync("export", "--out", "groups.yaml")
    edit(folder, "name: VIP", "name: VIP customers")

    applied = groupsync("apply", "--auto-approve")

    assert applied.code == 0
    assert [(group.id, group.name) for group in sandbox.groups()] == [(VIP, "VIP customers")]


def test_without_ids_an_edited_name_is_refused(sandbox: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    sandbox.add_group("VIP", contacts=3)
    groupsync("export", "--out", "groups.yaml", "--names-only")
    edit(folder, "- VIP", "- VIP customers")

    refused = groupsync("apply", "--auto-approve")

    assert (refused.code, sandbox.names()) == (3, ["VIP"])
    assert "\n  unlisted: 1 live group is not in the configuration, and policy.unlisted is refuse" in refused.out


def test_a_group_that_was_deleted_in_the_dashboard_is_not_created_again(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path
) -> None:
    """Without its id it would come back without its contacts."""
    sandbox.add_group("Newsletter")
    sandbox.add_group("VIP", id=VIP, contacts=3)
    groupsync("export", "--out", "groups.yaml")
    sandbox.delete_group(VIP)

    refused = groupsync("apply", "--auto-approve")
    edit(folder, f"\n    id: {VIP}", "")
    applied = groupsync("apply", "--auto-approve")

    assert (refused.code, applied.code) == (3, 0)
    assert "if the group should stay deleted, remove lines 15 to 16 of groups.yaml\n" in refused.out
    assert (
        "to create it again, without its contacts, change lines 15 to 16 of groups.yaml to:\n  - name: VIP\n"
        in refused.out
    )
    assert "groupsync restore BACKUP" in refused.out
    assert sandbox.names() == ["Newsletter", "VIP"]


def edit(folder: Path, old: str, new: str) -> None:
    """Replace a text that is in groups.yaml once."""
    path = folder / "groups.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_an_empty_account_is_exported_as_an_empty_list(groupsync: Groupsync) -> None:
    exported = groupsync("export", "--out", "groups.yaml")

    assert exported.out == "Wrote 0 groups to groups.yaml.\n"
    assert groupsync("plan").out == "No changes. The Phonebook matches the configuration.\n"


@pytest.mark.usefixtures("sandbox")
def test_a_file_is_never_replaced_without_force(
    groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    write("groups: [Mine]\n")
    before = (folder / "groups.yaml").read_bytes()

    refused = groupsync("export", "--out", "groups.yaml")

    assert (refused.code, refused.out) == (1, "")
    assert refused.err == ("Error: groups.yaml: exists already\n  -> name another file, or replace it: --force\n")
    assert (folder / "groups.yaml").read_bytes() == before
    assert groupsync("export", "--out", "groups.yaml", "--force").code == 0
    assert (folder / "groups.yaml").read_bytes() != before
    assert [path.name for path in folder.iterdir()] == ["groups.yaml"]


def test_a_file_that_appears_at_the_last_moment_is_not_replaced(folder: Path) -> None:
    path = folder / "groups.yaml"
    path.write_text("mine")

    with pytest.raises(FileError, match="exists already"):
        write_file(path, b"version: 1\n", is_private=False, may_replace=False)

    assert path.read_text() == "mine"
    assert list(folder.iterdir()) == [path]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--force",), "--force works only with --out FILE"),
        (("--pin-ids",), "--pin-ids is the default now: export writes every id; --names-only omits the ids."),
        (("--unlisted", "ignore"), "'ignore' is not one of 'delete', 'keep', 'refuse'"),
        (("--out", "groups.json"), "groups.json would be read as JSON: name a file that ends in .yaml"),
    ],
)
def test_options_that_contradict_each_other_are_wrong_usage(
    sandbox: Sandbox, groupsync: Groupsync, capsys: pytest.CaptureFixture[str], args: tuple[str, ...], says: str
) -> None:
    finished = groupsync("export", *args)

    assert (finished.code, sandbox.log()) == (64, ())
    assert says in finished.err + capsys.readouterr().err


@pytest.mark.usefixtures("sandbox")
def test_a_folder_of_that_name_is_an_error_even_with_force(groupsync: Groupsync, folder: Path) -> None:
    (folder / "groups.yaml").mkdir()

    finished = groupsync("export", "--out", "groups.yaml")

    assert (finished.code, "--force" in finished.err) == (1, False)
    assert "is a folder, not a file" in finished.err


def test_the_exported_file_is_readable_by_others(groupsync: Groupsync, folder: Path) -> None:
    """Unlike a plan file it holds only names, and colleagues and git must be able to read it."""
    umask = os.umask(0o022)
    try:
        groupsync("export", "--out", "groups.yaml")
    finally:
        os.umask(umask)

    assert stat.S_IMODE((folder / "groups.yaml").stat().st_mode) == 0o644


def test_export_does_not_write_through_a_link_or_over_the_password_file(groupsync: Groupsync, folder: Path) -> None:
    (folder / "password").write_text("secret")
    (folder / "link.yaml").symlink_to(folder / "password")

    linked = groupsync("export", "--out", "link.yaml", "--force")
    over = groupsync("export", "--out", "password", "--force", MESSENTE_API_PASSWORD_FILE="password")

    assert (linked.code, over.code) == (1, 1)
    assert "is a link" in linked.err
    assert "is read by this run" in over.err
    assert (folder / "password").read_text() == "secret"


def test_a_missing_folder_is_an_error(groupsync: Groupsync) -> None:
    finished = groupsync("export", "--out", "none/groups.yaml")

    assert (finished.code, finished.out) == (1, "")
    assert finished.err == (
        "Error: none/groups.yaml: cannot be written: no such file or directory\n"
        "  -> name a file in a folder that exists\n"
    )


def test_nothing_is_written_after_a_server_error(sandbox: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    sandbox.fail_next("GET", status=403)

    finished = groupsync("export", "--out", "groups.yaml")

    assert finished.code == 1
    assert list(folder.iterdir()) == []


SALES_SCOPE = "Scope of this job (GROUPSYNC_SCOPE): only groups named"


def test_with_a_scope_only_its_groups_are_written_and_the_plan_is_empty(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path
) -> None:
    sandbox.add_group("Sales EE", id=VIP)
    for name in ("Newsletter", "Marketing", "Old"):
        sandbox.add_group(name, contacts=2)

    exported = groupsync(
        "export", "--scope", "sales *", "--scope", "Newsletter", "--unlisted", "delete", "--out", "groups.yaml"
    )
    planned = groupsync("plan")

    assert (exported.code, exported.out) == (0, "Wrote 2 groups to groups.yaml.\n")
    assert exported.err == (
        'Scope: only groups named "sales *" or "Newsletter".\n'
        "2 live groups are outside the scope and not in the file.\n"
    )
    text = (folder / "groups.yaml").read_text(encoding="utf-8")
    assert (
        "\n# For this file, only groups whose names match one of these patterns exist.\n"
        'scope:\n  - "sales *"\n  - Newsletter\npolicy:\n'
    ) in text
    assert re.findall(r"- name: (.*)", text) == ["Newsletter", "Sales EE"]
    assert planned.code == 0
    assert "No changes." in planned.out


def test_the_scope_of_the_job_is_that_of_the_file_unless_an_option_names_one(
    sandbox: Sandbox, groupsync: Groupsync
) -> None:
    for name in ("Sales EE", "Sales LV", "Marketing EE", "Old"):
        sandbox.add_group(name)
    job = {"GROUPSYNC_SCOPE": "Sales *\nMarketing *"}

    by_job, by_both = groupsync("export", **job), groupsync("export", "--scope", "* EE", "--scope", "Old", **job)

    assert read_keys(by_job.out)[2:5] == ["scope:", '  - "Sales *"', '  - "Marketing *"']
    assert re.findall(r"- name: (.*)", by_job.out) == ["Marketing EE", "Sales EE", "Sales LV"]
    assert by_job.err == (
        f'{SALES_SCOPE} "Sales *" or "Marketing *".\n1 live group is outside the scope and not in the file.\n'
    )
    assert read_keys(by_both.out)[2:5] == ["scope:", '  - "* EE"', "  - Old"]
    assert re.findall(r"- name: (.*)", by_both.out) == ["Marketing EE", "Sales EE"]
    assert "2 live groups are outside" in by_both.err


@pytest.mark.parametrize("pattern", ["", " ", "a*" * 501, "Gr\udcfcn *"])
def test_a_scope_that_no_configuration_may_have_is_wrong_usage(
    sandbox: Sandbox, groupsync: Groupsync, pattern: str
) -> None:
    finished = groupsync("export", "--scope", pattern)

    assert (finished.code, sandbox.log()) == (64, ())


def test_an_empty_scope_of_the_job_is_an_error(sandbox: Sandbox, groupsync: Groupsync) -> None:
    finished = groupsync("export", GROUPSYNC_SCOPE=" ")

    assert (finished.code, sandbox.log()) == (1, ())
    assert finished.err.startswith("Error: GROUPSYNC_SCOPE is empty\n")
