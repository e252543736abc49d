"""One run at a time for each account on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.environment.places import find_lock_dir
from groupsync.lock import account_lock

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from groupsync.runs.session import Session


def hold_lock(session: Session) -> AbstractContextManager[None]:
    """Return a context that holds this machine's lock of the account; it raises LockedError if another run does."""
    return account_lock(
        find_lock_dir(session.surroundings.environ),
        session.target,
        timeout=session.options.lock_timeout,
        watcher=session.surroundings.watcher,
        interrupt=session.surroundings.interrupt,
    )
