"""What `groupsync doctor` found out about everything that a plan needs."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping


class Health(enum.Enum):
    """The result of a check: all is well, something to look into, or something that makes every plan impossible."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class DoctorCheck(Struct, frozen=True, kw_only=True):
    """The result of one check: `text` says what was found, `remedy` what to do about it (empty if nothing)."""

    health: Health = Health.OK
    text: str
    remedy: str = ""


class DoctorReport(Struct, frozen=True, kw_only=True):
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
