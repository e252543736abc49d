"""`restore`, from the deletion that wrote the backup to the recreated group; no output shows a phone number."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import resource
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote, urlsplit

import pytest

from groupsync.schema import find_violations
from tests.cli.test_processes import GROUPSYNC, talk
from tests.unit.pasting import paste
from tests.wire.fault_proxy import FaultProxy
from tests.wire.faults import HoldAfter, HoldBefore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests
    from requests import Response

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync
    from tests.wire.faults import Choose, Fault

    Call: TypeAlias = Callable[..., requests.Response]
    DeleteWithBackup: TypeAlias = Callable[..., str]
    Start: TypeAlias = Callable[..., subprocess.Popen[str]]

OLD = "4792a02a-e5c2-422b-a0a0-0ae65d814662"
OTHER = "00000009-52b7-4f0d-9c3e-1b7a60d2f401"
ADD = "*/contacts/*"


def make_phones(number: int) -> list[str]:
    return [f"+3725{1_357_900 + place}" for place in range(number)]


def require_no_phone_in(text: str) -> None:
    """Assert that the text holds no number of `make_phones`, however it is spelled; ids may look like one."""
    without_ids = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text)
    assert not re.search(r"5135\W?(%20)?[78][0-9]\W?[0-9]{2}", without_ids)


@pytest.fixture
def groupsync(groupsync: Groupsync, folder: Path) -> Groupsync:
    """A function that runs a command line and asserts that neither output nor files hold a phone number."""

    def call(*args: str, **variables: str) -> Any:
        finished = groupsync(*args, **variables)
        require_no_phone_in(finished.out + finished.err)
        for path in folder.rglob("*"):
            require_no_phone_in(path.read_text() if path.is_file() else path.name)
        return finished

    return call


@pytest.fixture
def delete_with_backup(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], environ: Mapping[str, str]
) -> DeleteWithBackup:
    """A function that has `apply` delete the group "VIP", lists the group again, and returns its backup."""

    def delete_with_backup(
        contacts: int = 3, name: str = "VIP", group_id: str = OLD, wanted: str = "groups: [VIP]\n"
    ) -> str:
        sandbox.add_group(name, id=group_id, contacts=make_phones(contacts))
        write(f"policy: {{unlisted: keep}}\ngroups: [News]\nremoved:\n  - id: {group_id}\n")
        assert groupsync("apply", "--auto-approve").code == 0
        assert name not in sandbox.names()
        write(f"policy: {{unlisted: keep}}\n{wanted}")
        sandbox.forget_requests()
        (backup,) = Path(environ["GROUPSYNC_BACKUP_DIR"]).glob(f"{name}.{group_id}.*.json")
        return str(backup)

    return delete_with_backup


@pytest.fixture
def start(folder: Path, environ: Mapping[str, str]) -> Start:
    """A function that starts a command in a new process; keywords set more environment variables."""
    return lambda *args, **variables: subprocess.Popen(
        [*GROUPSYNC, *args],
        cwd=folder,
        env={**os.environ, **environ, "NO_COLOR": "1", **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def find_group(sandbox: Sandbox, name: str = "VIP") -> str:
    """Return the id of the only group with this name."""
    (group_id,) = [group.id for group in sandbox.groups() if group.name == name]
    return group_id


def find_port(sandbox: Sandbox) -> int:
    port = urlsplit(sandbox.url).port
    assert port
    return port


def read_report(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text())
    assert find_violations("report", document) == ()
    return document


def test_without_a_terminal_the_restore_is_shown_and_not_approved(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    backup = delete_with_backup()
    created_at = json.loads(Path(backup).read_text())["created_at"]

    finished = groupsync("restore", backup)

    assert finished.code == 3
    assert finished.out == (
        "groupsync will make these changes:\n"
        "\n"
        '  + "VIP"                                           3 contacts to add\n'
        f"      3 contacts were in it on {created_at}, when its id was {OLD}\n"
        f"      {backup}\n"
        "\n"
        "Restore: 1 group to create, 3 contacts to add, 0 contacts to recreate, 0 contacts skipped.\n"
    )
    assert finished.err == "Error: there is no terminal to ask for approval\n  -> add --auto-approve\n"
    assert sandbox.requests("POST") == 0
    assert not Path(f"{backup}.restored").exists()


def test_with_auto_approve_the_group_is_restored_and_the_next_plan_is_empty(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    backup = delete_with_backup()

    finished = groupsync("restore", backup, "--auto-approve")
    plan = groupsync("plan")

    made = find_group(sandbox)
    assert finished.code == 0
    assert finished.out.endswith(
        f'\n\nRestore complete: 1 of 1 group, 3 contacts added.\n\n  done: group "VIP" [id={made}]\n\n'
        f'To add the new id of "VIP", change line 3 of groups.yaml to:\n'
        f"groups: [{{name: VIP, id: {made}}}]\n"
    )
    assert finished.err == '[3/3] contacts of group "VIP"\n'
    assert sandbox.members(made) == make_phones(3)
    assert made != OLD
    assert plan.out.startswith("No changes. The Phonebook matches the configuration.\n")


@pytest.mark.parametrize(("answer", "code", "restored"), [(b"yes\n", 0, 1), (b"y\n", 3, 0), (b"no\n", 3, 0)])
def test_only_yes_approves(
    folder: Path,
    sandbox: Sandbox,
    delete_with_backup: DeleteWithBackup,
    environ: Mapping[str, str],
    answer: bytes,
    code: int,
    restored: int,
) -> None:
    backup = delete_with_backup()

    ended, shown = talk(
        ("restore", backup), answer, cwd=folder, environ={**os.environ, **environ, "NO_COLOR": "1", "TERM": "xterm"}
    )

    require_no_phone_in(shown)
    assert ended == code
    assert "Only 'yes' will be accepted to approve." in shown
    assert sandbox.names().count("VIP") == restored


def test_a_live_change_during_the_question_stops_the_restore(
    folder: Path, sandbox: Sandbox, delete_with_backup: DeleteWithBackup, environ: Mapping[str, str], call: Call
) -> None:
    backup = delete_with_backup()
    master, terminal = pty.openpty()

    with subprocess.Popen(
        [*GROUPSYNC, "restore", backup],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        cwd=folder,
        env={**os.environ, **environ, "NO_COLOR": "1"},
    ) as process:
        os.close(terminal)
        shown = b""
        with contextlib.suppress(OSError):  # Linux reports a closed other end like this
            while chunk := os.read(master, 4096):
                shown += chunk
                if shown.endswith(b"Enter a value: "):
                    call("DELETE", f"/phonebook/contacts/{make_phones(1)[0]}")
                    os.write(master, b"yes\n")
        os.close(master)
        code = process.wait(timeout=30)

    require_no_phone_in(shown.decode())
    assert code == 4
    assert b"have changed since they were shown" in shown
    assert "VIP" not in sandbox.names()


def test_a_second_run_has_nothing_to_do(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    backup = delete_with_backup()
    groupsync("restore", backup, "--auto-approve")
    sandbox.forget_requests()

    finished = groupsync("restore", backup)

    assert finished.code == 0
    assert finished.out.endswith("\n\nNothing to restore: the contacts are in their groups.\n")
    assert sandbox.requests("POST") == 0


def test_several_backups_are_restored_in_one_run(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    first = delete_with_backup(3)
    second = delete_with_backup(5, name="Tartu", group_id=OTHER, wanted="groups: [VIP, Tartu]\n")

    finished = groupsync("restore", first, second, "--auto-approve")

    assert finished.code == 0
    assert "Restore complete: 2 of 2 groups, 8 contacts added." in finished.out
    assert sandbox.members(find_group(sandbox)) == make_phones(3)
    assert sandbox.members(find_group(sandbox, "Tartu")) == make_phones(5)


def test_into_adds_the_contacts_to_a_live_group_which_keeps_its_own(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    backup = delete_with_backup()
    chosen = sandbox.add_group("VIP", contacts=["+37259999999"])

    refused = groupsync("restore", backup, "--auto-approve")
    finished = groupsync("restore", backup, "--auto-approve", "--into", chosen)

    assert refused.code == 3
    assert f"--into {chosen}" in refused.out
    assert refused.err == (
        "Error: the restore is refused: group-is-live\n"
        "  -> nothing was written; see the restore for the reason and what to do\n"
    )
    assert finished.code == 0
    assert sandbox.members(chosen) == [*make_phones(3), "+37259999999"]
    assert sandbox.names() == ["News", "VIP"]


def test_contacts_that_no_longer_exist_are_recreated_only_with_the_option(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup, call: Call
) -> None:
    call("POST", "/phonebook/contacts", json={"phoneNumber": make_phones(1)[0], "firstName": "Mäe", "custom4": "€"})
    backup = delete_with_backup()
    for phone in make_phones(2):
        call("DELETE", f"/phonebook/contacts/{phone}")

    without = groupsync("restore", backup, "--auto-approve")
    still = groupsync("restore", backup, "--auto-approve")
    finished = groupsync("restore", backup, "--auto-approve", "--recreate-contacts")

    assert (without.code, still.code, finished.code) == (5, 5, 0)
    assert "2 contacts are no longer in the address book and are skipped: --recreate-contacts" in without.out
    assert still.out.endswith("\n\nNothing to restore: the contacts that still exist are in their groups.\n")
    assert "Restore complete: 1 of 1 group, 0 contacts added, 2 contacts recreated." in finished.out
    assert sandbox.members(find_group(sandbox)) == make_phones(3)
    contact = call("GET", f"/phonebook/contacts/{make_phones(1)[0]}").json()["contact"]
    assert (contact["firstName"], contact["custom4"]) == ("Mäe", "€")


def test_a_group_renamed_out_of_the_way_and_deleted_is_restored_with_its_own_name(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], environ: Mapping[str, str]
) -> None:
    sandbox.add_group("held", id=OLD, contacts=make_phones(3))
    write(f"groups: [Held]\nremoved:\n  - id: {OLD}\n")
    assert groupsync("apply", "--auto-approve").code == 0
    write("groups: [Held, held]\n")
    (backup,) = Path(environ["GROUPSYNC_BACKUP_DIR"]).iterdir()

    finished = groupsync("restore", str(backup), "--auto-approve")

    assert finished.code == 0
    assert sandbox.members(find_group(sandbox, "held")) == make_phones(3)
    assert backup.name.startswith(f"held.{OLD}.")


def test_a_restore_is_refused_while_an_entry_has_the_old_id(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup, write: Callable[[str], None]
) -> None:
    backup = delete_with_backup()
    write(f"policy: {{unlisted: keep}}\ngroups:\n  - News\n  - name: VIP\n    id: {OLD}\n")

    refused = groupsync("restore", backup, "--auto-approve")
    write("policy: {unlisted: keep}\ngroups:\n  - News\n  - name: VIP\n")
    restored = groupsync("restore", backup, "--auto-approve")
    sentence = next(line for line in restored.out.splitlines() if line.startswith("To add the new id"))
    entry = restored.out.partition(f"{sentence}\n")[2]
    assert paste(f"{sentence}\n{entry.rstrip()}")
    planned = groupsync("plan")

    assert (refused.code, restored.code, planned.code) == (3, 0, 0)
    assert f'groups.yaml:5: group "VIP" has the old id {OLD} of the group in {backup}\n' in refused.out
    assert (
        "to restore it under a new id, which is printed at the end, change lines 5 to 6 of groups.yaml to:\n"
        in refused.out
    )
    assert entry == f"  - name: VIP\n    id: {find_group(sandbox)}\n"
    assert planned.out.startswith("No changes.")
    assert sandbox.requests("POST") == 1 + 3


def test_a_group_is_restored_into_an_account_without_groups(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    """The guard `empty-account` is against creates by mistake; a restore is asked for."""
    backup = delete_with_backup()
    for group in sandbox.groups():
        sandbox.delete_group(group.id)

    finished = groupsync("restore", backup, "--auto-approve")

    assert (finished.code, sandbox.names()) == (0, ["VIP"])


@pytest.mark.parametrize(
    ("wanted", "remedy"),
    [
        ("groups: [News]\n", "to keep it, change line 2 of groups.yaml to:\ngroups: [{name: VIP}, News]\n"),
        ("groups: [News]\nremoved: [{name: VIP}]\n", "take out the entry at groups.yaml:3:11\n"),
    ],
)
def test_a_restore_is_refused_if_the_configuration_would_delete_the_group_again(
    sandbox: Sandbox,
    groupsync: Groupsync,
    delete_with_backup: DeleteWithBackup,
    write: Callable[[str], None],
    wanted: str,
    remedy: str,
) -> None:
    backup = delete_with_backup()
    write(wanted)

    finished = groupsync("restore", backup, "--auto-approve")

    assert finished.code == 3
    assert 'the configuration would delete group "VIP" again\n' in finished.out
    assert remedy in finished.out
    assert finished.err.startswith("Error: the restore is refused: would-be-deleted\n")
    assert sandbox.requests("POST") == 0


def test_a_backup_of_another_account_is_refused(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    backup = delete_with_backup()

    finished = groupsync("restore", backup, "--auto-approve", MESSENTE_API_USERNAME="somebody else")

    assert finished.code == 1
    assert finished.err.startswith(f"Error: {backup}: is a backup from account acc-")
    assert sandbox.requests() == 0


@pytest.mark.parametrize("damage", ["contact", "name", "cut", "empty"])
def test_a_damaged_backup_is_not_used(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup, damage: str
) -> None:
    backup = Path(delete_with_backup())
    content = backup.read_text()
    damaged = {
        "contact": content.replace(make_phones(1)[0], "+37259999999"),
        "name": content.replace('"VIP"', '"News"'),
        "cut": content[:-40],
        "empty": "",
    }
    backup.write_text(damaged[damage])

    finished = groupsync("restore", str(backup), "--auto-approve")

    assert finished.code == 1
    assert finished.err.startswith(f"Error: {backup}: not a usable backup: ")
    assert sandbox.requests() == 0


def test_one_damaged_backup_stops_the_restore_of_all(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    first = delete_with_backup(3)
    second = Path(delete_with_backup(5, name="Tartu", group_id=OTHER, wanted="groups: [VIP, Tartu]\n"))
    second.write_bytes(second.read_bytes()[:-1])

    finished = groupsync("restore", first, str(second), "--auto-approve")

    assert finished.code == 1
    assert sandbox.requests() == 0


@pytest.mark.parametrize("kind", ["missing", "folder", "plan"])
def test_a_file_that_is_not_a_backup_is_an_error(groupsync: Groupsync, write: Callable[[str], None], kind: str) -> None:
    write("groups: [VIP]\n")
    groupsync("plan", "--out", "plan.json")
    file = {"missing": "nowhere.json", "folder": ".", "plan": "plan.json"}[kind]

    finished = groupsync("restore", file, "--auto-approve")

    assert finished.code == 1
    assert finished.err.startswith(f"Error: {file}: ")


@pytest.mark.parametrize(
    "args",
    [(), ("a", "b", "--into", OLD), ("a", "--into", "VIP"), ("a", "--into", ""), ("a", "--parallelism", "0")],
    ids=str,
)
def test_wrong_usage_exits_with_64(groupsync: Groupsync, args: tuple[str, ...]) -> None:
    assert groupsync("restore", *args).code == 64


def test_a_pattern_that_also_names_the_note_says_to_leave_it_out(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    backup = delete_with_backup()
    groupsync("restore", backup, "--auto-approve")
    sandbox.forget_requests()

    finished = groupsync("restore", backup, f"{backup}.restored", "--auto-approve")

    assert finished.code == 1
    assert finished.err == (
        f"Error: {backup}.restored: is the note of a restore, not a backup\n"
        f"  -> name the backup itself: {backup}; a pattern for backups ends with .json\n"
    )
    assert sandbox.log() == ()


def test_a_configuration_is_no_backup(groupsync: Groupsync, write: Callable[[str], None]) -> None:
    write("groups: [VIP]\n")

    finished = groupsync("restore", "groups.yaml")

    assert finished.code == 1
    assert finished.err == (
        "Error: groups.yaml: is a YAML file, not a backup\n"
        "  -> name a file of the backup folder, which ends with .json; a configuration is named with -c\n"
    )


def test_a_damaged_restore_note_stops_the_restore(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    backup = delete_with_backup()
    Path(f"{backup}.restored").write_text("{}")

    finished = groupsync("restore", backup, "--auto-approve")

    assert finished.code == 1
    assert finished.err.startswith(f"Error: {backup}.restored: does not say which group was created\n  -> ")
    assert sandbox.requests() == 0


def test_a_restore_that_failed_half_way_is_finished_by_the_same_command(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup, folder: Path
) -> None:
    backup = delete_with_backup(10)
    sandbox.fail_next("POST", status=400, path=f"*{make_phones(5)[4]}")

    failed = groupsync("restore", backup, "--auto-approve", "--parallelism", "1", "--report", "report.json")
    report = read_report(folder / "report.json")
    finished = groupsync("restore", backup, "--auto-approve", "--report", "report.json")

    assert (failed.code, finished.code) == (5, 0)
    assert "Restore incomplete: 0 of 1 group, 4 contacts added." in failed.out
    assert "6 contacts of the backup not in the group" in failed.out
    assert failed.out.endswith(
        "\n\nThe Phonebook would refuse it again: fix what its answer above names, "
        "then run the same command again: it does only what is not done yet.\n"
    )
    assert (report["exit_code"], report["complete"], report["restores"][0]["word"]) == (5, False, "failed")
    assert report["restores"][0]["contacts"]["not_added"] == 6
    again = read_report(folder / "report.json")
    assert (again["exit_code"], again["complete"], again["restores"][0]["word"]) == (0, True, "done")
    assert again["restores"][0]["group_id"] == find_group(sandbox)
    assert sandbox.members(find_group(sandbox)) == make_phones(10)


def test_a_group_that_is_stored_under_another_name_is_kept_with_its_note(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    """Its contacts are still to be added, so the next restore goes on with it."""
    backup = delete_with_backup(5)
    sandbox.behave(stored_names="lower case")

    failed = groupsync("restore", backup, "--auto-approve")

    (group,) = [group for group in sandbox.groups() if group.name.islower()]
    assert failed.code == 5
    assert f'the Phonebook stores it as "{group.name}", so write that name' in failed.out
    assert f"groups: [{{name: {group.name}, id: {group.id}}}, VIP]\n" in failed.out
    assert sandbox.requests("DELETE") == 0
    assert group.id in Path(f"{backup}.restored").read_text()


def test_the_next_run_continues_with_a_group_that_the_list_does_not_show_yet(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    """If it were refused as deleted, the user would make a second group with this name."""
    backup = delete_with_backup(5)
    sandbox.behave(late_lists=8)
    sandbox.fail_next("POST", status=400, path=ADD)

    failed = groupsync("restore", backup, "--auto-approve")
    finished = groupsync("restore", backup, "--auto-approve")

    assert (failed.code, finished.code) == (5, 0)
    assert sandbox.members(find_group(sandbox)) == make_phones(5)


def test_a_restored_group_that_was_deleted_is_recreated_only_without_its_note(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    backup = delete_with_backup()
    groupsync("restore", backup, "--auto-approve")
    made = find_group(sandbox)
    sandbox.delete_group(made)

    refused = groupsync("restore", backup, "--auto-approve")
    Path(f"{backup}.restored").unlink()
    finished = groupsync("restore", backup, "--auto-approve")

    assert (refused.code, finished.code) == (3, 0)
    assert f"the target group {made} is not live" in refused.out
    assert f"to create the group again, remove the file {backup}.restored" in refused.out
    assert sandbox.members(find_group(sandbox)) == make_phones(3)


def test_the_report_says_what_was_sent(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup, folder: Path
) -> None:
    backup = delete_with_backup(2)

    groupsync("restore", backup, "--auto-approve", "--parallelism", "1", "--report", "report.json")

    made = find_group(sandbox)
    report = read_report(folder / "report.json")
    (restored,) = report["restores"]
    assert (report["command"], report["plan_digest"], report["changes"]) == ("restore", None, [])
    assert (restored["file"], restored["name"], restored["old_id"], restored["group_id"]) == (backup, "VIP", OLD, made)
    assert [(request["method"], request["path"], request["status"]) for request in restored["requests"]] == [
        ("POST", "/phonebook/groups", 201),
        ("POST", f"/phonebook/groups/{made}/contacts/***", 201),
        ("POST", f"/phonebook/groups/{made}/contacts/***", 201),
        ("GET", f"/phonebook/groups/{made}", 200),
        ("GET", f"/phonebook/contacts?groupIds={made}", 200),
    ]
    assert [(request["method"], request["path"]) for request in report["requests"]] == [
        ("GET", "/phonebook/groups"),
        ("GET", "/phonebook/contacts"),
        ("GET", "/phonebook/groups"),
    ]
    assert report["requests"][-1]["why"] == "list after the last change"


def test_a_member_list_of_all_contacts_is_not_taken_for_complete(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup, call: Callable[..., Response]
) -> None:
    backup = delete_with_backup(2)
    groupsync("restore", backup, "--auto-approve")
    made = find_group(sandbox)
    for phone in sandbox.members(made):
        call("DELETE", f"/phonebook/groups/{made}/contacts/{quote(phone)}")
    everybody = {"contacts": [{"phoneNumber": phone} for phone in sandbox.phones()]}
    sandbox.fail_next("GET", status=200, body=everybody, path="*/phonebook/contacts", times=2)

    finished = groupsync("restore", backup, "--auto-approve")

    assert finished.code == 0
    assert len(sandbox.members(made)) == 2


def test_a_report_that_cannot_be_written_is_an_error_before_the_first_write(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    backup = delete_with_backup()

    finished = groupsync("restore", backup, "--auto-approve", "--report", "missing/report.json")

    assert finished.code == 1
    assert sandbox.requests("POST") == 0


def test_the_report_is_never_written_over_the_backup(
    groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    backup = delete_with_backup()
    before = Path(backup).read_bytes()

    finished = groupsync("restore", backup, "--auto-approve", "--report", backup)

    assert finished.code == 1
    assert Path(backup).read_bytes() == before


def hold(fault: Fault, ending: str, number: int = 1) -> Choose:
    """Return a function that lets only one POST meet the fault: the nth one whose path contains `ending`."""
    seen = iter(range(1, 10**6))

    def choose(_number: int, method: str, path: str) -> Fault | None:
        is_meant = method == "POST" and ending in path
        return fault if is_meant and next(seen) == number else None

    return choose


def kill_while_held(proxy: FaultProxy, process: subprocess.Popen[str]) -> None:
    with process:
        assert proxy.held.wait(30)
        process.kill()
        out, err = process.communicate(timeout=30)
    require_no_phone_in(out + err)


def test_after_a_kill_during_the_create_the_group_is_made_only_without_its_note(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup, start: Start
) -> None:
    """The server may still carry out the first POST; whoever removes the note says that it did not."""
    backup = delete_with_backup()
    with FaultProxy(find_port(sandbox), hold(HoldBefore(), "/groups")) as proxy:
        kill_while_held(proxy, start("restore", backup, "--auto-approve", GROUPSYNC_ENDPOINT=proxy.url))

    refused = groupsync("restore", backup, "--auto-approve")
    Path(f"{backup}.restored").unlink()
    finished = groupsync("restore", backup, "--auto-approve")

    assert (refused.code, finished.code) == (3, 0)
    assert f"remove the file {backup}.restored" in refused.out
    assert sandbox.members(find_group(sandbox)) == make_phones(3)


@pytest.mark.parametrize("is_first_by_link", [True, False])
def test_every_way_to_name_a_backup_leads_to_the_same_note(
    sandbox: Sandbox,
    groupsync: Groupsync,
    delete_with_backup: DeleteWithBackup,
    start: Start,
    tmp_path_factory: pytest.TempPathFactory,
    *,
    is_first_by_link: bool,
) -> None:
    """Without its note, a create that the server carries out late would be sent a second time."""
    backup = delete_with_backup()
    link = tmp_path_factory.mktemp("links") / "link.json"
    link.symlink_to(backup)
    first, second = (str(link), backup) if is_first_by_link else (backup, str(link))
    with FaultProxy(find_port(sandbox), hold(HoldBefore(), "/groups")) as proxy:
        kill_while_held(proxy, start("restore", first, "--auto-approve", GROUPSYNC_ENDPOINT=proxy.url))

    refused = groupsync("restore", second, "--auto-approve")

    assert (refused.code, sandbox.requests("POST")) == (3, 0)
    assert f"remove the file {backup}.restored" in refused.out


def test_a_note_beside_a_link_counts(
    sandbox: Sandbox,
    groupsync: Groupsync,
    delete_with_backup: DeleteWithBackup,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    link = tmp_path_factory.mktemp("links") / "link.json"
    link.symlink_to(delete_with_backup())
    Path(f"{link}.restored").write_text('{"group_id": null}')

    assert groupsync("restore", str(link), "--auto-approve").code == 3
    assert sandbox.requests("POST") == 0


def test_a_group_whose_name_the_server_changed_is_not_made_twice(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup, folder: Path
) -> None:
    backup = delete_with_backup(2)
    (folder / "groups.yaml").write_text("version: 1\npolicy: {unlisted: keep}\ngroups: []\n")
    sandbox.behave(stored_names="lower case")

    first = groupsync("restore", backup, "--auto-approve")
    again = groupsync("restore", backup, "--auto-approve")

    assert (first.code, again.code) == (5, 0)
    (made,) = [group.id for group in sandbox.groups() if group.name == "vip"]
    assert len(sandbox.members(made)) == 2


@pytest.mark.parametrize("name", ["VIP", "vip", "Base"])
def test_the_contacts_go_into_no_group_that_was_there_before(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup, name: str
) -> None:
    """A server may answer a create with a group that it has."""
    backup = delete_with_backup(2)
    made = sandbox.add_group("Base", contacts=1)
    sandbox.fail_next("POST", status=201, body={"group": {"id": made, "name": name, "contactsCount": 1}})

    first = groupsync("restore", backup, "--auto-approve")
    again = groupsync("restore", backup, "--auto-approve")

    assert first.code == 5
    assert f"the Phonebook answered with a group that was there before [id={made}]" in first.out
    assert again.code != 0
    assert "--into" in again.out + again.err
    assert len(sandbox.members(made)) == 1


def test_a_group_with_contacts_that_appears_after_a_lost_answer_is_not_filled(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    """Somebody else has made it meanwhile."""
    backup = delete_with_backup(2)
    made = "00000007-52b7-4f0d-9c3e-1b7a60d2f401"
    live = [{"id": group.id, "name": group.name, "contactsCount": 0} for group in sandbox.groups()]
    sandbox.drop_next("POST", when="before")
    sandbox.fail_next("GET", path="*/phonebook/groups", status=200, body={"groups": live}, times=2)
    sandbox.add_group("VIP", id=made, contacts=1)

    finished = groupsync("restore", backup, "--auto-approve")

    assert finished.code == 5
    assert f"somebody else may have created the group that appeared [id={made}]: it has contacts" in finished.out
    assert len(sandbox.members(made)) == 1


def test_a_restore_waits_until_the_list_shows_its_group(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup, folder: Path
) -> None:
    """An apply that does not see the group would create an empty one of the same name."""
    backup = delete_with_backup(2)
    sandbox.behave(late_lists=3)

    restored = groupsync("restore", backup, "--auto-approve", "--report", "report.json")
    (folder / "groups.yaml").write_text("version: 1\npolicy: {unlisted: keep}\ngroups: [VIP]\n")
    applied = groupsync("apply", "--auto-approve")

    assert (restored.code, applied.code) == (0, 0)
    assert "Waiting until the list of groups shows 1 change of this run" in restored.err
    assert read_report(folder / "report.json")["list_is_late"] is False
    assert sandbox.names().count("VIP") == 1


def test_a_restore_that_trusted_an_empty_list_finds_the_second_group_of_the_name(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup
) -> None:
    backup = delete_with_backup(2)
    sandbox.add_group("VIP", id="00000007-52b7-4f0d-9c3e-1b7a60d2f401", contacts=1)
    sandbox.fail_next("GET", path="*/phonebook/groups", status=200, body={"groups": []}, times=2)

    finished = groupsync("restore", backup, "--auto-approve")

    assert finished.code == 5
    assert 'the name "VIP" is also the name of another group: 00000007-52b7-4f0d-9c3e-1b7a60d2f401' in finished.out


def test_after_a_kill_before_the_answer_the_next_run_asks_which_group_it_is(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup, start: Start
) -> None:
    """Only a person can tell a group that this run made from one that somebody else made."""
    backup = delete_with_backup()
    with FaultProxy(find_port(sandbox), hold(HoldAfter(), "/groups")) as proxy:
        kill_while_held(proxy, start("restore", backup, "--auto-approve", GROUPSYNC_ENDPOINT=proxy.url))
    made = find_group(sandbox)

    refused = groupsync("restore", backup, "--auto-approve")
    finished = groupsync("restore", backup, "--auto-approve", "--into", made)

    assert (refused.code, finished.code) == (3, 0)
    assert f" --into {made}" in refused.out
    assert sandbox.members(find_group(sandbox)) == make_phones(3)


@pytest.mark.parametrize("fault", [HoldBefore(), HoldAfter()], ids=["before", "after"])
@pytest.mark.parametrize("number", [1, 5, 10])
def test_after_a_kill_during_the_contacts_the_next_run_continues_with_the_group(
    sandbox: Sandbox,
    groupsync: Groupsync,
    delete_with_backup: DeleteWithBackup,
    start: Start,
    folder: Path,
    number: int,
    fault: Fault,
) -> None:
    backup = delete_with_backup(10)
    args = ("restore", backup, "--auto-approve", "--parallelism", "1", "--report", "report.json")
    with FaultProxy(find_port(sandbox), hold(fault, "/contacts/", number)) as proxy:
        kill_while_held(proxy, start(*args, GROUPSYNC_ENDPOINT=proxy.url))
    made = find_group(sandbox)
    added = number if isinstance(fault, HoldAfter) else number - 1
    assert len(sandbox.members(made)) == added
    assert read_report(folder / "report.json")["finished_at"] is None

    finished = groupsync(*args)

    assert finished.code == 0
    assert find_group(sandbox) == made
    assert sandbox.members(made) == make_phones(10)
    if added < 10:  # with nothing left to do there is nothing to report
        tally = read_report(folder / "report.json")["restores"][0]["contacts"]
        assert (tally["already_in"], tally["added"]) == (added, 10 - added)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=["SIGINT", "SIGTERM", "SIGHUP"],
)
def test_after_a_signal_during_the_contacts_the_next_run_finishes(
    sandbox: Sandbox,
    groupsync: Groupsync,
    delete_with_backup: DeleteWithBackup,
    start: Start,
    folder: Path,
    number: signal.Signals,
    code: int,
) -> None:
    backup = delete_with_backup(60)
    sandbox.behave(latency=0.03)

    with start("restore", backup, "--auto-approve", "--parallelism", "2", "--report", "report.json") as process:
        while sandbox.requests("POST") < 6:
            time.sleep(0.01)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    report = read_report(folder / "report.json")
    made = find_group(sandbox)
    added = len(sandbox.members(made))
    sandbox.behave(latency=0)
    finished = groupsync("restore", backup, "--auto-approve")

    require_no_phone_in(out + err)
    assert process.returncode == code
    assert 5 <= added < 60
    assert f"{60 - added} contacts of the backup not in the group; interrupted" in out
    assert "[60/60]" not in err
    assert (report["exit_code"], report["interrupted"], report["complete"]) == (code, True, False)
    assert finished.code == 0
    assert find_group(sandbox) == made
    assert sandbox.members(made) == make_phones(60)


def test_a_signal_during_the_create_reports_the_group_as_unknown(
    sandbox: Sandbox, delete_with_backup: DeleteWithBackup, start: Start
) -> None:
    backup = delete_with_backup()

    sandbox.drop_next("POST", when="after", path="*/groups", delay=0.5)
    with start("restore", backup, "--auto-approve") as process:
        while not Path(f"{backup}.restored").exists():
            time.sleep(0.01)
        while not sandbox.names().count("VIP"):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    require_no_phone_in(out + err)
    assert process.returncode == 130
    assert '\n  unknown: group "VIP": ' in out
    assert out.endswith(
        "\n\nFind out which group with that name was created, then run the same command with --into ID.\n"
    )


def test_two_restores_at_once_make_one_group(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup, start: Start
) -> None:
    backup = delete_with_backup()
    with (
        FaultProxy(find_port(sandbox), hold(HoldBefore(), "/groups")) as proxy,
        start("restore", backup, "--auto-approve", GROUPSYNC_ENDPOINT=proxy.url) as process,
    ):
        assert proxy.held.wait(30)

        second = groupsync("restore", backup, "--auto-approve", GROUPSYNC_ENDPOINT=proxy.url)
        an_apply = groupsync("apply", "--auto-approve", GROUPSYNC_ENDPOINT=proxy.url)

        proxy.release()
        out, _ = process.communicate(timeout=30)

    assert (second.code, an_apply.code, process.returncode) == (1, 1, 0)
    assert second.err.startswith("Error: another run of groupsync is working on the account acc-")
    assert "Restore complete" in out
    assert sandbox.members(find_group(sandbox)) == make_phones(3)


def test_a_group_whose_backup_does_not_fit_on_the_disk_is_not_deleted(
    sandbox: Sandbox, write: Callable[[str], None], folder: Path, environ: Mapping[str, str]
) -> None:
    """A limit of the size of files simulates a full disk: the test file fits, the backup does not."""
    sandbox.add_group("VIP", id=OLD, contacts=make_phones(50))
    write(f"groups: [News]\nremoved:\n  - id: {OLD}\n")

    finished = subprocess.run(
        [*GROUPSYNC, "apply", "--auto-approve"],
        cwd=folder,
        env={**os.environ, **environ},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000)),
        capture_output=True,
        text=True,
        check=False,
    )

    require_no_phone_in(finished.stdout + finished.stderr)
    assert finished.returncode == 5
    assert "cannot be written: file too large" in finished.stdout
    assert "\n\nFix the problems above, then run the same command again: " in finished.stdout
    assert sandbox.members(OLD) == make_phones(50)
    assert sandbox.requests("DELETE") == 0
    assert list(Path(environ["GROUPSYNC_BACKUP_DIR"]).iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "missing parent"])
def test_an_unusable_backup_folder_is_an_error_before_the_first_write(
    sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None], folder: Path, kind: str
) -> None:
    sandbox.add_group("VIP", id=OLD, contacts=make_phones(3))
    write(f"groups: [News]\nremoved:\n  - id: {OLD}\n")
    (folder / "file").write_text("mine")
    path = {"file": "file", "missing parent": "missing/backups"}[kind]

    finished = groupsync("apply", "--auto-approve", "--backup-dir", path)

    assert finished.code == 1
    assert finished.err.startswith(f"Error: {path}: cannot be made: ")
    assert (sandbox.requests("POST"), sandbox.requests("DELETE")) == (0, 0)


ECHOES = {
    "in detail": {"errors": [{"code": "201", "title": "Invalid data", "detail": "{phone} is in no group"}]},
    "in title and code": {"errors": [{"code": "{phone}", "title": "{phone}: invalid", "detail": ""}]},
    "other JSON": {"message": "cannot route", "path": "/contacts/{phone}"},
    "HTML": "<html><body>POST /contacts/{phone} is forbidden</body></html>",
    "text": b"no upstream for /v1/phonebook/contacts/{phone}?x=1",
}
SPELLINGS = {
    "E.164": "+{digits}",
    "digits": "{digits}",
    "encoded": "%2B{digits}",
    "encoded in lower case": "%2b{digits}",
    "encoded twice": "%252B{digits}",
    "international": "00{digits}",
    "escaped": "\\u002b{digits}",
    "entity": "&#43;{digits}",
    "in groups": "+372 {rest}",
}


def spell(body: object, spelling: str) -> Any:
    """Return the body with the phone number in this spelling."""
    phone = spelling.replace("{digits}", make_phones(1)[0][1:]).replace("{rest}", "(5135) 79-00")
    if isinstance(body, dict):
        return {key: spell(value, spelling) for key, value in body.items()}
    if isinstance(body, list):
        return [spell(value, spelling) for value in body]
    if isinstance(body, bytes):
        return body.replace(b"{phone}", phone.encode())
    return str(body).replace("{phone}", phone)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_phone_numbers_echoed_by_contact_calls_reach_no_output(
    sandbox: Sandbox, groupsync: Groupsync, delete_with_backup: DeleteWithBackup, call: Call, spelling: str
) -> None:
    """The fixture `groupsync` checks all that is printed, and the report."""
    backup = delete_with_backup(2)
    call("DELETE", f"/phonebook/contacts/{make_phones(1)[0]}")
    args = ("--auto-approve", "--recreate-contacts", "--report", "report.json", "--parallelism", "1")

    codes = []
    for (echo, body), status in zip(ECHOES.items(), (400, 403, 404, 413, 422), strict=True):
        headers = {"Content-Type": "text/plain"} if echo == "text" else {}
        path = "*/phonebook/contacts" if echo == "in detail" else ADD
        sandbox.fail_next("POST", status=status, body=spell(body, SPELLINGS[spelling]), headers=headers, path=path)
        codes.append(groupsync("restore", backup, *args).code)

    assert codes == [5] * len(ECHOES)
    assert groupsync("restore", backup, *args).code == 0


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_phone_numbers_echoed_by_the_member_list_reach_no_output(
    sandbox: Sandbox,
    groupsync: Groupsync,
    write: Callable[[str], None],
    environ: Mapping[str, str],
    spelling: str,
) -> None:
    sandbox.add_group("VIP", id=OLD, contacts=make_phones(3))
    write(f"groups: [News]\nremoved:\n  - id: {OLD}\n")
    groupsync("plan", "--out", "plan.json")
    body = spell(ECHOES["in detail"], SPELLINGS[spelling])
    location = spell("http://gateway.example/contacts/{phone}", SPELLINGS[spelling])

    for status in (302, 400, 401, 404):
        sandbox.fail_next("GET", status=status, body=body, path="*/contacts", headers={"Location": location})
        finished = groupsync("apply", "plan.json", "--report", "report.json")
        assert finished.code == 5
        assert f"HTTP {status}" in finished.out

    assert sandbox.members(OLD) == make_phones(3)
    assert list(Path(environ["GROUPSYNC_BACKUP_DIR"]).iterdir()) == []


@pytest.mark.parametrize("variables", [{}, {"GROUPSYNC_SCOPE": "Sales *"}])
def test_a_restore_obeys_the_scope_of_the_configuration_and_of_the_job(
    groupsync: Groupsync,
    sandbox: Sandbox,
    write: Callable[[str], None],
    delete_with_backup: DeleteWithBackup,
    variables: dict[str, str],
) -> None:
    backup = delete_with_backup()
    stray = sandbox.add_group("Stray")
    sandbox.add_group("Sales EE")
    scope = "" if variables else "scope: [Sales *]\n"
    write(f"policy: {{unlisted: keep}}\n{scope}groups: [Sales EE]\n")

    refused = groupsync("restore", backup, "--auto-approve", **variables)
    refused_into = groupsync("restore", backup, "--into", stray, "--auto-approve", **variables)

    assert (refused.code, refused_into.code) == (3, 3)
    assert '.json: the group "VIP" is outside the scope of this' in refused.out
    assert f'.json: the live group "Stray" [id={stray}] is outside the scope of this' in refused_into.out
    assert sandbox.requests("POST") == 0

    write(f"policy: {{unlisted: keep}}\n{scope.replace(']', ', V*]')}groups: [Sales EE]\n")
    restored = groupsync(
        "restore", backup, "--auto-approve", **{name: f"{text}\nV*" for name, text in variables.items()}
    )

    assert restored.code == 0
    assert "VIP" in sandbox.names()
