"""Guards: what `plan` and `apply` refuse; with a plan file they are judged again by the live numbers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from groupsync.guards import OVERRIDABLE
from groupsync.model.account import make_target
from tests.cli.conftest import NEW_ACCOUNT, count_writes, describe_account
from tests.unit.core import make_id
from tests.unit.pasting import paste

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync

APPLY = ("apply", "--auto-approve")


LOOKS_THE_SAME = [
    ("Café*", "Cafe\u0301 Tallinn"),
    ("vip*", "VIP gold"),
    ("VIP gold*", "vip\u00a0 GOLD 2"),
    ("Straße", "STRASSE"),
    ("final ?", "ﬁnal 1"),
    ("VIP", "ＶＩＰ"),  # noqa: RUF001 - full-width
]


@pytest.mark.parametrize("place", ["protected", "GROUPSYNC_PROTECTED", "ignore"])
@pytest.mark.parametrize(("pattern", "name"), LOOKS_THE_SAME)
def test_a_group_that_looks_protected_or_ignored_is_not_deleted(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], pattern: str, name: str, place: str
) -> None:
    sandbox.add_group("Newsletter", id=make_id(1))
    sandbox.add_group(name, id=make_id(2))
    in_file = "" if place == "GROUPSYNC_PROTECTED" else f"{place}: ['{pattern}']\n"
    write(f"policy: {{unlisted: delete}}\ngroups: [Newsletter]\n{in_file}")

    finished = groupsync(*APPLY, GROUPSYNC_PROTECTED=pattern if place == "GROUPSYNC_PROTECTED" else None)

    assert finished.code == (0 if place == "ignore" else 3)
    assert "matches no live group" not in finished.out + finished.err
    assert sorted(sandbox.names()) == sorted(["Newsletter", name])


@pytest.mark.parametrize("command", [("plan",), APPLY])
def test_the_whole_plan_is_shown_before_the_refusal(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], command: tuple[str, ...]
) -> None:
    sandbox.add_group("VIP", id=make_id(1), contacts=30)
    sandbox.add_group("Old", id=make_id(2), contacts=12)
    write("groups:\n  - New\nprotected:\n  - V*\n")

    finished = groupsync(*command)

    assert (finished.code, count_writes(sandbox)) == (3, 0)
    assert (
        finished.out
        == f"""\
groupsync would make these changes to {describe_account(sandbox)}:

  + "New"                                           groups.yaml:3

  # Not agreed to: 2 groups, 42 contacts

  - "Old"                                           12 contacts lose this group
      not in the configuration (policy.unlisted: delete)
  - "VIP"                                           30 contacts lose this group
      not in the configuration (policy.unlisted: delete)

Plan: 1 to create, 0 to rename, 2 to delete. Memberships lost: 42.
Not agreed to: 2 groups, 42 contacts.

Refused: this plan will not be applied.

  protected: 1 protected group would be deleted (groups.yaml:5)
    5 |   - V*
      |     ^
    list each one under groups, or remove its protection:
      "VIP", 30 contacts, protected by "V*" (groups.yaml:5)

  contacts-lost: 42 memberships of 2 groups would be lost without consent, and \
policy.max_contacts_lost is 0
    if a group was renamed, add its old name to the new entry, under previously
    if a group was renamed in the dashboard, write its new name in its entry
    to keep what is not listed, change line 6 of groups.yaml to:
policy: {{unlisted: keep}}
    to agree to the deletions, add at the end of groups.yaml:
removed:
  - id: {make_id(1)}  # "VIP", 30 contacts
  - id: {make_id(2)}  # "Old", 12 contacts
    or override this guard for this run: --allow contacts-lost
"""
    )
    assert finished.err == (
        "Error: the plan is refused: protected, contacts-lost\n"
        "  -> nothing was written; see the plan for the reason and what to do\n"
    )


def test_a_pattern_in_the_environment_that_matches_nothing_is_a_warning(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    """Also for a saved plan: the job that applies has another environment than the pull request."""
    sandbox.add_group("Old")
    write("groups: [New]\n")
    groupsync("plan", "--out", "plan.json")
    warning = 'Warning: GROUPSYNC_PROTECTED: "vip" matches no live group\n'

    finished = [groupsync(*command, GROUPSYNC_PROTECTED="vip") for command in (["check", "plan.json"], ["plan"])]
    applied = groupsync("apply", "plan.json", GROUPSYNC_PROTECTED="vip")

    assert [one.err.count(warning) for one in (*finished, applied)] == [1, 1, 1]
    assert [one.code for one in (*finished, applied)] == [0, 0, 0]


REFUSED = {
    "max-deletes": "policy: {max_deletes: 1, unlisted: delete}\ngroups: [A]\n",
    "contacts-lost": "groups: [A, Empty 1, Empty 2]\n",
    "empty-config": f"groups: []\nremoved: [{{id: {make_id(1)}}}, {{id: {make_id(2)}}}, {{id: {make_id(3)}}}]\n",
    "backup": f"groups: [A, Empty 1, Empty 2]\nremoved: [{{id: {make_id(1)}}}]\n",
    "protected": "groups: [A, Full, Empty 1]\nprotected: ['Empty *']\n",
    "unlisted": "policy: {unlisted: refuse}\ngroups: [Full, Empty 1]\n",
}


@pytest.mark.parametrize(("code", "text"), REFUSED.items())
@pytest.mark.parametrize("command", [("plan",), APPLY])
def test_every_guard_refuses_and_is_overridden_if_it_can_be(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], command: tuple[str, ...], code: str, text: str
) -> None:
    sandbox.add_group("Full", id=make_id(1), contacts=5)
    sandbox.add_group("Empty 1", id=make_id(2))
    sandbox.add_group("Empty 2", id=make_id(3))
    write(text)
    options = ("--allow", "contacts-lost") if code == "max-deletes" else ()

    refused = groupsync(*command, *options, GROUPSYNC_BACKUP_DIR=None if code == "backup" else "backups")
    written = count_writes(sandbox)
    allowed = groupsync(*command, *options, "--allow", code, GROUPSYNC_BACKUP_DIR="backups")

    assert (refused.code, written) == (3, 0)
    assert f"\n  {code}: " in refused.out
    assert f"Error: the plan is refused: {code}\n" in refused.err
    if code in OVERRIDABLE:
        assert allowed.code == 0
        assert f"\n    or override this guard for this run: --allow {code}\n" in refused.out
    else:
        assert (allowed.code, "Invalid value for '--allow'" in allowed.err) == (64, True)
        assert "--allow" not in refused.out


def test_the_plan_file_holds_the_findings_of_the_guards_and_show_prints_them(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    sandbox.add_group("Old", id=make_id(1), contacts=12)
    write("policy: {max_contacts_lost: 5, max_deletes: 100%, unlisted: delete}\ngroups: [New]\n")

    planned = groupsync("plan", "--out", "plan.json")
    shown = groupsync("show", "plan.json")

    (guard,) = json.loads((folder / "plan.json").read_text())["guards"]
    assert planned.code == 3
    assert (guard["code"], guard["figure"], guard["limit"], guard["allowed"]) == ("contacts-lost", 12, 5, False)
    assert guard["source"] == {"file": "groups.yaml", "line": 2, "column": 29}
    assert "contacts-lost: 12 memberships of 1 group would be lost without consent, and " in shown.out
    assert "\nLooser than the default of 0: policy.max_contacts_lost: 5 (groups.yaml:2).\n" in shown.out


@pytest.mark.parametrize(
    ("agreed", "lost", "line"),
    [
        (30, '12 memberships of "Old" would be lost', "is 0 (groups.yaml:3)"),
        (10, "32 memberships of 2 groups would be lost", 'is 0; the largest is "Older" (groups.yaml:3)'),
    ],
)
def test_a_loss_without_consent_names_the_group_of_the_line_that_it_points_at(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], agreed: int, lost: str, line: str
) -> None:
    sandbox.add_group("Old", contacts=12)
    sandbox.add_group("Older", contacts=30)
    write(f"groups: [New]\nremoved: [{{name: Old}}, {{name: Older, contacts_at_most: {agreed}}}]\n")

    planned = groupsync("plan")

    assert f"contacts-lost: {lost} without consent, and policy.max_contacts_lost {line}\n" in planned.out


def test_a_guard_overridden_in_plan_must_be_overridden_in_apply_too(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Old", contacts=12)
    write("groups: [New]\n")
    planned = groupsync("plan", "--out", "plan.json", "--allow", "contacts-lost")

    without = groupsync("apply", "plan.json")
    written = count_writes(sandbox)
    allowed = groupsync("apply", "plan.json", "--allow", "contacts-lost")

    assert planned.code == 0
    assert "Overridden by --allow:\n  contacts-lost: 12 memberships of 1 group" in planned.out
    assert (without.code, written) == (3, 0)
    assert "\n  contacts-lost: 12 memberships of 1 group" in without.out
    assert (allowed.code, sandbox.names()) == (0, ["New"])


def test_a_refused_plan_file_is_judged_again_by_the_live_groups(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Old", id=make_id(1), contacts=1)
    write("groups: [New]\n")
    planned = groupsync("plan", "--out", "plan.json")
    sandbox.delete_group(make_id(1))
    sandbox.add_group("Old", id=make_id(1))  # now it is empty

    applied = groupsync("apply", "plan.json")

    assert (planned.code, applied.code) == (3, 0)
    assert sandbox.names() == ["New"]


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"GROUPSYNC_MAX_DELETES": "1"}, "max-deletes"),
        ({"GROUPSYNC_MAX_DELETES": "30%"}, "max-deletes"),
        ({"GROUPSYNC_MAX_CONTACTS_LOST": "11"}, "contacts-lost"),
        ({"GROUPSYNC_PROTECTED": "Board,\n O?d "}, "protected"),
    ],
)
def test_limits_in_the_environment_of_apply_can_be_stricter_than_those_of_the_plan(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], variables: dict[str, str], code: str
) -> None:
    sandbox.add_group("Old", contacts=12)
    sandbox.add_group("Empty")
    sandbox.add_group("Kept")
    write("groups: [Kept]\nremoved:\n  - {name: Old, contacts_at_most: 12}\n  - {name: Empty}\n")
    planned = groupsync("plan", "--out", "plan.json")

    refused = groupsync("apply", "plan.json", **variables)
    checked = groupsync("check", "plan.json", **variables)
    directly = groupsync(*APPLY, **variables)

    assert planned.code == 0
    assert [finished.code for finished in (refused, checked, directly)] == [3, 3, 3]
    assert f"\n  {code}: " in refused.out
    assert next(iter(variables)) in refused.out
    assert count_writes(sandbox) == 0
    assert groupsync("apply", "plan.json").code == 0


@dataclass(frozen=True)
class Undecided:
    """A configuration that does not say what should happen to unlisted groups, and where its plan says to write it."""

    text: str
    place: str
    file: str = "groups.yaml"

    @property
    def has_one_snippet(self) -> bool:
        """Whether the three lines to choose from are below one sentence, with their effects as remarks."""
        return "one of these lines" in self.place


UNDECIDED = {
    "no policy": Undecided(
        "version: 1\ngroups: [Kept, New]\n", "to choose, add one of these lines at the end of groups.yaml:\n"
    ),
    "a policy without the key": Undecided(
        "version: 1\npolicy:\n    max_deletes: 5\ngroups: [Kept, New]\n",
        "to choose, add one of these lines above line 3 of groups.yaml:\n",
    ),
    "a policy in braces": Undecided(
        "version: 1\npolicy: {max_deletes: 5}\ngroups: [Kept, New]\n",
        "change line 2 of groups.yaml to:\npolicy: {unlisted: ",
    ),
    "an empty policy": Undecided(
        "version: 1\npolicy: {}\ngroups: [Kept, New]\n",
        "change line 2 of groups.yaml to:\npolicy: {unlisted: ",
    ),
    "an empty policy in a file in braces": Undecided(
        "{version: 1, policy: {}, groups: [Kept, New]}\n",
        "change line 1 of groups.yaml to:\n{version: 1, policy: {unlisted: ",
    ),
    "a file in braces": Undecided(
        "# {\n---\n{version: 1, groups: [Kept, New]}\n",
        "change line 3 of groups.yaml to:\n{policy: {unlisted: ",
    ),
    "JSON": Undecided(
        '{"version": 1, "groups": ["Kept", "New"]}',
        'change line 1 of groups.json to:\n{"policy": {"unlisted": ',
        file="groups.json",
    ),
    "JSON with a policy": Undecided(
        '{"version": 1, "policy": {"max_deletes": 5}, "groups": ["Kept", "New"]}',
        'change line 1 of groups.json to:\n{"version": 1, "policy": {"unlisted": ',
        file="groups.json",
    ),
}


@pytest.mark.parametrize("undecided", UNDECIDED.values(), ids=UNDECIDED)
@pytest.mark.parametrize(
    ("value", "code", "verdict"),
    [
        ("delete", 0, "Plan: 1 to create, 0 to rename, 1 to delete. Memberships lost: 0."),
        ("keep", 0, "Kept: 1 live group that is not in the configuration. To add it: groupsync pull -c "),
        ("refuse", 3, "and policy.unlisted is refuse"),
    ],
)
def test_without_a_decision_the_plan_is_refused_with_lines_that_decide_it(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, undecided: Undecided, value: str, code: int, verdict: str
) -> None:
    sandbox.add_group("Kept", contacts=5)
    sandbox.add_group("Stray")
    (folder / undecided.file).write_text(undecided.text, encoding="utf-8")
    at = ("-c", undecided.file)

    refused = groupsync("plan", *at, "--out", "plan.json")
    others = [groupsync("apply", *at, "plan.json"), groupsync("check", *at, "plan.json"), groupsync(*APPLY, *at)]
    lines = refused.out.splitlines()
    (number,) = (number for number, line in enumerate(lines) if re.search(f'unlisted"?: "?{value}', line))
    sentences = [line for line in lines[:number] if line.startswith("    to choose")]
    done = paste(f"{sentences[-1].replace('one of these lines ', '')}\n{lines[number]}")
    decided = groupsync("plan", *at)

    assert [finished.code for finished in (refused, *others)] == [3, 3, 3, 3]
    assert (
        "\n  unlisted: the configuration does not list 1 live group, and does not say what to do with it" in refused.out
    )
    assert undecided.place in refused.out
    assert done
    assert '"Stray", 0 contacts' in refused.out
    effect = "deletes 1 group; memberships lost: 0"
    assert (effect in lines[number]) is (undecided.has_one_snippet and value == "delete")
    assert "deletes 1 group; memberships lost: 0" in refused.out
    assert "--allow" not in refused.out
    assert (decided.code, verdict in decided.out) == (code, True), decided.out + decided.err
    assert count_writes(sandbox) == 0


def test_a_decision_that_is_taken_back_makes_a_saved_plan_stale(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Kept", contacts=5)
    sandbox.add_group("Stray")
    write("groups: [Kept]\npolicy: {unlisted: delete}\n")
    planned = groupsync("plan", "--out", "plan.json")
    write("groups: [Kept]\npolicy: {}\n")

    applied = groupsync("apply", "plan.json")

    assert (planned.code, applied.code) == (0, 4)
    assert sandbox.names() == ["Kept", "Stray"]


def test_the_first_creates_in_an_empty_account_are_refused_unless_allowed(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("policy: {max_deletes: 0}\ngroups:\n" + "".join(f"  - G{number}\n" for number in range(40)))

    refused = groupsync(*APPLY)
    written = count_writes(sandbox)
    allowed = groupsync(*APPLY, *NEW_ACCOUNT)

    assert (refused.code, written) == (3, 0)
    assert "\n  empty-account: this account has no live groups, and 40 groups would be created\n" in refused.out
    assert "or override this guard for this run: --allow empty-account" in refused.out
    assert allowed.code == 0
    assert len(sandbox.names()) == 40
    assert groupsync(*APPLY).code == 0


def test_a_list_that_is_empty_for_a_while_makes_no_twins(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    for name in ("A", "B"):
        sandbox.add_group(name, contacts=3)
    write("groups: [A, B]\n")
    sandbox.fail_next("GET", status=200, body={"groups": []}, times=2)

    refused = groupsync(*APPLY)

    assert (refused.code, sandbox.names()) == (3, ["A", "B"])


def test_an_interrupted_first_run_is_finished_by_the_same_plan_file(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    """Once one group exists, the account is not empty."""
    write("groups: [A, B, C]\n")
    groupsync("plan", *NEW_ACCOUNT, "--out", "plan.json")
    groupsync("apply", "plan.json", *NEW_ACCOUNT, "--parallelism", "1")
    sandbox.delete_group(next(group.id for group in sandbox.groups() if group.name == "C"))

    resumed = groupsync("apply", "plan.json")

    assert (resumed.code, sandbox.names()) == (0, ["A", "B", "C"])


def test_an_account_that_lost_all_its_groups_since_the_plan_is_refused(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    """It was not this plan, which deletes last; perhaps it is another account."""
    old = sandbox.add_group("Old", contacts=2)
    write(f"groups: [A, B]\nremoved: [{{id: {old}}}]\n")
    planned = groupsync("plan", "--out", "plan.json")
    sandbox.delete_group(old)

    refused = groupsync("apply", "plan.json")
    written = count_writes(sandbox)
    allowed = groupsync("apply", "plan.json", "--allow", "empty-account")

    assert (planned.code, refused.code, written) == (0, 3, 0)
    assert (
        "\n  empty-account: this account has no live groups now, and there was 1 when the plan was made\n"
        in refused.out
    )
    assert (allowed.code, sandbox.names()) == (0, ["A", "B"])


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "*"), *(("PUT", make_id(n)) for n in (1, 2)), *(("DELETE", make_id(n)) for n in (3, 4, 5))],
)
def test_no_guard_refuses_the_remaining_changes_of_a_failed_run(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], method: str, path: str
) -> None:
    """A swap of two protected groups, a create and three deletions, which fails at each group in turn."""
    sandbox.add_group("Gold", id=make_id(1), contacts=5)
    sandbox.add_group("VIP", id=make_id(2), contacts=6)
    for number in range(3, 6):
        sandbox.add_group(f"Old {number}", id=make_id(number), contacts=1)
    write(
        "policy: {max_deletes: 0, unlisted: refuse}\nprotected: [VIP, Gold]\n"
        f"groups:\n  - {{name: VIP, id: {make_id(1)}}}\n  - {{name: Gold, id: {make_id(2)}}}\n  - New\n"
        "removed:\n" + "".join(f"  - {{name: Old {number}, contacts_at_most: 1}}\n" for number in range(3, 6))
    )
    planned = groupsync("plan", "--out", "plan.json")
    sandbox.fail_next(method, path=f"*{path}", status=400)

    stopped = groupsync("apply", "plan.json", "--parallelism", "1")
    resumed = groupsync("apply", "plan.json")

    assert [finished.code for finished in (planned, stopped, resumed)] == [0, 5, 0]
    assert sandbox.names() == ["Gold", "New", "VIP"]
    assert len(sandbox.members(make_id(1))) == 5
    assert len(sandbox.members(make_id(2))) == 6


def test_a_plan_beyond_a_limit_is_finished_without_the_flag_once_it_is_within(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    for number in range(1, 14):
        sandbox.add_group(f"Old {number:02}", id=make_id(number))
    write("groups: [New]\n")
    sandbox.fail_next("DELETE", path=f"*{make_id(5)}", status=400)
    groupsync("plan", "--out", "plan.json", "--allow", "max-deletes")

    stopped = groupsync("apply", "plan.json", "--allow", "max-deletes", "--parallelism", "1")
    left = len(sandbox.names()) - 1
    resumed = groupsync("apply", "plan.json")

    assert (stopped.code, left, resumed.code) == (5, 9, 0)  # the remaining changes are within the limit
    assert sandbox.names() == ["New"]


PINNED = {
    "one": "account: acc-000000000000\n",
    "a list": "account: [acc-000000000000, acc-111111111111]\n",
}


@pytest.mark.parametrize("pin", PINNED.values(), ids=PINNED)
@pytest.mark.parametrize("command", ["plan", "apply", "check", "restore"])
def test_a_configuration_for_another_account_is_refused_before_any_request(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path, command: str, pin: str
) -> None:
    old = sandbox.add_group("Old", contacts=1)
    write(f"groups: [New]\nremoved: [{{id: {old}}}]\n")
    groupsync("plan", "--out", "plan.json")
    groupsync("apply", "plan.json", GROUPSYNC_BACKUP_DIR="backups")
    (backup,) = (folder / "backups").iterdir()
    args = {"check": ("plan.json",), "restore": ("--auto-approve", str(backup)), "apply": ("--auto-approve",)}
    write(f"{pin}groups: [New]\n")
    sandbox.forget_requests()

    finished = groupsync(command, *args.get(command, ()))

    assert (finished.code, finished.out, sandbox.log()) == (3, "", ())
    assert finished.err.startswith("Error: groups.yaml:2: the configuration is for account acc-000000000000")
    assert f"\n    2 | {pin.strip()}\n" in finished.err


def test_a_configuration_can_list_several_accounts(
    groupsync: Groupsync, write: Callable[[str], None], environ: Mapping[str, str]
) -> None:
    account = make_target(environ["GROUPSYNC_ENDPOINT"], environ["MESSENTE_API_USERNAME"]).account
    write(f"account:\n  - acc-000000000000\n  - {account}\ngroups: [New]\n")

    assert groupsync("plan", *NEW_ACCOUNT).code == 0
