"""What the calls work on: each sandbox of a process has its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import request

if TYPE_CHECKING:
    from groupsync.sandbox.contacts import Contacts
    from groupsync.sandbox.controls import Controls
    from groupsync.sandbox.database import Database
    from groupsync.sandbox.groups import Groups

STATE = "groupsync.state"  # its key in the WSGI environ


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The Phonebook and its controls; username and password are those of its one account."""

    database: Database
    groups: Groups
    contacts: Contacts
    controls: Controls
    username: str
    password: str


def state() -> State:
    """The state of the sandbox that answers this request."""
    return cast("State", request.environ[STATE])
