"""What the exceptions of requests, urllib3 and the sockets below them mean, in one sentence each."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests import exceptions as of_requests
from urllib3 import exceptions as of_urllib3

from groupsync.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator

_TUNNEL_STATUS = re.compile(r"Tunnel connection failed: (\d{3})")
_NETWORK_REMEDY = "check the network and GROUPSYNC_ENDPOINT"
_PROXY_REMEDY = "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
_TLS_REMEDY = "check the network and GROUPSYNC_ENDPOINT; a CA of your own is named by REQUESTS_CA_BUNDLE"
_ADDRESS_REMEDY = "check GROUPSYNC_ENDPOINT, HTTPS_PROXY and HTTP_PROXY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What a family of exceptions means; `{host}`, `{timeout}` and `{why}` stand in its sentence.

    `sent` is false when no byte of the request can have reached the server; `passing` is true when it may go better in
    a moment.
    """

    families: tuple[type[BaseException], ...]
    sentence: str
    sent: bool
    passing: bool = True
    remedy: str = ""


# The first that fits is taken: the libraries wrap one in another, and the families overlap.
_FAULTS = (
    Fault(
        families=(ssl.SSLCertVerificationError,),
        sentence="the certificate of {host} is not trusted{why}",
        sent=False,
        passing=False,
        remedy=_TLS_REMEDY,
    ),
    Fault(
        families=(of_urllib3.ProxyError,),
        sentence="no way through the proxy{why}",
        sent=False,
        passing=False,
        remedy=_PROXY_REMEDY,
    ),
    Fault(
        families=(socket.gaierror,),
        sentence="cannot find {host}{why}",
        sent=False,
        passing=False,
        remedy=_NETWORK_REMEDY,
    ),
    Fault(
        families=(of_urllib3.NewConnectionError,),
        sentence="cannot connect to {host}{why}",
        sent=False,
        remedy=_NETWORK_REMEDY,
    ),
    Fault(
        families=(of_urllib3.ConnectTimeoutError,),
        sentence="cannot connect to {host} within {timeout:g} seconds",
        sent=False,
        remedy=_NETWORK_REMEDY,
    ),
    Fault(
        families=(
            of_requests.InvalidURL,
            of_requests.InvalidSchema,
            of_requests.MissingSchema,
            of_urllib3.LocationValueError,
            UnicodeError,
        ),
        sentence="the address of the endpoint or of the proxy cannot be used",
        sent=False,
        passing=False,
        remedy=_ADDRESS_REMEDY,
    ),
    Fault(
        families=(of_urllib3.ReadTimeoutError, TimeoutError),
        sentence="{host} gave no whole answer within {timeout:g} seconds",
        sent=True,
        remedy=_NETWORK_REMEDY,
    ),
    Fault(
        families=(ssl.SSLError, of_urllib3.SSLError),
        sentence="TLS with {host} failed{why}",
        sent=True,
        remedy=_TLS_REMEDY,
    ),
    Fault(families=(of_urllib3.DecodeError,), sentence="the answer of {host} cannot be decompressed", sent=True),
    Fault(families=(http.client.IncompleteRead,), sentence="the answer of {host} is cut short", sent=True),
    Fault(families=(http.client.RemoteDisconnected,), sentence="{host} hung up without an answer", sent=True),
    Fault(
        families=(http.client.HTTPException, of_requests.InvalidHeader),
        sentence="what {host} answered is not HTTP",
        sent=True,
        remedy=_NETWORK_REMEDY,
    ),
)
_BROKEN = Fault(
    families=(Exception,), sentence="the connection to {host} broke before the answer was whole{why}", sent=True
)


def explain_fault(error: Exception, *, request: str, host: str, timeout: float) -> ApiError:
    """Return the failure that an exception of the HTTP library means, without its words: they may hold addresses."""
    chain = tuple(_unwrap(error))
    fault = next((fault for fault in _FAULTS if any(isinstance(inner, fault.families) for inner in chain)), _BROKEN)
    why = next((reason for inner in reversed(chain) if (reason := _find_reason(inner))), "")
    problem = fault.sentence.format(host=host, timeout=timeout, why=f": {why}" if why else "")
    transient = fault.passing or any(_is_passing(inner) for inner in chain)
    return ApiError(request, problem, ambiguous=fault.sent, transient=transient, remedy=fault.remedy)


def _is_passing(error: BaseException) -> bool:
    """Tell a name server that is out of reach from a name that does not exist."""
    return isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN


def _unwrap(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and those it was made of, outermost first.

    They are found as cause, as `reason` and among the arguments; not as context, which may be another request's.
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
    """Return the operating system's or OpenSSL's own words for an error, empty when it has none."""
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
