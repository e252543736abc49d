"""The changes of a plan as a person counts them: swaps, cycles, deletions of two steps, the order, which ids matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.model.config import Config, GroupEntry, Policy, RemovedId, RemovedName, Unlisted
from groupsync.model.groups import LiveGroup, Source
from groupsync.names import same_name_key
from groupsync.render.changes import Agreement, count_as_person
from groupsync.render.ids import find_ids_to_show
from groupsync.render.phrases import describe_first_step, describe_name_difference, describe_renames
from groupsync.render.text import render_text
from groupsync.review.make import make_review
from tests.unit.core import LIMITS, NOW, TARGET, make_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.config import Removal
    from groupsync.model.review import Review

LIVE = ("A", "B", "C", "D")


def live(*names: str, contacts: int | None = 1) -> list[LiveGroup]:
    return [LiveGroup(id=make_id(n), name=name, contacts_count=contacts) for n, name in enumerate(names, start=1)]


def pinned(**names: str) -> tuple[GroupEntry, ...]:
    """Return an entry for each group of LIVE, by its id, with its new name."""
    return tuple(
        GroupEntry(
            name=new_name, id=make_id(LIVE.index(name) + 1), source=Source(file="g.yaml", line=LIVE.index(name) + 2)
        )
        for name, new_name in names.items()
    )


def review_of(config: Config, groups: list[LiveGroup]) -> Review:
    return make_review(config, groups, TARGET, NOW, LIMITS)


def config(*groups: GroupEntry, removed: Sequence[Removal] = (), unlisted: Unlisted = Unlisted.KEEP) -> Config:
    return Config(groups=groups, removed=tuple(removed), policy=Policy(unlisted=unlisted))


def test_a_swap_is_one_item_of_two_groups() -> None:
    changes = count_as_person(review_of(config(*pinned(B="A", A="B")), live("A", "B")))

    (item,) = changes.renames
    assert item.is_swap
    assert [(group.before, group.after) for group in item.groups] == [("A", "B"), ("B", "A")]
    assert len(item.steps) == 3
    assert [bool(group.temporary_name) for group in item.groups] == [True, False]


@pytest.mark.parametrize(
    ("sources", "where"),
    [
        ((("a.yaml", 3), ("a.yaml", 9)), "a.yaml:3 and 9, by id"),
        ((("a.yaml", 3), ("b.yaml", 9)), "a.yaml:3 and b.yaml:9, by id"),
    ],
)
def test_the_sources_of_a_swap_name_a_file_once(sources: tuple[tuple[str, int], ...], where: str) -> None:
    first, second = (Source(file=file, line=line) for file, line in sources)
    entries = (
        GroupEntry(name="B", id=make_id(1), source=first),
        GroupEntry(name="A", id=make_id(2), source=second),
    )

    (item,) = count_as_person(review_of(config(*entries), live("A", "B"))).renames

    assert describe_renames(item.groups) == where


@pytest.mark.parametrize("size", [3, 4])
def test_a_longer_cycle_is_one_item_in_the_order_of_its_final_steps(size: int) -> None:
    names = LIVE[:size]
    cycle = dict(zip(names, [*names[1:], names[0]], strict=True))

    (item,) = count_as_person(review_of(config(*pinned(**cycle)), live(*names))).renames

    assert not item.is_swap
    assert len(item.steps) == size + 1
    assert [group.after for group in item.groups] == [names[0], *names[:0:-1]]


def test_a_chain_is_not_one_item() -> None:
    changes = count_as_person(review_of(config(*pinned(A="B", B="C", C="X")), live("A", "B", "C")))

    assert [[group.before for group in item.groups] for item in changes.renames] == [["A"], ["B"], ["C"]]


def test_two_groups_that_swap_names_but_for_case_are_no_swap() -> None:
    entries = (
        GroupEntry(name="vip", id=make_id(1), source=Source(file="g.yaml", line=2)),
        GroupEntry(name="PRESS", id=make_id(2), source=Source(file="g.yaml", line=3)),
    )

    (item,) = count_as_person(review_of(config(*entries), live("Press", "VIP"))).renames

    assert len(item.groups) == 2
    assert not item.is_swap


def test_a_deletion_takes_in_its_first_step() -> None:
    entry = GroupEntry(name="press", source=Source(file="g.yaml", line=2))
    removal = RemovedId(id=make_id(1), source=Source(file="g.yaml", line=3))

    changes = count_as_person(review_of(config(entry, removed=[removal]), live("Press")))

    (deletion,) = changes.deletions
    assert (deletion.name, changes.renames) == ("Press", ())
    assert describe_first_step(deletion) == 'renamed out of the way first: the new "press" differs only by case'


def test_another_group_takes_the_name_of_a_deleted_one() -> None:
    removal = RemovedId(id=make_id(2), source=Source(file="g.yaml", line=3))

    changes = count_as_person(review_of(config(*pinned(A="B"), removed=[removal]), live("A", "B")))

    assert describe_first_step(changes.deletions[0]) == "renamed out of the way first: another group takes its name"


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ("Press", "press", "case"),
        ("Press  list", "Press list", "spaces"),
        ("Press\u00a0list", "Press list", "spaces"),
        (" Press", "press", "case and spaces"),
        ("P\u00e4rnu", "Pa\u0308rnu", "how accents are encoded"),
        ("\uff26\uff29", "FI", "the form of the characters"),
        ("\ufb01ve", "Five", "case and the form of the characters"),
        ("STRASSE", "stra\u00dfe", "case"),
        ("P\u00e4rnu", "PA\u0308RNU", "case and how accents are encoded"),
        ("\uac01", "\u1100\u1161\u11a8", "how it is encoded"),
    ],
)
def test_the_difference_of_two_names_is_said_in_words(one: str, other: str, difference: str) -> None:
    assert same_name_key(one) == same_name_key(other)
    assert describe_name_difference(one, other) == difference
    assert describe_name_difference(other, one) == difference


def test_deletions_are_sorted_by_loss_the_largest_and_then_the_unknown_last() -> None:
    counts = [5, None, 0, 5, 200]
    groups = [
        LiveGroup(id=make_id(n), name=name, contacts_count=contacts)
        for n, (name, contacts) in enumerate(zip("edcba", counts, strict=True), start=1)
    ]

    changes = count_as_person(review_of(config(unlisted=Unlisted.DELETE), groups))

    assert [(deletion.name, deletion.contacts_count) for deletion in changes.deletions] == [
        ("c", 0),
        ("b", 5),
        ("e", 5),
        ("a", 200),
        ("d", None),
    ]
    assert changes.largest_first == changes.deletions[::-1]


def test_what_was_agreed_to_is_told_from_what_was_not() -> None:
    groups = [
        LiveGroup(id=make_id(n), name=name, contacts_count=contacts)
        for n, (name, contacts) in enumerate(
            [("any", 9), ("within", 5), ("beyond", 6), ("unlisted", 1), ("empty", 0), ("nobody", 0)], start=1
        )
    ]
    removed: list[Removal] = [
        RemovedId(id=make_id(1), source=Source(file="g.yaml", line=1)),
        RemovedName(name="within", contacts_at_most=5, source=Source(file="g.yaml", line=2)),
        RemovedName(name="beyond", contacts_at_most=5, source=Source(file="g.yaml", line=3)),
        RemovedName(name="nobody", source=Source(file="g.yaml", line=4)),
    ]

    changes = count_as_person(review_of(config(removed=removed, unlisted=Unlisted.DELETE), groups))

    assert {deletion.name: deletion.agreement for deletion in changes.deletions if deletion.name != "empty"} == {
        "any": Agreement.REMOVED,
        "within": Agreement.REMOVED,
        "beyond": Agreement.NONE,
        "unlisted": Agreement.NONE,
        "nobody": Agreement.REMOVED,
    }


@pytest.mark.parametrize(
    ("names", "new_names", "shown"),
    [
        (("A", "B"), {"A": "B", "B": "A"}, set()),
        (("A", "B", "C"), {"A": "B", "B": "C", "C": "X"}, set()),
        (("A", "VIP", "vlP"), {"A": "X"}, set()),
        (("A", "B", "b"), {"A": "X", "B": "Y"}, {2}),
        (("A",), {"A": "a"}, set()),
    ],
)
def test_ids_are_shown_if_another_name_looks_alike(
    names: tuple[str, ...], new_names: dict[str, str], shown: set[int]
) -> None:
    review = review_of(config(*pinned(**new_names)), live(*names))

    assert review.plan.problems == ()
    assert find_ids_to_show(review) == {make_id(number) for number in shown}


def test_the_id_of_a_deleted_group_is_shown_if_a_new_one_looks_like_it() -> None:
    entry = GroupEntry(name="press", source=Source(file="g.yaml", line=2))
    removal = RemovedId(id=make_id(1), source=Source(file="g.yaml", line=3))

    assert find_ids_to_show(review_of(config(entry, removed=[removal]), live("Press"))) == {make_id(1)}


def test_what_only_allow_lets_through_is_not_within_the_limits_of_the_policy() -> None:
    groups = [
        LiveGroup(id=make_id(n), name=name, contacts_count=contacts)
        for n, (name, contacts) in enumerate([("A", 1), ("Protected", 7), ("VIP", 500), ("Empty", 0)], start=1)
    ]
    removed: list[Removal] = [RemovedId(id=make_id(2), source=Source(file="g.yaml", line=1))]
    run_policy = replace(LIMITS, allowed=frozenset({"contacts-lost"}), protected=("Protected",))

    wanted = replace(config(removed=removed, unlisted=Unlisted.DELETE), groups=pinned(A="New"))
    review = make_review(wanted, groups, TARGET, NOW, run_policy)

    assert review.refusals == ("protected",)
    assert {deletion.name: deletion.agreement for deletion in count_as_person(review).deletions} == {
        "Protected": Agreement.NONE,
        "VIP": Agreement.OVERRIDDEN,
        "Empty": Agreement.POLICY,
    }
    assert "  # Allowed only by --allow: 1 group, 500 contacts\n" in render_text(review)
