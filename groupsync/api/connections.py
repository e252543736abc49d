"""Connections that the deadline of the request knows of, from the moment they begin to when they are given back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_ import create_urllib3_context

from groupsync.api.deadline import get_deadline

if TYPE_CHECKING:
    import socket
    from ssl import SSLContext

    from urllib3 import PoolManager


def _watch(connection: socket.socket | None) -> None:
    deadline = get_deadline()
    if deadline and connection:
        deadline.watch(connection)


def _give_back() -> None:
    deadline = get_deadline()
    if deadline:
        deadline.meet()


class _WatchedHTTPConnection(HTTPConnection):
    """Sends the head of a request and its body at once: between two, other threads and the server take a turn."""

    _unsent: bytearray | None = None

    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        _watch(connection)
        return connection

    def connect(self) -> None:
        super().connect()
        _watch(self.sock)

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        _watch(self.sock)
        super().putrequest(*args, **kwargs)

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._unsent = unsent = bytearray()
        try:
            super().request(*args, **kwargs)
        finally:
            self._unsent = None
        self.send(unsent)

    def send(self, data: Any) -> None:
        if self._unsent is None:
            super().send(data)
        else:
            self._unsent += data


class _WatchedHTTPSConnection(_WatchedHTTPConnection, HTTPSConnection):
    """The same below TLS, which takes the socket over when it begins: until it stands, a second handle is watched."""

    _handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        self._handle = connection.dup()
        _watch(self._handle)
        return connection

    def connect(self) -> None:
        try:
            super().connect()
        finally:
            if self._handle:
                self._handle.close()


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTPConnection

    def _put_conn(self, conn: Any) -> None:
        _give_back()
        super()._put_conn(conn)


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPSConnection

    def _put_conn(self, conn: Any) -> None:
        _give_back()
        super()._put_conn(conn)


class WatchedAdapter(HTTPAdapter):
    """Makes watched connections, with and without a proxy, which trust what one context trusts.

    Without it each new connection would read the CA bundle again, which takes as long as dozens of requests.
    """

    def __init__(self, *, trust: SSLContext | None, connections: int) -> None:
        self._trust: dict[str, Any] = {"ssl_context": trust} if trust else {}
        super().__init__(pool_connections=1, pool_maxsize=connections, pool_block=True, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*args, **{**kwargs, **self._trust})
        _use_watched_pools(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pools of connections through a proxy."""
        manager = super().proxy_manager_for(*args, **{**kwargs, **self._trust})
        _use_watched_pools(manager)
        return manager

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        """Return what a pool is known by; the CA bundle is in the context."""
        host, pool = super().build_connection_pool_key_attributes(*args, **kwargs)
        return host, {key: value for key, value in pool.items() if key not in {"ca_certs", "ca_cert_dir"}}


def make_trust(ca_bundle: str) -> SSLContext:
    """Return a context that trusts what is in a bundle, a file or a folder; raise OSError for a file without any."""
    context = create_urllib3_context()
    is_folder = Path(ca_bundle).is_dir()
    context.load_verify_locations(cafile=None if is_folder else ca_bundle, capath=ca_bundle if is_folder else None)
    return context


def _use_watched_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
