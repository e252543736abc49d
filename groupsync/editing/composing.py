"""Joins consecutive writes of the same files into as few as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.editing.files import FileWrite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from groupsync.editing.files import FindFault


def compose_writes(
    texts: Mapping[str, str], steps: Sequence[FileWrite], *, find_fault: FindFault
) -> tuple[FileWrite, ...]:
    """Return writes with the same result as all steps; the configuration is valid after each write.

    Each step begins with the texts that the step before it leaves, and leaves a valid configuration. Each file is
    written once if there is a valid order for that; files that only get new lines are first. Otherwise the steps are
    returned.
    """
    final = dict(texts) | {step.file: step.new for step in steps}
    changed = [file for file in dict.fromkeys(step.file for step in steps) if final[file] != texts[file]]
    remaining = sorted(changed, key=lambda file: not _only_adds(texts[file], final[file]))
    now = dict(texts)
    writes: list[FileWrite] = []
    while remaining:
        file = next((one for one in remaining if not find_fault({**now, one: final[one]})), None)
        if file is None:
            return tuple(steps)
        writes.append(FileWrite(file=file, old=now[file], new=final[file]))
        now[file] = final[file]
        remaining.remove(file)
    return tuple(writes)


def _only_adds(old: str, new: str) -> bool:
    """Return whether every line of the old text is in the new one, in the same order."""
    lines = iter(new.split("\n"))
    return all(line in lines for line in old.split("\n"))
