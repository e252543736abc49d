"""Every small arrangement of pinned groups: nothing here is drawn at random."""

from __future__ import annotations

from itertools import combinations, groupby, permutations, product
from operator import attrgetter
from typing import TYPE_CHECKING

import pytest

from groupsync.model.config import Config, GroupEntry, RemovedId
from groupsync.model.groups import LiveGroup, Source
from groupsync.model.plan import Change, Create, Delete, Plan, Rename
from groupsync.planner import make_plan
from tests.laws.book import Book
from tests.unit.core import make_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAMES = ("A", "B", "a", "D")  # two of them differ only in case
NAMES_WITH_BLANKS = ("A b", "B", "a b", "A  B")  # three of them differ only in case and in blanks
SOURCE = Source(file="groups.yaml", line=1)
ALL_ORDERS_UP_TO = 4


def arrange(size: int, all_names: Sequence[str]) -> Iterator[tuple[Config, tuple[LiveGroup, ...]]]:
    """Yield every way to rename pinned groups, remove groups by id, and create groups of the names that become free."""
    names = all_names[:size]
    live = tuple(LiveGroup(id=make_id(n), name=name, contacts_count=n) for n, name in enumerate(names))
    for targets in product((*names, "new", None), repeat=size):
        desired = [target for target in targets if target not in {None, "new"}]
        if len(desired) != len(set(desired)):
            continue
        entries = [
            GroupEntry(name=f"new {n}" if target == "new" else target, id=make_id(n), source=SOURCE)
            for n, target in enumerate(targets)
            if target is not None
        ]
        removed = tuple(RemovedId(id=make_id(n), source=SOURCE) for n, target in enumerate(targets) if target is None)
        # An entry with the name of a group that is removed by id is refused, so no group of such a name is created.
        removed_names = {names[n] for n, target in enumerate(targets) if target is None}
        free_names = [name for name in names if name not in {*desired, *removed_names}]
        for count in range(len(free_names) + 1):
            for created in combinations(free_names, count):
                without_id = [GroupEntry(name=name, source=SOURCE) for name in created]
                yield Config(groups=(*entries, *without_id), removed=removed), live


def list_orders(plan: Plan) -> Iterator[list[Change]]:
    """Yield every order that the waves allow; of a large wave, only its own order and the reverse."""
    waves = [list(wave) for _, wave in groupby(plan.changes, key=attrgetter("wave"))]
    for order in product(*map(_list_orders_of_wave, waves)):
        yield [change for wave in order for change in wave]


def _list_orders_of_wave(wave: Sequence[Change]) -> list[Sequence[Change]]:
    return list(permutations(wave)) if len(wave) <= ALL_ORDERS_UP_TO else [wave, wave[::-1]]


@pytest.mark.parametrize("names", [NAMES, NAMES_WITH_BLANKS])
@pytest.mark.parametrize("unique_names", [True, False])
@pytest.mark.parametrize(("size", "arrangements"), [(0, 1), (1, 4), (2, 25), (3, 198), (4, 1881)])
def test_every_arrangement_is_reached_in_every_order_that_the_waves_allow(
    size: int, arrangements: int, unique_names: bool, names: Sequence[str]
) -> None:
    tried = 0
    for config, live in arrange(size, names):
        plan = make_plan(config, live)
        for order in list_orders(plan):
            book = Book(live, unique_names=unique_names)

            for change in order:
                book.carry_out(change)

            assert book.clashes == []
            assert sorted(group.name for group in book.live()) == sorted(entry.name for entry in config.groups)
            assert {entry.id: entry.name for entry in config.groups if entry.id}.items() <= {
                group.id: group.name for group in book.live()
            }.items()
        assert make_plan(config, book.live()).changes == ()
        tried += 1
    assert tried == arrangements


@pytest.mark.parametrize("names", [NAMES, NAMES_WITH_BLANKS])
@pytest.mark.parametrize("size", [2, 3, 4])
def test_no_step_is_superfluous(size: int, names: Sequence[str]) -> None:
    """A group is renamed once; twice only to break a cycle or to free its name before it is deleted."""
    for config, live in arrange(size, names):
        changes = make_plan(config, live).changes
        renamed = {change.group_id for change in changes if isinstance(change, Rename) and not change.temporary}
        temporary = [change for change in changes if isinstance(change, Rename) and change.temporary]
        deleted = {change.group_id for change in changes if isinstance(change, Delete)}
        desired = {entry.id: entry.name for entry in config.groups if entry.id}

        assert renamed == {group.id for group in live if desired.get(group.id, group.name) != group.name}
        assert len([change for change in changes if isinstance(change, Create)]) == len(config.groups) - len(desired)
        assert len(temporary) <= len(deleted) + max(len(renamed) - 1, 0)
