"""A proxy on 127.0.0.1 between a client and a server of HTTP/1.1 that makes chosen requests fail, on real sockets.

It passes on bytes unchanged, and knows of HTTP only where a message ends: not `Expect: 100-continue`, pipelining or
upgrades. It is for Linux: on other systems, closed sockets and sockets that do not listen behave differently.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from tests.wire.faults import (
    ActedThen,
    ActedThenHang,
    ActedThenReset,
    Before,
    Choose,
    CutBody,
    CutHead,
    Drip,
    Fault,
    Hang,
    HoldAfter,
    HoldBefore,
    Latency,
    Record,
    Refused,
    ResetBefore,
)
from tests.wire.messages import Message, read_message, spoil

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

_HOST = "127.0.0.1"
_POLL = 0.005  # seconds after which it is noticed that a held client is gone


class FaultProxy:
    """Serves many connections at a time inside `with`, and numbers requests 1, 2, 3, ... as they are received.

    `faults` maps numbers to faults and can grow meanwhile. Or it is a function, never called twice at a time, which may
    call `refuse`. A request that hangs or is held ends with its client's connection or with the proxy.
    """

    def __init__(self, server_port: int, faults: Mapping[int, Fault | Refused] | Choose) -> None:
        self._server = (_HOST, server_port)
        self._faults = faults
        self._changed = threading.Condition()  # also the lock of the fields below
        self._listener = _bind()
        self._listens = False
        self._listens_from: float | None = None
        self._open: set[socket.socket] = set()
        self._idle: set[socket.socket] = set()
        self._releases: list[threading.Event] = []
        self._records: list[Record] = []
        self._under_way = 0
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self.held = threading.Event()
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{_HOST}:{self.port}/v1"

    def __enter__(self) -> Self:
        if refused := self._find_refusal(1):
            self.refuse(refused.seconds)
        else:
            self.listen()
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopping.set()
        self.refuse()
        with self._changed:
            for connection in self._open:
                _shut(connection)
        for thread in self._threads:  # the first one starts the others
            thread.join()
        self._listener.close()

    @property
    def requests(self) -> tuple[Record, ...]:
        """All requests so far; the first one has number 1."""
        with self._changed:
            return tuple(self._records)

    @property
    def under_way(self) -> int:
        """How many requests were received and are not over (answered, failed, or left by their client)."""
        with self._changed:
            return self._under_way

    def refuse(self, seconds: float | None = None) -> None:
        """Refuse connections from now on, for some seconds or until `listen`.

        Idle connections end at once with FIN, those with a request under way together with the last byte of its answer.
        So a client that checks its pooled connection before sending finds it closed and is refused. A client that is
        just sending over it, or connecting, sees it end without an answer, and nothing was forwarded.
        """
        with self._changed:
            if self._listens:  # shutting down a socket that does not listen would break what it accepts later
                _shut(self._listener)
            self._listens = False
            self._listens_from = None if seconds is None else time.monotonic() + seconds
            for connection in self._idle:
                _shut(connection)
            self._idle.clear()
            self._changed.notify_all()

    def listen(self) -> None:
        """Accept connections (again), on the same port."""
        with self._changed:
            if not self._listens and not self._stopping.is_set():
                self._listener.listen(128)
                self._listens = True
                self._changed.notify_all()

    def release(self) -> None:
        """Continue all requests that are held now; later ones wait for the next call."""
        with self._changed:
            self.held.clear()
            while self._releases:
                self._releases.pop().set()

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name="fault proxy", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while self._wait_until_listening():
            with contextlib.suppress(OSError):  # it no longer listens
                while True:
                    self._welcome(self._listener.accept()[0])

    def _wait_until_listening(self) -> bool:
        with self._changed:
            while not self._listens and not self._stopping.is_set():
                left = None if self._listens_from is None else self._listens_from - time.monotonic()
                if left is None or left > 0:
                    self._changed.wait(left)
                else:
                    self.listen()
            return not self._stopping.is_set()

    def _welcome(self, client: socket.socket) -> None:
        with self._changed:
            if not self._listens:
                client.close()
                return
            self._idle.add(client)
        self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        """Serve one connection, which has its own connection to the server."""
        with (
            contextlib.suppress(OSError),  # either side may close at any time
            self._kept(client),
            self._kept(socket.create_connection(self._server)) as server,
            client.makefile("rb") as requests,
            server.makefile("rb") as answers,
        ):
            while self._exchange(client, read_message(requests), server, answers):
                pass

    @contextlib.contextmanager
    def _kept(self, connection: socket.socket) -> Iterator[socket.socket]:
        """Register the connection as one that ends with the proxy, until it is closed."""
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._changed:
                self._open.add(connection)
            try:
                yield connection
            finally:
                with self._changed:
                    self._open.discard(connection)
                    self._idle.discard(connection)

    def _exchange(self, client: socket.socket, request: Message, server: socket.socket, answers: BinaryIO) -> bool:
        """Serve one request; return whether the connection continues."""
        number = self._admit(client, request) if request.is_whole else 0
        if not number:
            return False
        try:
            record = self._records[number - 1]
            if isinstance(record.fault, Before) and not self._apply_before(record.fault, client):
                return False
            server.sendall(request.head + request.body)
            answer = read_message(answers, method=record.method)
            status = answer.head[9:12]  # after `HTTP/1.1 `
            with self._changed:
                self._records[number - 1] = replace(record, status=int(status) if status.isdigit() else None)
            return self._apply_after(record.fault, client, replace(answer, ends=answer.ends or request.ends))
        finally:
            self._leave(number)

    def _admit(self, client: socket.socket, request: Message) -> int:
        """Record the request and return its number; 0 if its connection was shut down before."""
        method, path = request.head.decode("latin-1").split(" ", 2)[:2]
        with self._changed:
            if client not in self._idle:
                return 0
            self._idle.discard(client)
            number = len(self._records) + 1
            fault = self._find_fault(number, method, path)
            self._records.append(Record(method=method, path=path, fault=fault))
            self._under_way += 1
            if self._find_refusal(number + 1):
                self.refuse()
            return number

    def _leave(self, number: int) -> None:
        """Finish the request; the seconds of a refusal after it count from now, unless `listen` ended the refusal."""
        with self._changed:
            self._under_way -= 1
            refused = self._find_refusal(number + 1)
            if refused and refused.seconds is not None and not self._listens:
                self.refuse(refused.seconds)

    def _find_fault(self, number: int, method: str, path: str) -> Fault | None:
        if not isinstance(self._faults, Mapping):
            return self._faults(number, method, path)
        fault = self._faults.get(number)
        return None if isinstance(fault, Refused) else fault

    def _find_refusal(self, number: int) -> Refused | None:
        fault = self._faults.get(number) if isinstance(self._faults, Mapping) else None
        return fault if isinstance(fault, Refused) else None

    def _apply_before(self, fault: Before, client: socket.socket) -> bool:
        """Return whether the request is to be forwarded."""
        match fault:
            case ResetBefore():
                _reset_on_close(client)
                return False
            case Hang():
                _wait_until_gone(client)
                return False
            case HoldBefore():
                return self._hold(client)
            case Latency(seconds=seconds):
                return not self._stopping.wait(seconds)

    def _apply_after(self, fault: Fault | None, client: socket.socket, answer: Message) -> bool:
        """Return whether the connection continues."""
        match fault:
            case ActedThenReset():
                _reset_on_close(client)
                return False
            case ActedThenHang():
                _wait_until_gone(client)
                return False
            case HoldAfter():
                return self._hold(client) and self._pass_on(client, answer)
            case Drip(pause=pause):
                return self._pass_on(client, answer, pause)
            case ActedThen() | CutHead() | CutBody():
                return self._pass_on(client, spoil(answer, fault))
            case None | ResetBefore() | Hang() | HoldBefore() | Latency():
                return self._pass_on(client, answer)

    def _hold(self, client: socket.socket) -> bool:
        """Return whether the client is still there when the request is released."""
        release = threading.Event()
        with self._changed:
            self._releases.append(release)
            self.held.set()
        while not release.wait(_POLL) and not _is_gone(client):
            pass
        return not _is_gone(client)

    def _pass_on(self, client: socket.socket, answer: Message, pause: float = 0.0) -> bool:
        """Send the answer; return whether the connection continues.

        The last byte is sent under the lock: a client that has the whole answer finds the connection idle or ended.
        """
        message = answer.head + answer.body
        step = 1 if pause else max(1, len(message))
        for start in range(0, len(message) - 1, step):
            client.sendall(message[:-1][start : start + step])
            self._stopping.wait(pause)
        with self._changed:
            continues = self._listens and not answer.ends
            client.send(message[-1:], 0 if continues else socket.MSG_MORE)  # MSG_MORE: wait for the FIN
            if continues:
                self._idle.add(client)
            else:
                client.shutdown(socket.SHUT_WR)
        return continues


def _bind() -> socket.socket:
    """Return a socket that keeps its port while it does not listen, and then refuses connections.

    A port is kept only if it was requested by number, so a first socket finds out which one is free.
    """
    with _bind_to(0) as finder:
        return _bind_to(finder.getsockname()[1])


def _bind_to(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((_HOST, port))
    return listener


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it is already shut down
        connection.shutdown(socket.SHUT_RDWR)


def _reset_on_close(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _wait_until_gone(client: socket.socket) -> None:
    while client.recv(2**16):
        pass


def _is_gone(client: socket.socket) -> bool:
    try:
        return not client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True
