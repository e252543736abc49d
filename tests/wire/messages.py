"""Messages of HTTP/1.1 as they were received: where they end, and how they can be damaged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import BinaryIO

from tests.wire.faults import ActedThen, CutBody, CutHead

_BLANK = b"\r\n\r\n"
_BODILESS = (b"204", b"304")
_GENERAL_ERROR = 500
_PHONEBOOKS = b'{"errors": [{"code": "205", "title": "General error", "detail": ""}]}'
_GATEWAYS = b"<html><body><h1>Something is wrong here</h1></body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request or an answer, as received; `ends` means that it is the last one on its connection."""

    head: bytes
    body: bytes = b""
    is_whole: bool = False
    ends: bool = True


def spoil(answer: Message, fault: ActedThen | CutHead | CutBody) -> Message:
    """Return what the client gets instead of the answer."""
    match fault:
        case ActedThen(status=status):
            kind, body = ("application/json", _PHONEBOOKS) if status == _GENERAL_ERROR else ("text/html", _GATEWAYS)
            head = f"HTTP/1.1 {status} Told\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
            return replace(answer, head=head.encode(), body=body)
        case CutHead(size=size):
            return Message(head=answer.head[:-1][:size])
        case CutBody() if not answer.body:
            return Message(head=answer.head[:-1])
        case CutBody(size=size):
            return Message(head=answer.head, body=answer.body[:-1][:size])


def read_message(stream: BinaryIO, *, method: str = "") -> Message:
    """Return the next request, or, if `method` is given, the answer to such a request (RFC 9112, section 6.3)."""
    head = _read_lines(stream)
    pairs = [line.lower().partition(b":")[::2] for line in head.splitlines()[1:]]
    fields = {name: value.strip() for name, value in pairs}
    size = int(fields.get(b"content-length", b"0"))
    if method and (method == "HEAD" or head[9:12] in _BODILESS):
        body, is_whole = b"", True
    elif fields.get(b"transfer-encoding") == b"chunked":
        body, is_whole = _read_chunks(stream)
    elif method and b"content-length" not in fields:
        body, is_whole = stream.read(), False  # it ends with the connection
    else:
        body = stream.read(size)
        is_whole = len(body) == size
    is_whole = is_whole and head.endswith(_BLANK)
    return Message(head=head, body=body, is_whole=is_whole, ends=not is_whole or fields.get(b"connection") == b"close")


def _read_lines(stream: BinaryIO) -> bytes:
    """Return all lines up to and including an empty one."""
    lines = b""
    while line := stream.readline():
        lines += line
        if line == b"\r\n":
            break
    return lines


def _read_chunks(stream: BinaryIO) -> tuple[bytes, bool]:
    """Return a chunked body as received, with framing and trailers, and whether it is complete."""
    body = b""
    while line := stream.readline():
        size = int(line.split(b";")[0], 16)
        body += line + (stream.read(size + len(b"\r\n")) if size else _read_lines(stream))
        if not size:
            return body, body.endswith(_BLANK)
    return body, False
