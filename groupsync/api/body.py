"""Reading the body of an answer within a limit of size."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from urllib3.exceptions import HTTPError

from groupsync.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 2**16
_ERROR_LIMIT = 2**16


def read_body(raw: Any, request: str, *, limit: int) -> bytes:
    """Return the whole decompressed body of a urllib3 response; raise ApiError beyond `limit` bytes."""
    body = bytearray()
    for chunk in _read_chunks(raw):
        body += chunk
        if len(body) > limit:
            raise ApiError(request, f"the answer is larger than {limit // 2**20} MiB", ambiguous=True)
    return bytes(body)


def read_beginning(raw: Any) -> bytes:
    """Return what can be read of a failure's body, 64 KiB at most: the status has said what matters."""
    body = bytearray()
    with contextlib.suppress(HTTPError, OSError):
        for chunk in _read_chunks(raw):
            body += chunk
            if len(body) > _ERROR_LIMIT:
                break
    return bytes(body[:_ERROR_LIMIT])


def _read_chunks(raw: Any) -> Iterator[bytes]:
    """Yield the body as it arrives, a packet at a time."""
    while chunk := raw.read1(_CHUNK, decode_content=True):
        yield chunk
