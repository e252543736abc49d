"""What a run waits for: values for watchers, so that users can see that a run still works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerWait:
    """A request was sent to `host`; `what` describes it, `attempt` counts from 1."""

    host: str
    what: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryWait:
    """A request failed because of `cause`, and is sent again in `seconds`; `attempt` is the number of that attempt."""

    host: str
    what: str
    attempt: int
    cause: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseWait:
    """`host` accepts no more requests for now (HTTP 429); the next one is sent in `seconds`."""

    host: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LockWait:
    """Another run on this machine works on the account; this one waits for `seconds` at most."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWait:
    """The list of groups does not show the changes of `number` groups yet; the run waits for `seconds` at most."""

    number: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The program itself is busy, without a request; `what` describes the work: "making the plan"."""

    what: str


Wait: TypeAlias = AnswerWait | RetryWait | PauseWait | LockWait | ListWait | Work
