"""The way to the server: its proxy, the certificates that are trusted, and connections that a deadline can shut down.

urllib3 makes and keeps the connections; requests knows the environment's proxies and the default CA bundle.
"""

from __future__ import annotations

import base64
import os
import queue
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_auth_from_url, get_environ_proxies, select_proxy
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager, Retry, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import create_urllib3_context, make_headers
from urllib3.util.ssltransport import SSLTransport

from groupsync.api.deadline import get_deadline
from groupsync.errors import SettingsError
from groupsync.model.account import is_loopback

if TYPE_CHECKING:
    import socket

_NO_RETRIES = Retry(total=False)  # `patience` decides what is sent again


def make_pool(
    endpoint: str, *, proxy: str, certificates: ssl.SSLContext | None, timeout: float, connections: int
) -> HTTPConnectionPool:
    """Return the connections to an endpoint, through a proxy unless it is empty.

    They are made when they are needed; a thread that finds all of them in use waits for one. `certificates` is what
    `load_certificates` returns, None without TLS. `timeout` is in seconds, for connecting and between two reads.
    """
    options: dict[str, Any] = {
        "maxsize": connections,
        "block": True,
        "timeout": Timeout(connect=timeout, read=timeout),
        "retries": _NO_RETRIES,
    }
    if certificates:
        options["ssl_context"] = certificates
    manager = _make_proxy_manager(proxy, options) if proxy else PoolManager(**options)
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
    return manager.connection_from_url(endpoint)


def _make_proxy_manager(proxy: str, options: dict[str, Any]) -> ProxyManager:
    username, password = get_auth_from_url(proxy)
    headers = make_headers(proxy_basic_auth=f"{username}:{password}") if username else {}
    context = None
    if proxy.startswith("https:"):
        context = _make_context()
        context.load_default_certs()  # a proxy's certificate is one that the system trusts
    return ProxyManager(proxy, proxy_headers=headers, proxy_ssl_context=context, **options)


# Connections that show their socket to the deadline of the request


def _attach(connection: socket.socket | SSLTransport | None) -> None:
    """Let the deadline of this thread's request know the socket that the request uses."""
    if isinstance(connection, SSLTransport):  # TLS to the endpoint inside the TLS to its proxy
        connection = connection.socket
    deadline = get_deadline()
    if deadline and connection:
        deadline.attach(connection)


class _TLSSocket(ssl.SSLSocket):
    """A socket that the deadline knows before the TLS handshake, in which a server can take its time."""

    def do_handshake(self, block: bool = False) -> None:
        _attach(self)
        super().do_handshake(block)


class _Connection(HTTPConnection):
    """A connection that attaches its socket to the deadline before it sends, and sends head and body together.

    Two sends would cost more: between them other threads take a turn, and the server reads twice.
    """

    _unsent: bytearray | None = None

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request: gather what urllib3 sends for it, then send that at once."""
        self._unsent = unsent = bytearray()
        try:
            super().request(*args, **kwargs)
        finally:
            self._unsent = None
        self.send(unsent)

    def send(self, data: Any) -> None:
        """Send bytes, of a request or of a CONNECT; the connection is made first if there is none."""
        if self._unsent is not None:
            self._unsent += data
            return
        if self.sock is None:
            self.connect()
        _attach(self.sock)
        super().send(data)


class _TLSConnection(_Connection, HTTPSConnection):
    """The same with TLS."""


class _IdleConnections(queue.LifoQueue[Any]):
    """Where a pool keeps the connections that serve no request; None stands for one that is not made yet."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Release a connection from the deadline of its request, then keep it for the next one."""
        deadline = get_deadline()
        if deadline and item is not None:
            deadline.release()
        super().put(item, block, timeout)


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _Connection
    QueueCls = _IdleConnections


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection
    QueueCls = _IdleConnections


# What the environment says


def find_proxy(endpoint: str) -> str:
    """Return host and port of the proxy in front of the endpoint, empty if there is none."""
    return urlsplit(choose_proxy(endpoint)).netloc.rpartition("@")[2]


def choose_proxy(endpoint: str) -> str:
    """Return the URL of the proxy that the environment names for the endpoint, empty if it names none.

    The variables are HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY. This machine itself is reached without a proxy.
    A URL that is not one of a proxy raises SettingsError.
    """
    if is_loopback(urlsplit(endpoint).hostname or ""):
        return ""
    proxy = select_proxy(endpoint, get_environ_proxies(endpoint)) or ""
    if not proxy:
        return ""
    url = proxy if "://" in proxy else f"http://{proxy}"
    if url.lower().startswith("socks"):
        raise _make_socks_error(endpoint, _find_proxy_variable(endpoint, proxy))
    if not _is_proxy(url):
        raise SettingsError(
            "HTTPS_PROXY or ALL_PROXY is not a valid proxy URL",
            remedy="write it as http://host:port or http://user:password@host:port, "
            "with / ? # @ [ ] : % percent-encoded in the password",
        )
    return url


def _find_proxy_variable(endpoint: str, proxy: str) -> str:
    """Return the name of the variable that sets this proxy, in any case; lower case takes precedence."""
    by_scheme = f"{urlsplit(endpoint).scheme}_proxy"
    for name in (by_scheme, "all_proxy"):
        for variable in sorted(os.environ, reverse=True):
            if variable.lower() == name and os.environ[variable] == proxy:
                return variable
    return "the system settings"  # of macOS and Windows


def _make_socks_error(endpoint: str, variable: str) -> SettingsError:
    parts = urlsplit(endpoint)
    better = _find_spelling(f"{parts.scheme}_proxy")
    change = "set it" if variable.lower() == better.lower() else f"set {better}, which takes precedence,"
    return SettingsError(
        f"{variable} names a SOCKS proxy, and SOCKS proxies are not supported",
        remedy=f"{change} to an HTTP proxy such as http://host:port; "
        f"or, if none is needed, add {parts.hostname} to {_find_spelling('no_proxy')}",
    )


def _find_spelling(variable: str) -> str:
    """Return the variable's name in lower case if that is set, because it takes precedence; else in upper case."""
    return variable if variable in os.environ else variable.upper()


def find_proxy_secrets(proxy: str) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Return a proxy URL's password, and its credentials in base64 as they are sent; empty without a username."""
    username, password = get_auth_from_url(proxy)
    if not username:
        return (), ()
    token = base64.b64encode(f"{username}:{password}".encode("latin-1", errors="replace"))  # as `make_headers` does
    return (password.encode(errors="replace"),), (token,)


def _is_proxy(url: str) -> bool:
    """Return whether a URL is scheme, credentials, host and port only: a later error would quote anything else."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0 and parts.netloc.count("@") <= 1
    except ValueError:
        return False
    has_more = bool(parts.path.strip("/")) or not set(url).isdisjoint("?# ")
    return has_host and parts.scheme in {"http", "https"} and url.isprintable() and not has_more


def load_certificates() -> ssl.SSLContext:
    """Return a context that trusts the CA bundle of REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE, or else certifi's.

    All connections share it, because reading a bundle takes as long as dozens of requests. A bundle without a
    certificate raises SettingsError.
    """
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if path := os.environ.get(variable):
            if not Path(path).exists():
                raise SettingsError(f"{variable} names {path}, which does not exist")
            return _load_bundle(path, f"{variable} names {path}, which")
    return _load_bundle(DEFAULT_CA_BUNDLE_PATH, f"certifi's CA bundle {DEFAULT_CA_BUNDLE_PATH}")


def _load_bundle(path: str, name: str) -> ssl.SSLContext:
    """Return a context that trusts a bundle: a file, or a folder as `openssl rehash` makes it."""
    context = _make_context()
    try:
        if Path(path).is_dir():
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except OSError as error:
        raise SettingsError(f"{name} is not a CA bundle", remedy="name a file of certificates in PEM format") from error
    return context


def _make_context() -> ssl.SSLContext:
    """Return a context that trusts nobody yet."""
    context = create_urllib3_context()
    context.sslsocket_class = _TLSSocket
    return context
