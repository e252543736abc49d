"""The Phonebook of a history, and the writes by people and programs other than groupsync."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import requests

from groupsync.backup.content import load_backup
from groupsync.errors import ApiError
from groupsync.model.contacts import Contact
from groupsync.model.groups import GroupId
from groupsync.sandbox.errors import PhonebookError
from tests.faults.machine.edits import NAMES, pick
from tests.unit.core import SANDBOX_CREDENTIALS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupsync.api.client import GroupsClient
    from groupsync.sandbox import Sandbox

PHONES = tuple(f"+3725000000{number}" for number in range(6))

GroupWriteKind: TypeAlias = Literal["rename", "delete", "add member", "remove member", "recreate"]
OutsideWriteKind: TypeAlias = Literal["add group"] | GroupWriteKind
OUTSIDE_WRITE_KINDS: tuple[OutsideWriteKind, ...] = (
    "add group",
    "add group",
    "rename",
    "delete",
    "add member",
    "add member",
    "remove member",
    "recreate",
)
"""What the machine draws from; a kind that is listed twice is drawn twice as often."""


class OutsideWrite(NamedTuple):
    """A write by somebody else, and the two numbers that choose its group, and its new name or member."""

    kind: OutsideWriteKind
    first: int
    second: int


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """A DELETE as it came over the wire, and what it met; `name` is None if the group was already deleted."""

    group_id: str
    name: str | None
    members: frozenset[str]
    is_backed_up: bool


@dataclass
class World:
    """A Phonebook, and a record of who was added to its groups: groupsync itself never changes members."""

    sandbox: Sandbox
    folder: Path
    has_unique_names: bool
    client: GroupsClient
    """Goes to the sandbox directly, past every proxy."""

    members: dict[str, set[str]] = field(default_factory=dict)
    changed_from_outside: set[str] = field(default_factory=set)
    """The ids of the groups that somebody else made, renamed or deleted."""

    def __post_init__(self) -> None:
        self.sandbox.delete_group(self.sandbox.add_group("Everybody", contacts=PHONES))  # so the contacts exist
        self.backup_folder.mkdir()

    @property
    def backup_folder(self) -> Path:
        return self.folder / "backups"

    def find_names(self) -> dict[str, str]:
        """Return the name of every live group by its id."""
        return {group.id: group.name for group in self.sandbox.groups()}

    # Writes by somebody else

    def add_group(self, name: str, number: int) -> None:
        """Make a group of up to three members; do nothing if the name is taken and names are unique."""
        if self._is_taken(name):
            return
        phones = [PHONES[(number + step) % len(PHONES)] for step in range(max(0, number % 5 - 1))]
        group_id = self.sandbox.add_group(name, contacts=phones)
        self.members[group_id] = set(phones)
        self.changed_from_outside.add(group_id)

    def rename_group(self, group_id: str, name: str) -> None:
        """Rename a group; do nothing if the name is taken and names are unique."""
        if not self._is_taken(name):
            self.changed_from_outside.add(group_id)
            self.sandbox.rename_group(group_id, name)

    def delete_group(self, group_id: str) -> None:
        self.changed_from_outside.add(group_id)
        self.sandbox.delete_group(group_id)

    def add_member(self, group_id: str, number: int) -> None:
        phone = pick(PHONES, number)
        with contextlib.suppress(ApiError):  # it may be in the group, or the group may be gone
            self.client.add_contact(GroupId(group_id), Contact(phone=phone))
            self.members.setdefault(group_id, set()).add(phone)

    def remove_first_member(self, group_id: str) -> None:
        """Remove the first of the recorded members, if there is one."""
        for phone in sorted(self.members.get(group_id, ()))[:1]:
            url = f"{self.sandbox.url}/phonebook/groups/{group_id}/contacts/%2B{phone[1:]}"
            with requests.Session() as session:
                session.trust_env = False
                session.auth = (SANDBOX_CREDENTIALS.username, SANDBOX_CREDENTIALS.password)
                answer = session.delete(url, timeout=20)
            if answer.ok:
                self.members[group_id].remove(phone)

    def write_from_outside(
        self, write: OutsideWrite, *, excluded: frozenset[str] = frozenset(), preferred: Sequence[str] = ()
    ) -> None:
        """Carry out a write, never to the groups `excluded`, and three times in four to one of those `preferred`."""
        if write.kind == "add group":
            self.add_group(pick(NAMES, write.first), write.second)
            return
        groups = [group for group in self.sandbox.groups() if group.id not in excluded]
        if write.first % 4:
            groups = [group for group in groups if group.id in preferred] or groups
        if groups:
            with contextlib.suppress(PhonebookError):  # a deletion may just have come through
                self._write_to(pick(groups, write.first), write.kind, write.second)

    def _write_to(self, group: Any, kind: GroupWriteKind, number: int) -> None:
        match kind:
            case "rename":
                self.rename_group(group.id, pick(NAMES, number))
            case "add member":
                self.add_member(group.id, number)
            case "remove member":
                self.remove_first_member(group.id)
            case "delete":
                self.delete_group(group.id)
            case "recreate":
                self.delete_group(group.id)
                self.add_group(group.name, number)

    def _is_taken(self, name: str) -> bool:
        return self.has_unique_names and name in self.sandbox.names()

    # What a deletion meets

    def observe_deletion(self, group_id: str) -> Deletion:
        """Return what a DELETE that has just come in meets, and whether one backup holds all members of the group."""
        members = frozenset(self.sandbox.members(group_id))
        files = self.backup_folder.glob(f"*{group_id}*.json")
        backups = [load_backup(file.read_bytes(), file.name) for file in files]
        return Deletion(
            group_id=group_id,
            name=self.find_names().get(group_id),
            members=members,
            is_backed_up=any(members == {contact.phone for contact in backup.contacts} for backup in backups),
        )
