"""Plans to attack: three that are honestly applied, and one or two for every reason to refuse a plan."""

from __future__ import annotations

from groupsync.model.config import Unlisted
from groupsync.names import temporary_name
from tests.laws.tampering.attacked import AttackedPlan
from tests.unit.core import config, entry, live, make_id

CYCLE_CHAIN_AND_NAME_OF_DELETED = AttackedPlan(
    config=config(
        entry("B", 1),
        entry("C", 2),
        entry("A", 3),
        entry("E", 4),
        entry("F", 5),
        entry("G", 6),
        "H",
        "New",
        removed=(7, 8),
    ),
    base=(
        live(1, "A", 1),
        live(2, "B", 2),
        live(3, "C", 3),
        live(4, "D"),
        live(5, "E"),
        live(6, "F"),
        live(7, "h", 4),
        live(8, "Spring", 5),
    ),
)
BY_NAME = AttackedPlan(
    config=config(
        entry("Customers", previously=("VIP",)),
        entry("LEADS", previously=("Leads",)),
        "New",
        "Listed",
        removed=("Sale", 8),
        ignore=("Imported*",),
    ),
    base=(
        live(1, "VIP", 9),
        live(2, "Leads", 3),
        live(3, "Listed", 4),
        live(4, "Sale"),
        live(8, "Spring", 5),
        live(5, "new"),
        live(6, "Empty"),
        live(7, "Imported", 8),
    ),
)
SWAP_AND_INTERRUPTED = AttackedPlan(
    config=config(entry("B", 1), entry("A", 2), entry("C", 3), removed=(4,), unlisted=Unlisted.KEEP),
    base=(
        live(1, "A", 2),
        live(2, "B", 3),
        live(3, temporary_name("C", make_id(3)), 4),
        live(4, temporary_name("D", make_id(4)), 5),
        live(5, "Kept", 6),
    ),
)
HONEST = {
    "cycle-chain-and-name-of-deleted": CYCLE_CHAIN_AND_NAME_OF_DELETED,
    "by-name": BY_NAME,
    "swap-and-interrupted": SWAP_AND_INTERRUPTED,
}

# Each of the refused plans also has a group that could be deleted if another group did not cause the refusal.
EMPTY = live(8, "Empty")
SALE = live(9, "Sale")
REFUSED_BY_GUARD = {
    "contacts-lost": AttackedPlan(config=config("New", removed=("Sale",)), base=(live(1, "Full", 3), EMPTY, SALE)),
    "unknown-count": AttackedPlan(config=config("New", removed=(1, "Sale")), base=(live(1, "Full", None), EMPTY, SALE)),
    "unlisted": AttackedPlan(
        config=config("New", removed=("Sale",), unlisted=Unlisted.REFUSE), base=(live(1, "Full", 3), EMPTY, SALE)
    ),
    "unlisted, undecided": AttackedPlan(
        config=config("New", removed=("Sale",), unlisted=None), base=(live(1, "Full", 3), EMPTY, SALE)
    ),
    "interrupted-rename": AttackedPlan(
        config=config("VIP", removed=("Sale",)), base=(live(1, temporary_name("VIP", make_id(1)), 3), EMPTY, SALE)
    ),
    "empty-config": AttackedPlan(config=config(removed=("Sale",)), base=(EMPTY, SALE)),
}
REFUSED_BY_PROBLEM = {
    "id-not-live": AttackedPlan(config=config(entry("A", 1), removed=("Sale",)), base=(EMPTY, SALE)),
    "name-twice-live": AttackedPlan(
        config=config("A", "B", removed=("Sale",)), base=(live(1, "A"), live(2, "A"), SALE)
    ),
    "previously-twice-live": AttackedPlan(
        config=config(entry("A", previously=("B", "C")), removed=("Sale",)), base=(live(1, "B"), live(2, "C"), SALE)
    ),
    "previously-still-live": AttackedPlan(
        config=config(entry("A", previously=("B",)), removed=("Sale",)), base=(live(1, "A"), live(2, "B"), SALE)
    ),
    "name-taken": AttackedPlan(
        config=config("New", removed=("Sale",), unlisted=Unlisted.KEEP), base=(live(1, "new", 3), SALE)
    ),
    "name-wanted-twice": AttackedPlan(
        config=config(entry("A", 1), entry("A", 2), removed=("Sale",)), base=(live(1, "A"), live(2, "B"), SALE)
    ),
    "temporary-name-live": AttackedPlan(
        config=config("New", removed=(1, "Sale"), unlisted=Unlisted.KEEP),
        base=(live(1, "new", 3), live(2, temporary_name("new", make_id(1)), 3), SALE),
    ),
    "name-not-writable": AttackedPlan(config=config(entry(" A", 1), removed=("Sale",)), base=(live(1, "A"), SALE)),
}
# An attacker can leave the reason for these refusals out of the base, as if it had appeared later.
REFUSED_BY_ONE_GROUP = {
    "removed-name-twice-live": AttackedPlan(config=config("A", removed=("Sale",)), base=(live(1, "Sale", 3), SALE)),
    "removed-is-listed": AttackedPlan(config=config("A", removed=(1, "Sale")), base=(live(1, "A", 3), SALE)),
    "id-ignored": AttackedPlan(
        config=config("A", removed=(1, "Sale"), ignore=("Imp*",)), base=(live(1, "Imp", 3), SALE)
    ),
    "temporary-name-live": AttackedPlan(
        config=config("New", removed=(1, "Sale"), unlisted=Unlisted.KEEP),
        base=(live(1, "new", 3), live(2, temporary_name("new", make_id(1)).upper(), 3), SALE),
    ),
    "interrupted-rename": REFUSED_BY_GUARD["interrupted-rename"],
}
REFUSED = {**REFUSED_BY_GUARD, **REFUSED_BY_PROBLEM, **REFUSED_BY_ONE_GROUP}
