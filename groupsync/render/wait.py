"""Renders what a run waits for as one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count
from groupsync.model.wait import AnswerWait, ListWait, LockWait, PauseWait, RetryWait, Work
from groupsync.render.escape import for_terminal

if TYPE_CHECKING:
    from groupsync.model.wait import Wait


def render_wait(wait: Wait, seconds: float) -> str:
    """Return one line that says what the run waits for, and for how many seconds so far."""
    return for_terminal(_describe(wait, int(seconds)))


def _describe(wait: Wait, seconds: int) -> str:
    waited = f"{seconds} s" if seconds else ""
    match wait:
        case AnswerWait(host=host, what=what, attempt=attempt):
            return f"Waiting for {host}: {what}{_list_facts(f'attempt {attempt}' if attempt > 1 else '', waited)}"
        case RetryWait(host=host, what=what, attempt=attempt, cause=cause):
            return f"{host}: {cause}. Attempt {attempt} for {what} in {_left(wait.seconds, seconds)}"
        case PauseWait(host=host):
            return f"{host} asks for fewer requests (HTTP 429): the next one in {_left(wait.seconds, seconds)}"
        case LockWait():
            facts = _list_facts(waited, f"at most {wait.seconds:g} s")
            return f"Waiting for another run that is working on this account{facts}"
        case ListWait(number=number):
            changes = count(number, "change", "changes")
            facts = _list_facts(waited, f"at most {wait.seconds:g} s")
            return f"Waiting until the list of groups shows {changes} of this run{facts}"
        case Work(what=what):
            return f"{what[:1].upper()}{what[1:]}{_list_facts(waited)}"


def _list_facts(*facts: str) -> str:
    """Return the facts that are not empty, in brackets."""
    return f" ({', '.join(known)})" if (known := [fact for fact in facts if fact]) else ""


def _left(total: float, waited: int) -> str:
    return f"{max(0, round(total - waited))} s"
