"""The SQLite database of the sandbox: in memory, or in a file that is kept."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from groupsync.sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# As the vendor documents, a contact in no group has a deletion date. The sandbox shows it and deletes no contact.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS groups (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_on TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS groups_by_name ON groups (name);
CREATE TABLE IF NOT EXISTS contacts (
    phone TEXT PRIMARY KEY,
    fields TEXT NOT NULL DEFAULT '{}',
    deletion_date TEXT DEFAULT (date('now', '+30 days'))
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS memberships (
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    phone TEXT NOT NULL REFERENCES contacts (phone) ON DELETE CASCADE,
    PRIMARY KEY (group_id, phone)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS memberships_by_phone ON memberships (phone);
CREATE TRIGGER IF NOT EXISTS joined AFTER INSERT ON memberships BEGIN
    UPDATE contacts SET deletion_date = NULL WHERE phone = NEW.phone;
END;
CREATE TRIGGER IF NOT EXISTS left_last_group AFTER DELETE ON memberships
WHEN NOT EXISTS (SELECT 1 FROM memberships WHERE phone = OLD.phone) BEGIN
    UPDATE contacts SET deletion_date = date('now', '+30 days') WHERE phone = OLD.phone;
END;
"""


class Database:
    """One connection that many threads share, one at a time."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.RLock()
        try:
            self._connection = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level="IMMEDIATE")
        except sqlite3.Error as error:
            raise SandboxError(f"{path}: cannot be used to keep the sandbox's data: {error}") from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self.close()
            raise SandboxError(f"{path}: cannot be used to keep the sandbox's data: {error}") from error

    def _prepare(self) -> None:
        """Create the tables. Writes do not wait for the disk: a sandbox need not survive a power cut."""
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection to this thread alone. Commit at the end of the block, or roll back after an exception."""
        with self._lock, self._connection:
            yield self._connection

    def close(self) -> None:
        """Close the connection and the file."""
        with self._lock:
            self._connection.close()
