"""What the exceptions of urllib3 and of the sockets below it mean, in one sentence each."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from typing import TYPE_CHECKING

from msgspec import Struct
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    LocationValueError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from groupsync.display import count_seconds
from groupsync.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator

_TUNNEL_STATUS = re.compile(r"Tunnel connection failed: (\d{3})")
_NETWORK_REMEDY = "check the network and GROUPSYNC_ENDPOINT"
_PROXY_REMEDY = "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
_TLS_REMEDY = "check GROUPSYNC_ENDPOINT, HTTPS_PROXY and the network"
_CA_REMEDY = "check the network and GROUPSYNC_ENDPOINT; for your own CA, set REQUESTS_CA_BUNDLE to its file"
_CERTIFICATE_REMEDIES = {
    "certificate is not yet valid": "set this machine's clock",
    "certificate has expired": "check this machine's clock; if it is right, the server needs a new certificate",
}
_HOST_REMEDY = "check GROUPSYNC_ENDPOINT and the network: the certificate is that of another server"
_ADDRESS_REMEDY = "check GROUPSYNC_ENDPOINT, HTTPS_PROXY and HTTP_PROXY"


class ErrorMeaning(Struct, frozen=True, kw_only=True):
    """What some classes of exceptions mean.

    `sentence` may contain `{host}`, `{timeout}` and `{why}`. `ambiguous` and `transient` are those of the ApiError:
    `ambiguous` is false only if no byte of the request can have reached the server.
    """

    classes: tuple[type[BaseException], ...]
    sentence: str
    ambiguous: bool
    transient: bool = True
    remedy: str = ""


# The first that fits counts: the libraries wrap one exception in another, and the classes overlap.
_MEANINGS = (
    ErrorMeaning(
        classes=(ssl.SSLCertVerificationError,),
        sentence="the certificate of {host} is not trusted{why}",
        ambiguous=False,
        transient=False,
        remedy=_CA_REMEDY,
    ),
    ErrorMeaning(
        classes=(ProxyError,),
        sentence="cannot connect through the proxy{why}",
        ambiguous=False,
        transient=False,
        remedy=_PROXY_REMEDY,
    ),
    ErrorMeaning(
        classes=(socket.gaierror,),
        sentence="cannot find {host}{why}",
        ambiguous=False,
        transient=False,
        remedy=_NETWORK_REMEDY,
    ),
    ErrorMeaning(
        classes=(NewConnectionError,),
        sentence="cannot connect to {host}{why}",
        ambiguous=False,
        remedy=_NETWORK_REMEDY,
    ),
    ErrorMeaning(
        classes=(ConnectTimeoutError,),
        sentence="cannot connect to {host} within {timeout}",
        ambiguous=False,
        remedy=_NETWORK_REMEDY,
    ),
    ErrorMeaning(
        classes=(LocationValueError, UnicodeError),
        sentence="the address of the endpoint or of the proxy cannot be used",
        ambiguous=False,
        transient=False,
        remedy=_ADDRESS_REMEDY,
    ),
    ErrorMeaning(
        classes=(ReadTimeoutError, TimeoutError),
        sentence="{host} sent no complete answer within {timeout}",
        ambiguous=True,
        remedy=_NETWORK_REMEDY,
    ),
    ErrorMeaning(
        classes=(ssl.SSLError, SSLError),
        sentence="TLS with {host} failed{why}",
        ambiguous=True,
        remedy=_TLS_REMEDY,
    ),
    ErrorMeaning(classes=(DecodeError,), sentence="the answer of {host} cannot be decompressed", ambiguous=True),
    ErrorMeaning(classes=(http.client.IncompleteRead,), sentence="the answer of {host} is incomplete", ambiguous=True),
    ErrorMeaning(
        classes=(http.client.RemoteDisconnected,),
        sentence="{host} closed the connection without an answer",
        ambiguous=True,
    ),
    ErrorMeaning(
        classes=(http.client.HTTPException,),
        sentence="the answer of {host} is not HTTP",
        ambiguous=True,
        remedy=_NETWORK_REMEDY,
    ),
)
_BROKEN_CONNECTION = ErrorMeaning(
    classes=(Exception,),
    sentence="the connection to {host} broke before the answer was complete{why}",
    ambiguous=True,
)


def make_api_error(error: Exception, *, request: str, host: str, timeout: float) -> ApiError:
    """Return the failure that an exception means; its own words are left out, because they may hold addresses."""
    chain = tuple(_unwrap(error))
    meaning = _find_meaning(chain)
    reason = next((text for inner in reversed(chain) if (text := _find_reason(inner))), "")
    why = f": {reason}" if reason else ""
    return ApiError(
        request,
        meaning.sentence.format(host=host, timeout=count_seconds(timeout), why=why),
        ambiguous=meaning.ambiguous,
        transient=meaning.transient or any(_is_name_server_away(inner) for inner in chain),
        remedy=next(filter(None, map(_find_certificate_remedy, chain)), meaning.remedy),
    )


def _find_certificate_remedy(error: BaseException) -> str:
    """Return the remedy for a bad certificate if OpenSSL gives a specific reason; empty if it does not."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return ""
    if error.verify_message.startswith(("Hostname mismatch", "IP address mismatch")):
        return _HOST_REMEDY
    return _CERTIFICATE_REMEDIES.get(error.verify_message.rstrip("."), "")


def _find_meaning(chain: tuple[BaseException, ...]) -> ErrorMeaning:
    for meaning in _MEANINGS:
        if any(isinstance(inner, meaning.classes) for inner in chain):
            return meaning
    return _BROKEN_CONNECTION


def _is_name_server_away(error: BaseException) -> bool:
    """Tell a name server that is out of reach from a name that does not exist."""
    return isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN


def _unwrap(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and the errors that it wraps, outermost first.

    They are its cause, its `reason` and its arguments. Its context is not followed: that may be of another request.
    """
    waiting = [error]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = (current.__cause__, getattr(current, "reason", None), *current.args)
        waiting.extend(each for each in inner if isinstance(each, BaseException))


def _find_reason(error: BaseException) -> str:
    """Return the operating system's or OpenSSL's own words for an error, empty if it has none."""
    match error:
        case ssl.SSLCertVerificationError(verify_message=str(text)):
            return text.rstrip(".")
        case ssl.SSLError(reason=str(text)):
            return text.replace("_", " ").lower()
        case OSError(strerror=str(text)):
            return text.lower()
        case OSError(args=(str(text),)) if refusal := _TUNNEL_STATUS.match(text):
            return f"it answered HTTP {refusal[1]}"
        case _:
            return ""
