"""What `groupsync doctor` found out about everything that a plan needs."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupsync.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping


class Health(enum.Enum):
    """The result of a check: all is well, something to look into, or something that makes every plan impossible."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorCheck:
    """The result of one check: `text` says what was found, `remedy` what to do about it (empty if nothing)."""

    health: Health = Health.OK
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorReport:
    """The checks by their names, in the order in which they ran.

    `unchecked` are the names of the checks that were skipped because something they need failed. `account` is the
    fingerprint of the account that the credentials belong to; None if the endpoint or the credentials are not valid.
    """

    checks: Mapping[str, DoctorCheck]
    unchecked: tuple[str, ...] = ()
    account: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether no check failed."""
        return not any(check.health is Health.FAILED for check in self.checks.values())

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of `groupsync doctor`."""
        return ExitCode.DONE if self.is_ready else ExitCode.ERROR
