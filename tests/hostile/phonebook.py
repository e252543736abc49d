"""A Phonebook that gives the same answer to every request of a kind, whatever that answer is."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from typing_extensions import Self

Answer: TypeAlias = tuple[int, bytes]


class FixedPhonebook:
    """Answers by method and the beginning of the path, such as `GET /phonebook/groups`; the longest one counts."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        handler = type("Handler", (_Handler,), {"answers": answers})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers: Mapping[str, Answer]

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True  # the program has seen enough

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = f"{self.command} {self.path.removeprefix('/v1')}"
        fitting = sorted((key for key in self.answers if request.startswith(key)), key=len)
        status, body = self.answers[fitting[-1]] if fitting else (404, b"")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the names that http.server calls

    def log_message(self, *_args: Any) -> None:
        """Print nothing."""
