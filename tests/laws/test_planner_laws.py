"""What is true of every plan, whatever the configuration and the live groups are."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from hypothesis import event, given
from hypothesis import strategies as st
from msgspec.structs import replace

from groupsync.decide import ChangeState, decide_changes
from groupsync.model.config import Config, Policy, RemovedId, Unlisted
from groupsync.model.groups import LiveGroup
from groupsync.model.plan import Change, Create, Delete, Plan
from groupsync.names import find_name_without_suffix, same_name_key
from groupsync.planner import make_plan
from groupsync.review.make import make_review
from tests.laws.book import Book
from tests.laws.strategies import situations
from tests.unit.core import NOW, TARGET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

Situation = tuple[Config, tuple[LiveGroup, ...]]
RANDOM = st.randoms(use_true_random=False)


def in_some_order(plan: Plan, random: Random) -> Iterator[Change]:
    """Yield the changes wave by wave, those of one wave in any order."""
    for _, wave in groupby(plan.changes, key=attrgetter("wave")):
        changes = list(wave)
        random.shuffle(changes)
        yield from changes


def planned(situation: Situation) -> Plan:
    """Return the plan, and count how many of the drawn situations have one."""
    plan = make_plan(*situation)
    event("refused" if plan.problems else f"{min(len(plan.changes), 4)} changes")
    return plan


@given(situation=situations(), random=RANDOM)
def test_every_order_of_the_waves_reaches_the_desired_groups(situation: Situation, random: Random) -> None:
    config, live = situation
    plan = planned(situation)
    book = Book(live, unique_names=False)

    for change in in_some_order(plan, random):
        book.carry_out(change)

    if not plan.problems:
        names = Counter(group.name for group in book.live())
        assert all(names[entry.name] >= 1 for entry in config.groups)
        assert all(book.groups[entry.id].name == entry.name for entry in config.groups if entry.id)


@given(situation=situations(unique=True), random=RANDOM)
def test_a_phonebook_with_unique_names_refuses_no_step(situation: Situation, random: Random) -> None:
    plan = planned(situation)
    book = Book(situation[1], unique_names=True)

    for change in in_some_order(plan, random):
        book.carry_out(change)


@given(situation=situations(), random=RANDOM)
def test_no_step_makes_two_groups_share_a_name(situation: Situation, random: Random) -> None:
    book = Book(situation[1], unique_names=False)

    for change in in_some_order(planned(situation), random):
        book.carry_out(change)

    assert book.clashes == []


@given(situation=situations())
def test_a_name_is_given_only_after_all_groups_with_that_name_have_left_it(situation: Situation) -> None:
    """Names that differ only in case or Unicode form count as the same, because a server may treat them so."""
    plan = planned(situation)
    leaving = [
        (change.group_id, change.wave, same_name_key(change.name if isinstance(change, Delete) else change.before))
        for change in plan.changes
        if not isinstance(change, Create)
    ]

    for change in plan.changes:
        if isinstance(change, Delete):
            continue
        name = change.name if isinstance(change, Create) else change.after
        own = None if isinstance(change, Create) else change.group_id
        for group_id, wave, key in leaving:
            assert key != same_name_key(name) or group_id == own or wave < change.wave


@given(situation=situations(), random=RANDOM)
def test_a_second_plan_is_empty(situation: Situation, random: Random) -> None:
    config, live = situation
    plan = planned(situation)
    book = Book(live, unique_names=False)

    for change in in_some_order(plan, random):
        book.carry_out(change)
    second = make_plan(config, book.live())

    if not plan.problems:
        assert (second.changes, second.problems) == ((), ())


@given(situation=situations())
def test_deletes_come_last_and_all_together(situation: Situation) -> None:
    plan = planned(situation)

    waves = {change.wave for change in plan.changes if isinstance(change, Delete)}
    others = [change.wave for change in plan.changes if not isinstance(change, Delete)]

    assert len(waves) <= 1
    assert all(wave < last for last in waves for wave in others)


@given(situation=situations(), random=RANDOM)
def test_groups_that_are_right_ignored_or_kept_are_not_touched(situation: Situation, random: Random) -> None:
    config, live = situation
    plan = planned(situation)
    ignores = config.make_ignorer()
    names = {entry.name for entry in config.groups if entry.id is None}
    pinned = {entry.id: entry.name for entry in config.groups if entry.id}
    untouched = [
        group
        for group in live
        if ignores(group.name)
        or pinned.get(group.id) == group.name
        or (group.name in names and group.id not in pinned)
        or group in plan.unlisted
        or group in [rename.group for rename in plan.interrupted]
    ]
    book = Book(live, unique_names=False)

    for change in in_some_order(plan, random):
        book.carry_out(change)

    assert [book.groups.get(group.id) for group in untouched] == untouched


@given(situation=situations())
def test_only_groups_that_may_be_deleted_are_deleted(situation: Situation) -> None:
    config, live = situation
    plan = planned(situation)
    before = {group.id: group for group in live}
    removed_ids = {removal.id for removal in config.removed if isinstance(removal, RemovedId)}
    removed_names = {removal.name for removal in config.removed if not isinstance(removal, RemovedId)}
    pinned = {entry.id for entry in config.groups}

    for change in plan.changes:
        if isinstance(change, Delete):
            group = before[change.group_id]
            consented = group.id in removed_ids or group.name in removed_names
            assert consented or config.policy.unlisted is Unlisted.DELETE
            assert group.id not in pinned
            assert group.id in removed_ids or find_name_without_suffix(group.name, group.id) is None
            assert change.contacts_count == group.contacts_count


@given(situation=situations())
def test_without_a_decision_unlisted_groups_stay_and_the_plan_is_refused(situation: Situation) -> None:
    """The changes are those of a configuration that refuses unlisted groups, and so is the verdict."""
    config, live = situation
    undecided, refusing = (replace(config, policy=Policy(unlisted=value)) for value in (None, Unlisted.REFUSE))

    review = make_review(undecided, live, TARGET, NOW)

    assert review.plan == make_plan(refusing, live)
    if not review.plan.problems:
        assert ("unlisted" in review.refusals) is bool(review.plan.unlisted)
    assert review.refusals == make_review(refusing, live, TARGET, NOW).refusals


@given(situation=situations())
def test_a_group_with_a_live_earlier_name_is_never_created(situation: Situation) -> None:
    """A create and a delete instead of a rename would lose the members of the group."""
    config, live = situation
    plan = planned(situation)
    claimed = {entry.id for entry in config.groups} | {r.id for r in config.removed if isinstance(r, RemovedId)}
    free = {group.name for group in live if group.id not in claimed}
    earlier = {entry.name: set(entry.previously) for entry in config.groups}

    for change in plan.changes:
        if isinstance(change, Create):
            assert not earlier[change.name] & free


@given(situation=situations(), random=RANDOM)
def test_the_order_of_the_input_does_not_matter(situation: Situation, random: Random) -> None:
    config, live = situation
    shuffled = replace(
        config,
        groups=tuple(random.sample(config.groups, len(config.groups))),
        removed=tuple(random.sample(config.removed, len(config.removed))),
    )

    plan = make_plan(shuffled, tuple(random.sample(live, len(live))))

    assert plan == planned(situation)


@given(situation=situations())
def test_problems_and_changes_exclude_each_other(situation: Situation) -> None:
    plan = planned(situation)

    assert not (plan.problems and plan.changes)
    assert all(problem.message and problem.remedy for problem in plan.problems)


@given(situation=situations(), random=RANDOM, stop=st.integers(0, 12))
def test_an_interrupted_plan_is_finished_by_the_same_plan(situation: Situation, random: Random, stop: int) -> None:
    """What remains follows from the plan and the live groups, and from nothing else."""
    live = situation[1]
    plan = planned(situation)
    if any(isinstance(change, Delete) and change.contacts_count is None for change in plan.changes):
        event("skipped: a guard refuses to delete a group with an unknown number of contacts")
        return
    base = {group.id for group in live}
    book = Book(live, unique_names=False)
    for change in list(in_some_order(plan, random))[:stop]:
        book.carry_out(change)

    decisions = decide_changes(plan.changes, base, book.live())
    remaining = [decision.change for decision in decisions if decision.state is not ChangeState.DONE]
    for change in remaining:
        book.carry_out(change)

    assert all(decision.state is not ChangeState.CONFLICT for decision in decisions)
    assert len(remaining) == max(len(plan.changes) - stop, 0)
    assert {decision.state for decision in decide_changes(plan.changes, base, book.live())} <= {ChangeState.DONE}
