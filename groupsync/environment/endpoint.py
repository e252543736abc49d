"""The endpoint of the API: a URL that groupsync may send credentials to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from groupsync.environment.credentials import PASSWORD, USERNAME
from groupsync.errors import SettingsError
from groupsync.model.account import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

DEFAULT_ENDPOINT = "https://api.messente.com/v1"

_ENDPOINT_REMEDY = (
    f"set GROUPSYNC_ENDPOINT or --endpoint to a URL such as {DEFAULT_ENDPOINT}, or leave it out for that one"
)
_URL_TEXT = re.compile(r"[!-\[\]-~]+")  # printable ASCII without blank and backslash, on which URL parsers disagree


def load_endpoint(environ: Mapping[str, str], endpoint: str | None = None) -> str:
    """Return the base URL without a trailing slash: the given one, else GROUPSYNC_ENDPOINT, else Messente's own.

    Raises SettingsError, which never repeats the URL, because it may hold a password.
    """
    if endpoint is None:
        endpoint = environ.get("GROUPSYNC_ENDPOINT", DEFAULT_ENDPOINT)
    if not endpoint.strip():
        raise SettingsError("the endpoint is empty", remedy=_ENDPOINT_REMEDY)
    if fault := _find_endpoint_fault(endpoint):
        raise SettingsError(f"the endpoint {fault}", remedy=_ENDPOINT_REMEDY)
    return endpoint.rstrip("/")


def _find_endpoint_fault(endpoint: str) -> str:
    """Return what is wrong with an endpoint, as the end of a sentence; empty if nothing is."""
    if not _URL_TEXT.fullmatch(endpoint):
        return "contains blanks, backslashes or characters outside ASCII"
    try:
        parts = urlsplit(endpoint)
        has_good_port = parts.port != 0 and not parts.netloc.endswith(":")
    except ValueError:
        return "has a bad host or port"
    return _find_url_fault(endpoint, parts, has_good_port=has_good_port)


def _find_url_fault(endpoint: str, parts: SplitResult, *, has_good_port: bool) -> str:
    host = parts.hostname or ""
    fault = ""
    if "@" in parts.netloc:
        fault = f"contains a username or password, which belong in {USERNAME} and {PASSWORD}"
    elif parts.scheme not in {"https", "http"}:
        fault = "is not a URL that begins with https://"
    elif not host:
        fault = "names no host"
    elif not has_good_port:
        fault = "has a bad host or port"
    elif "?" in endpoint or "#" in endpoint:
        fault = "has a query or fragment"
    elif parts.scheme == "http" and not is_loopback(host):
        fault = "is not https, and groupsync sends credentials without encryption only to this machine"
    return fault
