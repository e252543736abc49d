"""`export`: write the live groups to a file whose plan is empty."""

from __future__ import annotations

import os
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


def test_the_live_groups_are_printed_sorted_and_quoted_if_necessary(
    sandbox: Sandbox, groupsync: Groupsync, environ: Mapping[str, str]
) -> None:
    for name in ("VIP customers", "estonia", "NO", "007", 'the "best"', "🎉 party", "Ärikliendid", "日本"):
        sandbox.add_group(name)
    sandbox.add_group("blank ", id=BLANK)
    account = make_target(environ["GROUPSYNC_ENDPOINT"], environ["MESSENTE_API_USERNAME"]).account

    finished = groupsync("export")

    assert (finished.code, finished.err) == (0, "")
    head, _, groups = finished.out.partition("groups:\n")
    assert groups == (
        '  - "007"\n'
        '  - name: "blank "  # known by its id: this name begins or ends with a blank\n'
        f"    id: {BLANK}\n"
        "  - estonia\n"
        '  - "NO"\n'
        '  - "the \\"best\\""\n'
        "  - VIP customers\n"
        "  - Ärikliendid\n"
        "  - 日本\n"
        '  - "🎉 party"\n'
    )
    assert [line.partition("  #")[0] for line in head.splitlines() if not line.startswith("#")] == [
        "version: 1",
        f"account: {account}",
        "policy:",
        "  unlisted: delete",
    ]


def test_the_plan_of_an_exported_file_is_empty(sandbox: Sandbox, groupsync: Groupsync) -> None:
    for name in ("VIP", "VIP", "vip", "NO", "tab\there", "Old [groupsync 12345678]", " ", "Ame\u0301lie"):
        sandbox.add_group(name, contacts=2)

    for options in ((), ("--pin-ids",)):
        exported = groupsync("export", "--out", "groups.yaml", "--force", *options)
        planned = groupsync("plan")

        assert (exported.code, exported.out) == (0, "Wrote 8 groups to groups.yaml.\n")
        assert (planned.code, planned.out) == (0, "No changes. The Phonebook matches the configuration.\n")


def test_pin_ids_writes_the_id_of_every_group(sandbox: Sandbox, groupsync: Groupsync) -> None:
    sandbox.add_group("VIP", id=VIP)

    assert groupsync("export", "--pin-ids").out.endswith(f"groups:\n  - name: VIP\n    id: {VIP}\n")


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
        (("--force",), "--force is for --out FILE"),
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
    assert "is not a regular file" in finished.err


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
    assert finished.err == "Error: none/groups.yaml: cannot be written: no such file or directory\n"


def test_nothing_is_written_after_a_server_error(sandbox: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    sandbox.fail_next("GET", status=403)

    finished = groupsync("export", "--out", "groups.yaml")

    assert finished.code == 1
    assert list(folder.iterdir()) == []
