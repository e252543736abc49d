"""`apply`, from the configuration and from a plan file."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from groupsync.planfile.review import dump_review, load_document, load_review
from tests.cli.conftest import NEW_ACCOUNT, WRITES, count_writes
from tests.unit.core import make_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync


@pytest.fixture
def tangled_names(sandbox: Sandbox, write: Callable[[str], None]) -> dict[str, int]:
    """A swap, a chain, a cycle, a group to delete whose name is needed, creates and deletes.

    Returns how many contacts each kept group must hold in the end, by its id.
    """
    names = ("Swap 1", "Swap 2", "Chain 1", "Chain 2", "Chain 3", "Cycle 1", "Cycle 2", "Cycle 3", "Held", "Old")
    for number, name in enumerate(names):
        sandbox.add_group(name, id=make_id(number), contacts=number + 1)
    wanted = ("Swap 2", "Swap 1", "Chain 2", "Chain 3", "Chain 4", "Cycle 2", "Cycle 3", "Cycle 1")
    entries = "".join(f"  - {{name: {name}, id: {make_id(number)}}}\n" for number, name in enumerate(wanted))
    removed = f"  - id: {make_id(8)}\n  - {{name: Old, contacts_at_most: 10}}\n"
    write(f"groups:\n{entries}  - Held\n  - New 1\n  - New 2\nremoved:\n{removed}")
    # The plan refuses to create "Held" while a group of exactly this name is removed by id: that one differs in case.
    sandbox.rename_group(make_id(8), "held")
    return {make_id(number): number + 1 for number in range(8)}


@pytest.mark.parametrize("unique_names", [True, False])
def test_tangled_names_are_renamed_in_one_apply_and_the_next_changes_nothing(
    sandbox: Sandbox,
    groupsync: Groupsync,
    tangled_names: dict[str, int],
    environ: Mapping[str, str],
    unique_names: bool,
) -> None:
    sandbox.behave(unique_names=unique_names)
    assert groupsync("plan", "--out", "plan.json").code == 0

    first = groupsync("apply", "plan.json")
    written = count_writes(sandbox)
    second = groupsync("apply", "plan.json")
    third = groupsync("plan")

    verdict, _, backups = first.out.partition("\n\nThe members of each deleted group are saved.")
    assert verdict == (
        "Plan: 3 to create, 8 to rename, 2 to delete. Memberships lost: 19.\n"
        "\n"
        "Apply complete: 3 created, 8 renamed, 2 deleted."
    )
    assert sorted(backups.splitlines()[1:]) == sorted(
        f"  groupsync restore {path}" for path in Path(environ["GROUPSYNC_BACKUP_DIR"]).iterdir()
    )
    assert len(backups.splitlines()) == 3
    assert second.out == "Nothing left to do: the changes of this plan (13) are all done.\n"
    assert third.out == "No changes. The Phonebook matches the configuration.\n"
    assert (first.code, second.code, third.code) == (0, 0, 0)
    assert (second.err, count_writes(sandbox)) == ("", written)
    assert {group.id: group.contacts_count for group in sandbox.groups() if group.contacts_count} == tangled_names
    chain, cycle = ("Chain 2", "Chain 3", "Chain 4"), ("Cycle 1", "Cycle 2", "Cycle 3")
    assert sandbox.names() == [*chain, *cycle, "Held", "New 1", "New 2", "Swap 1", "Swap 2"]


def test_deletes_are_sent_after_everything_else(
    sandbox: Sandbox, groupsync: Groupsync, tangled_names: dict[str, int]
) -> None:
    assert groupsync("apply", "--auto-approve").code == 0

    methods = [entry.method for entry in sandbox.log() if entry.method in WRITES]
    assert [kind for kind, _ in groupby(methods, key="DELETE".__eq__)] == [False, True]
    assert tangled_names


def test_apply_sends_no_more_requests_than_it_needs(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    """One list before, one after, one write for each change; a delete reads members and group first."""
    sandbox.add_group("VIP")
    sandbox.add_group("Old")
    write("groups:\n  - {name: VIP customers, previously: [VIP]}\n  - New\n")
    groupsync("plan", "--out", "plan.json")
    sandbox.forget_requests()

    groupsync("apply", "plan.json")

    lists = [entry for entry in sandbox.log() if (entry.method, entry.path) == ("GET", "/v1/phonebook/groups")]
    assert len(lists) == 2
    assert (sandbox.requests("POST"), sandbox.requests("PUT"), sandbox.requests("DELETE")) == (1, 1, 1)
    assert sandbox.requests() == 7


@pytest.mark.parametrize(("plan_file", "lists"), [(("plan.json",), 2), (("--auto-approve",), 3)])
def test_each_deletion_takes_three_requests(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], plan_file: tuple[str, ...], lists: int
) -> None:
    for number in range(5):
        sandbox.add_group(f"Old {number}", contacts=number % 2)
    write("policy: {unlisted: delete, max_contacts_lost: 2}\ngroups: [New]\n")
    sandbox.add_group("New")
    groupsync("plan", "--out", "plan.json")
    sandbox.forget_requests()

    finished = groupsync("apply", *plan_file)

    assert (finished.code, sandbox.names()) == (0, ["New"])
    assert sandbox.requests() == 3 * 5 + lists


def test_progress_goes_to_stderr_and_plan_and_result_to_stdout(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Old")
    write("groups: [VIP]\n")
    groupsync("plan", "--out", "plan.json")

    finished = groupsync("apply", "plan.json")

    assert finished.err == '[1/2] created "VIP"\n[2/2] deleted "Old"\n'
    assert finished.out == (
        "Plan: 1 to create, 0 to rename, 1 to delete. Memberships lost: 0.\n"
        "\n"
        "Apply complete: 1 created, 0 renamed, 1 deleted.\n"
    )


def test_without_a_terminal_nothing_is_approved(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("groups: [VIP]\n")

    finished = groupsync("apply", *NEW_ACCOUNT)

    assert finished.code == 3
    assert '+ "VIP"' in finished.out
    assert finished.err.startswith("Error: there is no terminal to ask for approval\n")
    assert count_writes(sandbox) == 0


def test_without_changes_there_is_no_question(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("VIP")
    write("groups: [VIP]\n")

    finished = groupsync("apply")

    assert (finished.code, finished.out, finished.err) == (
        0,
        "No changes. The Phonebook matches the configuration.\n",
        "",
    )


def test_a_guard_refuses_even_with_auto_approve(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Old", contacts=1)
    write("groups: [VIP]\n")
    groupsync("plan", "--out", "plan.json")

    from_file = groupsync("apply", "plan.json")
    new = groupsync("apply", "--auto-approve")

    assert (from_file.code, new.code) == (3, 3)
    assert "contacts-lost" in from_file.out
    assert "contacts-lost" in new.out
    assert count_writes(sandbox) == 0


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (
            lambda sandbox: sandbox.rename_group(make_id(1), "VIP 2"),
            'rename group "VIP" to "VIP customers": the group is now named "VIP 2"',
        ),
        (
            lambda sandbox: sandbox.delete_group(make_id(1)),
            'rename group "VIP" to "VIP customers": the group is gone',
        ),
        (
            lambda sandbox: sandbox.rename_group(make_id(3), "Letter"),
            'group "Newsletter" is named "Letter" now',
        ),
        (
            lambda sandbox: sandbox.delete_group(make_id(3)),
            'group "Newsletter" is gone',
        ),
        (
            lambda sandbox: sandbox.add_group("VIP customers", id=make_id(9)),
            (
                'rename group "VIP" to "VIP customers": the name "VIP customers" belongs to another '
                f"group [id={make_id(9)}]"
            ),
        ),
        (
            lambda sandbox: sandbox.add_group("vip", id=make_id(9)),
            f'group "vip" [id={make_id(9)}] is new, and the configuration has that name',
        ),
        (
            lambda sandbox: sandbox.add_group("new", id=make_id(9)),
            f'group "new" [id={make_id(9)}] is new, and the configuration has that name',
        ),
        (
            lambda sandbox: (sandbox.add_group("New", id=make_id(8)), sandbox.add_group("New", id=make_id(9))),
            'create group "New": 2 groups of that name appeared since the plan: ' + f"{make_id(8)}, {make_id(9)}",
        ),
        (
            lambda sandbox: sandbox.rename_group(make_id(2), "Older"),
            'delete group "Old": the group is now named "Older"',
        ),
    ],
)
def test_a_plan_is_stale_after_a_live_change_that_concerns_it(
    sandbox: Sandbox,
    groupsync: Groupsync,
    write: Callable[[str], None],
    change: Callable[[Sandbox], None],
    difference: str,
) -> None:
    sandbox.add_group("VIP", id=make_id(1))
    sandbox.add_group("Old", id=make_id(2))
    sandbox.add_group("Newsletter", id=make_id(3))
    write("groups:\n  - {name: VIP customers, previously: [VIP]}\n  - New\n  - Newsletter\n")
    assert groupsync("plan", "--out", "plan.json").code == 0
    change(sandbox)

    finished = groupsync("apply", "plan.json")

    assert finished.code == 4
    assert finished.out == ""
    assert finished.err.startswith("Error: the plan is stale:\n")
    assert f"\n  {difference}\n" in finished.err
    assert count_writes(sandbox) == 0


def test_a_group_that_gained_contacts_since_the_review_is_not_deleted(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    old = sandbox.add_group("Old", contacts=2)
    write("groups: [New]\nremoved: [{name: Old, contacts_at_most: 5}]\n")
    groupsync("plan", "--out", "plan.json")
    sandbox.delete_group(old)
    sandbox.add_group("Old", id=old, contacts=3)

    finished = groupsync("apply", "plan.json")

    assert finished.code == 4
    assert "3 contacts are in the group, 2 were reviewed" in finished.err
    assert sandbox.names() == ["Old"]


def test_live_changes_that_do_not_concern_the_plan_do_not_make_it_stale(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    vip = sandbox.add_group("VIP", contacts=2)
    imported = sandbox.add_group("Imported 1")
    write("groups: [VIP, New]\nignore: ['Imported *']\n")
    groupsync("plan", "--out", "plan.json")
    sandbox.delete_group(vip)
    sandbox.add_group("VIP", id=vip, contacts=5)
    sandbox.rename_group(imported, "Imported 2")
    new = sandbox.add_group("New")
    sandbox.add_group("Stranger", id=make_id(9))

    finished = groupsync("apply", "plan.json")

    assert finished.code == 0
    assert finished.out == (
        "Nothing left to do: the changes of this plan (1) are all done.\n"
        "\n"
        "New since the plan, and left alone:\n"
        f'  group "Stranger" [id={make_id(9)}]\n'
    )
    assert count_writes(sandbox) == 0
    assert new


def test_further_changes_of_a_new_plan_are_shown_and_do_not_fail_the_run(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("groups: [New]\n")
    groupsync("plan", "--out", "plan.json")
    sandbox.add_group("Stranger", id=make_id(9))

    finished = groupsync("apply", "plan.json")

    assert finished.code == 0
    assert finished.out == (
        "Plan: 1 to create, 0 to rename, 0 to delete. Memberships lost: 0.\n"
        "\n"
        "Apply complete: 1 created, 0 renamed, 0 deleted.\n"
        "\n"
        "New since the plan, and left alone:\n"
        f'  group "Stranger" [id={make_id(9)}]\n'
        "\n"
        "A new plan would make more changes:\n"
        f'  delete group "Stranger" [id={make_id(9)}]\n'
        "  Plan: 0 to create, 0 to rename, 1 to delete. Memberships lost: 0.\n"
    )


def test_a_changed_configuration_makes_the_plan_stale_but_a_changed_layout_does_not(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("groups:\n  - name: New\n    description: one\n  - VIP\n")
    groupsync("plan", *NEW_ACCOUNT, "--out", "plan.json")

    write("groups: [VIP, New, Other]\n")
    other = groupsync("apply", *NEW_ACCOUNT, "plan.json")
    write("# comment\ngroups: [VIP, New]\n")
    same = groupsync("apply", *NEW_ACCOUNT, "plan.json")

    assert other.code == 4
    assert "the configuration has changed since the plan was made\n" in other.err
    assert '  create "Other" is in the plan of this configuration, and was not reviewed\n' in other.err
    assert same.code == 0
    assert sandbox.names() == ["New", "VIP"]


def test_a_plan_of_other_files_says_which_files_it_was_made_from(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    sandbox.add_group("VIP", contacts=2)
    write("groups: [VIP]\n")
    (folder / "cfg").mkdir()
    (folder / "cfg" / "ee.yaml").write_text("version: 1\ngroups: [{name: VIP customers, previously: [VIP]}]\n")
    groupsync("plan", "-c", "cfg", "--out", "plan.json")

    default, other = groupsync("apply", "plan.json"), groupsync("check", "plan.json", "-c", "groups.yaml")

    assert (default.code, other.code) == (4, 4)
    read = "the default configuration, groups.yaml or GROUPSYNC_CONFIG"
    assert f"  the plan was made from cfg, and this run reads {read}: give the same -c\n" in default.err
    assert "  the plan was made from cfg, and this run reads groups.yaml: give the same -c\n" in other.err
    line = 'rename "VIP" -> "VIP customers" was reviewed, and is not in the plan of this configuration'
    assert f"  {line}\n" in default.err
    remedy = "nothing was written; give the -c of the plan, or make a new plan and review it: groupsync plan"
    assert f"  -> {remedy} --out plan.json -c groups.yaml\n" in other.err
    assert sandbox.names() == ["VIP"]


@pytest.mark.parametrize("command", [("apply",), ("check",)])
def test_a_plan_of_other_files_says_so_if_the_configuration_of_the_run_cannot_be_read(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, command: tuple[str, ...]
) -> None:
    sandbox.add_group("VIP", contacts=2)
    (folder / "cfg").mkdir()
    (folder / "cfg" / "ee.yaml").write_text("version: 1\ngroups: [{name: VIP customers, previously: [VIP]}]\n")
    groupsync("plan", "-c", "cfg", "--out", "plan.json")

    forgotten, wrong = groupsync(*command, "plan.json"), groupsync(*command, "plan.json", "-c", "ee")

    assert (forgotten.code, wrong.code) == (1, 1)
    read = "the default configuration, groups.yaml or GROUPSYNC_CONFIG"
    assert forgotten.err == f"Error: the plan was made from cfg, and this run reads {read}: give the same -c\n"
    assert wrong.err.startswith("Error: ee: there is no such file or folder")
    assert wrong.err.endswith("\n  -> the plan was made from cfg, and this run reads ee: give the same -c\n")


def test_a_stale_plan_names_each_group_once_and_shows_an_id_only_to_tell_two_apart(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    for number, name in enumerate(("A", "B", "Twin", "Twin"), start=1):
        sandbox.add_group(name, id=make_id(number))
    write(f"""groups: [{{name: B, id: {make_id(1)}}}, {{name: A, id: {make_id(2)}}}]
removed: [{{id: {make_id(3)}}}, {{id: {make_id(4)}}}]\n""")
    groupsync("plan", "--out", "plan.json")
    for number in (1, 3, 4):
        sandbox.rename_group(make_id(number), "Gone on")

    lines = groupsync("apply", "plan.json").err.splitlines()

    assert [line for line in lines if "is now named" in line] == [
        '  rename group "A" to "B": the group is now named "Gone on"',
        f'  delete group "Twin" [id={make_id(3)}]: the group is now named "Gone on"',
        f'  delete group "Twin" [id={make_id(4)}]: the group is now named "Gone on"',
    ]


def test_a_plan_of_a_changed_configuration_shows_no_temporary_name_and_no_order(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    for number, name in enumerate(("A", "B", "Old"), start=1):
        sandbox.add_group(name, id=make_id(number))
    removed = "removed: [{name: Old}]\n"
    write(f"groups: [{{name: B, id: {make_id(1)}}}, {{name: A, id: {make_id(2)}}}]\n{removed}")
    groupsync("plan", "--out", "plan.json")
    write(f"groups: [{{name: B, id: {make_id(2)}}}, {{name: C, id: {make_id(1)}}}]\n{removed}")

    error = groupsync("apply", "plan.json").err

    assert error.splitlines()[1:-1] == [
        "  the configuration has changed since the plan was made",
        '  rename "A" -> "B": after: reviewed "B", now "C"',
        '  rename "B" -> "A" was reviewed, and is not in the plan of this configuration',
    ]


def test_a_plan_for_another_account_is_not_applied(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("groups: [New]\n")
    groupsync("plan", "--out", "plan.json")

    finished = groupsync("apply", "plan.json", MESSENTE_API_USERNAME="somebody else")

    assert finished.code == 1 or "Phonebook: account: reviewed" in finished.err
    assert count_writes(sandbox) == 0


def test_a_forged_plan_file_does_nothing_that_the_configuration_does_not_ask_for(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    """The plan is made again and compared with the file: a fitting checksum is not enough."""
    precious = sandbox.add_group("Precious")
    write("groups: [Precious, New]\n")
    groupsync("plan", "--out", "plan.json")
    document = json.loads((folder / "plan.json").read_text())
    document["changes"][0] |= {
        "id": f"delete:{precious}",
        "kind": "delete",
        "actions": ["delete"],
        "reason": "removed",
        "group_id": precious,
        "before": "Precious",
        "after": None,
        "contacts_count": 0,
    }
    (folder / "plan.json").write_bytes(reseal(document, folder / "plan.json"))

    finished = groupsync("apply", "plan.json")

    assert finished.code == 4
    assert 'delete "Precious" was reviewed, and is not in the plan of this configuration\n' in finished.err
    assert sandbox.names() == ["Precious"]


def reseal(document: dict[str, object], path: Path) -> bytes:
    """Return the document as groupsync would have written it, with fitting digest and checksum."""
    review = load_document(document)
    sealed = dump_review(review)
    assert load_review(sealed, str(path)) == review
    return sealed


@pytest.mark.parametrize("is_saved", [True, False], ids=["a plan file", "a new plan"])
def test_expect_digest_refuses_any_plan_that_was_not_approved(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path, *, is_saved: bool
) -> None:
    sandbox.add_group("Sale", contacts=2)
    write("groups: [New]\nremoved: [{name: Sale, contacts_at_most: 9}]\n")
    groupsync("plan", "--out", "plan.json")
    approval = json.loads((folder / "plan.json").read_text())["approval"]
    digest = approval.removesuffix("+2")
    arguments = ("apply", "plan.json") if is_saved else ("apply", "--auto-approve")
    commands = [arguments, ("check", "plan.json")] if is_saved else [arguments]

    for command in commands:
        other = groupsync(*command, "--expect-digest", "sha256:" + "0" * 64 + "+2")
        alone = groupsync(*command, "--expect-digest", digest)
        fewer = groupsync(*command, "--expect-digest", f"{digest}+1")
        two = groupsync(*command, "--expect-digest", f"{digest}+2,2")

        assert [finished.code for finished in (other, alone, fewer, two)] == [4, 4, 4, 4]
        assert "its changes differ: approved sha256:000" in other.err
        assert "a digest alone does not approve deletions" in alone.err
        assert 'group "Sale" [id=' in fewer.err
        assert "would be deleted with 2 contacts: 1 were approved" in fewer.err
        assert "the approval has a number of contacts for 2" in two.err
    assert count_writes(sandbox) == 0
    assert groupsync(*arguments, "--expect-digest", f"{digest}+3").code == 0
    assert sandbox.names() == ["New"]


def test_the_approval_of_a_new_plan_is_compared_before_anything_is_asked_and_the_plan_is_shown(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("groups: [New]\n")

    finished = groupsync("apply", "--expect-digest", "sha256:" + "0" * 64)

    assert finished.code == 4
    assert '+ "New"' in finished.out
    assert "make a new plan and review it: groupsync plan\n" in finished.err
    assert count_writes(sandbox) == 0


def test_a_group_with_more_people_than_were_approved_is_found_after_the_plan_was_made_too(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    group = sandbox.add_group("Sale", contacts=2)
    write("groups: [New]\nremoved: [{name: Sale, contacts_at_most: 9}]\n")
    groupsync("plan", "--out", "plan.json")
    approval = json.loads((folder / "plan.json").read_text())["approval"]
    sandbox.delete_group(group)
    sandbox.add_group("Sale", id=group, contacts=3)

    for command in ("check", "apply"):
        finished = groupsync(command, "plan.json", "--expect-digest", approval)

        assert finished.code == 4
        assert "3 contacts are in the group, 2 were reviewed" in finished.err
    assert count_writes(sandbox) == 0


def test_a_plan_file_that_was_refused_is_not_approved_by_its_digest(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    sandbox.add_group("Sale", contacts=2)
    write("groups: [New]\n")
    groupsync("plan", "--out", "plan.json")
    document = json.loads((folder / "plan.json").read_text())
    built = f"{document['digest']}+2"

    finished = groupsync("apply", "plan.json", "--allow", "contacts-lost", "--expect-digest", built)

    assert document["approval"] is None
    assert finished.code == 4
    assert "it is refused (contacts-lost), and nobody can approve a plan that is refused" in finished.err
    assert count_writes(sandbox) == 0


@pytest.mark.parametrize("command", ["apply", "check"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "no digest was given. Is its variable empty?"),
        (" ", "no digest was given. Is its variable empty?"),
        ("null", "this is not an approval, which looks like sha256:<64 hex digits>+100,18"),
        ("sha256:" + "0" * 64 + "+01", "this is not an approval, which looks like sha256:<64 hex digits>+100,18"),
        ("sha256:" + "0" * 64 + "+-1", "this is not an approval, which looks like sha256:<64 hex digits>+100,18"),
    ],
)
def test_an_expect_digest_that_is_empty_or_malformed_is_wrong_usage(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], command: str, value: str, message: str
) -> None:
    write("groups: [New]\n")
    groupsync("plan", "--out", "plan.json")
    sandbox.forget_requests()

    finished = groupsync(command, "plan.json", f"--expect-digest={value}")

    assert finished.code == 64
    assert message in " ".join(finished.err.split())
    assert sandbox.log() == ()


@pytest.mark.parametrize("parallelism", ["1", "8"])
def test_a_failure_ends_the_run_and_the_report_lists_what_was_not_attempted(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], parallelism: str
) -> None:
    sandbox.add_group("Old")
    write("groups: [A, B, C]\n")
    groupsync("plan", "--out", "plan.json")
    sandbox.fail_next("POST", status=400, times=3)

    failed = groupsync("apply", "plan.json", "--parallelism", parallelism)
    sandbox.clear_faults()
    again = groupsync("apply", "plan.json")

    assert failed.code == 5
    assert failed.out.startswith(
        "Plan: 3 to create, 0 to rename, 1 to delete. Memberships lost: 0.\n\nApply incomplete: "
    )
    assert '  failed: create group "A": POST /phonebook/groups: HTTP 400: Invalid data (code 201)' in failed.out
    assert '  not attempted: delete group "Old"' in failed.out
    assert "Do not run the same command again: it would fail again. Read the answer above: choose a name" in failed.out
    assert again.code == 0
    assert sandbox.names() == ["A", "B", "C"]


def test_a_create_whose_answer_was_lost_is_adopted(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("groups: [A]\n")
    sandbox.fail_next("POST", status=500, when="after")

    finished = groupsync("apply", *NEW_ACCOUNT, "--auto-approve")

    assert finished.code == 0
    assert finished.out.endswith("\nApply complete: 0 created, 0 renamed, 0 deleted, 1 adopted.\n")
    assert (sandbox.names(), sandbox.requests("POST")) == (["A"], 1)


def test_a_result_that_cannot_be_verified_is_incomplete(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("groups: [A]\n")
    groupsync("plan", *NEW_ACCOUNT, "--out", "plan.json")
    sandbox.fail_next("GET", status=200, body={"groups": []}, times=1)
    sandbox.fail_next("GET", status=400)

    finished = groupsync("apply", *NEW_ACCOUNT, "plan.json")

    assert finished.code == 5
    assert "The result could not be verified: GET /phonebook/groups: HTTP 400" in finished.out


VERBOSE_SWAP = f"""\
[first step] renamed "Gold" -> "Silver [groupsync a72a32da]" [id={make_id(1)}]
[1/2] renamed "Silver" -> "Gold" [id={make_id(2)}]
[2/2] renamed "Gold" -> "Silver" [id={make_id(1)}]
"""


@pytest.mark.parametrize(
    ("options", "progress"),
    [
        ((), '[1/2] renamed "Silver" -> "Gold"\n[2/2] renamed "Gold" -> "Silver"\n'),
        (("--verbose",), VERBOSE_SWAP),
    ],
)
def test_the_progress_of_a_swap_counts_two_changes(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], options: tuple[str, ...], progress: str
) -> None:
    sandbox.add_group("Gold", id=make_id(1), contacts=5)
    sandbox.add_group("Silver", id=make_id(2), contacts=7)
    write(f"groups:\n  - {{name: Silver, id: {make_id(1)}}}\n  - {{name: Gold, id: {make_id(2)}}}\n")
    groupsync("plan", "--out", "plan.json")

    finished = groupsync("apply", "plan.json", *options)

    assert finished.err == progress
    assert "Apply complete: 0 created, 2 renamed, 0 deleted." in finished.out


def test_an_interrupted_rename_is_refused_by_a_new_plan_and_finished_by_the_old_one(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    sandbox.add_group("Gold", id=make_id(1), contacts=5)
    sandbox.add_group("Silver", id=make_id(2), contacts=7)
    write(f"groups:\n  - {{name: Silver, id: {make_id(1)}}}\n  - {{name: Gold, id: {make_id(2)}}}\n")
    groupsync("plan", "--out", "plan.json")
    sandbox.fail_next("PUT", status=400, path=f"*/{make_id(2)}")
    assert groupsync("apply", "plan.json").code == 5
    assert [name for name in sandbox.names() if "[groupsync " in name] != []

    pinned = groupsync("plan")
    write("groups: [Gold, Silver]\n")
    reverted = groupsync("plan")
    write(f"groups:\n  - {{name: Silver, id: {make_id(1)}}}\n  - {{name: Gold, id: {make_id(2)}}}\n")
    finished = groupsync("apply", "plan.json")

    assert pinned.code == 0
    assert "finishes an interrupted rename" in pinned.out
    assert reverted.code == 3
    assert "interrupted-rename: 1 group has a temporary name" in reverted.out
    assert finished.code == 0
    assert {group.name: group.contacts_count for group in sandbox.groups()} == {"Silver": 5, "Gold": 7}


def test_apply_shows_the_warnings_of_the_plan(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("groups: [A]\nignore: [nothing*]\n")

    finished = groupsync("apply", *NEW_ACCOUNT, "--auto-approve")

    assert finished.err.startswith('Warning: groups.yaml:3: ignore "nothing*" matches no live group\n[1/1] created')
    assert sandbox.names() == ["A"]


def test_a_plan_refused_for_an_unknown_count_is_refused_again_and_not_stale(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    old = sandbox.add_group("Old", id=make_id(1))
    write("groups: [A]\nremoved: [{name: Old}]\n")
    nameless = {"groups": [{"id": old, "name": "Old"}]}
    sandbox.fail_next("GET", status=200, body=nameless, times=2)

    planned = groupsync("plan", "--out", "plan.json")
    applied = groupsync("apply", "plan.json")

    assert (planned.code, applied.code) == (3, 3)
    assert "unknown-count" in applied.out
    assert count_writes(sandbox) == 0


def test_a_plan_file_with_changes_reordered_or_duplicated_is_stale(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path
) -> None:
    write("groups: [A, B]\n")
    groupsync("plan", "--out", "plan.json")
    document = json.loads((folder / "plan.json").read_text())

    for changes in (document["changes"][::-1], document["changes"] * 2):
        path = folder / "plan.json"
        path.write_bytes(reseal({**document, "changes": changes}, path))
        finished = groupsync("apply", "plan.json")
        assert finished.code == 4
        assert "the changes are not in the order of a new plan, or one is there twice" in finished.err
    assert count_writes(sandbox) == 0


def test_a_password_revoked_during_the_run_is_reported_with_a_remedy(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    write("groups: [A]\n")
    sandbox.fail_next("POST", status=401)

    finished = groupsync("apply", *NEW_ACCOUNT, "--auto-approve")

    assert finished.code == 5
    assert "failed: create group" in finished.out
    assert "(check MESSENTE_API_USERNAME and MESSENTE_API_PASSWORD" in finished.out


def test_a_long_list_of_differences_is_shortened(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]
) -> None:
    ids = [sandbox.add_group(f"G{number}") for number in range(30)]
    write("groups: [New]\npolicy: {unlisted: keep}\n")
    groupsync("plan", "--out", "plan.json")
    for number, group_id in enumerate(ids):
        sandbox.rename_group(group_id, f"H{number}")

    finished = groupsync("apply", "plan.json")

    assert finished.code == 4
    assert len(finished.err.splitlines()) == 23
    assert "\n  ... and 10 more\n" in finished.err
