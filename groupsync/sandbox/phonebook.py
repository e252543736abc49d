"""The groups, the contacts and the memberships of the local Phonebook, stored in its database."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from groupsync.sandbox.errors import ConflictError, MissingResourceError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from groupsync.sandbox.database import Database

CONTACT_FIELDS = ("email", "firstName", "lastName", "company", "title", "custom", "custom2", "custom3", "custom4")
MOST_PHONES = 10_000_000
_E164 = re.compile(r"\+[1-9][0-9]{5,14}")
_FIRST_PHONE = 50_000_000
_SELECT_GROUPS = """
SELECT id, name, created_on, (SELECT count(*) FROM memberships WHERE group_id = groups.id) FROM groups
"""
_SELECT_CONTACTS = "SELECT phone, fields, deletion_date FROM contacts "


def is_phone(text: str) -> bool:
    """Return whether the text is a phone number in E.164: a plus and 6 to 15 digits."""
    return _E164.fullmatch(text) is not None


def make_phones(count: int) -> tuple[str, ...]:
    """Return this many Estonian mobile numbers, the same ones each time; `count` is at most MOST_PHONES."""
    return tuple(f"+372{_FIRST_PHONE + number}" for number in range(count))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredGroup:
    """A group as the Phonebook shows it now."""

    id: str
    name: str
    created_on: str
    contacts_count: int

    def as_json(self) -> dict[str, object]:
        """Return the object that the vendor calls GroupResponseFields."""
        return {
            "id": self.id,
            "name": self.name,
            "createdOn": self.created_on,
            "contactsCount": self.contacts_count,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredContact:
    """A contact as the Phonebook shows it now; `deletion_date` is None while the contact is in a group."""

    phone: str
    fields: Mapping[str, str | None]
    deletion_date: str | None

    def as_json(self) -> dict[str, object]:
        """Return the object that the vendor calls ContactResponseFields; a field that was never set is null."""
        fields = {field: self.fields.get(field) for field in CONTACT_FIELDS}
        return {"phoneNumber": self.phone, **fields, "scheduledDeletionDate": self.deletion_date}


class Groups:
    """All groups, in the order in which they were created."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_all(self) -> tuple[StoredGroup, ...]:
        """Return every group, the oldest first."""
        with self._database.transaction() as connection:
            rows = connection.execute(_SELECT_GROUPS + "ORDER BY position").fetchall()
        return tuple(_make_group(row) for row in rows)

    def list_of_contact(self, phone: str) -> tuple[StoredGroup, ...]:
        """Return the groups that this contact is in, the oldest first."""
        where = "WHERE id IN (SELECT group_id FROM memberships WHERE phone = ?) ORDER BY position"
        with self._database.transaction() as connection:
            rows = connection.execute(_SELECT_GROUPS + where, (phone,)).fetchall()
        return tuple(_make_group(row) for row in rows)

    def get(self, group_id: str) -> StoredGroup:
        """Return the group with this id; raise MissingResourceError if there is none."""
        with self._database.transaction() as connection:
            row = connection.execute(_SELECT_GROUPS + "WHERE id = ?", (group_id,)).fetchone()
        if row is None:
            raise MissingResourceError(f"there is no group with the id {group_id}")
        return _make_group(row)

    def create(self, name: str, *, group_id: str | None = None, unique: bool = False) -> StoredGroup:
        """Create a group and return it; raise ConflictError if its id or, with `unique`, its name is taken."""
        new = (group_id or str(uuid.uuid4()), name, _format_now())
        with self._database.transaction() as connection:
            if unique:
                _refuse_taken_name(connection, name, except_id="")
            if connection.execute("SELECT 1 FROM groups WHERE id = ?", new[:1]).fetchone():
                raise ConflictError(f"there is a group with the id {group_id} already")
            connection.execute("INSERT INTO groups (id, name, created_on) VALUES (?, ?, ?)", new)
        return StoredGroup(id=new[0], name=name, created_on=new[2], contacts_count=0)

    def rename(self, group_id: str, name: str, *, unique: bool = False) -> StoredGroup:
        """Rename the group and return it; raise MissingResourceError, or ConflictError as `create` does."""
        with self._database.transaction() as connection:
            self.get(group_id)
            if unique:
                _refuse_taken_name(connection, name, except_id=group_id)
            connection.execute("UPDATE groups SET name = ? WHERE id = ?", (name, group_id))
            return self.get(group_id)

    def delete(self, group_id: str) -> None:
        """Delete the group and its memberships, not its contacts; raise MissingResourceError if there is no group."""
        with self._database.transaction() as connection:
            self.get(group_id)
            connection.execute("DELETE FROM groups WHERE id = ?", (group_id,))


class Contacts:
    """All contacts and their memberships, in the order of their phone numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_all(self) -> tuple[StoredContact, ...]:
        """Return every contact, in a group or not."""
        with self._database.transaction() as connection:
            rows = connection.execute(_SELECT_CONTACTS + "ORDER BY phone").fetchall()
        return tuple(_make_contact(row) for row in rows)

    def list_in_groups(self, group_ids: Sequence[str]) -> tuple[StoredContact, ...]:
        """Return the contacts that are in at least one of these groups; an unknown id adds none."""
        where = """
        WHERE phone IN (
            SELECT phone FROM memberships WHERE group_id IN (SELECT value FROM json_each(?))
        ) ORDER BY phone
        """
        with self._database.transaction() as connection:
            rows = connection.execute(_SELECT_CONTACTS + where, (json.dumps(group_ids),)).fetchall()
        return tuple(_make_contact(row) for row in rows)

    def get(self, phone: str) -> StoredContact:
        """Return the contact with this phone number; raise MissingResourceError if there is none."""
        with self._database.transaction() as connection:
            row = connection.execute(_SELECT_CONTACTS + "WHERE phone = ?", (phone,)).fetchone()
        if row is None:
            raise MissingResourceError(f"there is no contact with the phone number {phone}")
        return _make_contact(row)

    def create(self, phone: str, fields: Mapping[str, str | None]) -> StoredContact:
        """Create a contact in no group and return it; raise ConflictError if the phone number is taken."""
        with self._database.transaction() as connection:
            if connection.execute("SELECT 1 FROM contacts WHERE phone = ?", (phone,)).fetchone():
                raise ConflictError(f"there is a contact with the phone number {phone} already")
            connection.execute("INSERT INTO contacts (phone, fields) VALUES (?, ?)", (phone, json.dumps(fields)))
            return self.get(phone)

    def update(self, phone: str, fields: Mapping[str, str | None]) -> StoredContact:
        """Replace these fields of the contact, keep all others, and return it; raise MissingResourceError."""
        with self._database.transaction() as connection:
            merged = json.dumps({**self.get(phone).fields, **fields})
            connection.execute("UPDATE contacts SET fields = ? WHERE phone = ?", (merged, phone))
            return self.get(phone)

    def delete(self, phone: str) -> None:
        """Delete the contact and its memberships; raise MissingResourceError if there is no contact."""
        with self._database.transaction() as connection:
            self.get(phone)
            connection.execute("DELETE FROM contacts WHERE phone = ?", (phone,))

    def add_to_group(self, phone: str, group_id: str) -> None:
        """Add an existing contact to an existing group; raise ConflictError if it is a member already."""
        with self._database.transaction() as connection:
            if _is_member(connection, phone, group_id):
                raise ConflictError(f"the contact {phone} is in the group {group_id} already")
            connection.execute("INSERT INTO memberships (group_id, phone) VALUES (?, ?)", (group_id, phone))

    def remove_from_group(self, phone: str, group_id: str) -> None:
        """Remove the contact from the group; raise MissingResourceError if it is not a member."""
        with self._database.transaction() as connection:
            if not _is_member(connection, phone, group_id):
                raise MissingResourceError(f"the contact {phone} is not in the group {group_id}")
            connection.execute("DELETE FROM memberships WHERE group_id = ? AND phone = ?", (group_id, phone))

    def fill_group(self, group_id: str, phones: Iterable[str]) -> None:
        """Add all these phone numbers to the group; create the contacts that do not exist."""
        rows = [(phone, group_id) for phone in phones]
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO contacts (phone) VALUES (?)", [row[:1] for row in rows])
            connection.executemany("INSERT OR IGNORE INTO memberships (phone, group_id) VALUES (?, ?)", rows)


def _make_group(row: tuple[str, str, str, int]) -> StoredGroup:
    group_id, name, created_on, contacts_count = row
    return StoredGroup(id=group_id, name=name, created_on=created_on, contacts_count=contacts_count)


def _make_contact(row: tuple[str, str, str | None]) -> StoredContact:
    phone, fields, deletion_date = row
    return StoredContact(phone=phone, fields=json.loads(fields), deletion_date=deletion_date)


def _refuse_taken_name(connection: sqlite3.Connection, name: str, *, except_id: str) -> None:
    if connection.execute("SELECT 1 FROM groups WHERE name = ? AND id != ?", (name, except_id)).fetchone():
        raise ConflictError("there is a group of this name already")


def _is_member(connection: sqlite3.Connection, phone: str, group_id: str) -> bool:
    select = "SELECT 1 FROM memberships WHERE group_id = ? AND phone = ?"
    return connection.execute(select, (group_id, phone)).fetchone() is not None


def _format_now() -> str:
    """Return the time in UTC with microseconds, as in 2019-04-22T11:46:23.753613Z."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
