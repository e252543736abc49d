"""A checkup of everything that groupsync needs around it."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Health(enum.Enum):
    """How a thing is: as it should be, to be looked at, or in the way of every plan."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorCheck:
    """One thing that was looked at, how it is, and what to do about it, if anything."""

    name: str
    health: Health = Health.OK
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorReport:
    """All that was looked at, in order; `unchecked` are the names of what needs that which failed."""

    checks: tuple[DoctorCheck, ...]
    unchecked: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether nothing is in the way."""
        return not any(check.health is Health.FAILED for check in self.checks)
