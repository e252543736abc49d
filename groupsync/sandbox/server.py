"""An HTTP/1.1 server for this machine only: it keeps connections open, serves many at a time and stops promptly.

The development servers of werkzeug and wsgiref close the connection after every answer. This one does not: it reads the
whole body before it calls the application, and sends a Content-Length with every answer.
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

from groupsync.sandbox.app import DROPPED_KEY
from groupsync.sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"
_POLL = 0.005  # seconds: how soon the loop notices that it has to end
_GRACE = 1.0  # seconds for the answers that are being sent


class Server(WSGIServer):
    """A server that starts when it is created; `stop` closes all its threads and sockets."""

    request_queue_size = 128

    def __init__(self, port: int, application: WSGIApplication) -> None:
        self.stopping = False
        self.call_application = application
        self._connections: dict[socket.socket, threading.Thread] = {}
        try:
            super().__init__((HOST, port), _Handler)
        except (OSError, OverflowError) as error:
            raise SandboxError(f"cannot listen on port {port} of {HOST}: {error}") from error
        self._loop = threading.Thread(target=self.serve_forever, args=(_POLL,), name="sandbox", daemon=True)
        try:
            self._loop.start()
        except RuntimeError as error:
            self.server_close()
            raise SandboxError("cannot start a thread: raise the limit of processes (ulimit -u)") from error

    def server_bind(self) -> None:
        """Bind without asking the DNS for this machine's name, which http.server would do."""
        socketserver.TCPServer.server_bind(self)
        self.server_name = HOST
        self.server_port = int(self.server_address[1])
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve the connection in its own thread."""
        thread = threading.Thread(target=self._serve, args=(request, client_address), name="sandbox", daemon=True)
        self._connections[request] = thread
        try:
            thread.start()
        except RuntimeError:  # the system starts no more threads: to the client this looks like a network failure
            self._connections.pop(request, None)
            self.shutdown_request(request)

    def _serve(self, request: socket.socket, client_address: Any) -> None:
        try:
            with contextlib.suppress(ConnectionError):  # a client may disconnect at any time
                self.finish_request(request, client_address)
        finally:
            self.shutdown_request(request)
            self._connections.pop(request, None)

    def stop(self) -> None:
        """Accept no more connections, finish the answers in progress, close every connection."""
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
        with contextlib.suppress(OSError):  # it may be closed already
            connection.shutdown(how)


class _Handler(WSGIRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "groupsync-sandbox"
    disable_nagle_algorithm = True
    wbufsize = -1  # send headers and body together

    def handle(self) -> None:
        """Serve the requests of this connection until one side closes it."""
        BaseHTTPRequestHandler.handle(self)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Return the handler for `do_GET` and the like: the application answers or refuses any method."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """Print nothing; the controls keep the log of requests."""

    def _answer(self) -> None:
        try:
            body = self._read_body()
        except (ValueError, OSError):
            self.send_error(400, "the length of the body is not clear")  # and closes the connection
            return
        environ = {**self.get_environ(), **_make_wsgi_environ(body)}
        start_response = _StartResponse()
        chunks = self.server.call_application(environ, start_response)
        try:
            if environ.get(DROPPED_KEY):
                self.close_connection = True
            else:
                self._send(start_response.status, start_response.headers, chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()

    def _read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return DechunkedInput(cast("IO[bytes]", self.rfile)).read()
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length) if length >= 0 else b""
        if len(body) != length:
            raise ValueError("negative length, or a body that is cut off")
        return body

    def _send(self, status: str, headers: list[tuple[str, str]], chunks: Iterable[bytes]) -> None:
        """Send the answer; close the connection if its length is not the Content-Length that it has."""
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        sent = 0
        for chunk in chunks:
            self.wfile.write(chunk)
            sent += len(chunk)
        promised = {name.lower(): value for name, value in headers}.get("content-length", "0")
        has_wrong_length = self.command != "HEAD" and promised != str(sent)
        if has_wrong_length or self.server.stopping:
            self.close_connection = True


class _StartResponse:
    """The `start_response` of PEP 3333; it keeps status and headers until the body is known."""

    status: str
    headers: list[tuple[str, str]]

    def __call__(
        self, status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], None]:
        self.status, self.headers = status, headers
        return _write_nothing


def _write_nothing(_chunk: bytes) -> None:
    """Do nothing: Flask does not use this old way to write."""


def _make_wsgi_environ(body: bytes) -> dict[str, object]:
    """Return the variables that WSGI (PEP 3333) requires in addition to those of CGI."""
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
