"""`--html FILE`, for every command that has it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.unit.test_html import read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

REMOVED = 'groups: [New, VIP]\nremoved: [{name: Old, contacts_at_most: 20, reason: "Over. <b>"}]\n'


@pytest.fixture
def account(sandbox: Sandbox, write: Callable[[str], None]) -> None:
    """An account in which a group with contacts is to be deleted."""
    sandbox.add_group("Old", contacts=12)
    sandbox.add_group("VIP", contacts=3)
    write(REMOVED)


def read_page(folder: Path, name: str) -> str:
    return read_text((folder / name).read_text(encoding="utf-8"))


@pytest.mark.usefixtures("account")
def test_plan_show_check_and_apply_write_a_page(groupsync: Groupsync, folder: Path) -> None:
    assert groupsync("plan", "--out", "plan.json", "--html", "plan.html", GITHUB_SHA="0123abc").code == 0
    assert groupsync("show", "plan.json", "--html", "show.html", GITHUB_SHA="0123abc").code == 0
    assert groupsync("check", "plan.json", "--html", "check.html").code == 0
    assert groupsync("apply", "plan.json", "--html", "report.html").code == 0

    plan = read_page(folder, "plan.html")
    assert '12 contacts will lose the group "Old".' in plan
    assert "Consent Agreed to under removed: at most 20 contacts Reason Over. &lt;b&gt;" in plan
    assert "Commit 0123abc" in plan
    assert "groupsync apply plan.json" in plan
    assert read_page(folder, "show.html") == plan
    check = read_page(folder, "check.html")
    assert "The plan is still valid. 12 contacts will lose" in check
    assert re.search(r"Checked 20\d\d-\d\d-\d\d \d\d:\d\d UTC", check)
    report = read_page(folder, "report.html")
    assert "Apply complete: 1 created, 0 renamed, 1 deleted." in report
    assert "Old 12 contacts lost this group Backup:" in report


@pytest.mark.usefixtures("account")
def test_a_restore_writes_a_page_without_phone_numbers(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, write: Callable[[str], None], environ: Mapping[str, str]
) -> None:
    groupsync("apply", "--auto-approve")
    write("groups: [New, VIP]\npolicy: {unlisted: keep}\n")
    (backup,) = Path(environ["GROUPSYNC_BACKUP_DIR"]).glob("Old*.json")
    phones = re.findall(r'"phoneNumber": "\+?(\d+)"', backup.read_text()) or re.findall(r"\d{9,15}", backup.read_text())
    assert len(phones) >= 12

    finished = groupsync("restore", str(backup), "--auto-approve", "--html", "restore.html")

    html = (folder / "restore.html").read_text(encoding="utf-8")
    assert finished.code == 0
    assert "Restore complete: 1 of 1 group, 12 contacts added." in read_text(html)
    assert [phone for phone in phones if phone in html] == []
    assert "Old" in sandbox.names()


CHECKED = re.compile(r"Checked 20\d\d-\d\d-\d\d \d\d:\d\d UTC")


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("command", ["check", "apply"])
def test_a_refused_plan_file_has_the_page_that_says_why(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, environ: Mapping[str, str], command: str
) -> None:
    groupsync("plan", "--out", "plan.json")

    finished = groupsync(command, "plan.json", "--html", "page.html", GROUPSYNC_MAX_CONTACTS_LOST="5", **environ)

    assert finished.code == 3
    page = read_page(folder, "page.html")
    assert "Check of a plan for account" in page
    assert "Refused This plan will not be applied: 12 contacts would lose" in page
    assert CHECKED.search(page)
    assert sandbox.names() == ["Old", "VIP"]


@pytest.mark.usefixtures("account")
def test_a_refused_apply_has_the_plan_as_markdown(
    groupsync: Groupsync, folder: Path, environ: Mapping[str, str]
) -> None:
    groupsync("plan", "--out", "plan.json")

    for arguments in (["plan.json"], ["--auto-approve"]):
        finished = groupsync("apply", *arguments, "--markdown", "x.md", GROUPSYNC_MAX_CONTACTS_LOST="5", **environ)

        assert finished.code == 3
        markdown = (folder / "x.md").read_text()
        assert re.match(r"<!-- groupsync plan account=acc-[0-9a-f]{12} -->\n", markdown)
        assert "--allow contacts-lost" in markdown
        (folder / "x.md").unlink()


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("command", ["check", "apply"])
def test_a_stale_plan_file_has_the_page_that_says_what_is_different(
    groupsync: Groupsync, folder: Path, write: Callable[[str], None], command: str
) -> None:
    groupsync("plan", "--out", "plan.json")
    write(REMOVED.replace("at_most: 20", "at_most: 21"))

    assert groupsync(command, "plan.json", "--html", "page.html").code == 4
    page = read_page(folder, "page.html")
    assert "Out of date This plan is out of date, so it will not be applied." in page
    assert 'Delete "Old": contacts_at_most: reviewed 20, now 21' in page
    assert CHECKED.search(page)
    assert "make a new plan" in page
    assert "Groups to delete" not in page


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("command", [("check", "plan.json"), ("apply", "plan.json"), ("apply", "--auto-approve")])
def test_a_plan_that_is_not_what_was_approved_has_a_page(
    groupsync: Groupsync, folder: Path, command: tuple[str, ...]
) -> None:
    groupsync("plan", "--out", "plan.json")

    finished = groupsync(*command, "--html", "page.html", "--expect-digest", f"sha256:{'0' * 64}")

    assert finished.code == 4
    assert "This plan is not what was approved, so it will not be applied." in read_page(folder, "page.html")


@pytest.mark.usefixtures("account")
def test_a_new_plan_that_is_refused_or_not_approved_has_a_page(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, environ: Mapping[str, str]
) -> None:
    refused = groupsync("apply", "--html", "refused.html", GROUPSYNC_MAX_CONTACTS_LOST="5", **environ)
    not_approved = groupsync("apply", "--html", "plan.html")

    assert (refused.code, not_approved.code) == (3, 3)
    assert "Refused This plan will not be applied: 12 contacts would lose" in read_page(folder, "refused.html")
    assert '12 contacts will lose the group "Old".' in read_page(folder, "plan.html")
    assert sandbox.names() == ["Old", "VIP"]


@pytest.mark.usefixtures("account")
def test_a_restore_that_is_refused_or_not_approved_has_a_page(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, write: Callable[[str], None], environ: Mapping[str, str]
) -> None:
    groupsync("apply", "--auto-approve")
    (backup,) = map(str, Path(environ["GROUPSYNC_BACKUP_DIR"]).glob("Old*.json"))

    refused = groupsync("restore", backup, "--auto-approve", "--html", "refused.html")
    write("groups: [New, VIP]\npolicy: {unlisted: keep}\n")
    not_approved = groupsync("restore", backup, "--html", "not-approved.html")

    assert (refused.code, not_approved.code) == (3, 3)
    page = read_page(folder, "refused.html")
    assert "Nothing was restored: these backups cannot be restored." in page
    assert 'the configuration would delete group "Old" again.' in page
    assert "For the person who runs groupsync" in page
    assert "Or name another configuration with -c" in page
    assert re.search(r"Run ended 20\d\d-\d\d-\d\d \d\d:\d\d UTC", page)
    page = read_page(folder, "not-approved.html")
    assert "Nothing was restored: there is no terminal to ask for approval." in page
    assert "Why it is refused" not in page
    assert "Old" not in sandbox.names()


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("command", [("plan",), ("show", "plan.json"), ("check", "plan.json"), ("apply", "plan.json")])
def test_a_failed_run_leaves_no_page_of_an_earlier_run(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, command: tuple[str, ...]
) -> None:
    groupsync("plan", "--out", "plan.json")
    groupsync("plan", "--html", "page.html")
    assert (folder / "page.html").exists()
    if command[0] == "show":
        (folder / "plan.json").write_text("{}")
    sandbox.fail_next("GET", status=400, times=3)

    assert groupsync(*command, "--html", "page.html").code == 1
    assert not (folder / "page.html").exists()


@pytest.mark.usefixtures("account")
def test_a_page_of_somebody_else_is_not_removed(sandbox: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    (folder / "page.html").write_text("<!doctype html>\n<html lang=en>mine</html>\n")
    sandbox.fail_next("GET", status=400, times=3)

    assert groupsync("plan", "--html", "page.html").code == 1
    assert "mine" in (folder / "page.html").read_text()


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("plan", "--html", "groups.yaml"), 1),
        (("plan", "--html", "x", "--markdown", "x"), 64),
        (("apply", "--auto-approve", "--html", "x", "--report", "x"), 64),
        (("check", "plan.json", "--html", "plan.json"), 1),
        (("restore", "x.json", "--html", "x", "--report", "x"), 64),
    ],
)
def test_a_page_never_replaces_another_file(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, command: tuple[str, ...], code: int
) -> None:
    groupsync("plan", "--out", "plan.json")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    assert groupsync(*command).code == code
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert sandbox.names() == ["Old", "VIP"]
