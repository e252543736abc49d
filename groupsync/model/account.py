"""The account that groupsync works on: its Phonebook and its credentials."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from msgspec import Struct

from groupsync.fields import hide

_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@hide("password")
class Credentials(Struct, frozen=True, kw_only=True):
    """The API username and password of an account, and the variables that gave them; a repr hides the password."""

    username: str
    password: str
    username_variable: str = "MESSENTE_API_USERNAME"
    password_variable: str = "MESSENTE_API_PASSWORD"  # noqa: S105 - the name of the variable


class Target(Struct, frozen=True, kw_only=True):
    """The Phonebook to work on: its base URL without a slash at the end, and the fingerprint of the account."""

    endpoint: str
    account: str


def make_target(endpoint: str, username: str) -> Target:
    """Return the target; its fingerprint is `acc-` and 12 hex digits of sha256(endpoint host, newline, username)."""
    import hashlib  # noqa: PLC0415 - it loads OpenSSL, which `validate` rarely needs

    host = urlsplit(endpoint).hostname or ""
    digest = hashlib.sha256(f"{host}\n{username}".encode()).hexdigest()
    return Target(endpoint=endpoint, account=f"acc-{digest[:12]}")


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine: `localhost`, or an address of RFC 1122 3.2.1.3 or RFC 4291 2.5.3."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in _LOOPBACK)
