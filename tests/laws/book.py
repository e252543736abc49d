"""A Phonebook in memory that carries out the changes of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.model.groups import GroupId, LiveGroup
from groupsync.model.plan import Change, Create, Delete, Rename
from tests.unit.core import make_id

if TYPE_CHECKING:
    from collections.abc import Iterable


class Book:
    """Groups by id. A change to the name of another group is recorded as a clash, and refused if names are unique."""

    def __init__(self, groups: Iterable[LiveGroup], *, unique_names: bool) -> None:
        self.groups = {group.id: group for group in groups}
        self.clashes: list[Change] = []
        self.unique_names = unique_names
        self._next = 0x1000

    def live(self) -> tuple[LiveGroup, ...]:
        return tuple(self.groups.values())

    def carry_out(self, change: Change) -> None:
        match change:
            case Create(name=name):
                self._note_clash(change, name, None)
                self._next += 1
                new_id = make_id(self._next)
                self.groups[new_id] = LiveGroup(id=new_id, name=name, contacts_count=0)
            case Rename(group_id=group_id, before=before, after=after):
                assert self.groups[group_id].name == before, f"{change} finds {self.groups[group_id]}"
                self._note_clash(change, after, group_id)
                self.groups[group_id] = replace(self.groups[group_id], name=after)
            case Delete(group_id=group_id, name=name):
                assert self.groups[group_id].name == name, f"{change} finds {self.groups[group_id]}"
                del self.groups[group_id]

    def _note_clash(self, change: Change, name: str, own: GroupId | None) -> None:
        if any(group.name == name for group in self.groups.values() if group.id != own):
            self.clashes.append(change)
            assert not self.unique_names, f"{change} is answered with 409"
