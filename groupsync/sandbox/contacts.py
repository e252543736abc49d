"""The contacts of the local Phonebook and which groups they are in, as they are kept."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupsync.sandbox.errors import ConflictError, MissingError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from groupsync.sandbox.database import Database

FIELDS = ("email", "firstName", "lastName", "company", "title", "custom", "custom2", "custom3", "custom4")
_E164 = re.compile(r"\+[1-9][0-9]{5,14}")
_FIRST_PHONE = 50_000_000
MOST_PHONES = 10_000_000


def is_phone(text: str) -> bool:
    """Whether the text is a number in E.164: a plus and 6 to 15 digits."""
    return _E164.fullmatch(text) is not None


def make_phones(count: int) -> tuple[str, ...]:
    """Estonian mobile numbers, always the same ones; `count` is at most MOST_PHONES."""
    return tuple(f"+372{_FIRST_PHONE + number}" for number in range(count))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact as the Phonebook shows it now; the date is that of its deletion, if it is in no group."""

    phone: str
    fields: Mapping[str, str | None]
    deletion_date: str | None

    def as_json(self) -> dict[str, object]:
        """The object that the vendor calls ContactResponseFields; what was never set is null."""
        fields = {field: self.fields.get(field) for field in FIELDS}
        return {"phoneNumber": self.phone, **fields, "scheduledDeletionDate": self.deletion_date}


class Contacts:
    """All contacts, in the order of their numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Contact, ...]:
        """Every contact, in a group or not."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT phone, fields, deletion_date FROM contacts ORDER BY phone").fetchall()
        return tuple(_contact(row) for row in rows)

    def in_groups(self, group_ids: Sequence[str]) -> tuple[Contact, ...]:
        """The contacts that are in at least one of these groups; an unknown id adds none."""
        select = """
        SELECT phone, fields, deletion_date FROM contacts WHERE phone IN (
            SELECT phone FROM memberships WHERE group_id IN (SELECT value FROM json_each(?))
        ) ORDER BY phone
        """
        with self._database.transaction() as connection:
            rows = connection.execute(select, (json.dumps(group_ids),)).fetchall()
        return tuple(_contact(row) for row in rows)

    def one(self, phone: str) -> Contact:
        """The contact of this number; MissingError without one."""
        with self._database.transaction() as connection:
            select = "SELECT phone, fields, deletion_date FROM contacts WHERE phone = ?"
            row = connection.execute(select, (phone,)).fetchone()
        if row is None:
            raise MissingError(f"there is no contact with the phone number {phone}")
        return _contact(row)

    def create(self, phone: str, fields: Mapping[str, str | None]) -> Contact:
        """The new contact; ConflictError if there is one of this number."""
        with self._database.transaction() as connection:
            if connection.execute("SELECT 1 FROM contacts WHERE phone = ?", (phone,)).fetchone():
                raise ConflictError(f"there is a contact with the phone number {phone} already")
            connection.execute("INSERT INTO contacts (phone, fields) VALUES (?, ?)", (phone, json.dumps(fields)))
            return self.one(phone)

    def update(self, phone: str, fields: Mapping[str, str | None]) -> Contact:
        """The contact with these fields replaced and all others as they were; MissingError without it."""
        with self._database.transaction() as connection:
            merged = json.dumps({**self.one(phone).fields, **fields})
            connection.execute("UPDATE contacts SET fields = ? WHERE phone = ?", (merged, phone))
            return self.one(phone)

    def delete(self, phone: str) -> None:
        """Forget the contact and its memberships; MissingError without it."""
        with self._database.transaction() as connection:
            self.one(phone)
            connection.execute("DELETE FROM contacts WHERE phone = ?", (phone,))

    def join(self, phone: str, group_id: str) -> None:
        """Put the contact into the group; ConflictError if it is there. Both exist."""
        with self._database.transaction() as connection:
            if _is_member(connection, phone, group_id):
                raise ConflictError(f"the contact {phone} is in the group {group_id} already")
            connection.execute("INSERT INTO memberships (group_id, phone) VALUES (?, ?)", (group_id, phone))

    def leave(self, phone: str, group_id: str) -> None:
        """Take the contact out of the group; MissingError if it is not there."""
        with self._database.transaction() as connection:
            if not _is_member(connection, phone, group_id):
                raise MissingError(f"the contact {phone} is not in the group {group_id}")
            connection.execute("DELETE FROM memberships WHERE group_id = ? AND phone = ?", (group_id, phone))

    def fill(self, group_id: str, phones: Iterable[str]) -> None:
        """Put all these numbers into the group, as new contacts where there are none yet."""
        rows = [(phone, group_id) for phone in phones]
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO contacts (phone) VALUES (?)", [row[:1] for row in rows])
            connection.executemany("INSERT OR IGNORE INTO memberships (phone, group_id) VALUES (?, ?)", rows)


def _contact(row: tuple[str, str, str | None]) -> Contact:
    phone, fields, deletion_date = row
    return Contact(phone=phone, fields=json.loads(fields), deletion_date=deletion_date)


def _is_member(connection: sqlite3.Connection, phone: str, group_id: str) -> bool:
    select = "SELECT 1 FROM memberships WHERE group_id = ? AND phone = ?"
    return connection.execute(select, (group_id, phone)).fetchone() is not None
