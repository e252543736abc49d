"""Backups before deletions and restoring from them, with a Phonebook that loses answers or hides members."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import pytest

from groupsync.api.client import GroupsClient
from groupsync.applier.apply import apply_plan
from groupsync.applier.restore import restore_groups
from groupsync.backup import BackupFolder, RestoreNoteFiles, load_backup
from groupsync.errors import ExitCode, FileError
from groupsync.model.account import make_target
from groupsync.model.config import Config, Policy, Unlisted
from groupsync.model.plan import DEFAULT_PLAN_OPTIONS
from groupsync.model.report import Word
from groupsync.model.restore import BackupFile, Tally
from groupsync.model.scope import EVERYTHING
from groupsync.model.wait import ListWait
from groupsync.planner.restore import find_destinations, find_restore_problems, plan_restores
from groupsync.render.record import Run, render_record
from groupsync.render.report import render_report
from groupsync.render.restore import render_restore_report
from groupsync.review.make import make_review
from groupsync.review.verify import verify_review
from tests.unit.core import LENIENT, NOW, SANDBOX_CREDENTIALS, TARGET, config, make_id
from tests.wire.following import ActsAfterWait, Follower
from tests.wire.interrupts import NoWaits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import requests

    from groupsync.model.contacts import Contact
    from groupsync.model.groups import GroupId
    from groupsync.model.report import Report
    from groupsync.model.restore import Restore, RestoreReport
    from groupsync.model.wait import Wait
    from groupsync.sandbox import Sandbox

    Call: TypeAlias = Callable[..., requests.Response]

RUN = Run(
    command="restore",
    started_at="2026-11-23T12:00:00Z",
    finished_at="2026-11-23T12:00:01Z",
    target=TARGET,
    plan_digest="",
    scope=EVERYTHING,
    options=DEFAULT_PLAN_OPTIONS,
    requests=(),
)
KEEP_ALL = Config(policy=Policy(unlisted=Unlisted.KEEP))
ADD = "*/contacts/*"
MAKE = "*/phonebook/contacts"
GROUPS = "*/phonebook/groups"
FIELDS = {"firstName": "Mäe", "lastName": "O'Neil", "email": "m@example.com", "company": "Ü", "custom4": "€ 日本"}


@dataclass
class InterruptsAfter(Follower):
    """A watcher that interrupts the run after this number of contacts."""

    contacts: int = 5

    def on_count(self, number: int, total: int, name: str) -> None:
        super().on_count(number, total, name)
        if number >= self.contacts:
            self.set(ExitCode.INTERRUPTED)


@dataclass
class Restorer:
    """A function that restores the group "VIP" from its backup, as the command does, without a question."""

    sandbox: Sandbox
    phonebook: GroupsClient
    file: str
    watcher: Follower = field(default_factory=Follower)
    meanwhile: Callable[[], object] = lambda: None

    def __call__(self, *, into: GroupId | None = None, recreate: bool = False, parallelism: int = 1) -> RestoreReport:
        """Read what is live, let `meanwhile` happen, and restore."""
        ids = RestoreNoteFiles()
        restores, known_ids = self.look(ids, into=into, recreate=recreate)
        self.meanwhile()
        return restore_groups(
            restores,
            known_ids,
            self.phonebook,
            ids,
            parallelism=parallelism,
            watcher=self.watcher,
            interrupt=self.watcher,
        )

    def look(
        self, ids: RestoreNoteFiles, *, into: GroupId | None = None, recreate: bool = False
    ) -> tuple[tuple[Restore, ...], set[GroupId]]:
        """Return what is to be restored, and the ids of the live groups."""
        backup = load_backup(Path(self.file).read_bytes(), self.file)
        backup_file = BackupFile(file=self.file, backup=backup, restored_id=ids.read(self.file))
        live = self.phonebook.list_groups()
        destinations = find_destinations((backup_file,), live, into)
        assert find_restore_problems(destinations, KEEP_ALL, live, into) == ()
        filled = [destination.into.id for destination in destinations if destination.into]
        members = {id_: {contact.phone for contact in self.phonebook.list_contacts(id_)} for id_ in filled}
        phones = {contact.phone for contact in self.phonebook.list_contacts()}
        restores = plan_restores(destinations, phones=phones, members=members, recreate=recreate)
        return restores, {group.id for group in live}


@pytest.fixture
def phonebook(sandbox: Sandbox) -> Iterator[GroupsClient]:
    with GroupsClient(sandbox.url, SANDBOX_CREDENTIALS, interrupt=NoWaits()) as client:
        yield client


@pytest.fixture
def delete_with_backup(sandbox: Sandbox, phonebook: GroupsClient, tmp_path: Path) -> Callable[[int], Restorer]:
    """A function that saves a backup of a group with so many contacts, deletes the group, and returns its restorer."""

    def delete_with_backup(contacts: int) -> Restorer:
        group_id = sandbox.add_group("VIP", id=make_id(1), contacts=contacts)
        folder = BackupFolder(tmp_path, make_target(sandbox.url, sandbox.username), lambda: NOW)
        file = folder.save(make_id(1), "VIP", phonebook.list_contacts(make_id(1)))
        sandbox.delete_group(group_id)
        sandbox.forget_requests()
        return Restorer(sandbox, phonebook, file)

    return delete_with_backup


def phones(number: int) -> list[str]:
    return [f"+372{50_000_000 + place}" for place in range(number)]


def find_members(sandbox: Sandbox, name: str = "VIP") -> list[list[str]]:
    """Return the members of each group with this name."""
    return [sandbox.members(group.id) for group in sandbox.groups() if group.name == name]


def test_a_group_is_recreated_with_all_its_contacts(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(5)

    report = restore()

    (outcome,) = report.outcomes
    (group,) = sandbox.groups()
    assert (outcome.word, outcome.group_id, report.exit_code) == (Word.DONE, group.id, 0)
    assert outcome.tally == Tally(in_backup=5, added=5)
    assert find_members(sandbox) == [phones(5)]
    assert RestoreNoteFiles().read(restore.file) == group.id
    assert restore.watcher.counts == [(number, 5, "VIP") for number in range(1, 6)]
    assert (restore.watcher.begun, restore.watcher.ended) == (['restore group "VIP"'], ['restore group "VIP"'])


def test_missing_contacts_are_recreated_with_all_their_fields(
    delete_with_backup: Callable[[int], Restorer], call: Call
) -> None:
    call("POST", "/phonebook/contacts", json={"phoneNumber": phones(1)[0], **FIELDS})
    restore = delete_with_backup(3)
    before = call("GET", "/phonebook/contacts").json()["contacts"]
    for phone in phones(3)[:2]:
        call("DELETE", f"/phonebook/contacts/{phone}")

    report = restore(recreate=True)

    (outcome,) = report.outcomes
    assert outcome.tally == Tally(in_backup=3, added=1, recreated=2)
    after = call("GET", f"/phonebook/contacts?groupIds={outcome.group_id}").json()["contacts"]
    assert after == [{**contact, "scheduledDeletionDate": None} for contact in before]
    assert after[0]["custom4"] == "€ 日本"


def test_missing_contacts_are_reported_and_the_others_added(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer], call: Call
) -> None:
    restore = delete_with_backup(3)
    call("DELETE", f"/phonebook/contacts/{phones(1)[0]}")

    report = restore()

    (outcome,) = report.outcomes
    assert (outcome.word, report.exit_code) == (Word.FAILED, 5)
    assert outcome.tally == Tally(in_backup=3, added=2, gone=1)
    assert outcome.detail == (
        "1 contact of the backup not in the group; "
        "1 no longer in the address book (--recreate-contacts creates them again)"
    )
    assert find_members(sandbox) == [phones(3)[1:]]


def test_a_contact_deleted_during_the_run_is_reported_and_the_others_added(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer], call: Call
) -> None:
    restore = delete_with_backup(4)
    restore.meanwhile = lambda: call("DELETE", f"/phonebook/contacts/{phones(2)[1]}")

    (outcome,) = restore().outcomes

    assert (outcome.word, outcome.tally) == (Word.FAILED, Tally(in_backup=4, added=3, gone=1))
    assert "1 no longer in the address book (--recreate-contacts creates them again)" in outcome.detail
    assert len(find_members(sandbox)[0]) == 3


def test_contacts_added_or_made_by_somebody_else_during_the_run_are_accepted(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer], call: Call
) -> None:
    """The Phonebook answers both with 409."""
    restore = delete_with_backup(3)
    call("DELETE", f"/phonebook/contacts/{phones(1)[0]}")
    chosen = sandbox.add_group("Chosen", id=make_id(9))

    def action() -> None:
        call("POST", "/phonebook/contacts", json={"phoneNumber": phones(1)[0]})
        call("POST", f"/phonebook/groups/{chosen}/contacts/{phones(2)[1]}")

    restore.meanwhile = action

    (outcome,) = restore(into=make_id(9), recreate=True).outcomes

    assert outcome.word is Word.DONE
    assert outcome.tally == Tally(in_backup=3, added=2, already_in=1)
    assert [entry.status for entry in sandbox.log()].count(409) == 2
    assert sandbox.members(chosen) == phones(3)


def test_a_chosen_group_keeps_its_own_members(sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]) -> None:
    restore = delete_with_backup(2)
    chosen = sandbox.add_group("Chosen", id=make_id(9), contacts=["+37259999999", *phones(1)])

    (outcome,) = restore(into=make_id(9)).outcomes

    assert outcome.tally == Tally(in_backup=2, added=1, already_in=1)
    assert sandbox.members(chosen) == [*phones(2), "+37259999999"]
    assert sandbox.names() == ["Chosen"]


def test_members_who_join_the_new_group_during_the_run_stay(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer], call: Call
) -> None:
    restore = delete_with_backup(3)
    call("POST", "/phonebook/contacts", json={"phoneNumber": "+37259999999"})
    sandbox.drop_next("POST", when="after", path=ADD)

    def join() -> None:
        (group,) = sandbox.groups()
        assert call("POST", f"/phonebook/groups/{group.id}/contacts/%2B37259999999").status_code == 201

    restore.watcher = ActsAfterWait(actions={1: join})

    report = restore()

    assert report.exit_code == 0
    assert find_members(sandbox) == [[*phones(3), "+37259999999"]]


def test_a_thousand_contacts_are_added_eight_at_a_time(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(1_000)

    report = restore(parallelism=8)

    (outcome,) = report.outcomes
    assert (outcome.word, outcome.tally) == (Word.DONE, Tally(in_backup=1_000, added=1_000))
    assert find_members(sandbox) == [phones(1_000)]
    assert sandbox.requests("POST") == 1_001
    assert [number for number, _, _ in restore.watcher.counts] == list(range(1, 1_001))


def test_a_create_whose_answer_is_lost_is_adopted(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(3)
    sandbox.drop_next("POST", when="after", path=GROUPS)

    report = restore()

    assert (report.outcomes[0].word, report.exit_code) == (Word.DONE, 0)
    assert find_members(sandbox) == [phones(3)]
    assert sandbox.requests("POST") == 4


def test_a_create_whose_group_does_not_appear_is_unknown_and_not_sent_again(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(3)
    sandbox.drop_next("POST", when="before", path=GROUPS)

    report = restore()

    (outcome,) = report.outcomes
    assert (outcome.word, outcome.group_id, report.exit_code) == (Word.UNKNOWN, None, 5)
    assert outcome.tally == Tally(in_backup=3, not_added=3)
    assert sandbox.requests("POST") == 1
    assert render_restore_report(report).endswith(
        "\n\nFind out which group with that name was created, then run the same command with --into ID.\n"
    )
    assert RestoreNoteFiles().read(restore.file) is None


def test_if_two_groups_of_the_name_appear_none_is_filled(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(3)
    sandbox.drop_next("POST", when="after", path=GROUPS)
    restore.watcher = ActsAfterWait(actions={1: lambda: sandbox.add_group("VIP")})

    (outcome,) = restore().outcomes

    assert (outcome.word, outcome.group_id) == (Word.DUPLICATE, None)
    assert outcome.detail.startswith('2 groups named "VIP" appeared: ')
    assert find_members(sandbox) == [[], []]


def test_a_create_that_the_server_refuses_is_a_failure(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(3)
    sandbox.fail_next("POST", status=400, path=GROUPS)

    report = restore()

    assert (report.outcomes[0].word, report.outcomes[0].group_id, report.exit_code) == (Word.FAILED, None, 5)
    assert "HTTP 400" in report.outcomes[0].detail
    assert sandbox.names() == []


def test_a_name_that_the_server_says_is_taken_is_a_failure(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    """The server may ignore case in names; the group "vip" must not get the contacts."""
    restore = delete_with_backup(3)
    other = sandbox.add_group("vip")
    sandbox.fail_next("POST", status=409, path=GROUPS)

    (outcome,) = restore().outcomes

    assert (outcome.word, outcome.group_id) == (Word.FAILED, None)
    assert sandbox.members(other) == []


LOST: dict[str, Callable[[Sandbox, str, int], object]] = {
    "dropped before": lambda sandbox, path, times: sandbox.drop_next("POST", when="before", path=path, times=times),
    "dropped after": lambda sandbox, path, times: sandbox.drop_next("POST", when="after", path=path, times=times),
    "500 before": lambda sandbox, path, times: sandbox.fail_next("POST", status=500, path=path, times=times),
    "504 after": lambda sandbox, path, times: sandbox.fail_next(
        "POST", status=504, body="<html>late</html>", when="after", path=path, times=times
    ),
    "429": lambda sandbox, path, times: sandbox.fail_next(
        "POST", status=429, headers={"Retry-After": "2"}, path=path, times=times
    ),
    "empty 201 after": lambda sandbox, path, times: sandbox.fail_next(
        "POST", status=201, when="after", path=path, times=times
    ),
    "cut body after": lambda sandbox, path, times: sandbox.fail_next(
        "POST", status=201, body={}, headers={"Content-Length": "99"}, when="after", path=path, times=times
    ),
}


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("path", [ADD, MAKE], ids=["add", "make"])
@pytest.mark.parametrize("fault", LOST)
def test_requests_whose_answer_is_lost_are_sent_again_until_all_is_done(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer], call: Call, fault: str, path: str, times: int
) -> None:
    restore = delete_with_backup(3)
    for phone in phones(3):
        call("DELETE", f"/phonebook/contacts/{phone}")
    LOST[fault](sandbox, path, times)

    report = restore(recreate=True)

    assert (report.outcomes[0].word, report.exit_code) == (Word.DONE, 0)
    assert report.outcomes[0].tally == Tally(in_backup=3, recreated=3)
    assert find_members(sandbox) == [phones(3)]


def test_a_contact_whose_answers_are_all_lost_is_found_by_the_last_list(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(1)
    sandbox.drop_next("POST", when="after", path=ADD, times=4)

    report = restore()

    assert report.outcomes[0].word is Word.DONE
    assert find_members(sandbox) == [phones(1)]


def test_a_contact_that_cannot_be_added_stops_the_run(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(10)
    sandbox.drop_next("POST", when="before", path=f"*{phones(3)[2]}", times=99)

    report = restore()

    (outcome,) = report.outcomes
    assert (outcome.word, report.exit_code) == (Word.FAILED, 5)
    assert outcome.tally == Tally(in_backup=10, added=2, not_added=8)
    assert outcome.detail.startswith("8 contacts of the backup not in the group; POST /phonebook/groups/")
    assert find_members(sandbox) == [phones(2)]


@pytest.mark.parametrize("status", [400, 401, 403, 422])
def test_a_refused_contact_stops_the_run_which_says_how_many_are_missing(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer], status: int
) -> None:
    restore = delete_with_backup(20)
    sandbox.fail_next("POST", status=status, path=f"*{phones(6)[5]}")

    report = restore()

    (outcome,) = report.outcomes
    assert (outcome.word, report.exit_code) == (Word.FAILED, 5)
    assert outcome.tally == Tally(in_backup=20, added=5, not_added=15)
    assert outcome.detail.startswith("15 contacts of the backup not in the group; POST /phonebook/groups/")
    assert f"HTTP {status}" in outcome.detail
    assert restore.watcher.counts[-1] == (5, 20, "VIP")
    assert sandbox.requests("POST") == 7
    text = render_restore_report(report)
    assert ("would refuse it again: fix what" in text) is (status not in {401, 429})
    assert ("Fix the problems above, then run the same command again" in text) is (status == 401)


def test_the_next_run_finishes_after_a_refused_contact(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(20)
    sandbox.fail_next("POST", status=401, path=f"*{phones(6)[5]}")
    restore()

    report = restore(parallelism=4)

    assert report.outcomes[0].tally == Tally(in_backup=20, added=15, already_in=5)
    assert report.exit_code == 0
    assert find_members(sandbox) == [phones(20)]


def test_a_password_revoked_during_the_run_leaves_the_result_unknown(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(5)
    restore.meanwhile = lambda: sandbox.fail_next("*", status=401, path="*/contacts*", times=99)

    report = restore()

    (outcome,) = report.outcomes
    assert (outcome.word, report.exit_code) == (Word.UNKNOWN, 5)
    assert outcome.tally.not_added == 5
    assert "not verified: " in outcome.detail
    assert "check MESSENTE_API_USERNAME" in outcome.detail


def test_contacts_the_server_only_claims_to_have_added_are_noticed(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(5)
    sandbox.fail_next("POST", status=201, body={}, path=ADD, times=2)

    report = restore()

    (outcome,) = report.outcomes
    assert (outcome.word, report.exit_code) == (Word.FAILED, 5)
    assert outcome.detail == (
        "2 contacts of the backup not in the group; the server confirmed that they were added, but does not show them"
    )
    assert find_members(sandbox) == [phones(5)[2:]]


@pytest.mark.parametrize(
    "body", [{}, {"contacts": []}, {"contacts": None}, {"contacts": [], "next": "/more"}, {"contacts": [], "total": 5}]
)
def test_an_incomplete_member_list_at_the_end_is_never_a_success(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer], body: object
) -> None:
    restore = delete_with_backup(5)
    restore.meanwhile = lambda: sandbox.fail_next("GET", status=200, body=body, path=MAKE, times=99)

    report = restore()

    assert report.outcomes[0].word in {Word.FAILED, Word.UNKNOWN}
    assert report.exit_code == 5


def test_an_interrupted_run_is_reported_and_continued_by_the_next(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(200)
    restore.watcher = InterruptsAfter()

    report = restore(parallelism=2)

    (outcome,) = report.outcomes
    added = len(find_members(sandbox)[0])
    assert 5 <= added < 200
    assert (outcome.word, report.exit_code) == (Word.FAILED, 130)
    assert (outcome.tally.added, outcome.tally.not_added) == (added, 200 - added)
    assert outcome.detail == f"{200 - added} contacts of the backup not in the group; interrupted"
    assert restore.watcher.counts[-1] == (added, 200, "VIP")

    restore.watcher = Follower()
    again = restore(parallelism=8)

    assert again.outcomes[0].tally == Tally(in_backup=200, added=200 - added, already_in=added)
    assert again.exit_code == 0
    assert find_members(sandbox) == [phones(200)]


def test_an_interrupt_before_the_first_change_sends_nothing(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(5)
    restore.watcher = Follower(stopped_by=ExitCode.TERMINATED)

    report = restore()

    assert (report.outcomes[0].word, report.exit_code) == (Word.NOT_ATTEMPTED, 143)
    assert sandbox.requests("POST") == 0


def test_a_second_restore_finds_everything_done(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(5)
    restore()
    sandbox.forget_requests()

    report = restore()

    assert (report.outcomes[0].word, report.exit_code) == (Word.ALREADY_DONE, 0)
    assert report.outcomes[0].tally == Tally(in_backup=5, already_in=5)
    assert sandbox.requests("POST") == 0


def test_a_group_deleted_during_the_run_stops_it(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    """The 404 is then about the group, not about the contact."""
    restore = delete_with_backup(5)
    sandbox.drop_next("POST", when="before", path=ADD)

    def delete() -> None:
        (group,) = sandbox.groups()
        sandbox.delete_group(group.id)

    restore.watcher = ActsAfterWait(actions={1: delete})

    (outcome,) = restore().outcomes

    assert outcome.word in {Word.FAILED, Word.UNKNOWN}
    assert (outcome.tally.added, outcome.tally.gone, outcome.tally.not_added) == (0, 0, 5)
    assert "HTTP 404" in outcome.detail


def test_a_group_whose_note_cannot_be_written_is_not_made(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    """Without the note no other run could continue after a kill."""
    restore = delete_with_backup(5)
    restore.meanwhile = Path(f"{restore.file}.restored").mkdir

    (outcome,) = restore().outcomes

    assert (outcome.word, outcome.group_id) == (Word.FAILED, None)
    assert "is a folder, not a file" in outcome.detail
    assert sandbox.requests("POST") == 0


class FullDisk(RestoreNoteFiles):
    """Notes on a disk with room for the note before the create, but not for the one after it."""

    def write(self, backup: str, group_id: GroupId | None) -> None:
        if group_id:
            raise FileError(f"{backup}.restored", "cannot be written: no space left on device")
        super().write(backup, group_id)


def test_a_made_group_whose_id_cannot_be_saved_is_reported_with_its_id(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(5)
    ids = FullDisk()
    restores, known_ids = restore.look(ids)

    watcher = restore.watcher
    report = restore_groups(
        restores, known_ids, restore.phonebook, ids, parallelism=1, watcher=watcher, interrupt=watcher
    )

    (group,) = sandbox.groups()
    (outcome,) = report.outcomes
    assert (outcome.word, outcome.group_id, report.exit_code) == (Word.FAILED, group.id, 5)
    assert f"(continue with --into {group.id})" in outcome.detail


def test_a_list_that_stays_late_is_told(sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]) -> None:
    """The group is confirmed by its id, so it is done."""
    restore = delete_with_backup(5)
    sandbox.behave(late_lists=60)

    report = restore()

    assert (report.outcomes[0].word, report.list_is_late, report.exit_code) == (Word.DONE, True, 0)
    assert "The list of groups does not show all changes of this run yet. Wait before " in render_restore_report(report)


def test_a_group_that_is_deleted_while_the_list_is_waited_for_is_not_done(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    class Deleter(Follower):
        def on_wait(self, wait: Wait) -> None:
            if not isinstance(wait, ListWait):
                return
            for group in sandbox.groups():
                sandbox.delete_group(group.id)

    restore = delete_with_backup(5)
    restore.watcher = Deleter()
    sandbox.behave(late_lists=60)

    report = restore()

    (outcome,) = report.outcomes
    assert (outcome.word, outcome.detail, report.exit_code) == (Word.CONFLICT, "the group is gone again", 5)


def test_the_first_failed_group_is_the_last_one_tried(
    sandbox: Sandbox, phonebook: GroupsClient, tmp_path: Path
) -> None:
    folder = BackupFolder(tmp_path, make_target(sandbox.url, sandbox.username), lambda: NOW)
    names = ("A", "B", "C")
    for number, name in enumerate(names):
        sandbox.add_group(name, id=make_id(number), contacts=number + 1)
    files = [folder.save(make_id(n), name, phonebook.list_contacts(make_id(n))) for n, name in enumerate(names)]
    for number in range(len(names)):
        sandbox.delete_group(make_id(number))
    backups = [BackupFile(file=file, backup=load_backup(Path(file).read_bytes(), file)) for file in files]
    destinations = find_destinations(backups, (), None)
    restores = plan_restores(destinations, phones=sandbox.phones(), members={}, recreate=False)
    sandbox.fail_next("POST", status=400, path=f"*{phones(2)[1]}")

    watcher = Follower()
    report = restore_groups(
        restores, (), phonebook, RestoreNoteFiles(), parallelism=1, watcher=watcher, interrupt=watcher
    )

    assert [outcome.word for outcome in report.outcomes] == [Word.DONE, Word.FAILED, Word.NOT_ATTEMPTED]
    assert [outcome.tally.not_added for outcome in report.outcomes] == [0, 1, 3]
    assert sandbox.names() == ["A", "B"]
    assert "Restore incomplete: 1 of 3 groups, 2 contacts added." in render_restore_report(report)


def test_requests_are_recorded_without_phone_numbers(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(3)
    sandbox.fail_next("POST", status=500, path=ADD)

    (outcome,) = restore().outcomes

    group = f"/phonebook/groups/{outcome.group_id}/contacts/***"
    assert [(request.method, request.path, request.status) for request in outcome.requests] == [
        ("POST", "/phonebook/groups", 201),
        ("POST", group, 500),
        *[("POST", group, 201)] * 3,
        ("GET", f"/phonebook/groups/{outcome.group_id}", 200),
        ("GET", f"/phonebook/contacts?groupIds={outcome.group_id}", 200),
    ]
    assert outcome.requests[-1].why == "look at the members after the last one"


SPELLINGS = ("+{}", "{}", "%2B{}", "%252b{}", "00{}", "\\u002b{}", "&#43;{}", "tel:+{};ext=1", "/contacts/{}/groups")
NOISE = (302, 400, 404, 500, 502, 504, 200)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_phone_numbers_echoed_by_the_server_reach_no_report(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer], call: Call, spelling: str
) -> None:
    """An error, a gateway or a redirect may repeat the request, in any spelling of the number."""
    restore = delete_with_backup(2)
    call("DELETE", f"/phonebook/contacts/{phones(1)[0]}")
    phone = spelling.format(phones(1)[0][1:])
    bodies: tuple[object, ...] = (
        {"errors": [{"code": phone, "title": phone, "detail": f"no contact {phone}, {phone} at all"}]},
        {"message": phone, "contact": {"phoneNumber": phone}},
        f"<html><title>{phone}</title></html>",
        f"upstream of {phone} is down".encode(),
    )

    reports = []
    for (method, path), status, body in product((("POST", MAKE), ("POST", ADD), ("*", "*")), NOISE, bodies):
        headers = {"Location": f"http://gateway.example/{phone}", "X-Echo": phone}
        headers |= {"Content-Type": "text/plain"} if isinstance(body, bytes) else {}
        restore.meanwhile = partial(
            sandbox.fail_next, method, status=status, body=body, headers=headers, path=path, times=999
        )
        report = restore(recreate=True)
        sandbox.clear_faults()
        reports.append((report.exit_code, render_restore_report(report) + render_record(RUN, report)))

    assert [code for code, _ in reports] == [5] * 3 * len(NOISE) * len(bodies)
    assert not [text for _, text in reports if re.search("5000000[01]", re.sub(r"[0-9a-f-]{36}", "", text))]


def test_a_group_is_complete_in_the_end_whatever_the_server_answered_before(
    sandbox: Sandbox, delete_with_backup: Callable[[int], Restorer]
) -> None:
    restore = delete_with_backup(4)
    for status in NOISE:
        restore.meanwhile = partial(sandbox.fail_next, "POST", status=status, body={}, path=ADD, times=2)
        restore()
        sandbox.clear_faults()
    restore.meanwhile = lambda: None

    report = restore()

    assert report.exit_code == 0
    assert find_members(sandbox) == [phones(4)]


@dataclass
class Deleter:
    """A function that plans and applies the deletion of the group "VIP", which holds three of five contacts."""

    sandbox: Sandbox
    phonebook: GroupsClient
    backups: BackupFolder
    path: Path

    def __call__(self) -> Report:
        """Return the report of the run; the deletion is its only change."""
        wanted = config("News", removed=(1,))
        target = make_target(self.sandbox.url, self.sandbox.username)
        review = make_review(wanted, self.phonebook.list_groups(), target, NOW, LENIENT)
        verified = verify_review(review, wanted, target, self.phonebook.list_groups(), LENIENT)
        return apply_plan(verified, wanted, self.phonebook, parallelism=1, interrupt=Follower(), backups=self.backups)

    def files(self) -> list[Path]:
        """Return the backup files."""
        return list(self.path.iterdir())


@pytest.fixture
def delete(sandbox: Sandbox, phonebook: GroupsClient, tmp_path: Path) -> Deleter:
    sandbox.add_group("News", contacts=phones(5))
    sandbox.add_group("VIP", id=make_id(1), contacts=phones(3))
    return Deleter(sandbox, phonebook, make_folder(sandbox, tmp_path), tmp_path)


def make_folder(sandbox: Sandbox, path: Path) -> BackupFolder:
    return BackupFolder(path, make_target(sandbox.url, sandbox.username), lambda: NOW)


def list_of(*numbers: str, **more: object) -> dict[str, object]:
    return {"contacts": [{"phoneNumber": number} for number in numbers], **more}


def require_kept(report: Report, delete: Deleter) -> None:
    """Assert that the group has all its members, no DELETE was sent, and the report has a remedy."""
    (outcome,) = report.outcomes
    assert report.exit_code == 5
    assert outcome.word in {Word.FAILED, Word.CONFLICT}
    assert delete.sandbox.members(make_id(1))[:3] == phones(3)
    assert delete.sandbox.requests("DELETE") == 0
    assert delete.files() == []
    text = render_report(report)
    assert text.startswith(f'Apply incomplete: 1 {outcome.word.value}.\n\n  {outcome.word.value}: delete group "VIP"')
    assert "un the same command again" in text or "make and review a new plan" in text
    assert "5000000" not in text


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (list_of(*phones(2)), {}),
        (list_of(*phones(4)), {}),
        (list_of(*phones(5)), {}),
        (list_of(), {}),
        (list_of(*phones(3), next="/v1/phonebook/contacts?page=2"), {}),
        (list_of(*phones(3), cursor="abc"), {}),
        (list_of(*phones(3), links={"next": "/more"}), {}),
        (list_of(*phones(3), total=4), {}),
        (list_of(*phones(3)), {"Link": '</v1/phonebook/contacts?page=2>; rel="next"'}),
        (list_of(*phones(2), phones(1)[0]), {}),
        (list_of(*phones(2), "372 5000 0002"), {}),
        (list_of(*phones(2), ""), {}),
        ({"contacts": [{"phoneNumber": phone} for phone in phones(2)] + [None]}, {}),
        ({"contacts": [{"phoneNumber": phone} for phone in phones(2)] + [{"email": "a@example.com"}]}, {}),
        ({"contacts": [{"phoneNumber": phone, "custom": 7} for phone in phones(3)]}, {}),
        ({"contacts": None}, {}),
        ({}, {}),
        ([], {}),
        (b"", {}),
        (b"null", {}),
        (b'{"contacts": [{"phoneNumber": "+37250000000"}', {}),
        (list_of(*phones(3)), {"Content-Length": "9999"}),
        (list_of(*phones(3)), {"Content-Encoding": "gzip"}),
        ("<html>a login page</html>", {}),
    ],
    ids=[
        "one missing",
        "one too many",
        "all of the account",
        "empty",
        "next",
        "cursor",
        "links",
        "total",
        "Link header",
        "a number twice",
        "no number",
        "an empty number",
        "a hole",
        "a contact without number",
        "a field that is no text",
        "null",
        "no list",
        "another list",
        "no body",
        "a null body",
        "broken JSON",
        "cut",
        "not compressed",
        "HTML",
    ],
)
def test_a_group_is_not_deleted_without_a_complete_member_list(
    sandbox: Sandbox, delete: Deleter, body: object, headers: dict[str, str]
) -> None:
    sandbox.fail_next("GET", status=200, body=body, headers=headers, path=MAKE, times=99)

    report = delete()

    require_kept(report, delete)


@pytest.mark.parametrize("status", [204, 206, 302, 400, 401, 403, 404, 418, 500, 502, 503])
def test_a_group_is_not_deleted_if_its_members_cannot_be_listed(sandbox: Sandbox, delete: Deleter, status: int) -> None:
    sandbox.fail_next("GET", status=status, path=MAKE, times=99)

    report = delete()

    require_kept(report, delete)


@pytest.mark.parametrize("times", [1, 3])
def test_a_member_list_that_succeeds_at_a_later_attempt_is_enough(
    sandbox: Sandbox, delete: Deleter, times: int
) -> None:
    sandbox.drop_next("GET", path=MAKE, times=times)

    report = delete()

    assert report.exit_code == 0
    (file,) = delete.files()
    assert [contact.phone for contact in load_backup(file.read_bytes(), str(file)).contacts] == phones(3)


@pytest.mark.parametrize("count", [2, 4, 0, None])
def test_a_group_whose_count_differs_from_its_backup_is_not_deleted(
    sandbox: Sandbox, delete: Deleter, count: int | None
) -> None:
    """The group is read right before the deletion and compared with the saved list."""
    group = {"id": make_id(1), "name": "VIP", "createdOn": None, "contactsCount": count}
    sandbox.fail_next("GET", status=200, body={"group": group}, path=f"*/groups/{make_id(1)}")

    report = delete()

    require_kept(report, delete)
    assert report.outcomes[0].word is Word.CONFLICT


class SlowFolder(BackupFolder):
    """A folder for which something else happens while a backup is written."""

    def __init__(self, path: Path, sandbox: Sandbox, meanwhile: Callable[[], object]) -> None:
        super().__init__(path, make_target(sandbox.url, sandbox.username), lambda: NOW)
        self._meanwhile = meanwhile

    def save(self, group_id: GroupId, name: str, contacts: Sequence[Contact]) -> str:
        saved = super().save(group_id, name, contacts)
        self._meanwhile()
        return saved


@pytest.mark.parametrize("change", ["joins", "leaves", "all leave", "renamed"])
def test_a_group_that_changes_during_its_backup_is_not_deleted(
    sandbox: Sandbox, delete: Deleter, call: Call, change: str
) -> None:
    members = f"/phonebook/groups/{make_id(1)}/contacts"
    meanwhile: dict[str, Callable[[], object]] = {
        "joins": lambda: call("POST", f"{members}/{phones(4)[3]}"),
        "leaves": lambda: call("DELETE", f"{members}/{phones(1)[0]}"),
        "all leave": lambda: [call("DELETE", f"{members}/{phone}") for phone in phones(3)],
        "renamed": lambda: sandbox.rename_group(make_id(1), "In use"),
    }
    delete.backups = SlowFolder(delete.path, sandbox, meanwhile[change])

    report = delete()

    assert (report.outcomes[0].word, report.exit_code) == (Word.CONFLICT, 5)
    assert make_id(1) in {group.id for group in sandbox.groups()}
    assert not [entry for entry in sandbox.log() if entry.method == "DELETE" and entry.path.endswith(make_id(1))]
    assert delete.files() == []


class FullFolder(BackupFolder):
    """A folder on a full disk."""

    def save(self, group_id: GroupId, name: str, contacts: Sequence[Contact]) -> str:  # noqa: ARG002 - the folder's
        raise FileError(f"{name}.json", "cannot be written: no space left on device")


def test_a_group_whose_backup_cannot_be_written_is_not_deleted(sandbox: Sandbox, delete: Deleter) -> None:
    delete.backups = FullFolder(delete.path, make_target(sandbox.url, sandbox.username), lambda: NOW)

    report = delete()

    require_kept(report, delete)
    assert "no space left on device" in render_report(report)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_backup_precedes_the_delete_and_stays_if_the_answer_is_lost(
    sandbox: Sandbox, delete: Deleter, when: Literal["before", "after"]
) -> None:
    sandbox.drop_next("DELETE", when=when, times=99)

    report = delete()

    (file,) = delete.files()
    is_gone = when == "after"
    assert report.exit_code == (0 if is_gone else 5)
    assert [contact.phone for contact in load_backup(file.read_bytes(), str(file)).contacts] == phones(3)
    assert report.outcomes[0].backup == str(file)
    assert ("VIP" in sandbox.names()) is not is_gone


def test_a_backup_stays_while_a_delete_may_still_be_carried_out(sandbox: Sandbox, delete: Deleter, call: Call) -> None:
    """A gateway stopped waiting; the server behind it may still delete the group."""
    sandbox.fail_next("DELETE", status=504, body="<html>timeout</html>")
    late = ActsAfterWait(actions={1: lambda: call("POST", f"/phonebook/groups/{make_id(1)}/contacts/{phones(4)[3]}")})
    wanted = config("News", removed=(1,))
    target = make_target(sandbox.url, sandbox.username)
    review = make_review(wanted, delete.phonebook.list_groups(), target, NOW, LENIENT)
    verified = verify_review(review, wanted, target, delete.phonebook.list_groups(), LENIENT)

    report = apply_plan(
        verified, wanted, delete.phonebook, parallelism=1, watcher=late, interrupt=late, backups=delete.backups
    )

    assert (report.outcomes[0].word, report.exit_code) == (Word.CONFLICT, 5)
    assert [str(file) for file in delete.files()] == [report.outcomes[0].backup]
