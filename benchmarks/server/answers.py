"""A request as it came and an answer as it goes: HTTP/1.1 with kept connections, as far as the programs here use it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_TITLES = {400: ("201", "Invalid data"), 401: ("202", "Unauthorized"), 404: ("203", "Missing resource")}
_CLIENT_ERROR = ("244", "Client error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A whole request; the names of its headers are in small letters."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path as it was sent, percent-encoded, without the query."""
        return urlsplit(self.target).path

    @property
    def parts(self) -> tuple[str, ...]:
        """The steps of the path, decoded, without the empty one before the first slash."""
        return tuple(unquote(part) for part in self.path.split("/")[1:])

    @property
    def closes(self) -> bool:
        """Whether the client wants the connection to end with the answer."""
        return self.headers.get("connection", "").lower() == "close"

    def query(self, name: str, default: int) -> int:
        """Return the number that the query gives under this name."""
        return int(parse_qs(urlsplit(self.target).query).get(name, [str(default)])[0])

    def read_object(self) -> dict[str, Any]:
        """Return the JSON object in the body, an empty one when there is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status, a body of JSON, and more headers than those of every answer."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def encode(self) -> bytes:
        """Return what goes over the wire."""
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}", f"Date: {formatdate(usegmt=True)}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.status != HTTPStatus.NO_CONTENT:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


def encode_json(value: object) -> bytes:
    """Return the bytes of a value, every name in it as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def make_error(status: int, detail: str, *headers: tuple[str, str]) -> Answer:
    """Return the error that the Phonebook documents for a status."""
    code, title = _TITLES.get(status, _CLIENT_ERROR)
    body = encode_json({"errors": [{"code": code, "title": title, "detail": detail}]})
    return Answer(status=status, body=body, headers=headers)


def split_request(buffer: bytearray) -> Request | None:
    """Take the first whole request off the buffer; None when there is none yet."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    first, *lines = buffer[:end].decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    begin, length = end + 4, int(headers.get("content-length", "0"))
    if len(buffer) < begin + length:
        return None
    method, target, _ = first.split(" ")
    body = bytes(buffer[begin : begin + length])
    del buffer[: begin + length]
    return Request(method=method, target=target, headers=headers, body=body)
