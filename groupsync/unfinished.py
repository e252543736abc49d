"""What must be undone if the process quits at once: temporary files, the file of a lock. It imports nothing heavy."""

from __future__ import annotations

import contextlib

TYPE_CHECKING = False  # importing it from `typing` takes longer than this whole module
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_undos: dict[object, Callable[[], object]] = {}


@contextlib.contextmanager
def undone_at_quit(undo: Callable[[], object]) -> Iterator[None]:
    """Call `undo` if the process quits at once during the block; after the block nothing is to be undone."""
    key = object()
    _undos[key] = undo
    try:
        yield
    finally:
        del _undos[key]


def undo_unfinished() -> None:
    """Undo what is unfinished, as far as the system lets; the process is about to quit."""
    for undo in tuple(_undos.values()):
        with contextlib.suppress(OSError):
            undo()
