"""A server on 127.0.0.1 that sends exactly the bytes it is given, however wrong they are."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

_TLS_HANDSHAKE = b"\x16"
Behaviour: TypeAlias = "Callable[[socket.socket, threading.Event], None]"


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    """Return an answer that ends its connection; it has a Content-Length unless `headers` say how it ends."""
    lines = [f"HTTP/1.1 {status}", *headers, "Connection: close"]
    if not any(header.lower().startswith(("content-length", "transfer-encoding")) for header in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def say(answer: bytes) -> Behaviour:
    """Answer with these bytes."""
    return lambda connection, _stopping: connection.sendall(answer)


def drip(beginning: bytes, more: bytes = b" ", *, pause: float) -> Behaviour:
    """Answer with the beginning at once, then with `more` after each pause."""

    def behave(connection: socket.socket, stopping: threading.Event) -> None:
        connection.sendall(beginning)
        while not stopping.wait(pause):
            connection.sendall(more)

    return behave


def stay_silent(_connection: socket.socket, stopping: threading.Event) -> None:
    """Say nothing until the server stops."""
    stopping.wait()


def reset(connection: socket.socket, _stopping: threading.Event) -> None:
    """End the connection with a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def tunnel_to(port: int) -> Behaviour:
    """Answer a CONNECT as a proxy does, and pass everything to this port and back, whatever host was asked for."""

    def behave(connection: socket.socket, stopping: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port)) as server:
            others = {connection: server, server: connection}
            while not stopping.is_set():
                for ready in select.select([*others], [], [], 0.02)[0]:
                    if not (received := ready.recv(2**16)):
                        return
                    others[ready].sendall(received)

    return behave


class RawServer:
    """Serves one request per connection, each with the next behaviour; the last one is repeated."""

    def __init__(self, *behaviours: Behaviour | bytes, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._behaviours = [say(each) if isinstance(each, bytes) else each for each in behaviours]
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self.requests: list[bytes] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopping.set()
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stopping.is_set():
                connection.close()
                return
            behaviour = self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]
            self._start(self._serve, connection, behaviour)

    def _serve(self, connection: socket.socket, behaviour: Behaviour) -> None:
        with contextlib.suppress(OSError), connection:  # the client may have hung up
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                self._answer(connection, behaviour)

    def _answer(self, connection: socket.socket, behaviour: Behaviour) -> None:
        if request := _receive(connection):
            self.requests.append(request)
            behaviour(connection, self._stopping)


def _receive(connection: socket.socket) -> bytes:
    """Return one whole request (of TLS only the first bytes); empty if the client sends none."""
    with connection.makefile("rb") as stream:
        if stream.peek(1)[:1] == _TLS_HANDSHAKE:
            return stream.read1()
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = stream.readline()
            if not line:
                return b""
            head += line
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
        return head + stream.read(int(lengths[0]) if lengths else 0)
