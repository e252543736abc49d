"""Undoes unfinished work if the process quits at once: temporary files, the file of a lock. Imports little."""

from __future__ import annotations

import contextlib

TYPE_CHECKING = False  # importing it from `typing` takes longer than this whole module
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_undos: dict[object, Callable[[], object]] = {}


@contextlib.contextmanager
def undone_at_quit(undo: Callable[[], object]) -> Iterator[None]:
    """Call `undo` if the process quits at once during the block, but not after the block."""
    key = object()
    _undos[key] = undo
    try:
        yield
    finally:
        del _undos[key]


def undo_unfinished() -> None:
    """Undo unfinished work as far as the system allows; the process is about to quit."""
    for undo in tuple(_undos.values()):
        with contextlib.suppress(OSError):
            undo()
