"""The run of a CI system that groupsync works in."""

from __future__ import annotations

from msgspec import Struct


class CiRun(Struct, frozen=True, kw_only=True):
    """The run of a CI system: name of the system, URL (each empty if unknown), and whether it is for a pull request."""

    system: str = ""
    url: str = ""
    is_pull_request: bool = False
