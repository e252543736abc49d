"""Values that many tests share, and short ways to make values of the core."""

from __future__ import annotations

from datetime import datetime, timezone

from groupsync.guards import OVERRIDABLE
from groupsync.model.account import Credentials, make_target
from groupsync.model.config import Config, GroupEntry, Pattern, Policy, Removal, RemovedId, RemovedName, Unlisted
from groupsync.model.groups import GroupId, LiveGroup, Source
from groupsync.model.limits import MaxDeletes, RunPolicy

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
TARGET = make_target("https://api.messente.com/v1", "user")
SANDBOX_CREDENTIALS = Credentials(username="sandbox", password="let-me-in")
"""Those of every `Sandbox` that is not given others."""

LIMITS = RunPolicy(keeps_backups=True)
LENIENT = RunPolicy(keeps_backups=True, allowed=frozenset(OVERRIDABLE))


def make_id(number: int) -> GroupId:
    return GroupId(f"{number:08x}-52b7-4f0d-9c3e-1b7a60d2f401")


def at(line: int) -> Source:
    return Source(file="groups.yaml", line=line, column=5)


def live(number: int, name: str, contacts: int | None = 0) -> LiveGroup:
    return LiveGroup(id=make_id(number), name=name, contacts_count=contacts)


def entry(name: str, number: int | None = None, *, previously: tuple[str, ...] = (), line: int = 3) -> GroupEntry:
    group_id = None if number is None else make_id(number)
    return GroupEntry(name=name, id=group_id, previously=previously, source=at(line))


def config(
    *groups: GroupEntry | str,
    removed: tuple[int | str, ...] = (),
    ignore: tuple[str, ...] = (),
    protected: tuple[str, ...] = (),
    unlisted: Unlisted | None = Unlisted.DELETE,
    max_deletes: MaxDeletes = 10,
    max_contacts_lost: int = 0,
) -> Config:
    """Make a configuration; what is removed is named by the number of its id or by its name."""
    return Config(
        groups=tuple(
            entry(group, line=line) if isinstance(group, str) else group for line, group in enumerate(groups, start=3)
        ),
        removed=tuple(_removal(what, line) for line, what in enumerate(removed, start=50)),
        ignore=tuple(Pattern(text=text, source=at(80)) for text in ignore),
        protected=tuple(Pattern(text=text, source=at(90)) for text in protected),
        policy=Policy(unlisted=unlisted, max_deletes=max_deletes, max_contacts_lost=max_contacts_lost),
        files=("groups.yaml",),
    )


def _removal(what: int | str, line: int) -> Removal:
    if isinstance(what, int):
        return RemovedId(id=make_id(what), source=at(line))
    return RemovedName(name=what, contacts_at_most=1_000, source=at(line))
