"""Adopting groupsync: thirty mistakes when editing the exported file of the tutorial."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from groupsync.sandbox import Sandbox
from tests.cli.conftest import count_writes
from tests.cli.pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Groupsync

MEMBERSHIPS = 60_000
LEADS = "5792a02a-e5c2-422b-a0a0-0ae65d814663"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The address book of the tutorial: 200 groups in a dozen languages."""
    with Sandbox(seed=ROOT / "examples" / "address-book.json") as sandbox:
        yield sandbox


def count_memberships(sandbox: Sandbox) -> int:
    return sum(len(sandbox.members(group.id)) for group in sandbox.groups())


@pytest.fixture
def export(groupsync: Groupsync, folder: Path) -> Callable[..., Path]:
    """A function that exports the address book with these options, and returns the file."""

    def export(*options: str) -> Path:
        assert groupsync("export", "--out", "groups.yaml", *options).code == 0
        return folder / "groups.yaml"

    return export


@pytest.fixture
def exported(export: Callable[..., Path]) -> Path:
    """The exported configuration of the address book, by names, which deletes what it does not list."""
    return export("--names-only", "--unlisted", "delete")


MISTAKES: dict[str, tuple[str, str, str]] = {
    "a name is edited, without its earlier one": (
        r"  - Leads 2024\n",
        "  - Leads\n",
        "contacts-lost: 1,204 memberships of 1 group would be lost without consent",
    ),
    "the case of a name is changed": ("  - VIP kliendid\n", "  - VIP Kliendid\n", '? "VIP kliendid" -> "VIP Kliendid"'),
    "a line is deleted": ("  - Newsletter\n", "", '- "Newsletter"'),
    "a line is commented out": ("  - Newsletter\n", "  # - Newsletter\n", '- "Newsletter"'),
    "a block of lines is deleted": (r"  - Kauplus Haapsalu\n(.*\n){4}", "", "contacts-lost: "),
    "the end of the file is lost": (r"  - Newsletter\n(.*\n)*", "", "max-deletes: "),
    "a line is cut off": (r"  - Newsletter EE\n", "  - Newsletter E\n", '? "Newsletter EE" -> "Newsletter E"'),
    "all groups are deleted": (r"groups:\n(.*\n)*", "groups: []\n", "empty-config: "),
    "the key is left without groups": (r"groups:\n(.*\n)*", "groups:\n", "groups: there is no value here"),
    "the key is misspelled": ("groups:\n", "group:\n", 'unknown key "group", did you mean "groups"?'),
    "a name loses its quotes": ('  - "NO"\n', "  - NO\n", "NO is read as a boolean by YAML"),
    "a number loses its quotes": ('  - "007"\n', "  - 007\n", "007 is read as a number by YAML"),
    "a hash loses its quotes": ('  - "#1 fans"\n', "  - #1 fans\n", "groups[0]: there is no value here"),
    "a colon loses its quotes": ('"GDPR: consent withdrawn"', "GDPR: consent withdrawn", "if this is a name, quote it"),
    "two lines become one name": ("  - Newsletter EE\n  - ", "  - Newsletter EE\n    ", "goes over several lines"),
    "a name is there twice": (
        "  - Newsletter\n",
        "  - Newsletter\n  - Newsletter\n",
        "is listed already at groups.yaml:120",
    ),
    "two groups are made one": (
        "  - Newsletter EE\n",
        "  - name: Newsletter\n    previously: [Newsletter EE]\n",
        '"Newsletter" is listed already',
    ),
    "a group is renamed to one that is there": ("  - Newsletter EE\n", "  - newsletter\n", '"newsletter"'),
    "the earlier name is misspelled": (
        "  - Leads 2024\n",
        "  - name: Leads\n    previously: [Lead 2024]\n",
        "1,204 memberships of 1 group would be lost without consent",
    ),
    "the id is lost": (f"    id: {'4792a02a-e5c2-422b-a0a0-0ae65d814662'}\n", "", "begins or ends with a blank"),
    "the id is another one": ("4792a02a-e5c2", "4792a02a-e5c3", "is pinned to id 4792a02a-e5c3"),
    "a pinned twin is deleted": (
        r"  - name: Kauplus Tallinn.*\n    id: 3f9e2b70.*\n",
        "",
        '- "Kauplus Tallinn"',
    ),
    "the account is another one": (
        r"account: acc-\w+",
        "account: acc-5f0c2a9be1d4",
        "is for account acc-5f0c2a9be1d4",
    ),
    "consent by name, without a number": (
        r"  - Leads 2024\n((?:.*\n)*)",
        r"\1removed:\n  - name: Leads 2024\n",
        "contacts_at_most: 1204",
    ),
    "consent by name, for fewer": (
        r"  - Leads 2024\n((?:.*\n)*)",
        r"\1removed:\n  - {name: Leads 2024, contacts_at_most: 1000}\n",
        '204 memberships of "Leads 2024" would be lost without consent',
    ),
    "listed and removed": (
        r"groups:\n((?:.*\n)*)",
        r"groups:\n\1removed:\n  - name: Leads 2024\n",
        "is both removed and a group",
    ),
    "a merge conflict": (
        "  - Leads 2024\n",
        "<<<<<<< HEAD\n  - Leads 2024\n=======\n  - Leads\n>>>>>>> main\n",
        "groups.yaml:104",
    ),
    "tabs": ("  - Leads 2024\n", "\t- Leads 2024\n", "groups.yaml:104"),
    "an older copy": (r"  - Leads 2025\n  - Leads 2026\n", "", "contacts-lost: "),
}


@pytest.mark.parametrize(("pattern", "replacement"), [row[:2] for row in MISTAKES.values()], ids=MISTAKES)
def test_a_mistake_in_a_file_of_names_that_refuses_unlisted_groups_is_refused(
    sandbox: Sandbox, groupsync: Groupsync, export: Callable[..., Path], pattern: str, replacement: str
) -> None:
    replace_once(export("--names-only"), pattern, replacement)

    applied = groupsync("apply", "--auto-approve")

    assert applied.code in {1, 3}, applied.out
    assert count_writes(sandbox) == 0


HARMLESS = {
    "a name is edited": ("name: Leads 2024\n", "name: Leads\n"),
    "the case of a name is changed": ("name: VIP kliendid\n", "name: VIP Kliendid\n"),
    "an entry is deleted": (r"  - name: Newsletter\n.*\n", ""),
    "a twin is deleted": (r"  - name: Kauplus Tallinn.*\n    id: 3f9e2b70.*\n", ""),
    "the end of the file is lost": (r"  - name: Newsletter\n(.*\n)*", ""),
    "all entries are deleted": (r"groups:\n(.*\n)*", "groups: []\n"),
    "an id is lost": (rf"    id: {LEADS}\n", ""),
    "a group is added": (r"  - name: Newsletter\n", "  - New\n  - name: Newsletter\n"),
}
REFUSED = {
    "a name loses its quotes": ('name: "NO"\n', "name: NO\n", "NO is read as a boolean by YAML"),
    "an id is another one": (
        f"id: {LEADS}",
        "id: 5792a02a-e5c2-422b-a0a0-0ae65d814664",
        "and no live group has that id",
    ),
    "the id of a twin is lost": (
        r"(  - name: Kauplus Tallinn.*\n)    id: 3f9e2b70.*\n",
        r"\1",
        '"Kauplus Tallinn"',
    ),
    "an entry is there twice": (f"(    id: {LEADS}\n)", rf"\1  - name: Leads\n    id: {LEADS}\n", "is already at"),
    "two names are made one": ("name: Newsletter EE\n", "name: Newsletter\n", '"Newsletter"'),
    "the account is another one": (r"account: acc-\w+", "account: acc-5f0c2a9be1d4", "is for account"),
    "removed without a number": (
        rf"  - name: Leads 2024\n    id: {LEADS}\n((?:.*\n)*)",
        r"\1removed:\n  - name: Leads 2024\n",
        "contacts_at_most: 1204",
    ),
    "the policy is lost": (
        r"policy:\n(.*\n){2}  unlisted: keep\n(groups:\n)(  - name.*\n    id.*\n){3}",
        r"\2",
        "unlisted: the configuration does not list 3 live groups",
    ),
}


@pytest.mark.parametrize(("pattern", "replacement"), HARMLESS.values(), ids=HARMLESS)
def test_an_edit_of_the_file_as_exported_loses_nobody(
    sandbox: Sandbox, groupsync: Groupsync, export: Callable[..., Path], pattern: str, replacement: str
) -> None:
    ids = {group.id for group in sandbox.groups()}
    replace_once(export(), pattern, replacement)

    applied = groupsync("apply", "--auto-approve")

    assert applied.code == 0, applied.out
    assert ids <= {group.id for group in sandbox.groups()}
    assert count_memberships(sandbox) == MEMBERSHIPS
    assert groupsync("plan").out.startswith("No changes.")


@pytest.mark.parametrize(("pattern", "replacement", "says"), REFUSED.values(), ids=REFUSED)
def test_a_mistake_in_the_file_as_exported_is_refused(
    sandbox: Sandbox, groupsync: Groupsync, export: Callable[..., Path], pattern: str, replacement: str, says: str
) -> None:
    replace_once(export(), pattern, replacement)

    applied = groupsync("apply", "--auto-approve")

    assert applied.code in {1, 3}, applied.out
    assert says in applied.out + applied.err
    assert count_writes(sandbox) == 0


@pytest.mark.parametrize(("pattern", "replacement", "says"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_file_of_names_is_refused(
    sandbox: Sandbox, groupsync: Groupsync, exported: Path, pattern: str, replacement: str, says: str
) -> None:
    replace_once(exported, pattern, replacement)

    planned, applied = groupsync("plan"), groupsync("apply", "--auto-approve")

    assert says in planned.out + planned.err
    assert [finished.code in {1, 3} for finished in (planned, applied)] == [True, True], planned.out
    assert count_writes(sandbox) == 0
    assert count_memberships(sandbox) == MEMBERSHIPS


def replace_once(path: Path, pattern: str, replacement: str) -> None:
    text = path.read_text(encoding="utf-8")
    edited = re.sub(pattern, replacement, text, count=1)
    assert edited != text
    path.write_text(edited, encoding="utf-8")


def test_an_empty_group_whose_line_is_deleted_is_planned_and_shown(groupsync: Groupsync, exported: Path) -> None:
    """An empty group is deleted without consent, and the plan says that it is empty."""
    replace_once(exported, '  - "Null"\n', "")

    planned = groupsync("plan")

    assert planned.code == 0
    assert '- "Null"' in planned.out
    assert re.search(r'- "Null" +empty\n', planned.out)
    assert planned.out.endswith("Plan: 0 to create, 0 to rename, 1 to delete. Memberships lost: 0.\n")


def test_a_plan_with_consent_shows_how_many_contacts_lose_a_group(groupsync: Groupsync, exported: Path) -> None:
    replace_once(exported, "  - Leads 2024\n", "  - Leads\n")
    with exported.open("a", encoding="utf-8") as file:
        file.write(f"removed:\n  - id: {LEADS}\n")

    planned = groupsync("plan")

    assert planned.code == 0
    assert "1,204 contacts lose this group\n" in planned.out
    assert "Memberships lost: 1,204.\n" in planned.out
    assert '? "Leads 2024" -> "Leads"  1,204 contacts\n' in planned.out


def test_limits_looser_than_the_default_are_shown(groupsync: Groupsync, exported: Path) -> None:
    replace_once(exported, r"policy:\n", "policy:\n  max_contacts_lost: 5000\n  max_deletes: 100%\n")
    replace_once(exported, "  - Leads 2024\n", "")

    planned = groupsync("plan")

    assert planned.code == 0
    assert planned.out.endswith(
        "Plan: 0 to create, 0 to rename, 1 to delete. Memberships lost: 1,204.\n"
        "Looser than the default of 10: policy.max_deletes: 100%, 200 of 200 groups (groups.yaml:11).\n"
        "Looser than the default of 0: policy.max_contacts_lost: 5,000 (groups.yaml:10).\n"
    )
