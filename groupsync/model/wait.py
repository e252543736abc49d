"""What a run waits for: values for watchers, so that users can see that a run still works."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct


class AnswerWait(Struct, frozen=True, kw_only=True):
    """A request was sent to `host`; `what` describes it, `attempt` counts from 1."""

    host: str
    what: str
    attempt: int


class RetryWait(Struct, frozen=True, kw_only=True):
    """A request failed because of `cause`, and is sent again in `seconds`; `attempt` is the number of that attempt."""

    host: str
    what: str
    attempt: int
    cause: str
    seconds: float


class PauseWait(Struct, frozen=True, kw_only=True):
    """`host` accepts no more requests for now (HTTP 429); the next one is sent in `seconds`."""

    host: str
    seconds: float


class LockWait(Struct, frozen=True, kw_only=True):
    """Another run on this machine works on the account; this one waits for `seconds` at most."""

    seconds: float


class ListWait(Struct, frozen=True, kw_only=True):
    """The list of groups does not show the changes of `number` groups yet; the run waits for `seconds` at most."""

    number: int
    seconds: float


class Work(Struct, frozen=True, kw_only=True):
    """The program itself is busy, without a request; `what` describes the work: "making the plan"."""

    what: str


Wait: TypeAlias = AnswerWait | RetryWait | PauseWait | LockWait | ListWait | Work
