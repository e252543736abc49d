"""GitLab's API for one project and one merge request, as far as examples/ci/gitlab uses it, on a real port."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

TOKEN = "glpat-of-the-project"
ME = 7
PAGE = 2  # small, so a program that does not ask for all pages misses something


@dataclass
class GitLab:
    """The project, and what happened to it; use it as a context, in which it listens."""

    merge_request: dict[str, Any] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
    discussions: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    clock: int = 0
    diffs: list[dict[str, Any]] = field(default_factory=list)
    blobs: dict[str, str] = field(default_factory=dict)  # of the files of the head
    refused: str = "nothing"  # how the requests begin that are answered with an error

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": self}))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/api/v4"

    def add_note(self, body: str, author: int) -> dict[str, Any]:
        self.clock += 1
        now = f"2026-11-23T12:00:{self.clock:02}.000Z"
        note = {"id": self.clock, "author": {"id": author}, "body": body, "created_at": now, "updated_at": now}
        self.notes.append(note)
        return note

    def answer(self, method: str, path: str, content: Any) -> Any:
        """Return the answer to a request; None if there is nothing like it."""
        for expected, pattern, handle in ROUTES:
            found = re.fullmatch(pattern, path)
            if method == expected and found:
                return handle(self, content, *found.groups())
        return None

    def delete_note(self, number: str) -> str:
        self.notes = [note for note in self.notes if note["id"] != int(number)]
        return ""

    def delete_discussion(self, number: str) -> str:
        self.discussions = [one for one in self.discussions if one["id"] != int(number)]
        return ""

    def add_discussion(self, content: dict[str, Any]) -> dict[str, Any]:
        self.clock += 1
        note = {"id": self.clock, "author": {"id": ME}, **content}
        self.discussions.append({"id": self.clock, "notes": [note]})
        return self.discussions[-1]


MINE = "/projects/1/merge_requests/7"
ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("GET", "/user", lambda _gitlab, _content: {"id": ME}),
    ("GET", MINE, lambda gitlab, _content: gitlab.merge_request),
    ("GET", f"{MINE}/diffs", lambda gitlab, _content: gitlab.diffs),
    ("GET", f"{MINE}/notes", lambda gitlab, _content: gitlab.notes),
    ("POST", f"{MINE}/notes", lambda gitlab, content: gitlab.add_note(content["body"], ME)),
    ("DELETE", rf"{MINE}/notes/(\d+)", lambda gitlab, _content, number: gitlab.delete_note(number)),
    ("GET", f"{MINE}/discussions", lambda gitlab, _content: gitlab.discussions),
    ("POST", f"{MINE}/discussions", lambda gitlab, content: gitlab.add_discussion(content)),
    (
        "DELETE",
        rf"{MINE}/discussions/(\d+)/notes/\d+",
        lambda gitlab, _content, number: gitlab.delete_discussion(number),
    ),
    (
        "GET",
        "/projects/1/repository/commits/[0-9a-f]{40}/merge_requests",
        lambda gitlab, _content: [gitlab.merge_request],
    ),
    (
        "GET",
        "/projects/1/repository/files/([^/]+)",
        lambda gitlab, _content, path: {"blob_id": gitlab.blobs[unquote(path)]},
    ),
)


class _Handler(BaseHTTPRequestHandler):
    state: GitLab

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def do_DELETE(self) -> None:
        self._handle("DELETE")

    def _handle(self, method: str) -> None:
        url = urlsplit(self.path)
        path = url.path.removeprefix("/api/v4")
        length = int(self.headers.get("Content-Length") or 0)
        content = json.loads(self.rfile.read(length)) if length else None
        self.state.calls.append(f"{method} {path}")
        if self.headers["PRIVATE-TOKEN"] != TOKEN:
            self._send(401, {"message": "401 Unauthorized"})
            return
        if f"{method} {path}".startswith(self.state.refused):
            self._send(500, {"message": "500 Internal Server Error"})
            return
        answer = self.state.answer(method, path, content)
        if answer is None:
            self._send(404, {"message": "404 Not Found"})
        elif isinstance(answer, list):
            number = int(parse_qs(url.query).get("page", ["1"])[0])
            rest = answer[number * PAGE :]
            self._send(200, answer[(number - 1) * PAGE : number * PAGE], str(number + 1) if rest else "")
        else:
            self._send(200, answer)

    def _send(self, code: int, content: object, next_page: str = "") -> None:
        self.send_response(code)
        self.send_header("X-Next-Page", next_page)
        self.end_headers()
        self.wfile.write(b"" if content == "" else json.dumps(content).encode())

    def log_message(self, *_: object) -> None:
        """Write no log."""
