"""`scopes`: the configurations of one account, compared with each other and with the live groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.model.account import make_target
from tests.cli.conftest import count_writes

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

VIP = "5792a02a-e5c2-422b-a0a0-0ae65d814663"
NO_NETWORK = {"GROUPSYNC_ENDPOINT": None, "MESSENTE_API_USERNAME": None, "MESSENTE_API_PASSWORD": None}


@pytest.fixture
def teams(folder: Path) -> Path:
    """The folders of two teams whose scopes are separate."""
    write_team(folder, "marketing", 'scope: ["Marketing *", Newsletter]\ngroups: [Marketing EE, Newsletter]\n')
    write_team(folder, "sales", 'scope: ["Sales *"]\ngroups: [Sales EE]\n')
    return folder


def write_team(folder: Path, name: str, text: str) -> None:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "groups.yaml").write_text(f"version: 1\n{text}", encoding="utf-8")


@pytest.mark.usefixtures("teams")
def test_separate_scopes_are_in_order_without_a_network(groupsync: Groupsync) -> None:
    finished = groupsync("scopes", "marketing", "sales", **NO_NETWORK)

    assert (finished.code, finished.err) == (0, "")
    assert finished.out == (
        'marketing: the scope "Marketing *" and "Newsletter", 2 groups\n'
        'sales: the scope "Sales *", 1 group\n'
        "\n"
        "Checked 2 configurations: no two of them can touch the same group.\n"
    )


def test_an_overlap_is_refused_with_an_example_both_places_and_a_remedy(teams: Path, groupsync: Groupsync) -> None:
    write_team(teams, "estonia", 'scope:\n  - "* EE"\ngroups: []\n')

    finished = groupsync("scopes", "marketing", "estonia", **NO_NETWORK)

    assert (finished.code, finished.err) == (3, "")
    assert finished.out == (
        'marketing: the scope "Marketing *" and "Newsletter", 2 groups\n'
        'estonia: the scope "* EE", 0 groups\n'
        "\n"
        "Refused: these configurations can touch the same groups, or groups that are not theirs.\n"
        "\n"
        '  estonia/groups.yaml:3: "* EE" and "Marketing *" (at marketing/groups.yaml:2) both match "Marketing 1 EE"\n'
        '    3 |   - "* EE"\n'
        "      |     ^\n"
        "    narrow one of the two patterns\n"
        '    or list what is not yours under ignore: "Marketing *" in estonia, or "* EE" in marketing\n'
        "\n"
        "Checked 2 configurations: 1 problem.\n"
    )


def test_with_live_the_groups_in_no_scope_are_listed_the_largest_first(
    teams: Path, sandbox: Sandbox, groupsync: Groupsync
) -> None:
    account = make_target(sandbox.url, sandbox.username).account
    write_team(teams, "sales", f'account: {account}\nscope: ["Sales *"]\ngroups: [Sales EE]\n')
    for name in ("Sales EE", "Marketing EE", "Old"):
        sandbox.add_group(name)
    sandbox.add_group("Imported", contacts=3)
    for number in range(20):
        sandbox.add_group(f"Stray {number:02}")

    finished = groupsync("scopes", "marketing", "sales", "--live")

    assert (finished.code, finished.err) == (0, "")
    block = finished.out.split("\n\n")[1].splitlines()
    assert block[:3] == [
        "22 live groups are in no scope, so no configuration touches them:",
        '  - "Imported"                                      3 contacts',
        '  - "Old"                                           0 contacts',
    ]
    assert (len(block), block[-1]) == (22, "  ... and 2 more")
    assert count_writes(sandbox) == 0


def test_with_live_an_id_of_another_team_is_refused(teams: Path, sandbox: Sandbox, groupsync: Groupsync) -> None:
    sandbox.add_group("Sales EE", id=VIP)
    write_team(teams, "marketing", f'scope: ["Marketing *"]\ngroups: [{{name: Marketing EE, id: {VIP}}}]\n')

    offline, online = groupsync("scopes", "marketing", "sales"), groupsync("scopes", "marketing", "sales", "--live")

    assert (offline.code, online.code) == (0, 3)
    assert f'id {VIP} is the live group "Sales EE", which is in the scope of sales\n' in online.out


def test_with_live_the_account_must_fit_before_anything_is_sent(
    teams: Path, sandbox: Sandbox, groupsync: Groupsync
) -> None:
    write_team(teams, "sales", 'account: acc-000000000000\nscope: ["Sales *"]\ngroups: []\n')

    finished = groupsync("scopes", "marketing", "sales", "--live")

    assert (finished.code, finished.out, sandbox.log()) == (3, "", ())
    assert "sales/groups.yaml:2" in finished.err


def test_the_problems_of_all_configurations_are_shown(teams: Path, groupsync: Groupsync) -> None:
    write_team(teams, "marketing", "scope: [A*]\ngroups: [NO]\n")
    write_team(teams, "sales", "scope: [S*]\ngroups: [VIP\n")

    finished = groupsync("scopes", "marketing", "sales", "missing", **NO_NETWORK)

    assert (finished.code, finished.out) == (1, "")
    assert finished.err.startswith("Error: 3 problems in the configuration:\n  marketing/groups.yaml:3:10: ")
    assert "    3 | groups: [NO]\n" in finished.err
    assert "\n  sales/groups.yaml:3:9: " in finished.err
    assert "\n  missing: there is no such file or folder" in finished.err


@pytest.mark.parametrize(
    ("paths", "says"),
    [
        (("marketing", "sales", "marketing/"), "marketing is given twice"),
        (("sales", "sales/groups.yaml"), "sales/groups.yaml is inside sales"),
        (("link", "sales"), "link is given twice"),
        (("sales", "."), "sales is inside ."),
    ],
)
def test_a_path_that_is_given_twice_is_an_error(
    teams: Path, groupsync: Groupsync, paths: tuple[str, ...], says: str
) -> None:
    (teams / "link").symlink_to("sales")

    finished = groupsync("scopes", *paths, **NO_NETWORK)

    assert (finished.code, finished.out) == (1, "")
    assert finished.err.startswith(f"Error: {says}\n  -> give each configuration once")


@pytest.mark.usefixtures("teams")
def test_the_scope_of_the_job_does_not_matter(groupsync: Groupsync) -> None:
    """The job that checks all scopes reads the files as they are."""
    assert groupsync("scopes", "marketing", "sales", GROUPSYNC_SCOPE="HR *", **NO_NETWORK).code == 0


@pytest.mark.usefixtures("sandbox")
def test_no_path_is_wrong_usage(groupsync: Groupsync) -> None:
    assert groupsync("scopes").code == 64


def test_odd_names_and_many_patterns_stay_readable(teams: Path, groupsync: Groupsync) -> None:
    patterns = ", ".join(f'"Marketing {number} *"' for number in range(999))
    write_team(teams, "a\x1b[31m", f'scope: ["\\e[2J *", "::error::*", {patterns}]\ngroups: []\n')
    write_team(teams, "sales", 'scope: ["*"]\ngroups: []\n')

    finished = groupsync("scopes", "a\x1b[31m", "sales", **NO_NETWORK)

    assert finished.code in {1, 3}
    assert "\x1b" not in finished.out + finished.err
    assert len((finished.out + finished.err).splitlines()) < 200
