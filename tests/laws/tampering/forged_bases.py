"""Forged bases: an attacker invents what was live, and has the plan made from that."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain, combinations, product
from random import Random
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from groupsync.names import temporary_name
from groupsync.review.make import make_review
from tests.laws.tampering.applying import count_created, find_ends
from tests.laws.tampering.attacked import AttackedPlan, Groups
from tests.unit.core import LIMITS, NOW, TARGET, live

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.review import Review

Forgery: TypeAlias = Callable[[Groups], Groups]


def list_forgeries(attacked: AttackedPlan) -> list[Forgery]:
    """Return every way to leave out, rename, recount or invent one group of the base."""
    changes = attacked.review.plan.changes
    names = {"Renamed", "Stranger", *(group.name for group in attacked.base), *count_created(changes)}
    names |= {end for end in find_ends(changes).values() if end is not None}
    ids = [group.id for group in attacked.base]
    temporary_names = {temporary_name(name, group_id) for name, group_id in product(names, ids)}
    forgeries: list[Forgery] = [partial(_leave_out, group_id) for group_id in ids]
    for group_id in ids:
        own_names = names | {temporary_name(name, group_id) for name in names}
        forgeries += [partial(_rename, group_id, name) for name in sorted(own_names)]
        forgeries += [partial(_recount, group_id, count) for count in (0, 1, 6, 10**6, None)]
    for number, name in product((70, 99), sorted(names)):
        forgeries.append(partial(_invent, live(number, name)))
    forgeries += [partial(_invent, live(99, name)) for name in sorted(temporary_names)]
    return forgeries


def _leave_out(group_id: GroupId, base: Groups) -> Groups:
    return tuple(group for group in base if group.id != group_id)


def _rename(group_id: GroupId, name: str, base: Groups) -> Groups:
    return tuple(replace(group, name=name) if group.id == group_id else group for group in base)


def _recount(group_id: GroupId, count: int | None, base: Groups) -> Groups:
    return tuple(replace(group, contacts_count=count) if group.id == group_id else group for group in base)


def _invent(group: LiveGroup, base: Groups) -> Groups:
    return (*base, group)


def forge_reviews(attacked: AttackedPlan, *, drawn: int) -> Iterator[Review]:
    """Yield a plan from each base with one forgery, with two groups left out, and with `drawn` random combinations."""
    forgeries = list_forgeries(attacked)
    single = ([forgery] for forgery in forgeries)
    left_out: Iterable[Sequence[Forgery]] = combinations([partial(_leave_out, group.id) for group in attacked.base], 2)
    random = Random(1)  # noqa: S311 - the same every time
    several = (random.sample(forgeries, random.choice((2, 3))) for _ in range(drawn))
    for chosen in chain(single, left_out, several):
        yield forge_review(attacked, chosen)


def forge_review(attacked: AttackedPlan, forgeries: Iterable[Forgery]) -> Review:
    """Return the plan made from the base after these forgeries."""
    base = attacked.base
    for forgery in forgeries:
        base = forgery(base)
    return make_review(attacked.config, base, TARGET, NOW, LIMITS)
