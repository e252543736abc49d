"""A page of Markdown within a limit of bytes: the most important items first, and what is left out is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupsync.planfile.digest import digest_review
from groupsync.render.escape import in_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.review import Review
    from groupsync.render.view import View

BLANK_LINE = "\n\n"
_LONGEST_COMMIT = 64  # a SHA-256; the environment may contain anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A title and the items below it, the most important ones first.

    The section with the lowest `rank` gets its space first. `kind` is the noun for items that are left out; without
    one they are not counted. `below_title` separates the title from the items, `between` one item from the next.
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
    """Return the page: the head, how much is left out, the sections in their order, the foot.

    `where` says where to see what is left out. The head and the foot are never shortened.
    """
    nothing = [0] * len(sections)
    space = max_bytes - sum(map(_measure, [*head, *_render_left_out(sections, nothing, where), *foot]))
    shown = list(nothing)
    for number in sorted(range(len(sections)), key=lambda number: sections[number].rank):
        shown[number], space = _fill(sections[number], space)
    blocks = [_render_section(section, number) for section, number in zip(sections, shown, strict=True) if number]
    return BLANK_LINE.join([*head, *_render_left_out(sections, shown, where), *blocks, *foot]) + "\n"


def _fill(section: Section, space: int) -> tuple[int, int]:
    """Return how many items of the section fit below its title, and the space that remains."""
    remaining = space - _measure(section.title)
    for number, item in enumerate(section.items):
        remaining -= _measure(item)
        if remaining < 0:
            return number, space
        space = remaining
    return len(section.items), space


def _render_section(section: Section, number: int) -> str:
    title = f"{section.title}{section.below_title}" if section.title else ""
    return title + section.between.join(section.items[:number])


def _measure(block: str) -> int:
    return len(block.encode()) + len(BLANK_LINE)


def _render_left_out(sections: Sequence[Section], shown: Sequence[int], where: str) -> list[str]:
    missing = [
        f"{len(section.items) - number:,} of {len(section.items):,} {section.kind}"
        for section, number in zip(sections, shown, strict=True)
        if section.kind and number < len(section.items)
    ]
    if not missing:
        return []
    return [f"> [!WARNING]\n> **Not all of it has room here. Left out: {', '.join(missing)}.** See them {where}."]


def render_signature(review: Review, view: View) -> str:
    """Return the last line of a page: which plan, commit and account it is about, when and by what it was made.

    A refused plan must not be approved, so its digest is not shown: without deletions it would be an approval.
    """
    parts = [
        f"account {in_code(review.target.account)}",
        f"made {in_code(review.created_at)} by groupsync {in_code(review.groupsync_version)}",
    ]
    if view.commit:
        parts.insert(0, f"commit {in_code(view.commit[:_LONGEST_COMMIT])}")
    if not review.refusals:
        parts.insert(0, f"digest {in_code(digest_review(review))}")
    return f"<sub>{' · '.join(parts)}</sub>"
