"""The outcome of each change while somebody else writes to the same Phonebook: every word of the report."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from groupsync.api.client import GroupsClient
from groupsync.applier.apply import apply_plan
from groupsync.backup import BackupFolder, load_backup
from groupsync.errors import ExitCode
from groupsync.model.account import make_target
from groupsync.model.groups import LiveGroup
from groupsync.model.report import Word
from groupsync.render.report import render_report
from groupsync.review.make import make_review
from groupsync.review.verify import verify_review
from tests.unit.core import LENIENT, LIMITS, NOW, SANDBOX_CREDENTIALS, TARGET, config, entry, make_id
from tests.wire.applying import Applier
from tests.wire.following import (
    ActsAfterFirstChange,
    ActsAfterWait,
    ActsBeforeChange,
    Follower,
    InterruptsAtFirstWait,
)
from tests.wire.interrupts import NoWaits

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


@dataclass
class InterruptsAfterLastChange(Follower):
    """A watcher that interrupts the run before it lists the groups at the end."""

    def on_progress(self, step: Progress) -> None:
        if step.number == step.total:
            self.set(ExitCode.TERMINATED)


def words(report: Report) -> list[Word]:
    return [outcome.word for outcome in report.outcomes]


def sent(outcome: Outcome) -> list[tuple[str, int | None]]:
    return [(request.method, request.status) for request in outcome.requests]


def test_done(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.add_group("Old")

    report = applier.apply(config("New"))

    assert words(report) == [Word.DONE, Word.DONE]
    assert report.exit_code == 0


def test_conflict_when_a_group_gains_contacts_before_its_deletion(sandbox: Sandbox, applier: Applier) -> None:
    """The group is read again right before it is deleted."""
    sandbox.add_group("Old", id=make_id(1))

    def add_contacts() -> None:
        sandbox.delete_group(make_id(1))
        sandbox.add_group("Old", id=make_id(1), contacts=2)

    report = applier.apply(config("New"), watcher=ActsAfterFirstChange(action=add_contacts))

    assert words(report) == [Word.DONE, Word.CONFLICT]
    assert report.exit_code == 5
    assert sandbox.names() == ["New", "Old"]
    assert render_report(report) == (
        "Apply incomplete: 1 done, 1 conflict.\n"
        "\n"
        f'  conflict: delete group "Old" [id={make_id(1)}]: 2 contacts are in the group, 0 were reviewed\n'
        "\n"
        "The Phonebook is not as this plan expects: check the groups above, then make and review a new plan.\n"
    )


def test_conflict_when_a_group_is_renamed_before_its_deletion(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.add_group("Old", id=make_id(1))

    report = applier.apply(
        config("New"), watcher=ActsAfterFirstChange(action=lambda: sandbox.rename_group(make_id(1), "In use"))
    )

    assert words(report) == [Word.DONE, Word.CONFLICT]
    assert sandbox.names() == ["In use", "New"]


def test_conflict_when_somebody_else_reverts_a_change(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.add_group("Before", id=make_id(1))

    report = applier.apply(
        config(entry("After", previously=("Before",))),
        watcher=ActsAfterFirstChange(action=lambda: sandbox.rename_group(make_id(1), "Before")),
    )

    assert words(report) == [Word.CONFLICT]
    assert report.outcomes[0].detail == "the Phonebook confirmed it, but does not show it now"


def test_duplicate_when_somebody_else_makes_the_same_group(sandbox: Sandbox, applier: Applier) -> None:
    report = applier.apply(config("New"), watcher=ActsAfterFirstChange(action=lambda: sandbox.add_group("New")))

    assert words(report) == [Word.DUPLICATE]
    assert report.exit_code == 5
    assert sandbox.names() == ["New", "New"]


def test_already_done_when_somebody_else_deletes_first(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.add_group("Old", id=make_id(1))

    report = applier.apply(config("New"), watcher=ActsAfterFirstChange(action=lambda: sandbox.delete_group(make_id(1))))

    assert words(report) == [Word.DONE, Word.ALREADY_DONE]
    assert report.exit_code == 0


def test_failed_ends_the_wave_and_the_rest_is_not_attempted(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.add_group("Old")
    sandbox.fail_next("POST", status=400)

    report = applier.apply(config("A", "B", "C"))

    assert words(report) == [Word.FAILED, Word.NOT_ATTEMPTED, Word.NOT_ATTEMPTED, Word.NOT_ATTEMPTED]
    assert sandbox.names() == ["Old"]


def test_failed_when_the_server_changes_the_name(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.fail_next(
        "POST", status=201, body={"group": {"id": make_id(7), "name": "new", "createdOn": None, "contactsCount": 0}}
    )

    report = applier.apply(config("New"))

    assert words(report) == [Word.FAILED]
    assert 'the Phonebook stores it as "new", so write that name' in report.outcomes[0].detail


def test_done_when_the_last_list_does_not_show_the_group_yet(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.behave(late_lists=60)

    report = applier.apply(config("New"))

    assert words(report) == [Word.DONE]
    assert report.exit_code == 0


def test_another_group_with_a_name_just_given_is_reported_and_not_changed(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.add_group("A", id=make_id(1))

    report = applier.apply(
        config(entry("B", 1)), watcher=ActsAfterFirstChange(action=lambda: sandbox.add_group("B", id=make_id(2)))
    )

    assert words(report) == [Word.DONE]
    assert [group.id for group in report.newcomers] == [make_id(2)]


def test_a_full_group_found_empty_when_it_is_verified_is_deleted_only_while_empty(
    sandbox: Sandbox, applier: Applier
) -> None:
    """Otherwise a refused plan file could be applied in a moment without members, and they be lost on return."""
    desired = config("New")
    sandbox.add_group("Course", id=make_id(1), contacts=5)
    review = applier.plan(desired, run_policy=LIMITS)
    sandbox.delete_group(make_id(1))
    sandbox.add_group("Course", id=make_id(1))
    verified = applier.verify(review, desired, run_policy=LIMITS)

    def add_contacts() -> None:
        sandbox.delete_group(make_id(1))
        sandbox.add_group("Course", id=make_id(1), contacts=5)

    report = applier.carry_out(verified, desired, watcher=ActsAfterFirstChange(action=add_contacts))

    assert review.refusals == ("contacts-lost",)
    assert verified.review.refusals == ()
    assert words(report) == [Word.DONE, Word.CONFLICT]
    assert len(sandbox.members(make_id(1))) == 5


# A create whose answer was lost


@pytest.mark.parametrize("parallelism", [1, 8])
def test_a_create_answered_with_a_group_that_was_there_before_is_a_conflict(
    sandbox: Sandbox, applier: Applier, parallelism: int
) -> None:
    """No group was created, so the last wave must not delete the one that it replaces."""
    live = sandbox.add_group("vip", contacts=3)
    sandbox.add_group("Old", contacts=5)
    sandbox.fail_next("POST", status=201, body={"group": {"id": live, "name": "New", "contactsCount": 3}})

    report = applier.apply(config("vip", "New"), parallelism=parallelism, without_backup=True)

    assert [outcome.word for outcome in report.outcomes] == [Word.CONFLICT, Word.NOT_ATTEMPTED]
    assert report.outcomes[0].detail == f"the Phonebook answered with a group that was there before [id={live}]"
    assert sandbox.names() == ["Old", "vip"]


@pytest.mark.parametrize("parallelism", [1, 8])
def test_two_creates_answered_with_one_group_are_not_both_done(
    sandbox: Sandbox, applier: Applier, parallelism: int
) -> None:
    sandbox.add_group("Old", contacts=5)
    made = "00000007-52b7-4f0d-9c3e-1b7a60d2f401"
    for name in ("A", "B"):
        answer = {"group": {"id": made, "name": name, "contactsCount": 0}}
        sandbox.fail_next("POST", status=201, body=answer)

    report = applier.apply(config("A", "B"), parallelism=parallelism, without_backup=True)

    assert Word.NOT_ATTEMPTED in [outcome.word for outcome in report.outcomes]
    assert "Old" in sandbox.names()


def test_adopted_when_the_answer_to_a_create_is_lost(sandbox: Sandbox, applier: Applier) -> None:
    watcher = Follower()
    sandbox.drop_next("POST", when="after")

    report = applier.apply(config("New"), watcher=watcher)

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
def test_adopted_when_the_answer_to_a_create_is_unusable(
    sandbox: Sandbox, applier: Applier, fault: Callable[[Sandbox], None]
) -> None:
    fault(sandbox)

    report = applier.apply(config("New"))

    assert words(report) == [Word.ADOPTED]
    assert (sandbox.names(), sandbox.requests("POST")) == (["New"], 1)


def test_adopted_when_a_lost_create_is_carried_out_late(sandbox: Sandbox, applier: Applier) -> None:
    """A gateway may stop waiting for a request that the server behind it still carries out."""
    watcher = ActsAfterWait(actions={3: lambda: sandbox.add_group("New", id=make_id(7))})
    sandbox.drop_next("POST", when="before")

    report = applier.apply(config("New"), watcher=watcher)

    assert words(report) == [Word.ADOPTED]
    assert report.outcomes[0].group_id == make_id(7)
    assert (sandbox.requests("POST"), watcher.pauses) == (1, [0.5, 1, 2])


def test_adopted_when_the_lists_are_late(sandbox: Sandbox, applier: Applier) -> None:
    watcher = ActsAfterWait(actions={5: lambda: sandbox.behave(late_lists=0)})
    sandbox.behave(late_lists=60)
    sandbox.drop_next("POST", when="after")

    report = applier.apply(config("New"), watcher=watcher)

    assert words(report) == [Word.ADOPTED]
    assert (sandbox.names(), sandbox.requests("POST")) == (["New"], 1)


def test_adopted_when_the_second_list_after_a_lost_create_shows_it(sandbox: Sandbox, applier: Applier) -> None:
    watcher = ActsAfterWait(actions={1: lambda: sandbox.fail_next("GET", status=400)})
    sandbox.drop_next("POST", when="after")

    report = applier.apply(config("New"), watcher=watcher)

    assert words(report) == [Word.ADOPTED]
    assert watcher.pauses == [0.5, 1]
    assert sent(report.outcomes[0]) == [("POST", None), ("GET", 400), ("GET", 200)]


def test_unknown_when_the_group_of_a_lost_create_does_not_appear(sandbox: Sandbox, applier: Applier) -> None:
    """It is never sent again: the first one may still be carried out."""
    watcher = Follower()
    sandbox.drop_next("POST", when="before")

    report = applier.apply(config("New", "Next"), watcher=watcher)

    assert words(report) == [Word.UNKNOWN, Word.NOT_ATTEMPTED]
    assert report.exit_code == 5
    assert (sandbox.requests("POST"), watcher.pauses) == (1, [0.5, 1, 2, 4, 8])
    assert "An answer was lost, and its change may still be made" in render_report(report)


def test_unknown_while_lists_are_late_and_adopted_by_the_next_run(sandbox: Sandbox, applier: Applier) -> None:
    desired = config("New")
    review = applier.plan(desired)
    sandbox.behave(late_lists=60)
    sandbox.drop_next("POST", when="after")

    reports = []
    for _ in range(2):
        reports.append(applier.carry_out(applier.verify(review, desired), desired))
        sandbox.behave(late_lists=0)

    assert [words(report) for report in reports] == [[Word.UNKNOWN], [Word.ADOPTED]]
    assert [report.exit_code for report in reports] == [5, 0]
    assert (sandbox.names(), sandbox.requests("POST")) == (["New"], 1)


def test_duplicate_when_two_groups_appear_after_a_lost_create(sandbox: Sandbox, applier: Applier) -> None:
    """Only a person can tell which one is meant."""
    watcher = ActsAfterWait(actions={1: lambda: sandbox.add_group("New", id=make_id(7))})
    sandbox.drop_next("POST", when="after")

    report = applier.apply(config("New"), watcher=watcher)

    ids = ", ".join(sorted(group.id for group in sandbox.groups()))
    assert words(report) == [Word.DUPLICATE]
    assert report.outcomes[0].detail == f"2 groups of that name appeared since the plan: {ids}"
    assert report.exit_code == 5
    assert sandbox.names() == ["New", "New"]
    assert sandbox.requests("DELETE") == 0


def test_adopted_when_somebody_else_made_the_group_first_and_the_answer_is_409(
    sandbox: Sandbox, applier: Applier
) -> None:
    sandbox.behave(unique_names=True)

    report = applier.apply(
        config("New"),
        watcher=ActsBeforeChange(actions={'create group "New"': lambda: sandbox.add_group("New", id=make_id(7))}),
    )

    assert words(report) == [Word.ADOPTED]
    assert report.outcomes[0].group_id == make_id(7)
    assert sent(report.outcomes[0]) == [("POST", 409), ("GET", 200)]


def test_failed_when_the_answer_is_409_and_no_such_group_appears(sandbox: Sandbox, applier: Applier) -> None:
    watcher = Follower()
    sandbox.fail_next("POST", status=409)

    report = applier.apply(config("New"), watcher=watcher)

    assert words(report) == [Word.FAILED]
    assert report.outcomes[0].detail.startswith("POST /phonebook/groups: HTTP 409: Conflict (code 204)")
    assert sent(report.outcomes[0]) == [("POST", 409), ("GET", 200)]
    assert sum(watcher.pauses) == 0


def test_a_create_refused_by_the_rate_limit_is_sent_again(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.fail_next("POST", status=429, times=3)

    report = applier.apply(config("New"))

    assert words(report) == [Word.DONE]
    assert sent(report.outcomes[0]) == [("POST", 429)] * 3 + [("POST", 201)]


# A rename or a deletion whose answer was lost


@dataclass(frozen=True)
class GroupChange:
    """A change of group 1, which is empty and named "Before"."""

    method: str
    desired: Config
    name: str | None

    def is_made(self, sandbox: Sandbox) -> bool:
        return sandbox.names() == ([self.name] if self.name else [])


RENAME = GroupChange("PUT", config(entry("After", 1)), "After")
DELETE = GroupChange("DELETE", config(removed=(1,)), None)


@pytest.fixture(params=[RENAME, DELETE], ids=["rename", "delete"])
def change(request: pytest.FixtureRequest, sandbox: Sandbox) -> GroupChange:
    sandbox.add_group("Before", id=make_id(1))
    change: GroupChange = request.param
    return change


def test_done_when_the_answer_to_a_change_is_lost(sandbox: Sandbox, applier: Applier, change: GroupChange) -> None:
    watcher = Follower()
    sandbox.drop_next(change.method, when="after")

    report = applier.apply(change.desired, watcher=watcher)

    assert words(report) == [Word.DONE]
    assert change.is_made(sandbox)
    assert (sandbox.requests(change.method), watcher.pauses) == (1, [0.5])
    assert report.outcomes[0].requests[-1].why.startswith("look after a lost answer: ")


def test_done_when_a_lost_change_was_not_carried_out_and_is_sent_again(
    sandbox: Sandbox, applier: Applier, change: GroupChange
) -> None:
    watcher = Follower()
    sandbox.drop_next(change.method, when="before")

    report = applier.apply(change.desired, watcher=watcher)

    assert words(report) == [Word.DONE]
    assert change.is_made(sandbox)
    assert (sandbox.requests(change.method), watcher.pauses) == (2, [0.5])
    assert report.outcomes[0].requests[-1].why == "sent again: the first request was not carried out"


def test_failed_when_a_change_was_lost_four_times(sandbox: Sandbox, applier: Applier, change: GroupChange) -> None:
    watcher = Follower()
    sandbox.drop_next(change.method, when="before", times=9)

    report = applier.apply(change.desired, watcher=watcher)

    assert words(report) == [Word.FAILED]
    assert report.exit_code == 5
    assert sandbox.names() == ["Before"]
    assert (sandbox.requests(change.method), watcher.pauses) == (4, [0.5, 1, 2, 4])


def test_conflict_when_the_group_has_another_name_after_a_lost_answer(
    sandbox: Sandbox, applier: Applier, change: GroupChange
) -> None:
    watcher = ActsAfterWait(actions={1: lambda: sandbox.rename_group(make_id(1), "In use")})
    sandbox.drop_next(change.method, when="before")

    report = applier.apply(change.desired, watcher=watcher)

    assert words(report) == [Word.CONFLICT]
    assert report.outcomes[0].detail == 'the group is now named "In use"'
    assert sandbox.names() == ["In use"]
    assert sandbox.requests(change.method) == 1


def test_a_lost_deletion_is_not_sent_again_if_the_group_gained_contacts(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.add_group("Before", id=make_id(1))

    def add_contacts() -> None:
        sandbox.delete_group(make_id(1))
        sandbox.add_group("Before", id=make_id(1), contacts=2)

    sandbox.drop_next("DELETE", when="before")

    report = applier.apply(DELETE.desired, watcher=ActsAfterWait(actions={1: add_contacts}))

    assert words(report) == [Word.CONFLICT]
    assert len(sandbox.members(make_id(1))) == 2


def test_conflict_when_a_group_to_rename_was_deleted(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.add_group("Before", id=make_id(1))

    label = f'rename group "Before" to "After" [id={make_id(1)}]'

    report = applier.apply(
        RENAME.desired, watcher=ActsBeforeChange(actions={label: lambda: sandbox.delete_group(make_id(1))})
    )

    assert words(report) == [Word.CONFLICT]
    assert report.outcomes[0].detail == "the group is gone"
    assert sent(report.outcomes[0]) == [("PUT", 404)]


def test_unknown_when_the_group_cannot_be_read_after_a_lost_answer(
    sandbox: Sandbox, applier: Applier, change: GroupChange
) -> None:
    """Without reading the group, the change is not sent again."""
    sandbox.drop_next(change.method, when="before")
    watcher = ActsAfterWait(actions={1: lambda: sandbox.fail_next("GET", status=400, path=f"*/{make_id(1)}")})

    report = applier.apply(change.desired, watcher=watcher)

    assert words(report) == [Word.UNKNOWN]
    assert f"; then GET /phonebook/groups/{make_id(1)}: HTTP 400" in report.outcomes[0].detail
    assert sandbox.requests(change.method) == 1


def test_the_last_list_settles_what_a_lost_answer_left_open(
    sandbox: Sandbox, applier: Applier, change: GroupChange
) -> None:
    sandbox.drop_next(change.method, when="after")
    watcher = ActsAfterWait(actions={1: lambda: sandbox.fail_next("GET", status=400, path=f"*/{make_id(1)}")})

    report = applier.apply(change.desired, watcher=watcher)

    assert words(report) == [Word.DONE]
    assert report.exit_code == 0


# Interrupts


def test_not_attempted_when_the_run_is_interrupted_before_the_first_change(sandbox: Sandbox, applier: Applier) -> None:
    report = applier.apply(config("A", "B"), watcher=Follower(stopped_by=ExitCode.TERMINATED))

    assert words(report) == [Word.NOT_ATTEMPTED, Word.NOT_ATTEMPTED]
    assert report.exit_code == 143
    assert sandbox.requests("POST") == 0


def test_unknown_when_an_interrupt_follows_a_lost_create(sandbox: Sandbox, applier: Applier) -> None:
    watcher = InterruptsAtFirstWait()
    sandbox.drop_next("POST", when="before")

    report = applier.apply(config("A", "B"), watcher=watcher)

    assert words(report) == [Word.UNKNOWN, Word.NOT_ATTEMPTED]
    assert report.exit_code == 130
    assert (sandbox.requests("POST"), watcher.pauses) == (1, [0.5])


def test_unknown_when_an_interrupt_follows_a_lost_change(
    sandbox: Sandbox, applier: Applier, change: GroupChange
) -> None:
    sandbox.drop_next(change.method, when="before")

    report = applier.apply(change.desired, watcher=InterruptsAtFirstWait())

    assert words(report) == [Word.UNKNOWN]
    assert report.exit_code == 130
    assert sandbox.requests(change.method) == 1


def test_a_run_interrupted_after_its_last_change_succeeds(sandbox: Sandbox, applier: Applier) -> None:
    """What the last list shows counts."""
    sandbox.drop_next("POST", when="after")

    report = applier.apply(config("A"), watcher=InterruptsAtFirstWait())

    assert words(report) == [Word.ADOPTED]
    assert report.exit_code == 0


def test_not_attempted_when_an_interrupt_ends_the_wait_for_the_rate_limit(sandbox: Sandbox) -> None:
    """A request that was refused was not carried out, so nothing about it is unknown."""
    watcher = InterruptsAtFirstWait()
    sandbox.fail_next("POST", status=429, times=9)

    with GroupsClient(sandbox.url, SANDBOX_CREDENTIALS, interrupt=watcher) as client:
        report = Applier(sandbox, client).apply(config("A", "B"), watcher=watcher)

    assert words(report) == [Word.NOT_ATTEMPTED, Word.NOT_ATTEMPTED]
    assert report.exit_code == 130
    assert sandbox.requests("POST") == 1


# Deletions with a backup


@pytest.fixture
def backups(sandbox: Sandbox, tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path, make_target(sandbox.url, sandbox.username), lambda: NOW)


def test_the_members_are_saved_before_a_group_is_read_and_deleted(
    sandbox: Sandbox, applier: Applier, backups: BackupFolder, tmp_path: Path
) -> None:
    sandbox.add_group("Old", id=make_id(1), contacts=3)
    members = sandbox.members(make_id(1))

    report = applier.apply(config(removed=(1,)), backups=backups)

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


def test_a_group_that_lost_members_since_the_review_is_deleted(
    sandbox: Sandbox, applier: Applier, backups: BackupFolder
) -> None:
    desired = config(removed=(1,))
    sandbox.add_group("Old", id=make_id(1), contacts=5)
    review = applier.plan(desired)
    sandbox.delete_group(make_id(1))
    sandbox.add_group("Old", id=make_id(1), contacts=2)

    report = applier.carry_out(applier.verify(review, desired), desired, backups=backups)

    assert words(report) == [Word.DONE]
    assert sandbox.names() == []


@pytest.mark.parametrize("phones", [["+37255500001"], ["+37255500001", "+37255500002", "+37255500003"], []])
def test_conflict_when_the_list_of_members_is_not_as_long_as_the_group_says(
    sandbox: Sandbox, applier: Applier, backups: BackupFolder, tmp_path: Path, phones: list[str]
) -> None:
    """An incomplete list, or a contact who joined or left meanwhile: the group is kept, the file is removed."""
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    listed = {"contacts": [{"phoneNumber": phone} for phone in phones]}
    sandbox.fail_next("GET", status=200, body=listed, path="*/contacts")

    report = applier.apply(config(removed=(1,)), backups=backups)

    assert words(report) == [Word.CONFLICT]
    assert report.outcomes[0].detail == (
        f"the group has 2 contacts by its count, but {len(phones)} by the list of its members: "
        "check it, and delete it in the dashboard"
    )
    assert sandbox.names() == ["Old"]
    assert sandbox.requests("DELETE") == 0
    assert list(tmp_path.iterdir()) == []


def test_failed_when_the_members_cannot_be_read(
    sandbox: Sandbox, applier: Applier, backups: BackupFolder, tmp_path: Path
) -> None:
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    paged = {"contacts": [{"phoneNumber": "+37255500001"}], "next": "2"}
    sandbox.fail_next("GET", status=200, body=paged, path="*/contacts")

    report = applier.apply(config(removed=(1,)), backups=backups)

    assert words(report) == [Word.FAILED]
    assert "the list may be incomplete" in report.outcomes[0].detail
    assert sandbox.names() == ["Old"]
    assert list(tmp_path.iterdir()) == []


def test_failed_when_the_backup_cannot_be_written(sandbox: Sandbox, applier: Applier, tmp_path: Path) -> None:
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    gone = BackupFolder(tmp_path / "gone", make_target(sandbox.url, sandbox.username), lambda: NOW)

    report = applier.apply(config(removed=(1,)), backups=gone)

    assert words(report) == [Word.FAILED]
    assert "cannot be written: no such file or directory" in report.outcomes[0].detail
    assert sandbox.names() == ["Old"]
    assert sandbox.requests("DELETE") == 0


@pytest.mark.parametrize("fault", [{}, {"status": 400}, {"status": 503, "times": 9}, {"status": 200, "body": "<html>"}])
def test_without_a_backup_an_unreadable_list_of_members_is_no_obstacle(
    sandbox: Sandbox, applier: Applier, fault: dict[str, Any]
) -> None:
    """Which is what `--allow backup` asks for."""
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    if fault:
        sandbox.fail_next("GET", path="*/contacts", **fault)

    report = applier.apply(config(removed=(1,)), without_backup=True)

    assert words(report) == [Word.DONE]
    assert report.outcomes[0].backup == ""
    assert sandbox.names() == []


def test_a_list_of_members_that_cannot_be_read_is_no_failure_if_the_group_is_gone(
    sandbox: Sandbox, applier: Applier, backups: BackupFolder
) -> None:
    """A server may answer 400 or 404 to a question about the members of a group that it does not have."""
    sandbox.add_group("Old", id=make_id(1))
    sandbox.fail_next("GET", status=400, path="*/contacts")

    watcher = ActsAfterFirstChange(action=lambda: sandbox.delete_group(make_id(1)))
    report = applier.apply(config("New", removed=(1,)), watcher=watcher, backups=backups)

    assert words(report) == [Word.DONE, Word.ALREADY_DONE]
    assert report.exit_code == 0


# A count that lies


@pytest.mark.parametrize("has_folder", [True, False])
@pytest.mark.parametrize("without_backup", [True, False])
@pytest.mark.parametrize(("counts", "contacts", "told"), [("zero", 3, 0), ("one more", 0, 1), ("one more", 2, 3)])
def test_conflict_when_count_and_members_disagree(
    sandbox: Sandbox,
    applier: Applier,
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

    report = applier.apply(
        config("New", removed=(1,)), backups=backups if has_folder else None, without_backup=without_backup
    )

    noun = "contact" if told == 1 else "contacts"
    assert words(report) == [Word.DONE, Word.CONFLICT]
    assert report.outcomes[1].detail == (
        f"the group has {told} {noun} by its count, but {contacts} by the list of its members: "
        "check it, and delete it in the dashboard"
    )
    assert (sandbox.names(), sandbox.requests("DELETE")) == (["New", "Old"], 0)
    assert list(tmp_path.iterdir()) == []


def test_a_group_that_somebody_joins_between_members_and_look_stays(
    sandbox: Sandbox, applier: Applier, backups: BackupFolder, tmp_path: Path
) -> None:
    """Its count differs from the members that were read, although it holds no more than were reviewed."""
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    listed = {"contacts": [{"phoneNumber": sandbox.members(make_id(1))[0]}]}
    sandbox.fail_next("GET", status=200, body=listed, path="*/contacts")

    report = applier.apply(config(removed=(1,)), backups=backups)

    assert words(report) == [Word.CONFLICT]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("counts", ["right", "zero"])
def test_a_deletion_is_not_sent_again_when_other_people_are_in_the_group(
    sandbox: Sandbox, applier: Applier, backups: BackupFolder, counts: str
) -> None:
    """The members are read again, too: the count alone would not show that one left and one joined."""
    before, after = (0, ["+37251000009"]) if counts == "zero" else (1, ["+37251000009"])
    sandbox.add_group("Old", id=make_id(1), contacts=before)
    sandbox.behave(counts=counts)
    sandbox.drop_next("DELETE", when="before")

    def exchange() -> None:
        sandbox.delete_group(make_id(1))
        sandbox.add_group("Old", id=make_id(1), contacts=after)

    report = applier.apply(config(removed=(1,)), watcher=ActsAfterWait(actions={1: exchange}), backups=backups)

    assert words(report) == [Word.CONFLICT]
    assert report.outcomes[0].detail == "its members have changed since they were read"
    assert sandbox.members(make_id(1)) == after


def test_a_full_group_is_not_deleted_if_no_backup_can_be_made(sandbox: Sandbox, applier: Applier) -> None:
    """The guard may have found it empty a moment ago, although it was full at the review."""
    sandbox.add_group("Old", id=make_id(1), contacts=2)

    report = applier.apply(config(removed=(1,)))

    assert words(report) == [Word.CONFLICT]
    assert report.outcomes[0].detail == "2 contacts are in the group, and no backup folder is set"
    assert sandbox.names() == ["Old"]


def test_a_signal_during_the_last_list_is_in_the_report(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.drop_next("POST", when="before")

    report = applier.apply(config("New"), watcher=InterruptsAfterLastChange())

    assert words(report) == [Word.UNKNOWN]
    assert report.exit_code == ExitCode.TERMINATED


def test_an_empty_group_needs_no_backup(
    sandbox: Sandbox, applier: Applier, backups: BackupFolder, tmp_path: Path
) -> None:
    sandbox.add_group("Old", id=make_id(1))

    report = applier.apply(config(removed=(1,)), backups=backups)

    assert words(report) == [Word.DONE]
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_kept_while_a_lost_delete_may_still_be_carried_out(
    sandbox: Sandbox, applier: Applier, backups: BackupFolder, tmp_path: Path
) -> None:
    """The lost DELETE may arrive late, after the group was found in use."""
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    sandbox.drop_next("DELETE", when="before")
    watcher = ActsAfterWait(actions={1: lambda: sandbox.rename_group(make_id(1), "In use")})

    report = applier.apply(config(removed=(1,)), watcher=watcher, backups=backups)

    (file,) = tmp_path.iterdir()
    assert words(report) == [Word.CONFLICT]
    assert report.outcomes[0].backup == str(file)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_backup_is_kept_when_the_answer_to_a_deletion_is_lost(
    sandbox: Sandbox, applier: Applier, backups: BackupFolder, tmp_path: Path, when: str
) -> None:
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    sandbox.drop_next("DELETE", when=when)  # type: ignore[arg-type]  # one of the two

    report = applier.apply(config(removed=(1,)), backups=backups)

    (file,) = tmp_path.iterdir()
    assert words(report) == [Word.DONE]
    assert report.outcomes[0].backup == str(file)


def test_a_backup_is_kept_when_somebody_else_deletes_the_group(
    sandbox: Sandbox, applier: Applier, backups: BackupFolder, tmp_path: Path
) -> None:
    """It may be the only backup then."""
    sandbox.add_group("Old", id=make_id(1), contacts=2)
    missing = {"errors": [{"code": "203", "title": "Missing resource", "detail": ""}]}
    sandbox.fail_next("GET", status=404, body=missing, path=f"*/{make_id(1)}")

    applier.apply(config(removed=(1,)), backups=backups)

    assert len(list(tmp_path.iterdir())) == 1
    assert sandbox.requests("DELETE") == 0


# Several changes at a time


class Rendezvous:
    """A Phonebook that answers a create only when as many as expected are under way simultaneously."""

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
def test_as_many_changes_run_simultaneously_as_requested(parallelism: int) -> None:
    desired = config(*(f"G{number}" for number in range(8)))
    verified = verify_review(make_review(desired, (), TARGET, NOW, LENIENT), desired, TARGET, (), LENIENT)
    phonebook = Rendezvous(parallelism)

    report = apply_plan(verified, desired, phonebook, parallelism=parallelism, interrupt=Follower())

    assert words(report) == [Word.DONE] * 8
    assert phonebook.most_under_way == parallelism


class Broken(Rendezvous):
    """A Phonebook that raises an unexpected error for one name."""

    def create_group(self, name: str) -> LiveGroup:
        if name == "G1":
            raise ZeroDivisionError
        return super().create_group(name)


def test_an_unexpected_error_makes_the_change_unknown_and_ends_the_wave() -> None:
    desired = config("G0", "G1", "G2")
    verified = verify_review(make_review(desired, (), TARGET, NOW, LENIENT), desired, TARGET, (), LENIENT)
    watcher = Follower()

    report = apply_plan(verified, desired, Broken(1), parallelism=1, watcher=watcher, interrupt=watcher)

    assert [type(bug) for bug in watcher.bugs] == [ZeroDivisionError]
    assert words(report) == [Word.DONE, Word.UNKNOWN, Word.NOT_ATTEMPTED]
    assert report.outcomes[1].detail == "a bug in groupsync: ZeroDivisionError"
    assert report.exit_code == 5
    assert watcher.begun == ['create group "G0"', 'create group "G1"']
    assert watcher.ended == ['create group "G0"', 'create group "G1"', 'create group "G2"']
    assert render_report(report).startswith("Apply incomplete: ")


class FailsToDelete(GroupsClient):
    """A client with a mistake: it raises an unexpected error in place of a deletion."""

    def delete_group(self, group_id: GroupId) -> None:
        raise ZeroDivisionError(group_id)


def test_a_backup_is_named_by_the_report_if_nobody_knows_how_its_deletion_ended(
    sandbox: Sandbox, backups: BackupFolder, tmp_path: Path
) -> None:
    sandbox.add_group("Old", id=make_id(1), contacts=2)

    with FailsToDelete(sandbox.url, SANDBOX_CREDENTIALS, interrupt=NoWaits()) as client:
        report = Applier(sandbox, client).apply(config(removed=(1,)), backups=backups)

    (file,) = tmp_path.iterdir()
    assert words(report) == [Word.UNKNOWN]
    assert report.outcomes[0].backup == str(file)
    assert f"groupsync restore {file}\n" in render_report(report)
