"""The groups of the local Phonebook, as they are kept."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from groupsync.sandbox.errors import ConflictError, MissingError

if TYPE_CHECKING:
    import sqlite3

    from groupsync.sandbox.database import Database

_SELECT = """
SELECT id, name, created_on, (SELECT count(*) FROM memberships WHERE group_id = groups.id) FROM groups
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group as the Phonebook shows it now."""

    id: str
    name: str
    created_on: str
    contacts_count: int

    def as_json(self) -> dict[str, object]:
        """The object that the vendor calls GroupResponseFields."""
        return {
            "id": self.id,
            "name": self.name,
            "createdOn": self.created_on,
            "contactsCount": self.contacts_count,
        }


class Groups:
    """All groups, in the order in which they were created."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Group, ...]:
        """Every group, the oldest first."""
        with self._database.transaction() as connection:
            rows = connection.execute(_SELECT + "ORDER BY position").fetchall()
        return tuple(_group(row) for row in rows)

    def of_contact(self, phone: str) -> tuple[Group, ...]:
        """The groups that this contact is in, the oldest first."""
        where = "WHERE id IN (SELECT group_id FROM memberships WHERE phone = ?) ORDER BY position"
        with self._database.transaction() as connection:
            rows = connection.execute(_SELECT + where, (phone,)).fetchall()
        return tuple(_group(row) for row in rows)

    def one(self, group_id: str) -> Group:
        """The group of this id; MissingError without one."""
        with self._database.transaction() as connection:
            row = connection.execute(_SELECT + "WHERE id = ?", (group_id,)).fetchone()
        if row is None:
            raise MissingError(f"there is no group with the id {group_id}")
        return _group(row)

    def create(self, name: str, *, group_id: str | None = None, unique: bool = False) -> Group:
        """The new group; ConflictError if its id is taken or, with `unique`, its name."""
        new = (group_id or str(uuid.uuid4()), name, _now())
        with self._database.transaction() as connection:
            if unique:
                _refuse_taken(connection, name, but="")
            if connection.execute("SELECT 1 FROM groups WHERE id = ?", new[:1]).fetchone():
                raise ConflictError(f"there is a group with the id {group_id} already")
            connection.execute("INSERT INTO groups (id, name, created_on) VALUES (?, ?, ?)", new)
        return Group(id=new[0], name=name, created_on=new[2], contacts_count=0)

    def rename(self, group_id: str, name: str, *, unique: bool = False) -> Group:
        """The group under its new name; MissingError without it, ConflictError as for `create`."""
        with self._database.transaction() as connection:
            self.one(group_id)
            if unique:
                _refuse_taken(connection, name, but=group_id)
            connection.execute("UPDATE groups SET name = ? WHERE id = ?", (name, group_id))
            return self.one(group_id)

    def delete(self, group_id: str) -> None:
        """Forget the group and who was in it; its contacts stay. MissingError without it."""
        with self._database.transaction() as connection:
            self.one(group_id)
            connection.execute("DELETE FROM groups WHERE id = ?", (group_id,))


def _group(row: tuple[str, str, str, int]) -> Group:
    group_id, name, created_on, contacts_count = row
    return Group(id=group_id, name=name, created_on=created_on, contacts_count=contacts_count)


def _refuse_taken(connection: sqlite3.Connection, name: str, *, but: str) -> None:
    if connection.execute("SELECT 1 FROM groups WHERE name = ? AND id != ?", (name, but)).fetchone():
        raise ConflictError("there is a group of this name already")


def _now() -> str:
    """UTC with microseconds, as in 2019-04-22T11:46:23.753613Z."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
