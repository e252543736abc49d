"""Servers that store another name than was sent: a create is undone if that is safe, a rename is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.errors import ExitCode
from groupsync.model.limits import RunPolicy, Share
from groupsync.model.plan import Rename
from groupsync.model.report import Word
from groupsync.render.report import render_report
from tests.unit.core import config, entry, make_id
from tests.wire.following import Follower

if TYPE_CHECKING:
    from groupsync.model.limits import MaxDeletes
    from groupsync.model.report import Outcome, Report
    from groupsync.sandbox import Sandbox
    from tests.wire.applying import Applier

LONG = "A name of more than twenty characters"
WRONG = [
    ("collapsed", "Suvi  2026", "Suvi 2026"),
    ("collapsed", "Suvi\u30002026", "Suvi 2026"),
    ("cut", LONG, "A name of more than "),
    ("cut", "Twenty-one characters", "Twenty-one character"),
    ("lower case", "VIP", "vip"),
    ("lower case", "ÕHTU", "õhtu"),
    ("composed", "Cafe\u0301", "Caf\xe9"),
]


def words(report: Report) -> list[Word]:
    return [outcome.word for outcome in report.outcomes]


def sent(outcome: Outcome) -> list[tuple[str, str, int | None]]:
    return [
        (request.method, request.path.removeprefix("/phonebook/").partition("?")[0].partition("/")[0], request.status)
        for request in outcome.requests
    ]


# Creates


@pytest.mark.parametrize(("stored_names", "name", "stored"), WRONG)
def test_a_create_under_another_name_is_undone(
    sandbox: Sandbox, applier: Applier, stored_names: str, name: str, stored: str
) -> None:
    sandbox.behave(stored_names=stored_names)

    report = applier.apply(config(name))

    (outcome,) = report.outcomes
    assert (outcome.word, report.exit_code) == (Word.FAILED, 5)
    assert outcome.detail.startswith(f'the Phonebook stores it as "{stored}", ')
    assert outcome.detail.endswith(f"; the new group was deleted again [id={outcome.group_id}]")
    assert sandbox.names() == []
    assert sent(outcome) == [
        ("POST", "groups", 201),
        ("GET", "contacts", 200),
        ("GET", "groups", 200),
        ("DELETE", "groups", 204),
    ]
    assert outcome.requests[-1].why == "undo of the create: the Phonebook stored a different name"
    assert report.newcomers == ()
    assert render_report(report).endswith(
        "\n\nDo not run the same command again: it would fail again, and may leave one more group. "
        "Fix the problems above, then make and review a new plan.\n"
    )


@pytest.mark.parametrize(("stored_names", "name", "stored"), WRONG)
def test_there_are_as_many_groups_after_five_runs_as_after_one(
    sandbox: Sandbox, applier: Applier, stored_names: str, name: str, stored: str
) -> None:
    sandbox.add_group("Other", contacts=2)
    sandbox.behave(stored_names=stored_names)

    reports = [applier.apply(config(name, "Other")) for _ in range(5)]

    assert sandbox.names() == ["Other"]
    assert {report.exit_code for report in reports} == {5}
    assert stored not in sandbox.names()


def test_names_that_a_server_trims_are_never_sent_with_blanks(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.behave(stored_names="trimmed")

    reports = [applier.apply(config("Suvi 2026", "x")) for _ in range(5)]

    assert [report.exit_code for report in reports] == [0] * 5
    assert sandbox.names() == ["Suvi 2026", "x"]


@pytest.mark.parametrize(("stored_names", "name", "stored"), [one for one in WRONG if not one[2].endswith(" ")])
def test_the_remedy_ends_it(sandbox: Sandbox, applier: Applier, stored_names: str, name: str, stored: str) -> None:
    sandbox.behave(stored_names=stored_names)

    failed, finished, again = applier.apply(config(name)), applier.apply(config(stored)), applier.apply(config(stored))

    assert failed.outcomes[0].detail.startswith(f'the Phonebook stores it as "{stored}", so write that name; ')
    assert (finished.exit_code, again.exit_code, sandbox.names()) == (0, 0, [stored])


def test_a_stored_name_that_the_configuration_refuses_is_not_recommended(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.behave(stored_names="cut")

    (outcome,) = applier.apply(config(LONG)).outcomes

    assert outcome.detail.startswith(
        'the Phonebook stores it as "A name of more than ", a name that begins or ends with a blank, '
        "so choose another name; "
    )


@pytest.mark.parametrize("parallelism", [1, 8])
def test_many_creates_at_once_are_all_undone(sandbox: Sandbox, applier: Applier, parallelism: int) -> None:
    sandbox.behave(stored_names="lower case")

    report = applier.apply(config(*(f"G{number}" for number in range(20))), parallelism=parallelism)

    assert set(words(report)) == {Word.FAILED, Word.NOT_ATTEMPTED}
    assert sandbox.names() == []


# What keeps the new group


def keep(report: Report, reason: str) -> None:
    """Assert that the new group was kept for this reason, and that its id is told."""
    outcome = report.outcomes[0]
    assert outcome.word is Word.FAILED
    assert outcome.group_id
    assert outcome.detail.endswith(f"; the new group is kept, because {reason} [id={outcome.group_id}]")


def test_a_group_is_kept_if_the_answer_was_not_201(sandbox: Sandbox, applier: Applier) -> None:
    """A server that answers 200 may have found a group that was there before."""
    group_id = sandbox.add_group("new")
    found = {"group": {"id": group_id, "name": "new", "contactsCount": 0}}
    sandbox.fail_next("POST", status=200, body=found)

    report = applier.apply(config("Fresh", ignore=("new",)))

    keep(report, "the answer was HTTP 200, so it may have existed before")
    assert sandbox.names() == ["new"]


def test_a_group_is_kept_if_a_list_has_shown_it(sandbox: Sandbox, applier: Applier) -> None:
    """A server that takes both names for the same may answer 201 with the group that it has."""
    group_id = sandbox.add_group("new")
    found = {"group": {"id": group_id, "name": "new", "contactsCount": 0}}
    sandbox.fail_next("POST", status=201, body=found)

    report = applier.apply(config("Fresh", ignore=("new",)))

    keep(report, "this run has seen it before")
    assert sandbox.names() == ["new"]


@pytest.mark.parametrize("contacts", [1, 3])
@pytest.mark.parametrize("counts", ["right", "zero"])
def test_a_group_is_kept_if_somebody_is_in_it(sandbox: Sandbox, applier: Applier, contacts: int, counts: str) -> None:
    """It exists before, and the list has not shown it: a server whose list is late."""

    class Maker(Follower):
        def on_begin(self, _change: str) -> None:
            sandbox.add_group("new", id=make_id(7), contacts=contacts)

    sandbox.behave(counts=counts)
    found = {"group": {"id": make_id(7), "name": "new", "contactsCount": 0}}
    sandbox.fail_next("POST", status=201, body=found)

    report = applier.apply(config("New"), watcher=Maker())

    keep(report, "it may have members")
    assert len(sandbox.members(make_id(7))) == contacts


def test_a_group_is_kept_if_its_count_is_not_0(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.behave(stored_names="lower case", counts="one more")

    report = applier.apply(config("New"))

    keep(report, "it may have members")
    assert sandbox.names() == ["new"]
    assert "Do not run the same command again: it would fail again, and may leave one more group." in render_report(
        report
    )


def test_a_group_without_a_count_is_deleted_if_its_list_of_members_is_empty(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.behave(stored_names="lower case", counts="missing")

    reports = [applier.apply(config("New")) for _ in range(3)]

    assert [words(report) for report in reports] == [[Word.FAILED]] * 3
    assert sandbox.names() == []


def test_a_group_that_this_run_has_made_is_not_deleted_as_another_one(sandbox: Sandbox, applier: Applier) -> None:
    """A server that takes two names for the same may answer the second create with the group of the first."""

    class Folder(Follower):
        def on_begin(self, _change: str) -> None:
            for made in sandbox.groups():
                group = {"id": made.id, "name": made.name, "contactsCount": 0}
                sandbox.fail_next("POST", status=201, body={"group": group})

    report = applier.apply(config("ALPHA-x", "Beta"), watcher=Folder(), parallelism=1)

    assert words(report) == [Word.DONE, Word.FAILED]
    keep(replace(report, outcomes=report.outcomes[1:]), "this run has seen it before")
    assert sandbox.names() == ["ALPHA-x"]


def test_a_group_is_kept_if_it_has_another_name_by_now(sandbox: Sandbox, applier: Applier) -> None:
    class Maker(Follower):
        def on_begin(self, _change: str) -> None:
            sandbox.add_group("In use", id=make_id(7))

    sandbox.fail_next("POST", status=201, body={"group": {"id": make_id(7), "name": "new", "contactsCount": 0}})

    report = applier.apply(config("New"), watcher=Maker())

    keep(report, 'its name is "In use" now')
    assert sandbox.names() == ["In use"]


@pytest.mark.parametrize(
    "run_policy", [RunPolicy(keeps_backups=True), RunPolicy(keeps_backups=True, protected=("vip*",))]
)
def test_a_protected_group_is_kept(sandbox: Sandbox, applier: Applier, run_policy: RunPolicy) -> None:
    """By the configuration or by the environment."""
    sandbox.add_group("other")
    sandbox.behave(stored_names="lower case")
    protected = () if run_policy.protected else ("v?p*",)

    report = applier.apply(config("other", "VIP gold", protected=protected), run_policy=run_policy)

    keep(report, "its name is protected")
    assert sandbox.names() == ["other", "vip gold"]


@pytest.mark.parametrize(("most", "kept"), [(0, 3), (1, 2), (2, 1), (3, 0), (Share(percent=1), 2), (None, 0)])
def test_no_more_groups_are_deleted_than_the_environment_allows(
    sandbox: Sandbox, applier: Applier, most: MaxDeletes | None, kept: int
) -> None:
    """The creates of one wave are under way at the same time, so several may have to be undone."""
    sandbox.add_group("other")
    sandbox.behave(stored_names="lower case", latency=0.2)
    run_policy = RunPolicy(keeps_backups=True, max_deletes=most)

    report = applier.apply(config("other", "A", "B", "C"), run_policy=run_policy, parallelism=3)

    details = [outcome.detail for outcome in report.outcomes]
    assert words(report) == [Word.FAILED] * 3
    assert sum("because this run may delete nothing more [id=" in detail for detail in details) == kept
    assert len(sandbox.names()) == kept + 1


def test_a_limit_of_lost_contacts_does_not_keep_an_empty_group(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.add_group("other")
    sandbox.behave(stored_names="lower case")

    applier.apply(config("other", "A"), run_policy=RunPolicy(keeps_backups=True, max_contacts_lost=0))

    assert sandbox.names() == ["other"]


@pytest.mark.parametrize("path", ["*/contacts", "*/groups/*"])
def test_a_group_is_kept_if_it_cannot_be_read(sandbox: Sandbox, applier: Applier, path: str) -> None:
    sandbox.behave(stored_names="lower case")
    sandbox.fail_next("GET", status=400, path=path)

    report = applier.apply(config("A"))

    assert "; the new group is kept, because it could not be read: GET /phonebook/" in report.outcomes[0].detail
    assert sandbox.names() == ["a"]


def test_a_group_is_kept_if_the_run_is_interrupted(sandbox: Sandbox, applier: Applier) -> None:
    class Stopper(Follower):
        def on_begin(self, _change: str) -> None:
            sandbox.behave(stored_names="lower case", latency=0.2)
            self.set(ExitCode.INTERRUPTED)

    report = applier.apply(config("A"), watcher=Stopper())

    keep(report, "the run was interrupted")
    assert report.exit_code == 130
    assert sandbox.names() == ["a"]


# The undo itself fails


def test_an_undo_whose_answer_is_lost_is_looked_at(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.behave(stored_names="lower case")
    sandbox.drop_next("DELETE", when="after")

    report = applier.apply(config("A"))

    assert report.outcomes[0].detail.endswith(f"; the new group was deleted again [id={report.outcomes[0].group_id}]")
    assert (sandbox.names(), sandbox.requests("DELETE")) == ([], 1)


def test_an_undo_whose_answer_is_lost_is_never_sent_again(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.behave(stored_names="lower case")
    sandbox.drop_next("DELETE", when="before")

    report = applier.apply(config("A"))

    assert "; it is not known whether the new group was deleted again: look for it in a minute (DELETE " in (
        report.outcomes[0].detail
    )
    assert report.outcomes[0].word is Word.FAILED
    assert (sandbox.names(), sandbox.requests("DELETE")) == (["a"], 1)


def test_an_undo_that_is_refused_keeps_the_group(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.behave(stored_names="lower case")
    sandbox.fail_next("DELETE", status=400)

    report = applier.apply(config("A"))

    assert "; the new group is kept, because it could not be deleted: DELETE " in report.outcomes[0].detail
    assert (sandbox.names(), sandbox.requests("DELETE")) == (["a"], 1)


def test_a_group_that_somebody_else_deletes_first_is_gone(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.behave(stored_names="lower case")
    missing = {"errors": [{"code": "203", "title": "Missing resource", "detail": ""}]}
    sandbox.fail_next("DELETE", status=404, body=missing, when="after")

    report = applier.apply(config("A"))

    assert "; the new group is gone again [id=" in report.outcomes[0].detail


# Renames


@pytest.mark.parametrize(("stored_names", "name", "stored"), WRONG)
def test_a_rename_to_another_name_is_taken_back(
    sandbox: Sandbox, applier: Applier, stored_names: str, name: str, stored: str
) -> None:
    sandbox.add_group("before", id=make_id(1), contacts=3)
    sandbox.behave(stored_names=stored_names)

    reports = [applier.apply(config(entry(name, 1))) for _ in range(5)]

    assert {tuple(words(report)) for report in reports} == {(Word.FAILED,)}
    for report in reports:
        assert report.outcomes[0].detail.startswith(f'the Phonebook stores it as "{stored}", ')
        assert report.outcomes[0].detail.endswith('; the group has its old name "before" again')
        assert [request.method for request in report.outcomes[0].requests] == ["PUT", "GET", "PUT", "GET"]
    assert sandbox.names() == ["before"]
    assert len(sandbox.members(make_id(1))) == 3


def test_a_group_that_keeps_its_name_is_not_renamed_back(sandbox: Sandbox, applier: Applier) -> None:
    """The new name is the old one for the server."""
    sandbox.add_group("vip", id=make_id(1))
    sandbox.behave(stored_names="lower case")

    report = applier.apply(config(entry("VIP", 1)))

    assert words(report) == [Word.FAILED]
    assert sandbox.names() == ["vip"]


def test_a_group_that_somebody_else_renames_meanwhile_is_not_renamed_back(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.add_group("before", id=make_id(1))
    answered = {"group": {"id": make_id(1), "name": "after", "contactsCount": 0}}
    sandbox.add_group("unused", id=make_id(2))
    sandbox.fail_next("PUT", status=200, body=answered)
    sandbox.fail_next(
        "GET", status=200, body={"group": {"id": make_id(1), "name": "In use", "contactsCount": 0}}, path="*/groups/*"
    )

    report = applier.apply(config(entry("After", 1), entry("unused", 2)))

    assert report.outcomes[0].detail == (
        'the Phonebook stores it as "after", so write that name; it was not renamed back from "after" to "before": '
        'the group is now named "In use"'
    )
    assert sandbox.requests("PUT") == 1


def test_an_old_name_that_is_no_longer_stored_as_it_was_is_told(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.add_group("BEFORE", id=make_id(1))
    sandbox.behave(stored_names="lower case")

    report = applier.apply(config(entry("After", 1)))

    assert report.outcomes[0].detail.endswith(
        '; it was renamed back, and the Phonebook now calls it "before": also write previously: [before]'
    )
    assert sandbox.names() == ["before"]


def test_a_lost_answer_to_the_way_back_is_looked_at(sandbox: Sandbox, applier: Applier) -> None:
    sandbox.add_group("before", id=make_id(1))
    sandbox.behave(stored_names="lower case")

    class Dropper(Follower):
        def on_begin(self, _change: str) -> None:
            sandbox.fail_next(
                "PUT", status=200, when="after", body={"group": {"id": make_id(1), "name": "after", "contactsCount": 0}}
            )
            sandbox.drop_next("PUT", when="before")

    report = applier.apply(config(entry("After", 1)), watcher=Dropper())

    assert report.outcomes[0].detail.endswith('; the group has its old name "before" again')
    assert sandbox.names() == ["before"]


# Temporary names


@pytest.mark.parametrize("stored_names", ["cut", "lower case"])
@pytest.mark.parametrize(
    ("one", "other"), [("gold", "silver"), ("exactly twenty chars", "and another of twent"), ("12345678901234567", "b")]
)
def test_a_swap_of_names_loses_nothing(
    sandbox: Sandbox, applier: Applier, stored_names: str, one: str, other: str
) -> None:
    """A server that cuts names at 20 characters cuts the suffix of a temporary name, wholly or in part."""
    sandbox.add_group(one, id=make_id(1), contacts=3)
    sandbox.add_group(other, id=make_id(2), contacts=2)
    sandbox.behave(stored_names=stored_names)
    wanted = config(entry(other, 1), entry(one, 2))

    reports = [applier.apply(wanted) for _ in range(5)]

    if stored_names == "lower case":  # a temporary name has no capitals of its own
        assert reports[0].exit_code == 0
        return
    (failed,) = (outcome for outcome in reports[-1].outcomes if outcome.word is Word.FAILED)
    assert isinstance(failed.change, Rename)
    temporary, name = failed.change.after, failed.change.before
    assert failed.detail == (
        f'the Phonebook stores the temporary name "{temporary}" as "{temporary[:20]}", so make this change in two '
        f'plans: the first frees the name that the group needs; the group has its old name "{name}" again'
    )
    assert {report.exit_code for report in reports} == {5}
    assert {group.id: group.name for group in sandbox.groups()} == {make_id(1): one, make_id(2): other}
    assert (len(sandbox.members(make_id(1))), len(sandbox.members(make_id(2)))) == (3, 2)


def test_a_swap_in_two_plans_ends_well(sandbox: Sandbox, applier: Applier) -> None:
    """As the remedy says."""
    sandbox.add_group("gold", id=make_id(1), contacts=3)
    sandbox.add_group("silver", id=make_id(2), contacts=2)
    sandbox.behave(stored_names="cut")

    first = applier.apply(config(entry("gold is free", 1), entry("silver", 2)))
    second = applier.apply(config(entry("silver", 1), entry("gold", 2)), parallelism=1)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert {group.id: group.name for group in sandbox.groups()} == {make_id(1): "silver", make_id(2): "gold"}


def test_a_name_that_a_group_to_delete_has_is_freed_without_loss(sandbox: Sandbox, applier: Applier) -> None:
    """It goes to a temporary name first, which the server cuts."""
    sandbox.add_group("VIP", id=make_id(1), contacts=3)
    sandbox.add_group("VIP 2024", id=make_id(2), contacts=2)
    sandbox.behave(stored_names="cut")

    report = applier.apply(config(entry("VIP", 2), removed=(1,)), without_backup=True)

    assert words(report)[0] is Word.FAILED
    assert set(words(report)[1:]) == {Word.NOT_ATTEMPTED}
    assert sandbox.names() == ["VIP", "VIP 2024"]
