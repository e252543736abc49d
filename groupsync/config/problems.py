"""What is wrong at one place in a configuration file, as the line that its author reads."""

from __future__ import annotations

import heapq
import sys
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.display import quote
from groupsync.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from groupsync.schema import KeyPath

MOST_PROBLEMS = 100

_LONGEST_QUOTED = 60


class ConfigProblem(Struct, frozen=True, kw_only=True, order=True):
    """A problem or a warning; sorts by file in the order given, then by line and column.

    Without a column, it is about the whole file, and the line only says where it sorts.
    """

    file_number: int
    line: int = 0
    column: int = 0
    file: str = ""
    sentence: str

    @property
    def problem(self) -> Problem:
        """The problem, for the error that lists it."""
        line = self.line if self.column else 0
        return Problem(file=self.file, line=line, column=self.column, sentence=self.sentence)

    @property
    def text(self) -> str:
        """The line that the author of the file reads."""
        return str(self.problem)


class UnreadableError(Exception):
    """A file cannot be parsed; becomes one problem of the ConfigError."""

    def __init__(self, problem: ConfigProblem) -> None:
        self.problem = problem
        super().__init__(problem.text)


def limit_problems(problems: Iterable[ConfigProblem]) -> Iterator[ConfigProblem]:
    """Yield the first 101 problems: as many as `sort_problems` needs, even if every group of a large file has one."""
    return islice(problems, MOST_PROBLEMS + 1)


def sort_problems(problems: Iterable[ConfigProblem], *, what: str = "problems") -> tuple[ConfigProblem, ...]:
    """Return the first 100 problems by file, line and column, without repetitions.

    If there are more, a last one says so.
    """
    first = heapq.nsmallest(MOST_PROBLEMS + 1, problems)
    shown = tuple(dict.fromkeys(first[:MOST_PROBLEMS]))
    if len(first) <= MOST_PROBLEMS:
        return shown
    return (*shown, ConfigProblem(file_number=sys.maxsize, sentence=f"more {what} follow: fix these first"))


def describe_path(path: KeyPath) -> str:
    """Return the path of a value as `groups[3].name`; empty for the whole file."""
    return "".join(_describe_step(step) for step in path).removeprefix(".")


def _describe_step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if step.isidentifier() and len(step) <= _LONGEST_QUOTED:
        return f".{step}"
    return f"[{quote_short(step)}]"


def quote_short(text: str) -> str:
    """Return text of the file in quotes, cut to a readable length."""
    return quote(text if len(text) <= _LONGEST_QUOTED else text[:_LONGEST_QUOTED] + "…")
