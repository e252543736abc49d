"""What the sandbox is told to do (behaviour and faults) and which requests it got."""

from __future__ import annotations

import json
import threading
import time
import unicodedata
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from flask import Response

from groupsync.sandbox.errors import SandboxError
from groupsync.sandbox.messages import error_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from groupsync.sandbox.phonebook import StoredGroup

_FIRST_ERROR = 400
When: TypeAlias = Literal["before", "after"]

_COUNTS: Mapping[str, Callable[[int], int | None]] = {
    "right": lambda number: number,
    "zero": lambda _number: 0,
    "one more": lambda number: number + 1,
    "missing": lambda _number: None,
}
_STORED_NAMES: Mapping[str, Callable[[str], str]] = {
    "as sent": lambda name: name,
    "trimmed": lambda name: name.strip() or name,
    "collapsed": lambda name: " ".join(name.split()) or name,
    "cut": lambda name: name[:20],
    "lower case": lambda name: name.lower(),
    "composed": lambda name: unicodedata.normalize("NFC", name),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How the Phonebook behaves where the vendor documents nothing.

    `unique_names` refuses a name that another group has. `latency` seconds are added to each request. `rate_limit` is
    the number of requests allowed each second (0: no limit). The list of groups shows what is created, renamed or
    deleted over HTTP only after `late_lists` seconds. `counts` decides which number of contacts a group shows, and
    `stored_names` how a sent name is stored.
    """

    unique_names: bool = False
    latency: float = 0.0
    rate_limit: float = 0.0
    late_lists: float = 0.0
    counts: str = "right"
    stored_names: str = "as sent"

    def __post_init__(self) -> None:
        if not isinstance(self.unique_names, bool):
            raise SandboxError("unique_names is true or false")
        for name in ("latency", "rate_limit", "late_lists"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
                raise SandboxError(f"{name} is a number of at least 0")
        _require_choice("counts", self.counts, _COUNTS)
        _require_choice("stored_names", self.stored_names, _STORED_NAMES)

    def find_count(self, number: int) -> int | None:
        """Return the number of contacts that a group shows; None if it shows none."""
        return _COUNTS[self.counts](number)

    def find_stored_name(self, name: str) -> str:
        """Return the name that the Phonebook stores for a sent name."""
        return _STORED_NAMES[self.stored_names](name)


def _require_choice(name: str, value: object, choices: Mapping[str, object]) -> None:
    if not isinstance(value, str) or value not in choices:
        raise SandboxError(f"{name} is one of: {', '.join(choices)}")


class RateLimiter:
    """A token bucket: it holds the requests of one second and is refilled at the rate of the limit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens = 0.0
        self._rate = 0.0
        self._filled_at = 0.0

    def take(self, rate: float) -> float:
        """Count a request and return 0, or return the seconds until the next one is allowed. Rate 0 allows all."""
        if not rate:
            return 0.0
        with self._lock:
            self._refill(rate)
            if self._tokens < 1:
                return (1 - self._tokens) / rate
            self._tokens -= 1
            return 0.0

    def _refill(self, rate: float) -> None:
        now = time.monotonic()
        capacity = max(1.0, rate)
        if rate == self._rate:
            self._tokens = min(capacity, self._tokens + (now - self._filled_at) * rate)
        else:
            self._tokens = capacity
        self._rate = rate
        self._filled_at = now


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentChange:
    """A group that was created, renamed or deleted over HTTP, as it was before; `before` is None if it was created."""

    group_id: str
    before: StoredGroup | None
    changed_at: float
    lateness: float


class RecentChanges:
    """The latest changes over HTTP, for lists that are late."""

    def __init__(self) -> None:
        self._changes: list[RecentChange] = []

    def add(self, group_id: str, before: StoredGroup | None, lateness: float) -> None:
        """Remember a change that lists show only after this many seconds."""
        if lateness:
            now = time.monotonic()
            self._changes.append(RecentChange(group_id=group_id, before=before, changed_at=now, lateness=lateness))

    def clear(self) -> None:
        """Forget all changes: every list shows them from now on."""
        self._changes.clear()

    def make_late(self, groups: Sequence[StoredGroup], lateness: float) -> tuple[StoredGroup, ...]:
        """Return the groups as a list shows them that does not have the changes of the last seconds."""
        now = time.monotonic()
        late = [one for one in list(self._changes) if now - one.changed_at < min(one.lateness, lateness)]
        shown = {group.id: group for group in groups}
        for change in reversed(late):  # the oldest one last: the list shows the group as it was before that
            if change.before is None:
                shown.pop(change.group_id, None)
            else:
                shown[change.group_id] = change.before
        return tuple(shown.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAnswer:
    """An answer that replaces the one of the call; `Controls.fail_next` describes its parts."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def make_response(self) -> Response:
        """Return the answer; a Content-Length among the headers is sent even if it is wrong."""
        response = self._make_whole_response()
        response.content_length = len(response.get_data())
        for name, value in self.headers.items():
            response.headers[name] = value
        return response

    def _make_whole_response(self) -> Response:
        match self.body:
            case None if self.status < _FIRST_ERROR:
                return Response(status=self.status)
            case None:
                return error_answer(self.status, "the sandbox was told to answer this")
            case str() | bytes():
                return Response(self.body, status=self.status, mimetype="text/html")
            case _:
                return Response(json.dumps(self.body), status=self.status, mimetype="application/json")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFault:
    """What happens to the next request of a method ("*" for any) and a path (a pattern with * and ?, None for any).

    After `delay` seconds `answer` is sent, or the connection is closed if `answer` is None. With `when` "before" the
    request is not carried out at all, with "after" it is carried out first.
    """

    method: str
    answer: PlannedAnswer | None
    when: When
    path: str | None
    delay: float

    def matches(self, method: str, path: str) -> bool:
        """Return whether this fault is for a request with this method and path."""
        return self.method in ("*", method) and (self.path is None or fnmatchcase(path, self.path))


class FaultQueue:
    """The faults still to come, each with the number of times that it will come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[tuple[PlannedFault, int]] = []

    def add(self, fault: PlannedFault, times: int) -> None:
        """Add a fault that comes `times` times."""
        with self._lock:
            self._faults.append((fault, times))

    def take(self, method: str, path: str) -> PlannedFault | None:
        """Return the first fault that matches the request and use it up once; return None if there is none."""
        with self._lock:
            for index, (fault, times) in enumerate(self._faults):
                if fault.matches(method, path):
                    if times > 1:
                        self._faults[index] = (fault, times - 1)
                    else:
                        del self._faults[index]
                    return fault
        return None

    def count(self) -> int:
        """Return how many faults are still to come, each counted as often as it will come."""
        with self._lock:
            return sum(times for _, times in self._faults)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """A request in the log. The path is decoded and has no query; status 0 means that no answer was sent."""

    method: str
    path: str
    status: int


class Controls:
    """The controls of one sandbox; all of them may be used while it is running."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.faults = FaultQueue()
        self.rate_limiter = RateLimiter()
        self.recent_changes = RecentChanges()
        self.stopping = threading.Event()
        self._log: list[LoggedRequest] = []

    def wait(self, seconds: float) -> None:
        """Sleep for that many seconds, or until the sandbox stops."""
        if seconds > 0:
            self.stopping.wait(seconds)

    def behave(self, **changes: Any) -> None:
        """Change some fields of Behaviour, which checks them."""
        try:
            self.behaviour = replace(self.behaviour, **changes)
        except TypeError as error:
            raise SandboxError(f"there is no such behaviour: {', '.join(changes)}") from error
        if not self.behaviour.late_lists:
            self.recent_changes.clear()

    def fail_next(  # noqa: PLR0913 - each is one field of a fault
        self,
        method: str = "*",
        *,
        status: int = 500,
        times: int = 1,
        when: When = "before",
        path: str | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
    ) -> None:
        """Answer the next requests of this method and path (a pattern with * and ?) with this status and body.

        With `when="after"` the request is carried out first. A body of text is sent as HTML unless a header says
        otherwise, bytes as they are, anything else as JSON. Without a body the documented error is sent (below 400:
        an empty body). A Content-Length among the headers that is too large cuts the answer off. `delay` is the time
        in seconds before the answer.
        """
        answer = PlannedAnswer(status=status, body=body, headers=headers or {})
        self.faults.add(PlannedFault(method=method, answer=answer, when=when, path=path, delay=delay), times)

    def drop_next(
        self, method: str = "*", *, times: int = 1, when: When = "before", path: str | None = None, delay: float = 0.0
    ) -> None:
        """Close the connection of the next such requests without an answer, before or after they are carried out."""
        self.faults.add(PlannedFault(method=method, answer=None, when=when, path=path, delay=delay), times)

    def clear_faults(self) -> None:
        """Remove all faults that have not come yet."""
        self.faults.clear()

    def note(self, entry: LoggedRequest) -> None:
        """Add a request to the log."""
        self._log.append(entry)

    def log(self) -> tuple[LoggedRequest, ...]:
        """Return every request below /v1, in the order in which they were answered."""
        return tuple(self._log)

    def requests(self, method: str | None = None) -> int:
        """Return how many requests are in the log, of this method or of all."""
        return sum(method in (None, entry.method) for entry in self.log())

    def forget_requests(self) -> None:
        """Empty the log."""
        self._log.clear()
