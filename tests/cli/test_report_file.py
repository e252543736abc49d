"""`apply --report FILE`: the record of a run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from groupsync.applier.last_look import LIST_PAUSES
from groupsync.render.report import render_report
from groupsync.runs.apply import run_apply
from groupsync.runs.options import RunOptions
from groupsync.runs.session import Surroundings
from groupsync.schema import find_violations
from tests.cli.conftest import NEW_ACCOUNT, count_writes
from tests.unit.core import make_id
from tests.wire.following import Follower

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from groupsync.sandbox import Sandbox
    from tests.cli.conftest import Groupsync


def read_report(folder: Path) -> dict[str, Any]:
    """Return the report; assert that it follows its schema."""
    document = json.loads((folder / "report.json").read_text())
    assert find_violations("report", document) == ()
    report: dict[str, Any] = document
    return report


def list_requests(change: dict[str, Any]) -> list[tuple[str, str, int | None, str]]:
    return [
        (request["method"], request["path"].removeprefix("/phonebook/"), request["status"], request["why"])
        for request in change["requests"]
    ]


@pytest.fixture
def plan(sandbox: Sandbox, groupsync: Groupsync, write: Callable[[str], None]) -> None:
    """A plan of a create, a rename and a deletion of a group with two contacts."""
    sandbox.add_group("VIP", id=make_id(1), contacts=3)
    sandbox.add_group("Old", id=make_id(2), contacts=2)
    write(
        "groups:\n  - {name: VIP customers, previously: [VIP]}\n  - New\nremoved: [{name: Old, contacts_at_most: 2}]\n"
    )
    assert groupsync("plan", "--out", "plan.json").code == 0


@pytest.mark.usefixtures("plan")
def test_the_report_holds_every_change_with_its_outcome_and_requests(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, environ: Mapping[str, str]
) -> None:
    digest = json.loads((folder / "plan.json").read_text())["digest"]

    finished = groupsync("apply", "plan.json", "--report", "report.json")

    report = read_report(folder)
    by_kind = {change["kind"]: change for change in report["changes"]}
    (new,) = [group.id for group in sandbox.groups() if group.name == "New"]
    assert finished.code == 0
    assert (report["command"], report["exit_code"], report["complete"], report["interrupted"]) == (
        "apply",
        0,
        True,
        False,
    )
    assert (report["endpoint"], report["plan_digest"]) == (sandbox.url, digest)
    assert {change["word"] for change in report["changes"]} == {"done"}
    assert by_kind["create"]["group_id"] == new
    assert list_requests(by_kind["create"]) == [("POST", "groups", 201, "")]
    assert list_requests(by_kind["rename"]) == [("PUT", f"groups/{make_id(1)}", 200, "")]
    assert list_requests(by_kind["delete"]) == [
        ("GET", f"contacts?groupIds={make_id(2)}", 200, "members before the deletion"),
        ("GET", f"groups/{make_id(2)}", 200, "look before the deletion"),
        ("DELETE", f"groups/{make_id(2)}", 204, ""),
    ]
    assert by_kind["delete"]["backup"].startswith(environ["GROUPSYNC_BACKUP_DIR"])
    assert [request["why"] for request in report["requests"]] == [
        "list before the first change",
        "list after the last change",
    ]
    assert (folder / "report.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("plan")
def test_the_report_says_that_the_list_is_late(sandbox: Sandbox, folder: Path, environ: Mapping[str, str]) -> None:
    sandbox.behave(late_lists=60)
    follower = Follower()

    report = run_apply(
        RunOptions(),
        Surroundings(environ=environ, watcher=follower, interrupt=follower),
        plan_file=folder / "plan.json",
        report_file=folder / "report.json",
        markdown_file=folder / "report.md",
    )

    record, text = read_report(folder), render_report(report)
    page = (folder / "report.md").read_text()
    assert (record["exit_code"], record["complete"], record["list_is_late"]) == (0, True, True)
    assert "\nThe list of groups does not show all changes of this run yet. Wait before the next run: " in text
    assert "> [!WARNING]\n> The list of groups does not show all changes of this run yet. Wait before " in page
    assert {request["why"] for request in record["requests"]} == {
        "list before the first change",
        "list after the last change",
    }
    assert len(record["requests"]) == 1 + 1 + len(LIST_PAUSES) + 3  # the lists, then each of the three groups


@pytest.mark.usefixtures("plan")
def test_the_run_waits_for_a_list_that_is_a_second_late(sandbox: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    sandbox.behave(late_lists=1)

    finished = groupsync("apply", "plan.json", "--report", "report.json")
    planned = groupsync("plan")

    assert (finished.code, read_report(folder)["list_is_late"]) == (0, False)
    assert "Wait before the next run" not in finished.out
    assert planned.out == "No changes. The Phonebook matches the configuration.\n"


@pytest.mark.usefixtures("plan")
def test_no_phone_number_is_in_a_report(sandbox: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    phones = sandbox.phones()
    sandbox.fail_next("DELETE", status=400, body={"errors": [{"code": "201", "title": phones[0], "detail": phones[1]}]})

    finished = groupsync("apply", "plan.json", "--report", "report.json")

    shown = (folder / "report.json").read_text() + finished.out + finished.err
    assert finished.code == 5
    assert phones
    assert [phone for phone in phones if phone in shown or phone.removeprefix("+") in shown] == []


@pytest.mark.usefixtures("plan")
def test_the_report_says_why_a_group_was_read_and_a_request_sent_again(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path
) -> None:
    sandbox.drop_next("PUT", when="before")

    finished = groupsync("apply", "plan.json", "--report", "report.json")

    (rename,) = [change for change in read_report(folder)["changes"] if change["kind"] == "rename"]
    lost, look, again = rename["requests"]
    assert finished.code == 0
    assert (rename["word"], lost["status"], lost["why"]) == ("done", None, "")
    assert lost["problem"].endswith("closed the connection without an answer")
    assert look["why"].startswith("look after a lost answer: PUT /phonebook/groups/")
    assert (again["status"], again["why"]) == (200, "sent again: the first request was not carried out")


@pytest.mark.usefixtures("plan")
def test_a_failed_run_writes_its_report(sandbox: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    sandbox.fail_next("POST", status=400)

    finished = groupsync("apply", "plan.json", "--report", "report.json", "--parallelism", "1")

    report = read_report(folder)
    words = {change["kind"]: change["word"] for change in report["changes"]}
    assert (finished.code, report["exit_code"], report["complete"]) == (5, 5, False)
    assert words["create"] == "failed"
    assert words["delete"] == "not attempted"


@pytest.mark.usefixtures("plan")
def test_a_run_with_nothing_left_to_do_writes_its_report(groupsync: Groupsync, folder: Path) -> None:
    groupsync("apply", "plan.json")

    finished = groupsync("apply", "plan.json", "--report", "report.json")

    report = read_report(folder)
    assert (finished.code, report["exit_code"], report["complete"]) == (0, 0, True)
    assert {change["word"] for change in report["changes"]} == {"already done", "adopted"}


# Real processes


@pytest.fixture
def fifty_groups(write: Callable[[str], None]) -> None:
    write("groups:\n" + "".join(f"  - G{number}\n" for number in range(50)))


def start(folder: Path, environ: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "groupsync", "apply", *NEW_ACCOUNT, "--auto-approve", "--report", "report.json"],
        cwd=folder,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wait_for_a_create(sandbox: Sandbox) -> None:
    while sandbox.requests("POST") < 1:
        time.sleep(0.01)


@pytest.mark.usefixtures("fifty_groups")
def test_an_interrupted_run_writes_its_report(sandbox: Sandbox, folder: Path, environ: Mapping[str, str]) -> None:
    sandbox.behave(latency=0.1)

    with start(folder, environ) as process:
        wait_for_a_create(sandbox)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)

    report = read_report(folder)
    words = [change["word"] for change in report["changes"]]
    assert (process.returncode, report["exit_code"], report["interrupted"]) == (130, 130, True)
    assert report["finished_at"] is not None
    assert words.count("done") == len(sandbox.names())
    assert words.count("done") + words.count("not attempted") == 50


@pytest.mark.usefixtures("fifty_groups")
def test_a_killed_run_leaves_a_report_of_what_it_was_to_do(
    sandbox: Sandbox, folder: Path, environ: Mapping[str, str]
) -> None:
    """The report is written before the first change."""
    sandbox.behave(latency=0.1)

    with start(folder, environ) as process:
        wait_for_a_create(sandbox)
        process.kill()
        process.communicate(timeout=30)

    report = read_report(folder)
    assert (report["finished_at"], report["exit_code"], report["complete"]) == (None, None, False)
    assert [change["word"] for change in report["changes"]] == [None] * 50


# Where the report cannot be written


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize("name", ["gone/report.json", ".", "groups.yaml/report.json"])
def test_a_report_that_cannot_be_written_is_an_error_before_the_first_change(
    sandbox: Sandbox, groupsync: Groupsync, name: str
) -> None:
    finished = groupsync("apply", "plan.json", "--report", name)

    assert finished.code == 1
    assert finished.err.startswith("Error: ")
    assert count_writes(sandbox) == 0


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize("name", ["groups.yaml", "./groups.yaml", "plan.json"])
def test_a_report_is_never_written_over_a_file_that_the_run_reads(
    sandbox: Sandbox, groupsync: Groupsync, folder: Path, name: str
) -> None:
    before = (folder / name).read_bytes()

    finished = groupsync("apply", "plan.json", "--report", name)

    assert finished.code == 1
    assert "is read by this run, so it is not overwritten" in finished.err
    assert (folder / name).read_bytes() == before
    assert count_writes(sandbox) == 0


@pytest.mark.usefixtures("plan")
def test_a_report_is_never_written_through_a_link(sandbox: Sandbox, groupsync: Groupsync, folder: Path) -> None:
    (folder / "precious").write_text("precious")
    (folder / "report.json").symlink_to("precious")

    finished = groupsync("apply", "plan.json", "--report", "report.json")

    assert finished.code == 1
    assert finished.err.startswith("Error: report.json: is a link, so groupsync does not write to it\n")
    assert (folder / "precious").read_text() == "precious"
    assert count_writes(sandbox) == 0


@pytest.mark.usefixtures("plan")
def test_a_report_that_cannot_be_written_at_the_end_is_only_a_warning(
    sandbox: Sandbox, folder: Path, environ: Mapping[str, str]
) -> None:
    """The changes are done, so the exit code must say so."""
    (folder / "reports").mkdir()
    sandbox.behave(latency=0.3)
    command = [sys.executable, "-m", "groupsync", "apply", "plan.json", "--report", "reports/report.json"]

    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, **environ}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("Plan: ")
        (folder / "reports").rename(folder / "moved")
        out, err = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "Apply complete: 1 created, 1 renamed, 1 deleted.\n" in out
    assert (
        "Warning: the report of this run could not be saved: reports/report.json: cannot be written: no such file"
        in err
    )
