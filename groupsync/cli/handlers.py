"""The handlers of signals, as they were before a command and when it is over; it imports little, so help is instant."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING

from groupsync.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator

CODES = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}


@contextlib.contextmanager
def restored_handlers() -> Iterator[None]:
    """Put the handlers of the signals back afterwards."""
    before = {number: signal.getsignal(number) for number in CODES}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    """Ignore signals once the exit code is settled: Python restores the default handlers, which would change it."""
    for number in CODES:
        signal.signal(number, signal.SIG_IGN)
