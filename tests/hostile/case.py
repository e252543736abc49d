"""A hostile input, and what the program does with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tests.hostile.phonebook import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A run of the program; `exit_codes` are those that are right for it."""

    args: tuple[str, ...]
    exit_codes: frozenset[int]
    files: Mapping[str, bytes] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)


MakeCase: TypeAlias = Callable[[], Case]
"""Makes a case when it is needed: all of them together are larger than the memory."""
