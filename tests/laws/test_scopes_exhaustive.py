"""Every small arrangement of groups, with scopes, exclusions and postponed deletions: nothing is drawn at random."""

from __future__ import annotations

import dataclasses
from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from groupsync.errors import StalePlanError
from groupsync.model.config import Pattern, RemovedId, Unlisted
from groupsync.model.groups import LiveGroup
from groupsync.model.plan import Create, Delete, PlanOptions
from groupsync.planfile.review import dump_review
from groupsync.planner import make_plan
from groupsync.review.make import make_review
from groupsync.review.verify import verify_review
from tests.laws.book import Book
from tests.laws.excluding import Excluding, follow_remedies, require_only_the_rest, require_same_end
from tests.laws.teams import (
    MARKETING,
    NOBODY,
    SALES,
    SCOPE_SOURCE,
    Groups,
    carry_out,
    look_only_inside,
    name_groups,
    review_for,
)
from tests.laws.test_crashes_exhaustive import (
    arrange,
    crash_everywhere,
    list_again,
    run_new_plan,
    run_reverted,
    run_same_plan,
)
from tests.laws.test_planner_exhaustive import NAMES
from tests.laws.test_planner_exhaustive import arrange as arrange_pinned
from tests.unit.core import LIMITS, NOW, TARGET, at, config, make_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from groupsync.model.config import Config
    from groupsync.model.plan import Change

Situation = tuple["Config", Groups]

FOREIGN = (
    *SALES.rename_all(LiveGroup(id=make_id(n), name=name, contacts_count=n) for n, name in enumerate(NAMES)),
    *NOBODY.rename_all(LiveGroup(id=make_id(n), name=name, contacts_count=0) for n, name in enumerate(NAMES)),
)
"""The groups of others: they have the names of our groups, but for the word of the scope."""

OTHER_CONFIG = SALES.configure(config("new", *NAMES[2:], removed=(0,), unlisted=Unlisted.DELETE))
EVERY_NAME = (*NAMES, *(f"new {n}" for n in range(4)), "Kept *")


def limit_by_file(wanted: Config) -> Config:
    return wanted


def limit_by_job(wanted: Config) -> Config:
    return replace(wanted, scope=(), job_scope=MARKETING.scope)


def limit_by_both(wanted: Config) -> Config:
    """Neither of the two is enough: each includes groups of others."""
    wide = tuple(Pattern(text=text, source=SCOPE_SOURCE) for text in ("Marketing *", "Sales*", "A"))
    return replace(wanted, scope=wide, job_scope=("marketing*", "B"))


def limit_by_names(wanted: Config) -> Config:
    """Only the names without a suffix are in the scope: there is no wildcard that includes it."""
    names = (MARKETING.prefix + name for name in EVERY_NAME)
    return replace(wanted, scope=tuple(Pattern(text=name, source=SCOPE_SOURCE) for name in names))


LIMITED = (limit_by_file, limit_by_job, limit_by_both, limit_by_names)
in_every_way = pytest.mark.parametrize(
    "limit", [limit_by_names, *(pytest.param(limit, marks=pytest.mark.slow) for limit in LIMITED[:3])]
)


def list_scoped(size: int, limit: Callable[[Config], Config]) -> Iterator[Situation]:
    """Yield every arrangement of so many groups of a scope, among the groups of others."""
    for wanted, live in arrange(size):
        yield limit(MARKETING.configure(wanted)), (*FOREIGN, *MARKETING.rename_all(live))


# Two plans at once


def merge(one: Sequence[Change], other: Sequence[Change]) -> Iterator[list[Change]]:
    """Yield every order of two plans that keeps the order of each."""
    for positions in combinations(range(len(one) + len(other)), len(one)):
        first, second = iter(one), iter(other)
        yield [next(first) if n in positions else next(second) for n in range(len(one) + len(other))]


@pytest.mark.parametrize(
    ("size", "pairs", "orders"),
    [(1, 16, 30), pytest.param(2, 625, 5_000, marks=pytest.mark.slow)],
)
def test_two_plans_give_one_result_in_every_order(size: int, pairs: int, orders: int) -> None:
    """Also while the other one is half done, a plan is the same, byte for byte."""
    tried = Counter[str]()
    arrangements = list(arrange_pinned(size, NAMES))
    for one, my_groups in arrangements:
        for other, their_groups in arrangements:
            mine, theirs = MARKETING.configure(one), SALES.configure(other)
            live = (*SALES.rename_all(their_groups), *MARKETING.rename_all(my_groups))
            my_review, their_review = (review_for(wanted, live) for wanted in (mine, theirs))
            ends = []
            for order in merge(my_review.plan.changes, their_review.plan.changes):
                ends.append(name_groups(carry_out(order, live, unique_names=True), live))
                tried["orders"] += 1
            assert all(end == ends[0] for end in ends)
            book = Book(live, unique_names=True)
            for change in their_review.plan.changes:
                book.carry_out(change)
                assert dump_review(review_for(mine, book.live())) == dump_review(my_review)
            tried["pairs"] += 1
    assert tried["pairs"] == pairs
    assert tried["orders"] >= orders


# Kills


@in_every_way
@pytest.mark.parametrize(
    ("size", "crashes"), [(1, 60), (2, 600), pytest.param(3, 4_500, marks=pytest.mark.slow)], ids=["1", "2", "3"]
)
def test_a_kill_leaves_every_group_in_its_scope(limit: Callable[[Config], Config], size: int, crashes: int) -> None:
    """The same plan and a new one finish, and the other team's plan is what it was, byte for byte."""
    before: bytes | None = None
    tried = Counter[str]()
    for crash in crash_everywhere(list_scoped(size, limit)):
        scope = crash.config.make_scope()
        if before is None:
            before = dump_review(look_only_inside(review_for(OTHER_CONFIG, FOREIGN)))
        assert {*scope.split(crash.book.live())[1]} == {*FOREIGN}
        assert dump_review(look_only_inside(review_for(OTHER_CONFIG, crash.book.live()))) == before
        tried[f"same plan: {run_same_plan(crash)}"] += 1
        tried[f"new plan: {run_new_plan(crash)}"] += 1
    assert tried["same plan: resumed"] >= crashes // 2
    assert tried["same plan: resumed"] + tried["same plan: nothing was left"] >= crashes
    assert tried["new plan: finished after pasting"] >= (crashes // 30 if size > 1 else 1)


@in_every_way
def test_a_reverted_configuration_of_a_scope_loses_no_group_at_a_temporary_name(
    limit: Callable[[Config], Config],
) -> None:
    tried = Counter[str]()
    for crash in crash_everywhere(list_scoped(2, limit)):
        inside = [group for group in crash.base if group not in FOREIGN]
        tried[run_reverted(crash, list_again(dataclasses.replace(crash, base=tuple(inside))))] += 1
    assert tried["finished"] > 150
    assert tried["finished after pasting"] > 20


# Renames across the border


@pytest.mark.parametrize(
    ("size", "renames"), [(1, 30), (2, 500), pytest.param(3, 5_000, marks=pytest.mark.slow)], ids=["1", "2", "3"]
)
def test_a_group_that_leaves_the_scope_is_not_touched(size: int, renames: int) -> None:
    """A saved plan is stale. In a new one its id is refused, and its name is not given to a twin that nobody sees."""
    tried = Counter[str]()
    for wanted, live in list_scoped(size, limit_by_file):
        mine = [replace(group, contacts_count=5) for group in live if group not in FOREIGN]
        foreign = tuple(replace(group, name=f"Sales: other {n}") for n, group in enumerate(FOREIGN))
        saved = make_review(wanted, (*foreign, *mine), TARGET, NOW, LIMITS)
        for gone in mine:
            left = [replace(one, name=gone.name.removeprefix(MARKETING.prefix)) if one == gone else one for one in mine]
            review = make_review(wanted, (*foreign, *left), TARGET, NOW, LIMITS)
            entries = [entry for entry in (*wanted.groups, *wanted.removed) if getattr(entry, "id", None) == gone.id]
            assert (
                gone.id
                not in dump_review(look_only_inside(replace(review, plan=replace(review.plan, problems=())))).decode()
            )
            if entries:
                assert "id-outside-scope" in review.refusals
                tried["refused by its id"] += 1
            elif any(isinstance(one, Create) and one.name == gone.name for one in review.plan.changes):
                assert "scope" in review.refusals
                tried["refused as a twin"] += 1
            else:
                tried["nothing would be made"] += 1
            with pytest.raises(StalePlanError):
                verify_review(saved, wanted, TARGET, (*foreign, *left), LIMITS)
    assert tried.total() >= renames
    assert min(tried["refused by its id"], tried["refused as a twin"]) >= renames // 10


@pytest.mark.parametrize(
    ("size", "renames"), [(1, 100), (2, 1_000), pytest.param(3, 7_000, marks=pytest.mark.slow)], ids=["1", "2", "3"]
)
def test_a_group_that_comes_into_the_scope_is_not_lost(size: int, renames: int) -> None:
    """It is deleted only if the configuration says so of its name, or if it is empty and unlisted."""
    tried = Counter[str]()
    for wanted, live in list_scoped(size, limit_by_file):
        for contacts, name in ((4, "A"), (4, "X"), (0, "X"), (4, "new 0")):
            came = replace(FOREIGN[0], name=MARKETING.prefix + name, contacts_count=contacts)
            review = make_review(wanted, (came, *live[1:]), TARGET, NOW, LIMITS)
            book = carry_out(() if review.refusals else review.plan.changes, (came, *live[1:]))
            removed = {getattr(removal, "name", None) for removal in wanted.removed}
            if came.id not in book.groups:
                assert came.name in removed or (contacts == 0 and wanted.policy.unlisted is Unlisted.DELETE)
                tried["deleted"] += 1
            tried["refused" if review.refusals else "planned"] += 1
            twins = [one for one in review.plan.changes if isinstance(one, Create) and one.name == came.name]
            assert not twins
    assert tried["refused"] + tried["planned"] >= renames
    assert min(tried["refused"], tried["planned"], tried["deleted"]) >= renames // 20


# Exclusions and postponed deletions


def list_exclusions(size: int) -> Iterator[Excluding]:
    """Yield every arrangement with each group and each entry excluded on its own, and all pairs of groups."""
    for wanted, live in arrange(size):
        numbered = replace(
            wanted,
            groups=tuple(replace(entry, source=at(100 + n)) for n, entry in enumerate(wanted.groups)),
            removed=tuple(replace(entry, source=at(200 + n)) for n, entry in enumerate(wanted.removed)),
        )
        ids = [group.id for group in live]
        names = {group.name for group in live} | {entry.name for entry in wanted.groups}
        pairs = combinations(ids, 2) if size > 2 else ()
        for exclude in (*((one,) for one in (*ids, *sorted(names))), *pairs):
            yield Excluding(config=numbered, live=live, exclude=exclude)


SIZES_OF_EXCLUSIONS = pytest.mark.parametrize(
    ("size", "cases"), [(1, 70), (2, 1_000), pytest.param(3, 12_000, marks=pytest.mark.slow)], ids=["1", "2", "3"]
)


@SIZES_OF_EXCLUSIONS
def test_every_exclusion_leaves_the_rest_as_if_it_were_alone(size: int, cases: int) -> None:
    tried = Counter[str]()
    for case in list_exclusions(size):
        expected = require_only_the_rest(case)
        tried["changes" if expected.changes else "no changes"] += 1
        tried[f"two steps: {require_same_end(case)}"] += 1
        tried[f"remedies: {follow_remedies(case)}"] += 1
    assert tried["changes"] + tried["no changes"] >= cases
    assert tried["changes"] >= cases // 4
    assert size == 1 or tried["remedies: 1"] >= cases // 50, tried


@SIZES_OF_EXCLUSIONS
def test_every_exclusion_in_a_run_without_deletions_ends_in_a_plan_that_can_be_applied(size: int, cases: int) -> None:
    rounds = Counter[int]()
    for case in list_exclusions(size):
        rounds[follow_remedies(case, PlanOptions(no_deletes=True))] += 1
    assert rounds.total() >= cases
    assert size == 1 or rounds[1] >= cases // 20, rounds


@pytest.mark.parametrize(
    ("size", "arrangements"), [(1, 38), (2, 296), pytest.param(3, 1_954, marks=pytest.mark.slow)], ids=["1", "2", "3"]
)
def test_every_postponed_deletion_is_made_up_for_later(size: int, arrangements: int) -> None:
    """A plan without deletions, and then one with them, reach what the one with them reaches alone."""
    tried = Counter[str]()
    for wanted, live in arrange(size):
        tried["arrangements"] += 1
        at_once, first = make_plan(wanted, live), make_plan(wanted, live, PlanOptions(no_deletes=True))
        assert not any(isinstance(change, Delete) for change in first.changes)
        if at_once.problems or first.problems:
            tried["refused"] += 1
            assert {one.code for one in first.problems} - {"name-postponed"} == {one.code for one in at_once.problems}
            continue
        book = carry_out(first.changes, live, unique_names=True)
        later = make_plan(wanted, book.live())
        for change in later.changes:
            book.carry_out(change)
        assert name_groups(book, live) == name_groups(carry_out(at_once.changes, live), live)
        assert {one.group_id for one in first.postponed} == list_deleted(at_once.changes) == list_deleted(later.changes)
        tried["postponed"] += bool(first.postponed)
    assert tried["arrangements"] == arrangements
    assert tried["postponed"] >= arrangements // 10


def list_deleted(changes: Sequence[Change]) -> set[str]:
    return {change.group_id for change in changes if isinstance(change, Delete)}


@pytest.mark.parametrize(
    ("size", "crashes"), [(1, 60), (2, 600), pytest.param(3, 4_500, marks=pytest.mark.slow)], ids=["1", "2", "3"]
)
def test_after_a_kill_a_run_without_deletions_deletes_nothing(size: int, crashes: int) -> None:
    """A group at a temporary name stays, and is named; the plan that was killed is refused if deletions remain."""
    without = replace(LIMITS, no_deletes=True)
    tried = Counter[str]()
    for crash in crash_everywhere(arrange(size)):
        verified = verify_review(crash.review, crash.config, TARGET, crash.book.live(), without)
        remains = [one for one in verified.remaining if isinstance(one.change, Delete)]
        assert ("no-deletes" in verified.review.refusals) is bool(remains)
        review = make_review(crash.config, crash.book.live(), TARGET, NOW, without)
        book = carry_out(() if review.refusals else review.plan.changes, crash.book.live())
        assert crash.book.groups.keys() <= book.groups.keys()
        tried["deletions remain" if remains else "no deletion remains"] += 1
    assert tried.total() >= crashes
    assert min(tried.values()) >= crashes // 10


def test_the_groups_of_others_are_what_they_were_thought_to_be() -> None:
    """The scopes of the tests above are disjoint, and include what they should."""
    for limit in LIMITED:
        scope = limit(MARKETING.configure(config("A"))).make_scope()
        assert scope.split(FOREIGN) == ([], [*FOREIGN])
        assert all(scope.includes_name(MARKETING.prefix + name) for name in EVERY_NAME)
    assert isinstance(OTHER_CONFIG.removed[0], RemovedId)
    assert review_for(OTHER_CONFIG, FOREIGN).plan.changes
