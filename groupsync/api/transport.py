"""The way to one Phonebook: credentials, proxy, CA bundle, timeouts. Each request goes once, a redirect is an answer.

requests makes what is the same for all requests: the headers with the credentials, and the pool of connections with its
proxy and TLS. urllib3, below it, sends them, at half the cost.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import os
from datetime import datetime, timezone
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from requests.auth import HTTPBasicAuth
from requests.utils import DEFAULT_CA_BUNDLE_PATH, default_headers, get_environ_proxies, select_proxy
from urllib3 import HTTPConnectionPool, Retry, Timeout
from urllib3.exceptions import HTTPError

from groupsync.api.answer import Answer
from groupsync.api.body import read_beginning, read_body
from groupsync.api.connections import WatchedAdapter, make_trust
from groupsync.api.deadline import Deadline, Watchdog
from groupsync.api.faults import explain_fault
from groupsync.api.http_dates import parse_date, parse_retry_after
from groupsync.errors import ApiError, SettingsError
from groupsync.model.account import is_loopback
from groupsync.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from ssl import SSLContext

    from urllib3 import BaseHTTPResponse

    from groupsync.model.account import Credentials

_SHORTEST_SECRET = 4  # a shorter one is in many a text by chance
_ONCE = Retry(total=False)


class Transport:
    """The way to one Phonebook, for as many threads at once as there are connections; more of them wait.

    The environment's proxies (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY) and CA bundle (REQUESTS_CA_BUNDLE,
    CURL_CA_BUNDLE) are those of the moment it is made; no proxy stands before this machine itself. `timeout` is how
    many seconds connecting may take, and how many all of a request may, however the server spreads its bytes; once
    interrupted, a request has a few seconds left.
    """

    def __init__(
        self,
        endpoint: str,
        credentials: Credentials,
        *,
        timeout: float,
        connections: int,
        is_interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        username, password = (_encode(text) for text in (credentials.username, credentials.password))
        self._endpoint = endpoint.rstrip("/")
        self._host = _find_safe_host(endpoint)
        self._timeout = timeout
        self._secrets = _find_secrets(username, password)
        self._watchdog = Watchdog(is_interrupted)
        self._latest_date = ""
        self._auth = HTTPBasicAuth(username, password)
        proxy = _choose_proxy(self._endpoint)
        self._proxies = {urlsplit(self._endpoint).scheme: proxy} if proxy else {}
        trust = _make_trust() if self._endpoint.startswith("https://") else None
        self._adapter = WatchedAdapter(trust=trust, connections=connections)

    @property
    def server_time(self) -> datetime | None:
        """What the server's clock said in its latest answer."""
        return parse_date(self._latest_date)

    def close(self) -> None:
        """Close all connections."""
        self._adapter.close()
        self._watchdog.close()

    def send(self, method: str, path: str, body: bytes | None = None, *, request: str, limit: int) -> Answer:
        """Return the answer to a request, whatever its status; raise ApiError when there is no whole one.

        `request` is what errors call it; `limit` is how many bytes the body of a success may have, once decompressed.
        """
        deadline = self._watchdog.start(self._timeout)
        try:
            with deadline, self._open(method, path, body) as response:
                answer = self._read(response, request, limit)
        except (OSError, HTTPError, UnicodeError) as error:  # requests' own are OSErrors
            if deadline.is_over:
                raise self._make_timeout(request, deadline) from error
            raise explain_fault(error, request=request, host=self._host, timeout=self._timeout) from error
        if deadline.is_over:
            raise self._make_timeout(request, deadline)
        return answer

    @functools.cached_property
    def _template(self) -> requests.PreparedRequest:
        """What all requests have in common."""
        headers = {**default_headers(), "Accept": "application/json", "User-Agent": f"groupsync/{__version__}"}
        return requests.Request("GET", self._endpoint, headers=headers, auth=self._auth).prepare()

    @functools.cached_property
    def _pool(self) -> HTTPConnectionPool:
        """The connections to the endpoint, by its proxy if it has one."""
        pool = self._adapter.get_connection_with_tls_context(self._template, verify=True, proxies=self._proxies)
        assert isinstance(pool, HTTPConnectionPool)  # noqa: S101 - the adapter makes no others
        return pool

    def _make_timeout(self, request: str, deadline: Deadline) -> ApiError:
        if deadline.was_cut_short:
            problem = f"{self._host} gave no whole answer in the time that was left after the interrupt"
            return ApiError(request, problem, ambiguous=True)
        problem = f"{self._host} gave no whole answer within {self._timeout:g} seconds"
        return ApiError(
            request, problem, ambiguous=True, transient=True, remedy="check the network and GROUPSYNC_ENDPOINT"
        )

    @contextlib.contextmanager
    def _open(self, method: str, path: str, body: bytes | None) -> Iterator[BaseHTTPResponse]:
        """Send the request, and afterwards give the connection back, closed unless all was read."""
        headers = dict(self._template.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        if method != "GET":
            headers["Content-Length"] = str(len(body or b""))
        response = self._pool.urlopen(
            method,
            self._template.path_url.rstrip("/") + path,
            body=body,
            headers=headers,
            timeout=Timeout(connect=self._timeout, read=self._timeout),
            retries=_ONCE,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
        )
        try:
            yield response
        finally:
            response.close()
            response.release_conn()

    def _read(self, response: BaseHTTPResponse, request: str, limit: int) -> Answer:
        self._latest_date = response.headers.get("Date", "")
        if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            body = read_body(response, request, limit=limit)
        else:
            body = read_beginning(response)
        return Answer(
            request=request,
            status=response.status,
            body=body,
            content_type=response.headers.get("Content-Type", ""),
            location=response.headers.get("Location", ""),
            link=response.headers.get("Link", ""),
            retry_after=parse_retry_after(response.headers.get("Retry-After", ""), datetime.now(timezone.utc)),
            secrets=self._secrets,
        )


def _find_safe_host(endpoint: str) -> str:
    """Return the endpoint's host and port; raise SettingsError where credentials could be read on the way."""
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


def find_proxy(endpoint: str) -> str:
    """Return host and port of the proxy that stands before the endpoint, empty when there is none."""
    return urlsplit(_choose_proxy(endpoint)).netloc.rpartition("@")[2]


def _choose_proxy(endpoint: str) -> str:
    """Return the URL of the proxy that the environment names for the endpoint, empty when there is none."""
    if is_loopback(urlsplit(endpoint).hostname or ""):
        return ""
    proxy = select_proxy(endpoint, get_environ_proxies(endpoint)) or ""
    if not proxy:
        return ""
    url = proxy if "://" in proxy else f"http://{proxy}"
    if not _is_proxy(url):
        raise SettingsError(
            "the proxy of HTTPS_PROXY or ALL_PROXY cannot be understood",
            remedy="give it as http://host:port or http://user:password@host:port, "
            "in which a password has its / ? # @ [ ] : % percent-encoded",
        )
    return url


def _is_proxy(url: str) -> bool:
    """Tell a URL of nothing but scheme, credentials, host and port; an error of what reads it later would show it."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0 and parts.netloc.count("@") <= 1
    except ValueError:
        return False
    has_more = bool(parts.path.strip("/")) or not set(url).isdisjoint("?# ")
    return has_host and parts.scheme in {"http", "https"} and url.isprintable() and not has_more


def _make_trust() -> SSLContext:
    """Return what trusts the CA bundle that the environment names, in the order of requests, or else certifi's."""
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if path := os.environ.get(variable):
            if not Path(path).exists():
                raise SettingsError(f"{variable} names {path}, which does not exist")
            return _trust(path, f"{variable} names {path}, which")
    return _trust(DEFAULT_CA_BUNDLE_PATH, f"certifi's CA bundle {DEFAULT_CA_BUNDLE_PATH}")


def _trust(path: str, name: str) -> SSLContext:
    try:
        return make_trust(path)
    except OSError as error:
        raise SettingsError(f"{name} is no CA bundle", remedy="name a file of certificates in PEM format") from error


def _encode(text: str) -> bytes:
    """Return UTF-8 (RFC 7617, section 2.1), or the very bytes of an environment variable that is not UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def _find_secrets(username: bytes, password: bytes) -> tuple[str, ...]:
    token = base64.b64encode(username + b":" + password)
    return tuple(text for text in (token.decode(), password.decode(errors="replace")) if len(text) >= _SHORTEST_SECRET)
