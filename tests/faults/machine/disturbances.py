"""What goes wrong on the way of a run: faults of the wire, and other people who write at the same time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from groupsync.model.plan import Create, Delete, Rename
from tests.faults.machine.world import PHONES, Deletion, OutsideWrite, World
from tests.wire.faults import (
    ActedThen,
    ActedThenHang,
    ActedThenReset,
    CutBody,
    CutHead,
    Fault,
    Hang,
    Latency,
    ResetBefore,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from groupsync.model.plan import Change
    from tests.wire.fault_proxy import FaultProxy

SHORT_TIMEOUT, LONG_TIMEOUT = 0.3, 20.0
"""Seconds that a request may take: the short one only if a fault is to take longer than that."""

LATE = Latency(SHORT_TIMEOUT + 0.15)
SLOW_FAULTS = (Hang(), ActedThenHang(), LATE)
QUICK_FAULTS = (ResetBefore(), ActedThenReset(), ActedThen(500), ActedThen(503), ActedThen(404), CutHead(9), CutBody(7))


@dataclass(frozen=True, kw_only=True)
class Disturbances:
    """What shall happen to one run; the keys are numbers of its requests, from 1."""

    faults: Mapping[int, Fault] = field(default_factory=dict)
    outside_writes: Mapping[int, OutsideWrite] = field(default_factory=dict)
    exchanges_members: bool = False
    """Before a deletion one member leaves and another one joins, so the count stays as it was reviewed."""

    refuses_from: int = 0
    """From this request on no connection is accepted; 0 means never."""

    joins_before_delete: bool = False
    """Somebody joins the group of each DELETE when it has been sent already: a moment that no client can close."""

    @property
    def timeout(self) -> float:
        return SHORT_TIMEOUT if set(self.faults.values()) & set(SLOW_FAULTS) else LONG_TIMEOUT


class Disturber:
    """Disturbs one run, request by request, and notes what each of its deletions meets."""

    def __init__(self, world: World, disturbances: Disturbances, reviewed: Sequence[Change]) -> None:
        self._world = world
        self._disturbances = disturbances
        self._reviewed = reviewed
        self._read: set[str] = set()  # the groups whose name and count the run has read
        self._members_read: set[str] = set()
        self.deletions: list[Deletion] = []
        self.undone: list[str] = []
        """What was not done of the reviewed plan when a DELETE came, apart from its deletions."""

        self.proxy: FaultProxy | None = None

    def handle(self, number: int, method: str, path: str) -> Fault | None:
        """Let happen what is due before this request reaches the server; return the fault that it meets."""
        group_id = path.rpartition("/")[2].rpartition("=")[2]
        if method == "DELETE":
            self._handle_delete(group_id)
        elif number in self._disturbances.outside_writes:
            self._write_from_outside(self._disturbances.outside_writes[number], group_id)
        if method == "GET":
            self._handle_read(group_id, lists_members="groupIds" in path)
        if self.proxy and self._disturbances.refuses_from and number >= self._disturbances.refuses_from:
            self.proxy.refuse()
        fault = self._disturbances.faults.get(number)
        return None if method == "PUT" and fault == LATE else fault

    def _handle_delete(self, group_id: str) -> None:
        if self._disturbances.joins_before_delete:
            self._world.add_member(group_id, 2)
        self.deletions.append(self._world.observe_deletion(group_id))
        self.undone.extend(find_undone(self._reviewed, self._world.find_names()))

    def _write_from_outside(self, write: OutsideWrite, group_id: str) -> None:
        """Let somebody else write, except in the moments that no client can close.

        Nobody writes to a group that the run has read, and nobody leaves a group whose members it has read.
        """
        excluded = self._read | self._members_read if write.kind == "remove member" else self._read
        self._world.write_from_outside(write, excluded=frozenset(excluded), preferred=(group_id,))

    def _handle_read(self, group_id: str, *, lists_members: bool) -> None:
        if self._disturbances.exchanges_members:
            self._exchange_member(group_id, lists_members=lists_members)
        if lists_members:
            self._members_read.add(group_id)
        else:
            self._read.add(group_id)

    def _exchange_member(self, group_id: str, *, lists_members: bool) -> None:
        """Let somebody leave before the members are read, and somebody else join before the group itself is read."""
        if lists_members:
            self._world.remove_first_member(group_id)
        elif group_id in self._members_read - self._read:
            members = self._world.members.get(group_id, set())
            newcomer = next(number for number, phone in enumerate(PHONES) if phone not in members)
            self._world.add_member(group_id, newcomer)


def find_undone(changes: Sequence[Change], live: Mapping[str, str]) -> list[str]:
    """Return the ids and names of what is not done yet, apart from deletions and the groups that are to be deleted."""
    last_names: dict[str, str] = {change.group_id: change.after for change in changes if isinstance(change, Rename)}
    to_delete = {change.group_id for change in changes if isinstance(change, Delete)}
    not_renamed = [
        group_id for group_id, name in last_names.items() if group_id not in to_delete and live.get(group_id) != name
    ]
    not_created = find_created(changes) - set(live.values())
    return [*not_renamed, *not_created]


def find_created(changes: Iterable[Change]) -> set[str]:
    """Return the names that the plan creates."""
    return {change.name for change in changes if isinstance(change, Create)}
