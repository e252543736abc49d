"""A limit of time for a whole request. The timeouts of sockets are none: they begin anew with every byte."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self
    from urllib3 import PoolManager

_current = threading.local()


class Deadline:
    """Shuts the connection of the request that this thread makes when its time is over.

    What waits for the server then sees the end of the connection, as an error or as the end of a body: look at
    `is_over` before you believe either.
    """

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._is_left = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        _current.deadline = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._lock:
            self._is_left = True
        self._timer.cancel()
        _current.deadline = None

    def watch(self, connection: socket.socket) -> None:
        """Take this for the connection of the request from now on."""
        with self._lock:
            self._socket = connection
            if self.is_over:
                _shut(connection)

    def _end(self) -> None:
        with self._lock:
            if self._is_left:
                return
            self.is_over = True
            if self._socket:
                _shut(self._socket)


def _shut(connection: socket.socket) -> None:
    """Shut both ways of the TCP connection, also below TLS: whoever reads from it wakes up."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _watch(connection: socket.socket | None) -> None:
    deadline = getattr(_current, "deadline", None)
    if deadline and connection:
        deadline.watch(connection)


class _WatchedHTTPConnection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _watch(self.sock)

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        _watch(self.sock)
        super().putrequest(*args, **kwargs)


class _WatchedHTTPSConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _watch(self.sock)

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        _watch(self.sock)
        super().putrequest(*args, **kwargs)


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPSConnection


class WatchedAdapter(HTTPAdapter):
    """Makes connections that the deadline of the thread knows of, with and without a proxy."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*args, **kwargs)
        _use_watched_pools(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pools of connections through a proxy."""
        manager = super().proxy_manager_for(*args, **kwargs)
        _use_watched_pools(manager)
        return manager


def _use_watched_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
