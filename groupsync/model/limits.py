"""How much a plan may lose: the limits of the configuration, and those of whoever runs the program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

DEFAULT_MAX_DELETES = 10
DEFAULT_MAX_CONTACTS_LOST = 0

_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_SHARE = re.compile(r"(100|[1-9][0-9]?)%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of all groups, in percent from 1 to 100."""

    percent: int

    def __str__(self) -> str:
        return f"{self.percent}%"


MaxDeletes: TypeAlias = int | Share


def count_deletes(limit: MaxDeletes, whole: int) -> int:
    """Return how many deletions the limit allows where so many groups count; a share is rounded down, to 1 at least."""
    match limit:
        case Share(percent=percent):
            return max(1, whole * percent // 100)
        case int():
            return limit


def parse_max_deletes(text: str) -> MaxDeletes | None:
    """Return the limit that a text such as `10` or `25%` is, None when it is none."""
    if found := _SHARE.fullmatch(text):
        return Share(percent=int(found[1]))
    return parse_number(text)


def parse_number(text: str) -> int | None:
    """Return the number that a text in decimal digits is, None when it is none."""
    return int(text) if _NUMBER.fullmatch(text) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPolicy:
    """What whoever runs the program brings to the guards.

    `allowed` are the codes of the guards to let pass, `keeps_backups` says whether the members of deleted groups are
    kept, `pull_request` by what the environment shows that the plan is to be applied in the run of a pull request. The
    others hold beside those of the configuration, and consent does not lift them; None is no limit.
    """

    allowed: AbstractSet[str] = frozenset()
    keeps_backups: bool = False
    pull_request: str = ""
    protected: tuple[str, ...] = ()
    max_deletes: MaxDeletes | None = None
    max_contacts_lost: int | None = None
