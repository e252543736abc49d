"""The account that groupsync works on: where its Phonebook is and who asks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The API username and password of an account; the password is not in its repr."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The Phonebook that a plan is for: its base URL without a trailing slash, and the account's fingerprint."""

    endpoint: str
    account: str


def make_target(endpoint: str, username: str) -> Target:
    """Return the target with its fingerprint: `acc-` and 12 hex digits of sha256(endpoint host, newline, username)."""
    host = urlsplit(endpoint).hostname or ""
    digest = hashlib.sha256(f"{host}\n{username}".encode()).hexdigest()
    return Target(endpoint=endpoint, account=f"acc-{digest[:12]}")
