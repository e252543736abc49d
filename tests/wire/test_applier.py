"""What becomes of each change, while somebody else works on the same Phonebook: every word of the report."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, TypeAlias

import pytest

from groupsync.api.client import GroupsClient
from groupsync.applier import apply_plan
from groupsync.model.account import Credentials, make_target
from groupsync.model.groups import LiveGroup
from groupsync.model.report import Word
from groupsync.render.report import render_report
from groupsync.review import make_review, verify_review
from tests.unit.core import config, entry, make_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from groupsync.errors import ExitCode
    from groupsync.model.config import Config
    from groupsync.model.groups import GroupId
    from groupsync.model.report import Progress, Report
    from groupsync.sandbox import Sandbox

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
Apply: TypeAlias = "Callable[..., Report]"


@dataclass
class Meddler:
    """Does something behind the program's back after the first change."""

    meddle: Callable[[], object]
    interrupt: ExitCode | None = None

    def on_progress(self, step: Progress) -> None:
        if step.number == 1:
            self.meddle()


@pytest.fixture
def phonebook(sandbox: Sandbox) -> Iterator[GroupsClient]:
    credentials = Credentials(username=sandbox.username, password=sandbox.password)
    with GroupsClient(sandbox.url, credentials) as client:
        yield client


@pytest.fixture
def apply(sandbox: Sandbox, phonebook: GroupsClient) -> Apply:
    """Plan and apply a configuration; `meanwhile` happens after the first change."""

    def call(wanted: Config, meanwhile: Callable[[], object] = lambda: None) -> Report:
        target = make_target(sandbox.url, sandbox.username)
        review = make_review(wanted, phonebook.list_groups(), target, NOW)
        verified = verify_review(review, wanted, target, phonebook.list_groups())

        return apply_plan(verified, wanted, phonebook, parallelism=1, watcher=Meddler(meanwhile))

    return call


def words(report: Report) -> list[Word]:
    return [outcome.word for outcome in report.outcomes]


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


def test_adopted_when_the_answer_to_a_create_is_lost(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.drop_next("POST", when="after")

    report = apply(config("New"))

    assert words(report) == [Word.ADOPTED]
    assert report.exit_code == 0


def test_unknown_when_a_lost_create_is_not_to_be_seen(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.drop_next("POST", when="before")

    report = apply(config("New"))

    assert words(report) == [Word.UNKNOWN]
    assert report.exit_code == 5


def test_failed_ends_the_wave_and_the_rest_is_not_attempted(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.add_group("Old")
    sandbox.fail_next("POST", status=400)

    report = apply(config("A", "B", "C"))

    assert words(report) == [Word.FAILED, Word.NOT_ATTEMPTED, Word.NOT_ATTEMPTED, Word.NOT_ATTEMPTED]
    assert sandbox.names() == ["Old"]


def test_done_when_the_answer_to_a_rename_is_lost(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.add_group("Before")
    sandbox.drop_next("PUT", when="after")

    report = apply(config(entry("After", previously=("Before",))))

    assert words(report) == [Word.DONE]


def test_a_name_that_the_server_changes_is_a_failure(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.fail_next(
        "POST", status=201, body={"group": {"id": make_id(7), "name": "new", "createdOn": None, "contactsCount": 0}}
    )

    report = apply(config("New"))

    assert words(report) == [Word.FAILED]
    assert 'the server stored "new" instead of "New"' in report.outcomes[0].detail


def test_done_when_the_list_at_the_end_is_late(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.behave(late_lists=60)

    report = apply(config("New"))

    assert words(report) == [Word.DONE]
    assert report.exit_code == 0


def test_a_group_of_a_name_just_written_is_told_and_left_alone(sandbox: Sandbox, apply: Apply) -> None:
    sandbox.add_group("A", id=make_id(1))

    report = apply(config(entry("B", 1)), meanwhile=lambda: sandbox.add_group("B", id=make_id(2)))

    assert words(report) == [Word.DONE]
    assert [group.id for group in report.strangers] == [make_id(2)]


def test_a_group_that_was_full_at_review_and_empty_at_the_check_is_deleted_only_while_it_is_empty(
    sandbox: Sandbox, phonebook: GroupsClient
) -> None:
    """Otherwise a refused plan file could be applied in a moment of emptiness, and people who come back be lost."""
    wanted = config("New")
    target = make_target(sandbox.url, sandbox.username)
    sandbox.add_group("Course", id=make_id(1), contacts=5)
    review = make_review(wanted, phonebook.list_groups(), target, NOW)
    sandbox.delete_group(make_id(1))
    sandbox.add_group("Course", id=make_id(1))
    verified = verify_review(review, wanted, target, phonebook.list_groups())

    def come_back() -> None:
        sandbox.delete_group(make_id(1))
        sandbox.add_group("Course", id=make_id(1), contacts=5)

    report = apply_plan(verified, wanted, phonebook, parallelism=1, watcher=Meddler(come_back))

    assert review.refusals == ("contacts-lost",)
    assert verified.review.refusals == ()
    assert words(report) == [Word.DONE, Word.CONFLICT]
    assert len(sandbox.members(make_id(1))) == 5


class Rendezvous:
    """A Phonebook that answers a create only when as many as expected are under way at the same time."""

    def __init__(self, expected: int) -> None:
        self._barrier = threading.Barrier(expected, timeout=20)
        self._lock = threading.Lock()
        self._made: list[LiveGroup] = []
        self._under_way = 0
        self.most_under_way = 0

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


@pytest.mark.parametrize("parallelism", [1, 4])
def test_as_many_changes_run_at_the_same_time_as_were_asked_for(parallelism: int) -> None:
    wanted = config(*(f"G{number}" for number in range(8)))
    target = make_target("https://api.messente.com/v1", "user")
    verified = verify_review(make_review(wanted, (), target, NOW), wanted, target, ())
    phonebook = Rendezvous(parallelism)

    report = apply_plan(verified, wanted, phonebook, parallelism=parallelism, watcher=Meddler(lambda: None))

    assert words(report) == [Word.DONE] * 8
    assert phonebook.most_under_way == parallelism
