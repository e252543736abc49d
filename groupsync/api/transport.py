"""One request to one Phonebook, and its answer. A request is sent once, and a redirect is an answer like any other."""

from __future__ import annotations

import base64
import threading
from datetime import datetime, timezone
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError

from groupsync.api.answer import Answer, parse_date, parse_retry_after
from groupsync.api.connections import load_certificates, make_pool
from groupsync.api.deadline import Watchdog
from groupsync.api.exceptions import make_api_error
from groupsync.api.masking import Secrets
from groupsync.api.proxies import choose_proxy, find_proxy_secrets
from groupsync.api.whole import LIST_HEADERS
from groupsync.display import count_seconds
from groupsync.errors import ApiError, SettingsError
from groupsync.model.account import is_loopback
from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from urllib3 import BaseHTTPResponse, HTTPConnectionPool

    from groupsync.api.deadline import Deadline
    from groupsync.interrupt import Interrupt
    from groupsync.model.account import Credentials

_CHUNK = 2**16
_ERROR_LIMIT = 2**16  # bytes of a failure's body that are read


class Transport:
    """Sends requests to one Phonebook, from as many threads at once as there are connections; more of them wait.

    The environment's proxy and CA bundle are those of the moment it is made. `timeout` is how many seconds connecting
    may take, and how many the whole request may, however the server spreads its bytes. After an interrupt a request has
    a few seconds left (`Watchdog`).
    """

    def __init__(
        self, endpoint: str, credentials: Credentials, *, timeout: float, connections: int, interrupt: Interrupt
    ) -> None:
        username, password = (_encode(text) for text in (credentials.username, credentials.password))
        token = base64.b64encode(username + b":" + password)
        self._credential_variables = (credentials.username_variable, credentials.password_variable)
        self._endpoint = endpoint.rstrip("/")
        self._host = _find_safe_host(endpoint)
        self._path = urlsplit(self._endpoint).path
        self._timeout = timeout
        self._connections = connections
        self._headers = {
            "User-Agent": f"groupsync/{__version__}",
            "Accept-Encoding": "gzip, deflate",
            "Accept": "application/json",
            "Connection": "keep-alive",
            "Authorization": f"Basic {token.decode()}",
        }
        self._proxy = choose_proxy(self._endpoint)
        proxy_passwords, proxy_tokens = find_proxy_secrets(self._proxy)
        self._secrets = Secrets(passwords=(password, *proxy_passwords), tokens=(token, *proxy_tokens))
        self._certificates = load_certificates() if self._endpoint.startswith("https://") else None
        self._lock = threading.Lock()
        self._pool: HTTPConnectionPool | None = None
        self._watchdog = Watchdog(interrupt)
        self._latest_date = ""

    @property
    def host(self) -> str:
        """The host of the Phonebook, with its port if the endpoint names one."""
        return self._host

    @property
    def server_time(self) -> datetime | None:
        """What the server's clock said in its latest answer, None if it did not say."""
        return parse_date(self._latest_date)

    def close(self) -> None:
        """Close all connections."""
        if self._pool:
            self._pool.close()
        self._watchdog.close()

    def send(self, method: str, path: str, body: bytes | None = None, *, request: str, limit: int) -> Answer:
        """Return the answer to a request, whatever its status; raise ApiError if no whole answer came.

        Errors call the request `request`. `limit` is how many bytes the body of a success may have once decompressed.
        """
        deadline = self._watchdog.start(self._timeout)
        try:
            with deadline:
                answer = self._exchange(method, path, body, request=request, limit=limit)
        except (OSError, HTTPError, UnicodeError) as error:
            if deadline.is_over:
                raise self._make_timeout(request, deadline) from error
            raise make_api_error(error, request=request, host=self._host, timeout=self._timeout) from error
        if deadline.is_over:
            raise self._make_timeout(request, deadline)
        return answer

    def _exchange(self, method: str, path: str, body: bytes | None, *, request: str, limit: int) -> Answer:
        """Send the request and read the answer; the connection is kept if all of it was read, or else closed."""
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        if method != "GET":
            headers["Content-Length"] = str(len(body or b""))
        response = self._get_pool().urlopen(
            method, self._path + path, body=body, headers=headers, redirect=False, preload_content=False
        )
        try:
            return self._make_answer(response, request, limit)
        finally:
            response.close()
            response.release_conn()

    def _get_pool(self) -> HTTPConnectionPool:
        """Return the connections, which the first request makes: a bad host or proxy is an error of that request."""
        with self._lock:
            if self._pool is None:
                self._pool = make_pool(
                    self._endpoint,
                    proxy=self._proxy,
                    certificates=self._certificates,
                    timeout=self._timeout,
                    connections=self._connections,
                )
            return self._pool

    def _make_answer(self, response: BaseHTTPResponse, request: str, limit: int) -> Answer:
        """Receive the body of a response, of which urllib3 has read the head, and return both as an answer."""
        self._latest_date = response.headers.get("Date", "")
        if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            body, is_cut = _receive_body(response, request, limit), False
        else:
            body, is_cut = _receive_beginning(response)
        return Answer(
            request=request,
            status=response.status,
            body=body,
            is_cut=is_cut,
            content_type=response.headers.get("Content-Type", ""),
            location=response.headers.get("Location", ""),
            list_headers={name: response.headers[name] for name in LIST_HEADERS if name in response.headers},
            retry_after=parse_retry_after(response.headers.get("Retry-After", ""), datetime.now(timezone.utc)),
            secrets=self._secrets,
            credential_variables=self._credential_variables,
        )

    def _make_timeout(self, request: str, deadline: Deadline) -> ApiError:
        if deadline.was_interrupted:
            problem = f"{self._host} sent no complete answer in the time that was left after the interrupt"
            return ApiError(request, problem, ambiguous=True)
        problem = f"{self._host} sent no complete answer within {count_seconds(self._timeout)}"
        return ApiError(
            request, problem, ambiguous=True, transient=True, remedy="check the network and GROUPSYNC_ENDPOINT"
        )


def _receive_body(response: BaseHTTPResponse, request: str, limit: int) -> bytes:
    """Return the whole decompressed body; raise ApiError if it is larger than `limit` bytes."""
    body = bytearray()
    for chunk in _receive_chunks(response):
        body += chunk
        if len(body) > limit:
            raise ApiError(request, f"the answer is larger than {limit // 2**20} MiB", ambiguous=True)
    return bytes(body)


def _receive_beginning(response: BaseHTTPResponse) -> tuple[bytes, bool]:
    """Return as much as can be read of a failure's body, 64 KiB at most, and whether there is more.

    Errors while it is read are ignored: the status of the failure is known.
    """
    body = bytearray()
    try:
        for chunk in _receive_chunks(response):
            body += chunk
            if len(body) > _ERROR_LIMIT:
                return bytes(body[:_ERROR_LIMIT]), True
    except (HTTPError, OSError):
        return bytes(body), True
    return bytes(body), False


def _receive_chunks(response: BaseHTTPResponse) -> Iterator[bytes]:
    """Yield the decompressed body as it arrives, one packet at a time."""
    while chunk := response.read1(_CHUNK):
        yield chunk


def _find_safe_host(endpoint: str) -> str:
    """Return the endpoint's host and port; raise SettingsError if credentials sent there could be read on the way."""
    try:
        parts = urlsplit(endpoint)
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        usable = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        safe = usable = False
    if not (safe and usable):
        raise SettingsError(
            "the endpoint is not an address that credentials may be sent to",
            remedy="GROUPSYNC_ENDPOINT is an https URL (http on this machine only) without credentials in it",
        )
    return parts.netloc


def _encode(text: str) -> bytes:
    """Return UTF-8 (RFC 7617, section 2.1), or the very bytes of an environment variable that is not UTF-8."""
    return text.encode("utf-8", "surrogateescape")
