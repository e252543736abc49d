"""A page of Markdown in so many bytes: what matters most gets its room first, and what has none is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BLANK_LINE = "\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A title and the items below it, in the order in which they matter.

    `rank` says which section gets its room first. `kind` is what its items are called where some are left out; those of
    a section without one are left out in silence. The others are what stands below the title and between the items.
    """

    rank: int
    title: str = ""
    items: Sequence[str]
    kind: str = ""
    below_title: str = BLANK_LINE
    between: str = "\n"


def compose(
    head: Sequence[str], sections: Sequence[Section], foot: Sequence[str], *, where: str, max_bytes: int
) -> str:
    """Return the page: the head, what is left out, the sections in their order, the foot.

    `where` says where to see what is left out. The head and the foot are always whole.
    """
    nothing = [0] * len(sections)
    room = max_bytes - sum(map(_measure, [*head, *_tell_left_out(sections, nothing, where), *foot]))
    shown = list(nothing)
    for number in sorted(range(len(sections)), key=lambda number: sections[number].rank):
        shown[number], room = _fill(sections[number], room)
    blocks = [_lay_out(section, number) for section, number in zip(sections, shown, strict=True) if number]
    return BLANK_LINE.join([*head, *_tell_left_out(sections, shown, where), *blocks, *foot]) + "\n"


def _fill(section: Section, room: int) -> tuple[int, int]:
    """Return how many items of the section have room, and the room that is left."""
    left = room - _measure(section.title)
    for number, item in enumerate(section.items):
        left -= _measure(item)
        if left < 0:
            return number, room
        room = left
    return len(section.items), room


def _lay_out(section: Section, number: int) -> str:
    title = f"{section.title}{section.below_title}" if section.title else ""
    return title + section.between.join(section.items[:number])


def _measure(block: str) -> int:
    return len(block.encode()) + len(BLANK_LINE)


def _tell_left_out(sections: Sequence[Section], shown: Sequence[int], where: str) -> list[str]:
    missing = [
        f"{len(section.items) - number:,} of {len(section.items):,} {section.kind}"
        for section, number in zip(sections, shown, strict=True)
        if section.kind and number < len(section.items)
    ]
    if not missing:
        return []
    return [f"> [!WARNING]\n> **Not all of it has room here. Left out: {', '.join(missing)}.** See them {where}."]
