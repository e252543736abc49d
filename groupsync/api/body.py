"""Reading the body of an answer within limits of time and size."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from urllib3.exceptions import HTTPError

from groupsync.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 2**16
_ERROR_LIMIT = 2**16


def read_body(raw: Any, request: str, *, limit: int, timeout: float) -> bytes:
    """Return the whole decompressed body of a urllib3 response; raise ApiError beyond `limit` bytes or `timeout`."""
    body = bytearray()
    for chunk in _read_chunks(raw, request, timeout):
        body += chunk
        if len(body) > limit:
            raise ApiError(request, f"the answer is larger than {limit // 2**20} MiB", ambiguous=True)
    return bytes(body)


def read_beginning(raw: Any, request: str, *, timeout: float) -> bytes:
    """Return what can be read of a failure's body, 64 KiB at most: the status has said what matters."""
    body = bytearray()
    with contextlib.suppress(ApiError, HTTPError, OSError):
        for chunk in _read_chunks(raw, request, timeout):
            body += chunk
            if len(body) > _ERROR_LIMIT:
                break
    return bytes(body[:_ERROR_LIMIT])


def _read_chunks(raw: Any, request: str, timeout: float) -> Iterator[bytes]:
    """Yield the body as it arrives; `read1` waits for one packet at most, so that the clock is looked at in between."""
    deadline = time.monotonic() + timeout
    while chunk := raw.read1(_CHUNK, decode_content=True):
        yield chunk
        if time.monotonic() > deadline:
            raise ApiError(request, f"the answer was not whole after {timeout:g} seconds", ambiguous=True)
