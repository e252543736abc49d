"""The way to the server: the certificates that are trusted, and connections that a deadline can shut down.

urllib3 makes and keeps the connections; `proxies` knows the proxy.
"""

from __future__ import annotations

import os
import queue
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

import certifi
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager, Retry, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import create_urllib3_context, make_headers
from urllib3.util.ssltransport import SSLTransport

from groupsync.api.deadline import get_deadline
from groupsync.api.proxies import split_credentials
from groupsync.errors import SettingsError

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
    username, password = split_credentials(proxy)
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


# The certificates that are trusted


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
    path = certifi.where()
    return _load_bundle(path, f"certifi's CA bundle {path}")


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
