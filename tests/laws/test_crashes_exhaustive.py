"""Every small arrangement of groups and intents, with a run of its plan that is killed at every possible point.

Next comes the same plan, a new plan of the same configuration, or a plan of a reverted configuration.
"""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass
from itertools import combinations, groupby, product
from operator import attrgetter
from typing import TYPE_CHECKING

import pytest
import yaml
from msgspec.structs import replace

from groupsync.model.config import Config, GroupEntry, Policy, RemovedId, RemovedName, Unlisted
from groupsync.model.groups import GroupId, LiveGroup
from groupsync.model.plan import Delete
from groupsync.model.remaining import is_deletion
from groupsync.names import find_name_without_suffix
from groupsync.review.make import make_review
from groupsync.review.verify import verify_review
from tests.laws.book import Book
from tests.laws.test_planner_exhaustive import NAMES, SOURCE
from tests.unit.core import LIMITS, NOW, TARGET, make_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from groupsync.model.config import Removal
    from groupsync.model.plan import Plan
    from groupsync.model.review import Review

PINNED, PREVIOUSLY, LISTED = "pinned", "previously", "listed"
REMOVED_ID, REMOVED_NAME, UNLISTED = "removed by id", "removed by name", "unlisted"
Situation = tuple[Config, tuple[LiveGroup, ...]]
NamesAfter = tuple[dict[GroupId, str], list[str]]
Intent = tuple[str, str]
"""What the configuration says about a live group, and the name that it asks for."""


def arrange(size: int) -> Iterator[Situation]:
    """Yield every configuration of so many groups, also with one more group to create.

    Configurations that the reader refuses are left out. Groups that are deleted without consent by id are empty.
    """
    names = NAMES[:size]
    reachable = NAMES[: max(size, 3)]
    for intents in product(*(list(_list_intents(n, reachable)) for n in range(size))):
        live = tuple(
            LiveGroup(id=make_id(n), name=name, contacts_count=0 if intent[0] in {UNLISTED, REMOVED_NAME} else n)
            for n, (name, intent) in enumerate(zip(names, intents, strict=True))
        )
        is_decided = all(intent[0] != UNLISTED for intent in intents)
        for created in ((), *((name,) for name in reachable)):
            for unlisted in (Unlisted.DELETE,) if is_decided else (Unlisted.DELETE, Unlisted.KEEP):
                config = _configure(names, intents, created, unlisted)
                if config:
                    yield config, live


def _list_intents(number: int, names: Sequence[str]) -> Iterator[Intent]:
    own = NAMES[number]
    for name in (*names, f"new {number}"):
        yield PINNED, name
        if name != own:
            yield PREVIOUSLY, name
    yield from ((word, own) for word in (LISTED, REMOVED_ID, REMOVED_NAME, UNLISTED))


def _configure(
    names: Sequence[str], intents: Sequence[Intent], created: Sequence[str], unlisted: Unlisted
) -> Config | None:
    """Return the configuration with these intents; None if they contradict each other."""
    groups = [GroupEntry(name=name, source=SOURCE) for name in created]
    removed: list[Removal] = []
    named = set()
    for number, (own, (word, name)) in enumerate(zip(names, intents, strict=True)):
        if word == PINNED:
            groups.append(GroupEntry(name=name, id=make_id(number), source=SOURCE))
        elif word == PREVIOUSLY:
            groups.append(GroupEntry(name=name, previously=(own,), source=SOURCE))
        elif word == LISTED:
            groups.append(GroupEntry(name=own, source=SOURCE))
        elif word == REMOVED_ID:
            removed.append(RemovedId(id=make_id(number), source=SOURCE))
        elif word == REMOVED_NAME:
            removed.append(RemovedName(name=own, source=SOURCE))
        if word in {PREVIOUSLY, REMOVED_NAME}:
            named.add(own)
    desired = [entry.name for entry in groups]
    if len(desired) != len(set(desired)) or named & set(desired):
        return None
    return Config(
        groups=tuple(groups), removed=tuple(removed), policy=Policy(unlisted=unlisted), files=("groups.yaml",)
    )


@dataclass(frozen=True, kw_only=True)
class Crash:
    """A plan, the groups as a killed run left them, and as the whole run would have left them."""

    config: Config
    base: tuple[LiveGroup, ...]
    review: Review
    book: Book
    end: NamesAfter


def find_names(book: Book, base: Sequence[LiveGroup]) -> NamesAfter:
    """Return the names of the groups of the base, by id, and the names of all others."""
    known = {group.id for group in base}
    return (
        {group.id: group.name for group in book.live() if group.id in known},
        sorted(group.name for group in book.live() if group.id not in known),
    )


def crash_everywhere(situations: Iterable[Situation]) -> Iterator[Crash]:
    """Yield every crash of every plan that is not refused: after whole waves and any part of the next."""
    for config, live in situations:
        review = make_review(config, live, TARGET, NOW, LIMITS)
        if review.refusals or not review.plan.changes:
            continue
        book = Book(live, unique_names=True)
        carry_out(review.plan, book)
        end = find_names(book, live)
        for stopped in _stop_everywhere(review.plan, live):
            yield Crash(config=config, base=live, review=review, book=stopped, end=end)


def list_situations_after(crashes: Iterable[Crash]) -> Iterator[Situation]:
    """Yield the configuration and the groups after each crash; new groups get ids that no book uses again."""
    for crash in crashes:
        known = {group.id for group in crash.base}
        made = (group for group in crash.book.live() if group.id not in known)
        renumbered = (replace(group, id=make_id(0x100 + n)) for n, group in enumerate(made))
        yield crash.config, (*(group for group in crash.book.live() if group.id in known), *renumbered)


def _stop_everywhere(plan: Plan, live: Sequence[LiveGroup]) -> Iterator[Book]:
    before = Book(live, unique_names=True)
    for _, changes in groupby(plan.changes, key=attrgetter("wave")):
        wave = list(changes)
        for count in range(len(wave)):
            for done in combinations(wave, count):
                book = duplicate(before)
                for change in done:
                    book.carry_out(change)
                yield book
        for change in wave:
            before.carry_out(change)
    yield before


def duplicate(book: Book) -> Book:
    twin = copy.copy(book)
    twin.groups, twin.clashes = dict(book.groups), []
    return twin


def carry_out(plan: Plan, book: Book) -> None:
    for change in plan.changes:
        book.carry_out(change)


# What comes after a crash


def run_same_plan(crash: Crash) -> str:
    """Assert that the same plan finishes and is done then; return how it went."""
    book = duplicate(crash.book)
    verified = verify_review(crash.review, crash.config, TARGET, book.live(), LIMITS)
    gone = {group.id for group in crash.base} - book.groups.keys()
    assert verified.review.refusals == ()
    assert not gone or all(map(is_deletion, verified.remaining)), "deleted before its time"
    for remaining in verified.remaining:
        book.carry_out(remaining.change)

    assert find_names(book, crash.base) == crash.end
    assert verify_review(crash.review, crash.config, TARGET, book.live(), LIMITS).remaining == ()
    return "resumed" if verified.remaining else "nothing was left"


def run_new_plan(crash: Crash) -> str:
    """Assert that a new plan finishes, with the lines pasted that it asks for; return how it went."""
    config, book = crash.config, duplicate(crash.book)
    review = plan_again(config, book)
    went = "finished"
    if review.refusals:
        config = paste(config, review, keeps_unnamed=False)
        review = plan_again(config, book)
        went = "finished after pasting"
    assert review.refusals == ()
    carry_out(review.plan, book)

    assert find_names(book, crash.base) == crash.end
    assert plan_again(config, book).plan.changes == ()
    return went


def run_reverted(crash: Crash, config: Config) -> str:
    """Assert that the plan of a reverted configuration finishes, or says what it needs; return how it went."""
    book = duplicate(crash.book)
    ids_at_temporary_names = {
        group.id for group in book.live() if find_name_without_suffix(group.name, group.id) is not None
    }
    review = plan_again(config, book)
    went = "finished"
    if "interrupted-rename" in review.refusals:
        config = paste(config, review, keeps_unnamed=True)
        review = plan_again(config, book)
        went = "finished after pasting"
        assert "interrupted-rename" not in review.refusals
    if review.refusals:
        return "refused for another reason"
    carry_out(review.plan, book)

    assert ids_at_temporary_names <= book.groups.keys()
    assert plan_again(config, book).plan.changes == ()
    return went


def list_again(crash: Crash, *, with_ids: bool = False) -> Config:
    """Return the configuration that lists the groups of the base."""
    groups = tuple(
        GroupEntry(name=group.name, id=group.id if with_ids else None, source=SOURCE) for group in crash.base
    )
    return replace(crash.config, groups=groups, removed=())


def keep_names_only(crash: Crash) -> Config:
    """Return the configuration with only the names of its entries, without ids and earlier names."""
    groups = tuple(replace(entry, id=None, previously=()) for entry in crash.config.groups)
    return replace(crash.config, groups=groups, removed=())


def plan_again(config: Config, book: Book) -> Review:
    """Return a new plan; assert that groups at temporary names are deleted only by id, and problems have remedies."""
    review = make_review(config, book.live(), TARGET, NOW, LIMITS)
    removed = {removal.id for removal in config.removed if isinstance(removal, RemovedId)}
    for change in review.plan.changes:
        if isinstance(change, Delete) and find_name_without_suffix(book.groups[change.group_id].name, change.group_id):
            assert change.group_id in removed
    assert all(problem.remedy for problem in review.plan.problems)
    assert all(guard.remedy for guard in review.guards)
    return review


def paste(config: Config, review: Review, *, keeps_unnamed: bool) -> Config:
    """Return the configuration with the lines pasted that the guard prints for interrupted renames.

    An entry for the group gets the id. A group without an entry is removed, or kept under a made-up name.
    """
    groups, removed = list(config.groups), list(config.removed)
    for name, group_id in find_choices(review):
        if name:
            place = next((n for n, entry in enumerate(groups) if (entry.name, entry.id) == (name, None)), len(groups))
            groups[place : place + 1] = [GroupEntry(name=name, id=group_id, source=SOURCE)]
        elif keeps_unnamed:
            groups.append(GroupEntry(name=f"Marketing Kept {group_id}", id=group_id, source=SOURCE))
        else:
            removed.append(RemovedId(id=group_id, source=SOURCE))
    return replace(config, groups=tuple(groups), removed=tuple(removed))


def find_choices(review: Review) -> list[tuple[str, GroupId]]:
    """Return the name of the entry that the guard changes for each group ("" if it adds one), with the group's id."""
    (guard,) = (guard for guard in review.guards if guard.code == "interrupted-rename")
    kept = [read_snippet(remedy) for remedy in guard.remedy[::2]]
    deleted = [read_snippet(remedy) for remedy in guard.remedy[1::2]]
    for entries in (kept, deleted):
        assert tuple(entry["id"] for _, entry in entries) == guard.group_ids
    assert all(sentence.startswith("to delete it, add ") for sentence, _ in deleted)
    return [("" if ", add " in sentence else entry["name"], GroupId(entry["id"])) for sentence, entry in kept]


def read_snippet(remedy: str) -> tuple[str, dict[str, str]]:
    """Return the sentence of a remedy, and the only entry that its lines change or add."""
    sentence, _, lines = remedy.partition("\n")
    document = yaml.safe_load(lines)
    (entry,) = document if isinstance(document, list) else next(iter(document.values()))
    return sentence, entry


# The sizes that are tried

SIZES = [
    pytest.param(1, 80, id="1"),
    pytest.param(2, 700, id="2"),
    pytest.param(3, 5000, id="3"),
    pytest.param(4, 100_000, id="4", marks=pytest.mark.slow),
]
on_every_size = pytest.mark.parametrize(("size", "crashes"), SIZES)


@pytest.mark.parametrize(("size", "arrangements"), [(1, 38), (2, 296), (3, 1954)])
def test_every_arrangement_is_tried(size: int, arrangements: int) -> None:
    assert sum(1 for _ in arrange(size)) == arrangements


@on_every_size
def test_the_same_plan_finishes_after_a_kill_at_any_point(size: int, crashes: int) -> None:
    tried = Counter(run_same_plan(crash) for crash in crash_everywhere(arrange(size)))

    assert tried.total() >= crashes
    assert tried["resumed"] > crashes // 2


@on_every_size
def test_a_new_plan_finishes_after_a_kill_at_any_point_or_asks_for_ids(size: int, crashes: int) -> None:
    tried = Counter(run_new_plan(crash) for crash in crash_everywhere(arrange(size)))

    assert tried.total() >= crashes
    assert tried["finished"] > crashes // 2
    assert tried["finished after pasting"] > crashes // 30


@pytest.mark.parametrize("revert", [list_again, keep_names_only])
@on_every_size
def test_a_configuration_reverted_after_a_kill_loses_no_group_at_a_temporary_name(
    size: int, crashes: int, revert: Callable[[Crash], Config]
) -> None:
    tried = Counter(run_reverted(crash, revert(crash)) for crash in crash_everywhere(arrange(size)))

    assert tried.total() >= crashes
    assert tried["finished"] > crashes // 4
    assert tried["finished after pasting"] > crashes // 30


@pytest.mark.parametrize("size", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_a_configuration_reverted_with_ids_restores_every_name(size: int) -> None:
    """Unless a group is deleted already, or a new group has its name: then the plan is refused."""
    tried = 0
    for crash in crash_everywhere(arrange(size)):
        book = duplicate(crash.book)
        review = plan_again(list_again(crash, with_ids=True), book)
        assert set(review.refusals) <= {"id-not-live", "name-taken"}
        if not review.refusals:
            carry_out(review.plan, book)
            tried += 1

            assert find_names(book, crash.base)[0] == {group.id: group.name for group in crash.base}
    assert tried > {1: 50, 2: 500, 3: 4000}[size]


@pytest.mark.parametrize("size", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_a_new_plan_that_is_killed_too_loses_nothing(size: int) -> None:
    situations = list_situations_after(crash_everywhere(arrange(size)))
    tried = 0
    for crash in crash_everywhere(situations):
        run_same_plan(crash)
        run_new_plan(crash)
        tried += 1
    assert tried >= {1: 50, 2: 1000, 3: 10_000}[size]
