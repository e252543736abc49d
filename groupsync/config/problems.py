"""What is wrong at one place in a configuration file, as the line that its author reads."""

from __future__ import annotations

import heapq
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupsync.display import quote
from groupsync.schema import MOST_VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from groupsync.schema import KeyPath

_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ConfigProblem:
    """A problem or a warning; sorts by file in the order given, then by line and column."""

    file_number: int
    line: int = 0
    column: int = 0
    text: str


class UnreadableError(Exception):
    """A file holds no values that could be looked at; becomes one problem of the ConfigError."""

    def __init__(self, problem: ConfigProblem) -> None:
        self.problem = problem
        super().__init__(problem.text)


def sort_problems(problems: Iterable[ConfigProblem], *, what: str = "problems") -> tuple[ConfigProblem, ...]:
    """Return the first 100 in the order of their places, each once, and a last one that says when there are more."""
    first = heapq.nsmallest(MOST_VIOLATIONS + 1, problems)
    shown = tuple(dict.fromkeys(first[:MOST_VIOLATIONS]))
    more = ConfigProblem(file_number=sys.maxsize, text=f"more {what} follow: mend these first")
    return (*shown, more) if len(first) > MOST_VIOLATIONS else shown


def show_path(path: KeyPath) -> str:
    """Return the way to a value as `groups[3].name`; empty for the whole file."""
    shown = "".join(_show_step(step) for step in path)
    return shown.removeprefix(".")


def _show_step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if step.isidentifier() and len(step) <= _LONGEST_SHOWN else f"[{show_text(step)}]"


def show_text(text: str) -> str:
    """Return text that stands where something else belongs, quoted and cut to a readable length."""
    return quote(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…")
