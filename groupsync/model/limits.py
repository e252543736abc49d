"""How much a plan may lose: limits of the configuration and of whoever runs the program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

DEFAULT_MAX_DELETES = 10
DEFAULT_MAX_CONTACTS_LOST = 0

_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_SHARE = re.compile(r"(100|[1-9][0-9]?)%")


class Share(Struct, frozen=True, kw_only=True):
    """A share of all groups, in percent from 1 to 100."""

    percent: int

    def __str__(self) -> str:
        return f"{self.percent}%"


MaxDeletes: TypeAlias = int | Share


def count_deletes(limit: MaxDeletes, whole: int) -> int:
    """Return how many deletions the limit allows among `whole` groups; a share is rounded down, to 1 at least."""
    match limit:
        case Share(percent=percent):
            return max(1, whole * percent // 100)
        case int():
            return limit


def parse_max_deletes(text: str) -> MaxDeletes | None:
    """Parse a limit such as `10` or `25%`; None if it is not one."""
    if found := _SHARE.fullmatch(text):
        return Share(percent=int(found[1]))
    return parse_number(text)


def parse_number(text: str) -> int | None:
    """Parse a number in decimal digits; None if it is not one."""
    return int(text) if _NUMBER.fullmatch(text) else None


class RunPolicy(Struct, frozen=True, kw_only=True):
    """What the person or job that runs the program allows and forbids, in addition to the policy.

    `load_run_policy` makes it from the environment and the options of the command line; the guards read it. It
    guarantees that no pull request can widen it: nothing in a configuration changes it.

    - `allowed`: the codes of the guards that `--allow` overrides.
    - `keeps_backups`: whether there is a folder for backups of the members of deleted groups.
    - `pull_request`: the variable that shows that this is the CI run of a pull request; empty if it is not.
    - `no_deletes`: whether this run deletes nothing, whatever the plan says.
    - `protected`, `max_deletes`, `max_contacts_lost`: limits on top of those of the configuration. `removed` does not
      lift them. None means no limit.
    """

    allowed: AbstractSet[str] = frozenset()
    keeps_backups: bool = False
    pull_request: str = ""
    no_deletes: bool = False
    protected: tuple[str, ...] = ()
    max_deletes: MaxDeletes | None = None
    max_contacts_lost: int | None = None
