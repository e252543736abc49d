"""Faults: answers that a Phonebook, or what stands before it, may give instead of the expected ones."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, TypeAlias

from flask import Response

from groupsync.sandbox.answers import error_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_FIRST_ERROR = 400
When: TypeAlias = Literal["before", "after"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said instead: text as HTML (unless a header says otherwise), bytes as they are, all else as JSON.

    Without a body it is the documented error, or empty below 400. `pace` is the time in seconds from one byte of the
    body to the next.
    """

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    pace: float = 0.0

    def as_response(self, wait: Callable[[float], object]) -> Response:
        """The answer as it goes out; a Content-Length among the headers is sent even if it is not true."""
        response = self._whole()
        if self.pace:
            response.response = _slowly(response.get_data(), lambda: wait(self.pace))
        for name, value in self.headers.items():
            response.headers[name] = value
        return response

    def _whole(self) -> Response:
        match self.body:
            case None if self.status < _FIRST_ERROR:
                response = Response(status=self.status)
            case None:
                response = error_answer(self.status, "the sandbox was told to answer this")
            case str() | bytes():
                response = Response(self.body, status=self.status, mimetype="text/html")
            case _:
                response = Response(json.dumps(self.body), status=self.status, mimetype="application/json")
        response.content_length = len(response.get_data())
        return response


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """The connection is closed without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens instead to a request of this method ("*": any) and path (a pattern with * and ?; None: any).

    `when` is before the request is carried out, which then never happens, or after its commit. The delay, in seconds,
    comes at the same time; with `instead` None it is all that happens.
    """

    method: str
    instead: Answer | Drop | None
    when: When = "before"
    path: str | None = None
    delay: float = 0.0

    def concerns(self, method: str, path: str) -> bool:
        """Whether it is for a request of this method and path."""
        return self.method in ("*", method) and (self.path is None or fnmatchcase(path, self.path))


class Faults:
    """The faults still to come. The first that concerns a request is taken."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: list[tuple[Fault, int]] = []

    def add(self, fault: Fault, times: int) -> None:
        """Let the fault come so many times."""
        with self._lock:
            self._pending.append((fault, times))

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this request, if there is one; it is then one time fewer to come."""
        with self._lock:
            for index, (fault, times) in enumerate(self._pending):
                if fault.concerns(method, path):
                    self._pending[index : index + 1] = [(fault, times - 1)] if times > 1 else []
                    return fault
        return None

    def pending(self) -> tuple[tuple[Fault, int], ...]:
        """What is still to come, with the number of times."""
        with self._lock:
            return tuple(self._pending)

    def clear(self) -> None:
        """Let none of them come."""
        with self._lock:
            self._pending.clear()


def _slowly(body: bytes, pause: Callable[[], object]) -> Iterator[bytes]:
    for byte in body:
        yield bytes([byte])
        pause()
