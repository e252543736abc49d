"""A list of groups that lags: the run waits for it, and what it does not show is read group by group."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from groupsync.applier.last_look import LIST_PAUSES, LONGEST_WAIT
from groupsync.errors import ExitCode
from groupsync.model.report import Word
from groupsync.model.wait import ListWait
from groupsync.render.report import render_report
from tests.unit.core import config, entry, make_id
from tests.wire.following import ActsAfterWait, Follower

if TYPE_CHECKING:
    from collections.abc import Callable

    from groupsync.model.config import Config
    from groupsync.model.report import Report
    from groupsync.model.wait import Wait
    from groupsync.sandbox import Sandbox
    from tests.wire.applying import Applier

WANTED = config("New", entry("After", 1), entry("B", 2), entry("A", 3), removed=(4,))
"""One create, one rename, a swap, one deletion."""

LINE = (
    "The list of groups does not show all changes of this run yet. Wait before the next run: a run that does not see a "
    "group may create it again."
)


@dataclass
class Waited(ActsAfterWait):
    """Notes for how many groups the run waits."""

    waits: list[int] = field(default_factory=list)

    def on_wait(self, wait: Wait) -> None:
        if isinstance(wait, ListWait):
            self.waits.append(wait.number)


@pytest.fixture(autouse=True)
def _groups(sandbox: Sandbox) -> None:
    for number, name in enumerate(("Before", "A", "B", "Old"), start=1):
        sandbox.add_group(name, id=make_id(number))


def words(report: Report) -> list[Word]:
    return [outcome.word for outcome in report.outcomes]


def count_lists(sandbox: Sandbox) -> int:
    return sum((entry.method, entry.path) == ("GET", "/v1/phonebook/groups") for entry in sandbox.log())


def count_reads(sandbox: Sandbox) -> int:
    """Return how often one group was read."""
    return sum(entry.method == "GET" and "/groups/" in entry.path for entry in sandbox.log())


def test_a_list_that_shows_everything_is_read_once(sandbox: Sandbox, applier: Applier) -> None:
    watcher = Waited()

    report = applier.apply(WANTED, watcher=watcher)

    assert (report.exit_code, report.list_is_late) == (0, False)
    assert (count_lists(sandbox), count_reads(sandbox)) == (1, 1)  # the one before the deletion
    assert (watcher.waits, watcher.pauses) == ([], [])


def test_the_run_waits_until_the_list_shows_its_changes(sandbox: Sandbox, applier: Applier) -> None:
    watcher = Waited(actions={3: lambda: sandbox.behave(late_lists=0)})
    sandbox.behave(late_lists=60)

    report = applier.apply(WANTED, watcher=watcher)

    assert (report.exit_code, report.list_is_late) == (0, False)
    assert set(words(report)) == {Word.DONE}
    assert (watcher.waits, watcher.pauses) == ([5], [0.5, 1, 2])
    assert (count_lists(sandbox), count_reads(sandbox)) == (4, 1)
    assert report.newcomers == ()


def test_each_kind_of_change_is_waited_for_and_confirmed(sandbox: Sandbox, applier: Applier) -> None:
    watcher = Waited()
    sandbox.behave(late_lists=60)

    report = applier.apply(WANTED, watcher=watcher)

    assert (report.exit_code, report.is_complete, report.list_is_late) == (0, True, True)
    assert (watcher.waits, sum(watcher.pauses)) == ([5], sum(LIST_PAUSES))
    assert sum(watcher.pauses) <= LONGEST_WAIT == 120
    assert count_reads(sandbox) == 1 + 5
    assert render_report(report) == f"Apply complete: 1 created, 3 renamed, 1 deleted.\n\n{LINE}\n"
    assert sandbox.names() == ["A", "After", "B", "New"]


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        (config("New", "Before", "A", "B", "Old"), 1),
        (config(entry("After", 1), "A", "B", "Old"), 1),
        (config("Before", entry("B", 2), entry("A", 3), "Old"), 2),
        (config("Before", "A", "B", removed=(4,)), 1),
        (config("Before", "A", entry("Old", 3), removed=(4,)), 2),
        (config("Before", "A", "B", "Old"), 0),
    ],
    ids=["create", "rename", "swap", "delete", "name of a deleted group", "nothing"],
)
def test_one_kind_of_change_is_waited_for(sandbox: Sandbox, applier: Applier, wanted: Config, number: int) -> None:
    watcher = Waited()
    sandbox.behave(late_lists=60)

    report = applier.apply(wanted, watcher=watcher)

    assert (report.exit_code, report.list_is_late) == (0, number > 0)
    assert watcher.waits == ([number] if number else [])
    assert count_lists(sandbox) == (1 + len(LIST_PAUSES) if number else 0)


def test_a_run_that_fails_waits_for_what_it_has_done(sandbox: Sandbox, applier: Applier) -> None:
    """The next run finishes it, and must see it."""
    watcher = Waited()
    sandbox.behave(late_lists=60)
    sandbox.fail_next("DELETE", status=400)

    report = applier.apply(WANTED, watcher=watcher)

    assert (report.exit_code, report.list_is_late) == (5, True)
    assert watcher.waits == [4]
    assert LINE in render_report(report)


def test_an_interrupt_ends_the_wait(sandbox: Sandbox, applier: Applier) -> None:
    """All is done and confirmed, so that is no failure."""
    watcher = Waited()
    watcher.actions = {2: lambda: watcher.set(ExitCode.INTERRUPTED)}
    sandbox.behave(late_lists=60)

    report = applier.apply(WANTED, watcher=watcher)

    assert (report.exit_code, report.list_is_late, watcher.pauses) == (0, True, [0.5, 1])
    assert report.interrupt is ExitCode.INTERRUPTED


def test_a_list_that_fails_meanwhile_is_no_failure(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.behave(late_lists=60)

    def fail() -> None:
        sandbox.fail_next("GET", status=400, path="*/groups")

    report = applier.apply(WANTED, watcher=Waited(actions={1: fail, 2: lambda: sandbox.behave(late_lists=0)}))

    assert (report.exit_code, report.list_is_late) == (0, False)


@pytest.mark.parametrize(
    "undo",
    [
        lambda sandbox: sandbox.delete_group(next(group.id for group in sandbox.groups() if group.name == "New")),
        lambda sandbox: sandbox.rename_group(make_id(1), "Before"),
        lambda sandbox: sandbox.add_group("Old", id=make_id(4)),
    ],
    ids=["create", "rename", "delete"],
)
@pytest.mark.parametrize("late_lists", [0, 60])
def test_what_a_read_does_not_confirm_is_a_conflict(
    sandbox: Sandbox, applier: Applier, undo: Callable[[Sandbox], object], late_lists: int
) -> None:
    """Somebody else has undone it. To the run that looks like a list that is late, until it reads the group."""
    sandbox.behave(late_lists=late_lists)

    report = applier.apply(WANTED, watcher=Undoer(undo=lambda: undo(sandbox)))

    assert words(report).count(Word.CONFLICT) == 1
    assert (report.exit_code, report.list_is_late) == (5, late_lists > 0)


@dataclass
class Undoer(Follower):
    """Does something behind the program's back after the last change."""

    undo: Callable[[], object] = lambda: None

    def on_end(self, change: str) -> None:
        super().on_end(change)
        if len(self.ended) == 6:
            self.undo()


def test_a_group_that_somebody_else_renames_is_not_waited_for(sandbox: Sandbox, applier: Applier) -> None:
    """No list will show what this run did."""
    watcher = Waited()

    def rename() -> None:
        sandbox.rename_group(make_id(1), "In use")

    watcher.on_end = lambda change: rename() if change.startswith("delete") else None  # type: ignore[method-assign]
    report = applier.apply(WANTED, watcher=watcher)

    assert (words(report).count(Word.CONFLICT), report.exit_code, report.list_is_late) == (1, 5, False)
    assert watcher.waits == []


def test_a_group_that_cannot_be_read_in_the_end_leaves_the_result_open(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.behave(late_lists=60)

    def fail() -> None:
        sandbox.fail_next("GET", status=400, path="*/groups/*")

    report = applier.apply(WANTED, watcher=Waited(actions={len(LIST_PAUSES): fail}))

    assert (report.exit_code, report.is_complete) == (5, False)
    assert report.verification_problem.startswith("GET /phonebook/groups/")
    assert set(words(report)) == {Word.DONE}


def test_the_next_run_makes_no_twin_of_what_the_list_did_not_show_at_first(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.behave(late_lists=60)

    reports = [
        applier.apply(WANTED, watcher=Waited(actions={2: lambda: sandbox.behave(late_lists=0)})) for _ in range(2)
    ]

    assert [report.exit_code for report in reports] == [0, 0]
    assert sandbox.names() == ["A", "After", "B", "New"]
    assert sandbox.requests("POST") == 0  # in the second run
