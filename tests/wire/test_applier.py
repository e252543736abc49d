"""What becomes of each change, while somebody else works on the same Phonebook: every word of the report."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from groupsync.api.client import GroupsClient
from groupsync.applier.apply import apply_plan
from groupsync.backup import BackupFolder, load_backup
from groupsync.errors import ExitCode
from groupsync.model.account import Credentials, make_target
from groupsync.model.groups import LiveGroup
from groupsync.model.report import Word
from groupsync.render.report import render_report
from groupsync.review.make import make_review
from groupsync.review.verify import verify_review
from tests.unit.core import LENIENT, LIMITS, config, entry, make_id
from tests.wire.following import Follower, Meddler, Quitter, Starter, Waiter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typing_extensions import Self

    from groupsync.model.config import Config
    from groupsync.model.contacts import Contact
    from groupsync.model.groups import GroupId
    from groupsync.model.report import Outcome, Progress, Report
    from groupsync.model.request import Request
    from groupsync.sandbox import Sandbox

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
Apply: TypeAlias = "Callable[..., Report]"


def words(report: Report) -> list[Word]:
    return [outcome.word for outcome in report.outcomes]


def sent(outcome: Outcome) -> list[tuple[str, int | None]]:
    return [(request.method, request.status) for request in outcome.requests]


def test_done(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.add_group("Old")

    report = apply(config("New"))

    assert words(report) == [Word.DONE, Word.DONE]
    assert report.exit_code == 0


def test_conflict_when_a_group_fills_up_between_the_check_and_its_deletion(sandbox: Sandbox, apply: Apply) -> None:
    """The group is looked at once more right before it is deleted."""
    sandbox.add_group("Old", id=make_id(1))

    def fill_up() -> None:
        sandbox.delete_group(make_id(1))
        sandbox.add_group("Old", id=make_id(1), contacts=2)

    report = apply(config("New"), meanwhile=fill_up)

    assert words(report) == [Word.DONE, Word.CONFLICT]
    assert report.exit_code == 5
    assert sandbox.names() == ["New", "Old"]
    assert render_report(report) == (
        "Apply incomplete: 1 done, 1 conflict.\n"
        "\n"
        f'  conflict: delete group "Old" [id={make_id(1)}]: 2 contacts are in the group, 0 were reviewed\n'
        "\n"
        "The Phonebook was changed meanwhile: look at it, then make and review a new plan.\n"
    )


def test_conflict_when_a_group_is_renamed_between_the_check_and_its_deletion(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.add_group("Old", id=make_id(1))

    report = apply(config("New"), meanwhile=lambda: sandbox.rename_group(make_id(1), "In use"))

    assert words(report) == [Word.DONE, Word.CONFLICT]
    assert sandbox.names() == ["In use", "New"]


def test_conflict_when_what_was_done_is_undone_by_somebody_else(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.add_group("Before", id=make_id(1))

    report = apply(
        config(entry("After", previously=("Before",))), meanwhile=lambda: sandbox.rename_group(make_id(1), "Before")
    )

    assert words(report) == [Word.CONFLICT]
    assert report.outcomes[0].detail == "the Phonebook said that it was done, and does not show it now"


def test_duplicate_when_somebody_else_makes_the_same_group(sandbox: Sandbox, apply: Apply) -> None:
    report = apply(config("New"), meanwhile=lambda: sandbox.add_group("New"))

    assert words(report) == [Word.DUPLICATE]
    assert report.exit_code == 5
    assert sandbox.names() == ["New", "New"]


def test_already_done_when_somebody_else_deletes_first(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.add_group("Old", id=make_id(1))

    report = apply(config("New"), meanwhile=lambda: sandbox.delete_group(make_id(1)))

    assert words(report) == [Word.DONE, Word.ALREADY_DONE]
    assert report.exit_code == 0


def test_failed_ends_the_wave_and_the_rest_is_not_attempted(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.add_group("Old")
    sandbox.fail_next("POST", status=400)

    report = apply(config("A", "B", "C"))

    assert words(report) == [Word.FAILED, Word.NOT_ATTEMPTED, Word.NOT_ATTEMPTED, Word.NOT_ATTEMPTED]
    assert sandbox.names() == ["Old"]


def test_a_name_that_the_server_changes_is_a_failure(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.fail_next(
        "POST", status=201, body={"group": {"id": make_id(7), "name": "new", "createdOn": None, "contactsCount": 0}}
    )

    report = apply(config("New"))

    assert words(report) == [Word.FAILED]
    assert 'the Phonebook stores it as "new", so write that name' in report.outcomes[0].detail


def test_done_when_the_list_at_the_end_is_late(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.behave(late_lists=60)

    report = apply(config("New"))

    assert words(report) == [Word.DONE]
    assert report.exit_code == 0


def test_a_group_of_a_name_just_written_is_told_and_left_alone(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.add_group("A", id=make_id(1))

    report = apply(config(entry("B", 1)), meanwhile=lambda: sandbox.add_group("B", id=make_id(2)))

    assert words(report) == [Word.DONE]
    assert [group.id for group in report.newcomers] == [make_id(2)]


def test_a_group_that_was_full_at_review_and_empty_at_the_check_is_deleted_only_while_it_is_empty(
    sandbox: Sandbox, phonebook: GroupsClient
) -> None:
    """Otherwise a refused plan file could be applied in a moment of emptiness, and people who come back be lost."""
    wanted = config("New")
    target = make_target(sandbox.url, sandbox.username)
    sandbox.add_group("Course", id=make_id(1), contacts=5)
    review = make_review(wanted, phonebook.list_groups(), target, NOW, LIMITS)
    sandbox.delete_group(make_id(1))
    sandbox.add_group("Course", id=make_id(1))
    verified = verify_review(review, wanted, target, phonebook.list_groups(), LIMITS)

    def come_back() -> None:
        sandbox.delete_group(make_id(1))
        sandbox.add_group("Course", id=make_id(1), contacts=5)

    watcher = Meddler(meddle=come_back)
    report = apply_plan(verified, wanted, phonebook, parallelism=1, watcher=watcher, interrupt=watcher)

    assert review.refusals == ("contacts-lost",)
    assert verified.review.refusals == ()
    assert words(report) == [Word.DONE, Word.CONFLICT]
    assert len(sandbox.members(make_id(1))) == 5


# A create whose answer was lost


def test_adopted_when_the_answer_to_a_create_is_lost(sandbox: Sandbox, apply: Apply) -> None:
    watcher = Follower()
    sandbox.drop_next("POST", when="after")

    report = apply(config("New"), watcher=watcher)

    assert words(report) == [Word.ADOPTED]
    assert report.outcomes[0].group_id == sandbox.groups()[0].id
    assert (report.exit_code, watcher.pauses) == (0, [0.5])
    assert sent(report.outcomes[0]) == [("POST", None), ("GET", 200)]
    assert report.outcomes[0].requests[1].why.startswith("look after a lost answer: POST /phonebook/groups: ")


@pytest.mark.parametrize(
    "fault",
    [
        lambda sandbox: sandbox.fail_next("POST", status=500, when="after"),
        lambda sandbox: sandbox.fail_next("POST", status=502, when="after", body="<html>"),
        lambda sandbox: sandbox.fail_next("POST", status=201, when="after", body=b""),
        lambda sandbox: sandbox.fail_next("POST", status=201, when="after", body=b'{"group": {"id"'),
        lambda sandbox: sandbox.fail_next("POST", status=200, when="after", body={"groups": []}),
        lambda sandbox: sandbox.fail_next("POST", status=204, when="after"),
    ],
    ids=["500", "502", "empty", "half", "another shape", "204"],
)
def test_adopted_when_the_answer_to_a_create_says_nothing(
    sandbox: Sandbox, apply: Apply, fault: Callable[[Sandbox], None]
) -> None:
    fault(sandbox)

    report = apply(config("New"))

    assert words(report) == [Word.ADOPTED]
    assert (sandbox.names(), sandbox.requests("POST")) == (["New"], 1)


def test_adopted_when_a_lost_create_is_carried_out_late(sandbox: Sandbox, apply: Apply) -> None:
    """A gateway may give up on a request that the server behind it still works on."""
    watcher = Waiter(at={3: lambda: sandbox.add_group("New", id=make_id(7))})
    sandbox.drop_next("POST", when="before")

    report = apply(config("New"), watcher=watcher)

    assert words(report) == [Word.ADOPTED]
    assert report.outcomes[0].group_id == make_id(7)
    assert (sandbox.requests("POST"), watcher.pauses) == (1, [0.5, 1, 2])


def test_adopted_when_the_lists_are_late(sandbox: Sandbox, apply: Apply) -> None:
    watcher = Waiter(at={5: lambda: sandbox.behave(late_lists=0)})
    sandbox.behave(late_lists=60)
    sandbox.drop_next("POST", when="after")

    report = apply(config("New"), watcher=watcher)

    assert words(report) == [Word.ADOPTED]
    assert (sandbox.names(), sandbox.requests("POST")) == (["New"], 1)


def test_adopted_when_one_look_fails_and_the_next_does_not(sandbox: Sandbox, apply: Apply) -> None:
    watcher = Waiter(at={1: lambda: sandbox.fail_next("GET", status=400)})
    sandbox.drop_next("POST", when="after")

    report = apply(config("New"), watcher=watcher)

    assert words(report) == [Word.ADOPTED]
    assert watcher.pauses == [0.5, 1]
    assert sent(report.outcomes[0]) == [("POST", None), ("GET", 400), ("GET", 200)]


def test_unknown_when_a_lost_create_is_not_to_be_seen(sandbox: Sandbox, apply: Apply) -> None:
    """It is never sent again: the first one may still be carried out."""
    watcher = Follower()
    sandbox.drop_next("POST", when="before")

    report = apply(config("New", "Next"), watcher=watcher)

    assert words(report) == [Word.UNKNOWN, Word.NOT_ATTEMPTED]
    assert report.exit_code == 5
    assert (sandbox.requests("POST"), watcher.pauses) == (1, [0.5, 1, 2, 4, 8])
    assert "An answer was lost, and the change may still be made" in render_report(report)


def test_unknown_while_the_lists_are_late_and_adopted_by_the_next_run(
    sandbox: Sandbox, phonebook: GroupsClient
) -> None:
    wanted = config("New")
    target = make_target(sandbox.url, sandbox.username)
    review = make_review(wanted, (), target, NOW, LENIENT)
    sandbox.behave(late_lists=60)
    sandbox.drop_next("POST", when="after")

    reports = []
    for _ in range(2):
        verified = verify_review(review, wanted, target, phonebook.list_groups(), LENIENT)
        reports.append(apply_plan(verified, wanted, phonebook, parallelism=1, interrupt=Follower()))
        sandbox.behave(late_lists=0)

    assert [words(report) for report in reports] == [[Word.UNKNOWN], [Word.ADOPTED]]
    assert [report.exit_code for report in reports] == [5, 0]
    assert (sandbox.names(), sandbox.requests("POST")) == (["New"], 1)


def test_duplicate_when_two_groups_appear_after_a_lost_create(sandbox: Sandbox, apply: Apply) -> None:
    """Nobody but a person can say which of them is meant."""
    watcher = Waiter(at={1: lambda: sandbox.add_group("New", id=make_id(7))})
    sandbox.drop_next("POST", when="after")

    report = apply(config("New"), watcher=watcher)

    ids = ", ".join(sorted(group.id for group in sandbox.groups()))
    assert words(report) == [Word.DUPLICATE]
    assert report.outcomes[0].detail == f"2 groups of that name appeared since the plan: {ids}"
    assert report.exit_code == 5
    assert sandbox.names() == ["New", "New"]
    assert sandbox.requests("DELETE") == 0


def test_adopted_when_a_409_says_that_somebody_else_was_faster(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.behave(unique_names=True)

    report = apply(
        config("New"), watcher=Starter(before={'create group "New"': lambda: sandbox.add_group("New", id=make_id(7))})
    )

    assert words(report) == [Word.ADOPTED]
    assert report.outcomes[0].group_id == make_id(7)
    assert sent(report.outcomes[0]) == [("POST", 409), ("GET", 200)]


def test_failed_when_a_409_is_about_a_group_that_is_not_to_be_seen(sandbox: Sandbox, apply: Apply) -> None:
    watcher = Follower()
    sandbox.fail_next("POST", status=409)

    report = apply(config("New"), watcher=watcher)

    assert words(report) == [Word.FAILED]
    assert report.outcomes[0].detail.startswith("POST /phonebook/groups: HTTP 409: Conflict (code 204)")
    assert sent(report.outcomes[0]) == [("POST", 409), ("GET", 200)]
    assert sum(watcher.pauses) == 0


def test_a_create_that_was_certainly_not_carried_out_is_sent_again(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.fail_next("POST", status=429, times=3)

    report = apply(config("New"))

    assert words(report) == [Word.DONE]
    assert sent(report.outcomes[0]) == [("POST", 429)] * 3 + [("POST", 201)]


# A rename or a deletion whose answer was lost


@dataclass(frozen=True)
class Write:
    """A change of the group 1, which is "Before" and empty."""

    method: str
    wanted: Config
    name: str | None

    def is_made(self, sandbox: Sandbox) -> bool:
        return sandbox.names() == ([self.name] if self.name else [])


RENAME = Write("PUT", config(entry("After", 1)), "After")
DELETE = Write("DELETE", config(removed=(1,)), None)


@pytest.fixture(params=[RENAME, DELETE], ids=["rename", "delete"])
def write(request: pytest.FixtureRequest, sandbox: Sandbox) -> Write:
    sandbox.add_group("Before", id=make_id(1))
    write: Write = request.param
    return write


def test_done_when_the_answer_to_a_write_is_lost(sandbox: Sandbox, apply: Apply, write: Write) -> None:
    watcher = Follower()
    sandbox.drop_next(write.method, when="after")

    report = apply(write.wanted, watcher=watcher)

    assert words(report) == [Word.DONE]
    assert write.is_made(sandbox)
    assert (sandbox.requests(write.method), watcher.pauses) == (1, [0.5])
    assert report.outcomes[0].requests[-1].why.startswith("look after a lost answer: ")


def test_done_when_a_look_shows_that_a_write_is_to_be_sent_again(sandbox: Sandbox, apply: Apply, write: Write) -> None:
    watcher = Follower()
    sandbox.drop_next(write.method, when="before")

    report = apply(write.wanted, watcher=watcher)

    assert words(report) == [Word.DONE]
    assert write.is_made(sandbox)
    assert (sandbox.requests(write.method), watcher.pauses) == (2, [0.5])
    assert report.outcomes[0].requests[-1].why == "sent again: the look showed that it was not carried out"


def test_failed_when_a_write_had_no_effect_four_times(sandbox: Sandbox, apply: Apply, write: Write) -> None:
    watcher = Follower()
    sandbox.drop_next(write.method, when="before", times=9)

    report = apply(write.wanted, watcher=watcher)

    assert words(report) == [Word.FAILED]
    assert report.exit_code == 5
    assert sandbox.names() == ["Before"]
    assert (sandbox.requests(write.method), watcher.pauses) == (4, [0.5, 1, 2, 4])


def test_conflict_when_a_look_after_a_lost_answer_shows_something_else(
    sandbox: Sandbox, apply: Apply, write: Write
) -> None:
    watcher = Waiter(at={1: lambda: sandbox.rename_group(make_id(1), "In use")})
    sandbox.drop_next(write.method, when="before")

    report = apply(write.wanted, watcher=watcher)

    assert words(report) == [Word.CONFLICT]
    assert report.outcomes[0].detail == 'the group is now named "In use"'
    assert sandbox.names() == ["In use"]
    assert sandbox.requests(write.method) == 1


def test_a_deletion_is_not_sent_again_when_the_group_has_filled_up(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.add_group("Before", id=make_id(1))

    def fill_up() -> None:
        sandbox.delete_group(make_id(1))
        sandbox.add_group("Before", id=make_id(1), contacts=2)

    sandbox.drop_next("DELETE", when="before")

    report = apply(DELETE.wanted, watcher=Waiter(at={1: fill_up}))

    assert words(report) == [Word.CONFLICT]
    assert len(sandbox.members(make_id(1))) == 2


def test_conflict_when_a_group_to_rename_is_gone(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.add_group("Before", id=make_id(1))

    label = f'rename group "Before" to "After" [id={make_id(1)}]'

    report = apply(RENAME.wanted, watcher=Starter(before={label: lambda: sandbox.delete_group(make_id(1))}))

    assert words(report) == [Word.CONFLICT]
    assert report.outcomes[0].detail == "the group is gone"
    assert sent(report.outcomes[0]) == [("PUT", 404)]


def test_unknown_when_the_look_after_a_lost_answer_fails(sandbox: Sandbox, apply: Apply, write: Write) -> None:
    """It is not sent again unseen."""
    sandbox.drop_next(write.method, when="before")
    watcher = Waiter(at={1: lambda: sandbox.fail_next("GET", status=400, path=f"*/{make_id(1)}")})

    report = apply(write.wanted, watcher=watcher)

    assert words(report) == [Word.UNKNOWN]
    assert f"; then GET /phonebook/groups/{make_id(1)}: HTTP 400" in report.outcomes[0].detail
    assert sandbox.requests(write.method) == 1


def test_the_list_at_the_end_settles_what_a_lost_answer_left_open(sandbox: Sandbox, apply: Apply, write: Write) -> None:
    sandbox.drop_next(write.method, when="after")
    watcher = Waiter(at={1: lambda: sandbox.fail_next("GET", status=400, path=f"*/{make_id(1)}")})

    report = apply(write.wanted, watcher=watcher)

    assert words(report) == [Word.DONE]
    assert report.exit_code == 0


# Interrupts and mistakes


def test_not_attempted_when_the_run_is_interrupted_before_it_begins(sandbox: Sandbox, apply: Apply) -> None:
    report = apply(config("A", "B"), watcher=Follower(stopped_by=ExitCode.TERMINATED))

    assert words(report) == [Word.NOT_ATTEMPTED, Word.NOT_ATTEMPTED]
    assert report.exit_code == 143
    assert sandbox.requests("POST") == 0


def test_unknown_when_an_interrupt_ends_the_looks_after_a_lost_create(sandbox: Sandbox, apply: Apply) -> None:
    watcher = Quitter()
    sandbox.drop_next("POST", when="before")

    report = apply(config("A", "B"), watcher=watcher)

    assert words(report) == [Word.UNKNOWN, Word.NOT_ATTEMPTED]
    assert report.exit_code == 130
    assert (sandbox.requests("POST"), watcher.pauses) == (1, [0.5])


def test_unknown_when_an_interrupt_ends_the_looks_after_a_lost_write(
    sandbox: Sandbox, apply: Apply, write: Write
) -> None:
    sandbox.drop_next(write.method, when="before")

    report = apply(write.wanted, watcher=Quitter())

    assert words(report) == [Word.UNKNOWN]
    assert report.exit_code == 130
    assert sandbox.requests(write.method) == 1


def test_an_interrupt_of_a_run_whose_last_change_is_done_is_no_failure(sandbox: Sandbox, apply: Apply) -> None:
    """What the list at the end shows is what counts."""
    sandbox.drop_next("POST", when="after")

    report = apply(config("A"), watcher=Quitter())

    assert words(report) == [Word.ADOPTED]
    assert report.exit_code == 0


def test_not_attempted_when_an_interrupt_ends_the_wait_for_the_rate_limit(sandbox: Sandbox) -> None:
    """A request that was refused was not carried out, so nothing about it is unknown."""
    watcher = Quitter()
    wanted = config("A", "B")
    target = make_target(sandbox.url, sandbox.username)
    verified = verify_review(make_review(wanted, (), target, NOW, LENIENT), wanted, target, (), LENIENT)
    sandbox.fail_next("POST", status=429, times=9)
    credentials = Credentials(username=sandbox.username, password=sandbox.password)

    with GroupsClient(sandbox.url, credentials, interrupt=watcher) as phonebook:
        report = apply_plan(verified, wanted, phonebook, parallelism=1, watcher=watcher, interrupt=watcher)

    assert words(report) == [Word.NOT_ATTEMPTED, Word.NOT_ATTEMPTED]
    assert report.exit_code == 130
    assert sandbox.requests("POST") == 1


# Deletions with a backup


@pytest.fixture
def backups(sandbox: Sandbox, tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path, make_target(sandbox.url, sandbox.username), lambda: NOW)


def test_the_members_are_kept_before_a_group_is_looked_at_and_deleted(
    sandbox: Sandbox, apply: Apply, backups: BackupFolder, tmp_path: Path
) -> None:
    sandbox.add_group("Old", id=make_id(1), contacts=3)
    members = sandbox.members(make_id(1))

    report = apply(config(removed=(1,)), backups=backups)

    (file,) = tmp_path.iterdir()
    backup = load_backup(file.read_bytes(), file.name)
    assert words(report) == [Word.DONE]
    assert report.outcomes[0].backup == str(file)
    assert [contact.phone for contact in backup.contacts] == members
    assert (backup.group_id, backup.name) == (make_id(1), "Old")
    assert [(entry.method, entry.path.removeprefix("/v1/phonebook/")) for entry in sandbox.log()] == [
        ("GET", "contacts"),
        ("GET", f"groups/{make_id(1)}"),
        ("DELETE", f"groups/{make_id(1)}"),
        ("GET", "groups"),
    ]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_group_that_lost_members_since_the_review_is_deleted_with_those_that_it_has(
    sandbox: Sandbox, phonebook: GroupsClient, backups: BackupFolder
) -> None:
    wanted = config(removed=(1,))
    target = make_target(sandbox.url, sandbox.username)
    sandbox.add_group("Old", id=make_id(1), contacts=5)
    review = make_review(wanted, phonebook.list_groups(), target, NOW, LENIENT)
    sandbox.delete_group(make_id(1))
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    verified = verify_review(review, wanted, target, phonebook.list_groups(), LENIENT)

    report = apply_plan(verified, wanted, phonebook, parallelism=1, interrupt=Follower(), backups=backups)

    assert words(report) == [Word.DONE]
    assert sandbox.names() == []


@pytest.mark.parametrize("phones", [["+37255500001"], ["+37255500001", "+37255500002", "+37255500003"], []])
def test_conflict_when_the_list_of_members_is_not_as_long_as_the_group_says(
    sandbox: Sandbox, apply: Apply, backups: BackupFolder, tmp_path: Path, phones: list[str]
) -> None:
    """A list that is cut short, or a contact who joined or left meanwhile: the group is kept, and the file is not."""
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    listed = {"contacts": [{"phoneNumber": phone} for phone in phones]}
    sandbox.fail_next("GET", status=200, body=listed, path="*/contacts")

    report = apply(config(removed=(1,)), backups=backups)

    assert words(report) == [Word.CONFLICT]
    assert report.outcomes[0].detail == (
        f"the group has 2 contacts by its count and {len(phones)} by the list of its members: "
        "look at it, and delete it in the dashboard"
    )
    assert sandbox.names() == ["Old"]
    assert sandbox.requests("DELETE") == 0
    assert list(tmp_path.iterdir()) == []


def test_failed_when_the_members_cannot_be_read(
    sandbox: Sandbox, apply: Apply, backups: BackupFolder, tmp_path: Path
) -> None:
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    paged = {"contacts": [{"phoneNumber": "+37255500001"}], "next": "2"}
    sandbox.fail_next("GET", status=200, body=paged, path="*/contacts")

    report = apply(config(removed=(1,)), backups=backups)

    assert words(report) == [Word.FAILED]
    assert "the list is paged" in report.outcomes[0].detail
    assert sandbox.names() == ["Old"]
    assert list(tmp_path.iterdir()) == []


def test_failed_when_the_backup_cannot_be_written(sandbox: Sandbox, apply: Apply, tmp_path: Path) -> None:
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    gone = BackupFolder(tmp_path / "gone", make_target(sandbox.url, sandbox.username), lambda: NOW)

    report = apply(config(removed=(1,)), backups=gone)

    assert words(report) == [Word.FAILED]
    assert "cannot be written: no such file or directory" in report.outcomes[0].detail
    assert sandbox.names() == ["Old"]
    assert sandbox.requests("DELETE") == 0


@pytest.mark.parametrize("fault", [{}, {"status": 400}, {"status": 503, "times": 9}, {"status": 200, "body": "<html>"}])
def test_without_a_backup_an_unreadable_list_of_members_is_no_obstacle(
    sandbox: Sandbox, apply: Apply, fault: dict[str, Any]
) -> None:
    """Which is what `--allow backup` asks for."""
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    if fault:
        sandbox.fail_next("GET", path="*/contacts", **fault)

    report = apply(config(removed=(1,)), without_backup=True)

    assert words(report) == [Word.DONE]
    assert report.outcomes[0].backup == ""
    assert sandbox.names() == []


def test_a_list_of_members_that_cannot_be_read_is_no_failure_if_the_group_is_gone(
    sandbox: Sandbox, apply: Apply, backups: BackupFolder
) -> None:
    """A server may answer 400 or 404 to a question about the members of a group that it does not have."""
    sandbox.add_group("Old", id=make_id(1))
    sandbox.fail_next("GET", status=400, path="*/contacts")

    report = apply(config("New", removed=(1,)), meanwhile=lambda: sandbox.delete_group(make_id(1)), backups=backups)

    assert words(report) == [Word.DONE, Word.ALREADY_DONE]
    assert report.exit_code == 0


# A count that lies


@pytest.mark.parametrize("has_folder", [True, False])
@pytest.mark.parametrize("without_backup", [True, False])
@pytest.mark.parametrize(("counts", "contacts", "told"), [("zero", 3, 0), ("one more", 0, 1), ("one more", 2, 3)])
def test_conflict_when_count_and_members_disagree(
    sandbox: Sandbox,
    apply: Apply,
    tmp_path: Path,
    counts: str,
    contacts: int,
    told: int,
    *,
    has_folder: bool,
    without_backup: bool,
) -> None:
    """Nobody can say which of the two is right, whatever is kept and whatever is allowed."""
    sandbox.add_group("Old", id=make_id(1), contacts=contacts)
    sandbox.behave(counts=counts)
    backups = BackupFolder(tmp_path, make_target(sandbox.url, sandbox.username), lambda: NOW)

    report = apply(config("New", removed=(1,)), backups=backups if has_folder else None, without_backup=without_backup)

    noun = "contact" if told == 1 else "contacts"
    assert words(report) == [Word.DONE, Word.CONFLICT]
    assert report.outcomes[1].detail == (
        f"the group has {told} {noun} by its count and {contacts} by the list of its members: "
        "look at it, and delete it in the dashboard"
    )
    assert (sandbox.names(), sandbox.requests("DELETE")) == (["New", "Old"], 0)
    assert list(tmp_path.iterdir()) == []


def test_a_group_that_somebody_joins_between_members_and_look_stays(
    sandbox: Sandbox, apply: Apply, backups: BackupFolder, tmp_path: Path
) -> None:
    """Its count differs from the members that were read, although it holds no more than were reviewed."""
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    listed = {"contacts": [{"phoneNumber": sandbox.members(make_id(1))[0]}]}
    sandbox.fail_next("GET", status=200, body=listed, path="*/contacts")

    report = apply(config(removed=(1,)), backups=backups)

    assert words(report) == [Word.CONFLICT]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("counts", ["right", "zero"])
def test_a_deletion_is_not_sent_again_when_other_people_are_in_the_group(
    sandbox: Sandbox, apply: Apply, backups: BackupFolder, counts: str
) -> None:
    """The members are read again, too: the count alone would not show that one left and one joined."""
    before, after = (0, ["+37251000009"]) if counts == "zero" else (1, ["+37251000009"])
    sandbox.add_group("Old", id=make_id(1), contacts=before)
    sandbox.behave(counts=counts)
    sandbox.drop_next("DELETE", when="before")

    def exchange() -> None:
        sandbox.delete_group(make_id(1))
        sandbox.add_group("Old", id=make_id(1), contacts=after)

    report = apply(config(removed=(1,)), watcher=Waiter(at={1: exchange}), backups=backups)

    assert words(report) == [Word.CONFLICT]
    assert report.outcomes[0].detail == "its members have changed since they were read"
    assert sandbox.members(make_id(1)) == after


def test_a_group_that_somebody_is_in_stays_where_nothing_keeps_its_members(sandbox: Sandbox, apply: Apply) -> None:
    """The guard may have found it empty a moment ago, although more were reviewed."""
    sandbox.add_group("Old", id=make_id(1), contacts=2)

    report = apply(config(removed=(1,)))

    assert words(report) == [Word.CONFLICT]
    assert report.outcomes[0].detail == "2 contacts are in the group, and nothing keeps who they are"
    assert sandbox.names() == ["Old"]


def test_a_signal_during_the_last_look_is_that_of_the_report(sandbox: Sandbox, apply: Apply) -> None:
    class Late(Follower):
        def on_progress(self, step: Progress) -> None:
            if step.number == step.total:
                self.set(ExitCode.TERMINATED)

    sandbox.drop_next("POST", when="before")

    report = apply(config("New"), watcher=Late())

    assert words(report) == [Word.UNKNOWN]
    assert report.exit_code == ExitCode.TERMINATED


def test_an_empty_group_needs_no_backup(sandbox: Sandbox, apply: Apply, backups: BackupFolder, tmp_path: Path) -> None:
    sandbox.add_group("Old", id=make_id(1))

    report = apply(config(removed=(1,)), backups=backups)

    assert words(report) == [Word.DONE]
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_kept_whenever_a_deletion_may_have_been_carried_out(
    sandbox: Sandbox, apply: Apply, backups: BackupFolder, tmp_path: Path
) -> None:
    """The lost DELETE may come late, after the look that found the group in use."""
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    sandbox.drop_next("DELETE", when="before")
    watcher = Waiter(at={1: lambda: sandbox.rename_group(make_id(1), "In use")})

    report = apply(config(removed=(1,)), watcher=watcher, backups=backups)

    (file,) = tmp_path.iterdir()
    assert words(report) == [Word.CONFLICT]
    assert report.outcomes[0].backup == str(file)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_backup_is_kept_when_the_answer_to_a_deletion_is_lost(
    sandbox: Sandbox, apply: Apply, backups: BackupFolder, tmp_path: Path, when: str
) -> None:
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    sandbox.drop_next("DELETE", when=when)  # type: ignore[arg-type]  # one of the two

    report = apply(config(removed=(1,)), backups=backups)

    (file,) = tmp_path.iterdir()
    assert words(report) == [Word.DONE]
    assert report.outcomes[0].backup == str(file)


def test_a_backup_is_kept_when_somebody_else_deletes_the_group_meanwhile(
    sandbox: Sandbox, apply: Apply, backups: BackupFolder, tmp_path: Path
) -> None:
    """Then it may be the only one that there is."""
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    missing = {"errors": [{"code": "203", "title": "Missing resource", "detail": ""}]}
    sandbox.fail_next("GET", status=404, body=missing, path=f"*/{make_id(1)}")

    apply(config(removed=(1,)), backups=backups)

    assert len(list(tmp_path.iterdir())) == 1
    assert sandbox.requests("DELETE") == 0


# Together


class Rendezvous:
    """A Phonebook that answers a create only when as many as expected are under way at the same time."""

    def __init__(self, expected: int) -> None:
        self._barrier = threading.Barrier(expected, timeout=20)
        self._lock = threading.Lock()
        self._made: list[LiveGroup] = []
        self._under_way = 0
        self.most_under_way = 0

    def noting(self, _note: Callable[[Request], None]) -> Self:
        return self

    def list_groups(self) -> tuple[LiveGroup, ...]:
        return tuple(self._made)

    def create_group(self, name: str) -> LiveGroup:
        with self._lock:
            self._under_way += 1
            self.most_under_way = max(self.most_under_way, self._under_way)
        self._barrier.wait()
        with self._lock:
            self._under_way -= 1
            group = LiveGroup(id=make_id(len(self._made)), name=name, contacts_count=0)
            self._made.append(group)
        return group

    def get_group(self, group_id: GroupId) -> LiveGroup:
        raise NotImplementedError

    def rename_group(self, group_id: GroupId, name: str) -> LiveGroup:
        raise NotImplementedError

    def delete_group(self, group_id: GroupId) -> None:
        raise NotImplementedError

    def list_contacts(self, group_id: GroupId | None = None) -> tuple[Contact, ...]:
        raise NotImplementedError

    def create_contact(self, contact: Contact) -> None:
        raise NotImplementedError

    def add_contact(self, group_id: GroupId, contact: Contact) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("parallelism", [1, 4])
def test_as_many_changes_run_at_the_same_time_as_were_asked_for(parallelism: int) -> None:
    wanted = config(*(f"G{number}" for number in range(8)))
    target = make_target("https://api.messente.com/v1", "user")
    verified = verify_review(make_review(wanted, (), target, NOW, LENIENT), wanted, target, (), LENIENT)
    phonebook = Rendezvous(parallelism)

    report = apply_plan(verified, wanted, phonebook, parallelism=parallelism, interrupt=Follower())

    assert words(report) == [Word.DONE] * 8
    assert phonebook.most_under_way == parallelism


class Broken(Rendezvous):
    """A Phonebook with a mistake in it, about one name."""

    def create_group(self, name: str) -> LiveGroup:
        if name == "G1":
            raise ZeroDivisionError
        return super().create_group(name)


def test_unknown_when_the_program_itself_is_mistaken_and_the_report_is_made_all_the_same() -> None:
    wanted = config("G0", "G1", "G2")
    target = make_target("https://api.messente.com/v1", "user")
    verified = verify_review(make_review(wanted, (), target, NOW, LENIENT), wanted, target, (), LENIENT)
    watcher = Follower()

    report = apply_plan(verified, wanted, Broken(1), parallelism=1, watcher=watcher, interrupt=watcher)

    assert [type(bug) for bug in watcher.bugs] == [ZeroDivisionError]
    assert words(report) == [Word.DONE, Word.UNKNOWN, Word.NOT_ATTEMPTED]
    assert report.outcomes[1].detail == "a mistake in groupsync itself: ZeroDivisionError"
    assert report.exit_code == 5
    assert watcher.begun == ['create group "G0"', 'create group "G1"']
    assert watcher.ended == ['create group "G0"', 'create group "G1"', 'create group "G2"']
    assert render_report(report).startswith("Apply incomplete: ")
