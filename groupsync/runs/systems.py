"""The systems on which runs may change an account."""

from __future__ import annotations

import sys

from groupsync.errors import UnsupportedSystemError

REFUSED_SYSTEMS = ("win32",)
"""Where the workflow `test` has not passed yet. docs/releasing.md says when to remove one."""


def require_tested_system(command: str) -> None:
    """Raise UnsupportedSystemError on a system on which no run has been tested that changes an account."""
    if sys.platform in REFUSED_SYSTEMS:
        raise UnsupportedSystemError(command)
