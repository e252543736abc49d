"""What the planner decides and refuses, case by case; tests/laws holds the laws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from groupsync.model.config import Config, Unlisted
from groupsync.model.plan import Change, Create, Delete, Reason, Rename
from groupsync.names import temporary_name
from groupsync.planner import make_plan
from tests.unit.core import at, config, entry, live, make_id

if TYPE_CHECKING:
    from groupsync.model.groups import LiveGroup

TEMPORARY_A = temporary_name("A", make_id(1))


def describe(change: Change) -> str:
    match change:
        case Create(name=name, wave=wave):
            return f"{wave} + {name}"
        case Rename(before=before, after=after, wave=wave):
            return f"{wave} ~ {before} -> {after}"
        case Delete(name=name, wave=wave):
            return f"{wave} - {name}"


@pytest.mark.parametrize(
    ("desired", "groups", "changes"),
    [
        (config("A"), [live(1, "A")], []),
        (config("A"), [], ["1 + A"]),
        (config("A"), [live(1, "A"), live(2, "B")], ["1 - B"]),
        (config(entry("A", previously=("B",))), [live(1, "B")], ["1 ~ B -> A"]),
        (config(entry("A", previously=("B", "C"))), [live(1, "C")], ["1 ~ C -> A"]),
        (config(entry("A", 1)), [live(1, "B")], ["1 ~ B -> A"]),
        (config(entry("VIP", previously=("vip",))), [live(1, "vip")], ["1 ~ vip -> VIP"]),
        (config(entry("B", 1), "A"), [live(1, "A")], ["1 ~ A -> B", "2 + A"]),
        (
            config(entry("A", 2), "C"),
            [live(1, "A"), live(2, "B")],
            ["1 + C", f"1 ~ A -> {TEMPORARY_A}", "2 ~ B -> A", f"3 - {TEMPORARY_A}"],
        ),
        (config("A", removed=("B",)), [live(1, "A"), live(2, "B")], ["1 - B"]),
        (config("A", removed=(2,)), [live(1, "A"), live(2, "B")], ["1 - B"]),
        (config("A", removed=(2, "C")), [live(1, "A")], []),
        (config("A", entry("A2", previously=("B",)), removed=("B",)), [live(1, "A"), live(2, "B")], ["1 ~ B -> A2"]),
        (config("A", ignore=("I*",)), [live(1, "A"), live(2, "Imported")], []),
        (config("A", removed=("B", "B")), [live(1, "A"), live(2, "B")], ["1 - B"]),
        (config("A", ignore=("B",)), [live(1, "A"), live(2, temporary_name("B", make_id(2)))], []),
        (config("A", ignore=("* [groupsync *",)), [live(1, "A"), live(2, temporary_name("B", make_id(3)))], []),
        (config("A", unlisted=Unlisted.KEEP), [live(1, "A"), live(2, "B")], []),
        (config("A", unlisted=Unlisted.REFUSE), [live(1, "A"), live(2, "B")], []),
        (config("A", unlisted=None), [live(1, "A"), live(2, "B")], []),
        (config(entry("A", 1), entry("A", 2)), [live(1, "A"), live(2, "A")], []),
        (config(entry("A", 1)), [live(1, "A"), live(2, "A")], ["1 - A"]),
        (config(entry(" x\u200b", 1)), [live(1, " x\u200b")], []),
        (config("vip", entry("VIP", 2)), [live(1, "vip"), live(2, "B")], ["1 ~ B -> VIP"]),
        (config(entry("A b", 1), entry("A  b", 2)), [live(1, "A b"), live(2, "A  b")], []),
        (config("A b", "A  b"), [live(1, "A b"), live(2, "A  b")], []),
        (config(entry("A b", 1)), [live(1, "A  b")], ["1 ~ A  b -> A b"]),
        (config(entry("A b", 1), "A  b"), [live(1, "A  b")], ["1 ~ A  b -> A b", "2 + A  b"]),
        (config("A", ignore=("CAFÉ*",)), [live(1, "A"), live(2, "cafe\u0301 1")], []),
    ],
)
def test_the_plan_is(desired: Config, groups: list[LiveGroup], changes: list[str]) -> None:
    plan = make_plan(desired, groups)

    assert [describe(change) for change in plan.changes] == changes
    assert plan.problems == ()


@pytest.mark.parametrize("desired", [config("A"), config("B", removed=("A",))], ids=["listed", "removed"])
def test_of_many_groups_with_one_name_the_largest_are_offered_and_the_others_counted(desired: Config) -> None:
    groups = [*(live(number, "A", number) for number in range(1, 13)), live(20, "B")]

    (problem,) = make_plan(desired, groups).problems

    *offered, last = problem.remedy
    assert [make_id(number) in remedy for number, remedy in zip(range(12, 2, -1), offered, strict=True)] == [True] * 10
    assert last == "or 2 more groups with fewer contacts can be meant: groupsync export prints the ids"


def test_a_name_whose_groups_are_all_removed_by_id_has_a_remedy() -> None:
    wanted = config("A", removed=(1, 2))

    plan = make_plan(wanted, [live(1, "A"), live(2, "A")])

    remedies = {problem.code: problem.remedy for problem in plan.problems}
    assert remedies["name-twice-live"] == (
        "the id of each such group is elsewhere in the configuration: remove one of these ids there",
    )


@pytest.mark.parametrize(
    ("desired", "groups", "codes"),
    [
        (config(entry("A", 1)), [], ["id-not-live"]),
        (config(entry("A", 1)), [live(2, "A")], ["id-not-live"]),
        (config(entry("A", 1), ignore=("I*",)), [live(1, "Imported")], ["id-ignored"]),
        (config("A", removed=(1,), ignore=("I*",)), [live(1, "Imported")], ["id-ignored"]),
        (config("A", removed=(1,)), [live(1, "A")], ["removed-is-listed"]),
        (config("A"), [live(1, "A"), live(2, "A")], ["name-twice-live"]),
        (config("A", removed=("B",)), [live(1, "B"), live(2, "B")], ["name-twice-live"]),
        (config(entry("A", previously=("B",))), [live(1, "B"), live(2, "B")], ["previously-twice-live"]),
        (config(entry("A", previously=("B", "C"))), [live(1, "B"), live(2, "C")], ["previously-twice-live"]),
        (config(entry("A", previously=("B",))), [live(1, "A"), live(2, "B")], ["previously-still-live"]),
        (config(entry("A", 1, previously=("B",))), [live(1, "A"), live(2, "B")], ["previously-still-live"]),
        (config(entry("A", 1), entry("A", 2)), [live(1, "A"), live(2, "B")], ["name-wanted-twice"]),
        (config(entry("e\u0301", 1), "é"), [live(1, "x"), live(2, "é")], ["name-wanted-twice"]),
        (config(entry("A ", 1)), [live(1, "B")], ["name-not-writable"]),
        (config(entry("A\u202e", 1)), [live(1, "B")], ["name-not-writable"]),
        (config(entry("", 1)), [live(1, "B")], ["name-not-writable"]),
        (config("vip", ignore=("VIP",)), [live(1, "VIP")], ["name-taken"]),
        (config("A b", unlisted=Unlisted.KEEP), [live(1, "a  B")], ["name-taken"]),
        (config(entry("A b", 1), unlisted=Unlisted.KEEP), [live(1, "C"), live(2, "A\tb")], ["name-taken"]),
        (config("vip", unlisted=Unlisted.KEEP), [live(1, "VIP ")], ["name-taken"]),
        (
            config(entry("vip", previously=("B",)), unlisted=Unlisted.REFUSE),
            [live(1, "VIP"), live(2, "B")],
            ["name-taken"],
        ),
        (
            config(entry("B", 1), entry("A", 2), unlisted=Unlisted.KEEP),
            [live(1, "A"), live(2, "B"), live(3, temporary_name("B", make_id(1)))],
            ["temporary-name-live"],
        ),
    ],
)
def test_what_is_ambiguous_is_refused_and_never_resolved_by_a_deletion(
    desired: Config, groups: list[LiveGroup], codes: list[str]
) -> None:
    plan = make_plan(desired, groups)

    assert [problem.code for problem in plan.problems] == codes
    assert plan.changes == ()


WAYS_WITHOUT_GROUP = (
    "if the group should stay deleted, take out the entry at groups.yaml:3:5",
    "to create it again, without its contacts, change the entry at groups.yaml:3 to:\n  - name: A",
    "if groupsync deleted it, make the same change, then get its contacts back: groupsync restore BACKUP",
)


@pytest.mark.parametrize(
    ("groups", "remedy"),
    [
        ([], ("the account has no live groups: check that it is the right one", *WAYS_WITHOUT_GROUP)),
        ([live(2, "B")], ("if the id is wrong, correct it", *WAYS_WITHOUT_GROUP)),
        (
            [live(2, "A", 7)],
            (
                (
                    'if "A" (7 contacts) is meant, change the entry at groups.yaml:3 to:\n'
                    f"  - name: A\n    id: {make_id(2)}"
                ),
                "if the group should stay deleted, take out the entry at groups.yaml:3:5",
                "to put its contacts into one of these, restore its backup with --into and the id of that group",
            ),
        ),
    ],
)
def test_an_id_that_is_not_live_gets_a_fitting_remedy(groups: list[LiveGroup], remedy: tuple[str, ...]) -> None:
    plan = make_plan(config(entry("A", 1)), groups)

    assert plan.problems[0].remedy == remedy


def test_a_create_whose_earlier_name_is_not_live_is_a_warning() -> None:
    """A typing mistake in the earlier name would create an empty group beside the one that was meant."""
    desired = config(entry("VIP customers", previously=("VPI",)), unlisted=Unlisted.KEEP)

    plan = make_plan(desired, [live(1, "VIP", 9)])

    assert plan.warnings == (
        (
            'groups.yaml:3: group "VIP customers" will be created: '
            'no live group that could be renamed has its earlier name "VPI"'
        ),
    )
    assert make_plan(desired, []).warnings == ()


@pytest.mark.parametrize("removed", [("B",), (2,)])
def test_an_earlier_name_that_is_live_is_no_problem_when_it_is_removed(removed: tuple[int | str, ...]) -> None:
    plan = make_plan(config(entry("A", previously=("B",)), removed=removed), [live(1, "A"), live(2, "B")])

    assert [describe(change) for change in plan.changes] == ["1 - B"]


def test_an_earlier_name_that_is_live_is_a_warning_if_unlisted_groups_are_kept() -> None:
    desired = config(entry("A", previously=("B",)), unlisted=Unlisted.KEEP)

    plan = make_plan(desired, [live(1, "A"), live(2, "B")])

    assert plan.problems == ()
    assert len(plan.warnings) == 1


def test_every_change_says_why() -> None:
    groups = [
        live(1, "Swap 1"),
        live(2, "Swap 2"),
        live(3, "Earlier"),
        live(4, temporary_name("Cut", make_id(4))),
        live(5, "held"),
        live(6, "Unlisted"),
        live(7, "Pinned"),
    ]
    desired = config(
        entry("Swap 2", 1),
        entry("Swap 1", 2),
        entry("Later", previously=("Earlier",)),
        entry("Cut", 4),
        entry("By id", 7),
        "Held",
        removed=(5,),
    )

    plan = make_plan(desired, groups)

    assert {describe(change)[2:].split(" [")[0]: change.reason for change in plan.changes} == {
        "~ Swap 1 -> Swap 2": Reason.BREAKS_CYCLE,
        "~ Swap 2 -> Swap 1": Reason.PINNED,
        "~ Swap 2": Reason.PINNED,
        "~ Earlier -> Later": Reason.PREVIOUSLY,
        "~ Cut": Reason.INTERRUPTED,
        "~ Pinned -> By id": Reason.PINNED,
        "~ held -> held": Reason.FREES_NAME,
        "+ Held": Reason.LISTED,
        "- held": Reason.REMOVED,
        "- Unlisted": Reason.UNLISTED,
    }


def test_a_chain_of_renames_starts_with_the_name_that_is_free() -> None:
    groups = [live(1, "A"), live(2, "B"), live(3, "C")]

    plan = make_plan(config(entry("B", 1), entry("C", 2), entry("D", 3)), groups)

    assert [describe(change) for change in plan.changes] == ["1 ~ C -> D", "2 ~ B -> C", "3 ~ A -> B"]


def test_names_that_differ_only_in_case_can_form_a_cycle() -> None:
    groups = [live(1, "vip"), live(2, "VIP")]

    plan = make_plan(config(entry("ViP", 1), entry("vIp", 2)), groups)

    temporary = temporary_name("ViP", make_id(1))
    assert [describe(change) for change in plan.changes] == [
        f"1 ~ vip -> {temporary}",
        "2 ~ VIP -> vIp",
        f"3 ~ {temporary} -> ViP",
    ]


def test_an_interrupted_rename_is_set_aside_with_its_entry() -> None:
    group = live(1, temporary_name("VIP", make_id(1)), 7)

    plan = make_plan(config("VIP"), [group])

    assert [(rename.group, rename.name_without_suffix) for rename in plan.interrupted] == [(group, "VIP")]
    assert plan.interrupted[0].entry is not None
    assert plan.unlisted == ()


def test_the_temporary_name_of_another_group_is_an_ordinary_name() -> None:
    group = live(1, temporary_name("VIP", make_id(2)))

    plan = make_plan(config("A", unlisted=Unlisted.KEEP), [group])

    assert (plan.interrupted, plan.unlisted) == ((), (group,))


def test_a_pattern_that_matches_nothing_is_a_warning() -> None:
    plan = make_plan(config("A", ignore=("ab*", "b*")), [live(1, "A"), live(2, "Bee")])

    assert plan.warnings == ('groups.yaml:80: ignore "ab*" matches no live group',)


def test_a_cycle_of_thousands_of_groups_needs_one_temporary_name() -> None:
    groups = [live(number, f"G{number}") for number in range(3_000)]
    entries = [entry(f"G{(number + 1) % 3_000}", number) for number in range(3_000)]

    plan = make_plan(config(*entries), groups)

    assert plan.changes[-1].wave == 3_001
    assert sum(isinstance(change, Rename) and change.temporary for change in plan.changes) == 1


def test_the_id_of_an_ignored_group_is_not_offered_for_a_taken_name() -> None:
    """The id of an ignored group would be refused too."""
    ignored = make_plan(config("vip", ignore=("VIP",)), [live(1, "VIP")])
    kept = make_plan(config("vip", unlisted=Unlisted.KEEP), [live(1, "VIP")])

    assert ignored.problems[0].remedy == ("choose another name; that group is matched by a pattern under ignore",)
    assert kept.problems[0].remedy == (
        "choose another name",
        f'if "VIP" (0 contacts) is meant, change the entry at groups.yaml:3 to:\n  - name: vip\n    id: {make_id(1)}',
    )


def test_an_interrupted_group_is_offered_an_entry_only_if_that_has_no_group() -> None:
    """An entry that gets the id of another group loses the group that has its name now."""
    taken = make_plan(config("B"), [live(0, "B"), live(1, temporary_name("B", make_id(1)))])
    without_group = make_plan(config("B"), [live(1, temporary_name("B", make_id(1)))])
    for_two = make_plan(config("B"), [live(number, temporary_name("B", make_id(number))) for number in (1, 2)])

    assert [rename.entry for rename in taken.interrupted] == [None]
    assert [rename.entry for rename in without_group.interrupted] == [at(3)]
    assert [rename.entry for rename in for_two.interrupted] == [None, None]
