"""HTTP/1.1 on this machine only: connections stay open, many requests are served at a time, stopping is prompt.

The development servers of werkzeug and wsgiref both close the connection after every answer, so this one answers by
itself: it reads the body whole before the application sees the request, and says the length of every answer.
"""

from __future__ import annotations

import contextlib
import io
import socket
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import IO, TYPE_CHECKING, Any, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from werkzeug.serving import DechunkedInput

from groupsync.sandbox.app import DROPPED
from groupsync.sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"
_POLL = 0.005  # seconds: how soon the loop sees that it is to end
_GRACE = 1.0  # seconds for the answers that are on their way


class Server(WSGIServer):
    """A server that begins on creation and is over, with all its threads and sockets, after `stop`."""

    request_queue_size = 128

    def __init__(self, port: int, application: WSGIApplication) -> None:
        self.stopping = False
        self.answering = application
        self._connections: dict[socket.socket, threading.Thread] = {}
        try:
            super().__init__((HOST, port), _Handler)
        except (OSError, OverflowError) as error:
            raise SandboxError(f"cannot listen on port {port} of {HOST}: {error}") from error
        self._loop = threading.Thread(target=self.serve_forever, args=(_POLL,), name="sandbox", daemon=True)
        self._loop.start()

    def server_bind(self) -> None:
        """Bind without asking the DNS for this machine's name, as http.server would."""
        socketserver.TCPServer.server_bind(self)
        self.server_name = HOST
        self.server_port = int(self.server_address[1])
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve the connection in a thread of its own."""
        thread = threading.Thread(target=self._serve, args=(request, client_address), name="sandbox", daemon=True)
        self._connections[request] = thread
        thread.start()

    def _serve(self, request: socket.socket, client_address: Any) -> None:
        try:
            with contextlib.suppress(ConnectionError):  # a client may go away whenever it likes
                self.finish_request(request, client_address)
        finally:
            self.shutdown_request(request)
            self._connections.pop(request, None)

    def stop(self) -> None:
        """Accept no more, let what is being answered be answered, close every connection."""
        self.stopping = True
        self.shutdown()
        self._loop.join()
        self.server_close()
        end_of_grace = time.monotonic() + _GRACE
        open_now = list(self._connections.items())
        _shut(open_now, socket.SHUT_RD)
        for _, thread in open_now:
            thread.join(max(0.0, end_of_grace - time.monotonic()))
        _shut(open_now, socket.SHUT_RDWR)
        for _, thread in open_now:
            thread.join()


def _shut(connections: Iterable[tuple[socket.socket, threading.Thread]], how: int) -> None:
    for connection, _ in connections:
        with contextlib.suppress(OSError):  # it is closed already
            connection.shutdown(how)


class _Handler(WSGIRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "groupsync-sandbox"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one piece

    def handle(self) -> None:
        """Serve the requests of this connection until one side closes it."""
        BaseHTTPRequestHandler.handle(self)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """`do_GET` and its like: any method is the application's to answer or to refuse."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """Be quiet; the log of requests is kept by the controls."""

    def _answer(self) -> None:
        try:
            body = self._read_body()
        except (ValueError, OSError):
            self.send_error(400, "the length of the body is not clear")  # and closes the connection
            return
        environ = {**self.get_environ(), **_environ(body)}
        started = _Started()
        chunks = self.server.answering(environ, started)
        try:
            if environ.get(DROPPED):
                self.close_connection = True
            else:
                self._send(started.status, started.headers, chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()

    def _read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return DechunkedInput(cast("IO[bytes]", self.rfile)).read()
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length) if length >= 0 else b""
        if len(body) != length:
            raise ValueError("negative length, or a body that was broken off")
        return body

    def _send(self, status: str, headers: list[tuple[str, str]], chunks: Iterable[bytes]) -> None:
        """Send the answer; one that is shorter or longer than it says ends the connection."""
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        sent = 0
        for chunk in chunks:
            self.wfile.write(chunk)
            self.wfile.flush()
            sent += len(chunk)
        promised = {name.lower(): value for name, value in headers}.get("content-length", "0")
        broken_off = self.command != "HEAD" and promised != str(sent)
        self.close_connection = self.close_connection or broken_off or self.server.stopping


class _Started:
    """The `start_response` of PEP 3333: status and headers, kept until the body is known."""

    status: str
    headers: list[tuple[str, str]]

    def __call__(
        self, status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], None]:
        self.status, self.headers = status, headers
        return _write_nothing


def _write_nothing(_chunk: bytes) -> None:
    """Do nothing: the old way to write, which Flask does not use."""


def _environ(body: bytes) -> dict[str, object]:
    """What WSGI (PEP 3333) wants to know besides CGI."""
    return {
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
