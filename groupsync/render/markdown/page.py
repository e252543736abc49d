"""A page of Markdown within a limit of bytes: the most important items first, and what is left out is counted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from groupsync.planfile.digest import digest_review
from groupsync.render.escape import in_code, in_fence, in_text
from groupsync.render.restrictions import render_restrictions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.review import Review
    from groupsync.render.view import View

BLANK_LINE = "\n\n"
MOST_UNFOLDED = 10
_LONGEST_COMMIT = 64  # a SHA-256; the environment may contain anything
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT_COMMIT = 12
_MOST_PATHS = 3
_LONGEST_PATH = 200


class Section(Struct, frozen=True, kw_only=True):
    """A title and the items below it, the most important ones first.

    The section with the lowest `rank` gets its space first. `kind` is the noun for omitted items; without it they are
    not counted. `below_title` separates the title from the items, `between` one item from the next, and `end` follows
    the last one.
    """

    rank: int
    title: str = ""
    items: Sequence[str]
    kind: str = ""
    below_title: str = BLANK_LINE
    between: str = "\n"
    end: str = ""


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
    remaining = space - _measure(section.title) - _measure(section.end)
    for number, item in enumerate(section.items):
        remaining -= _measure(item)
        if remaining < 0:
            return number, space
        space = remaining
    return len(section.items), space


def _render_section(section: Section, number: int) -> str:
    title = f"{section.title}{section.below_title}" if section.title else ""
    return title + section.between.join(section.items[:number]) + section.end


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
    return [f"> [!WARNING]\n> **This page would be too long. Left out: {', '.join(missing)}.** See them {where}."]


def render_heading(what: str, review: Review, view: View) -> Iterator[str]:
    """Yield the heading of a page: files and account, and below them what the plan is limited to, commit and CI run."""
    paths = [in_code(path[:_LONGEST_PATH]) for path in review.config_paths[:_MOST_PATHS]]
    if len(review.config_paths) > _MOST_PATHS:
        paths.append(f"{len(review.config_paths) - _MOST_PATHS:,} more")
    files = f" of {', '.join(paths)}" if paths else ""
    yield f"### {what}{files} for account {in_code(review.target.account)}"
    yield from map(in_text, render_restrictions(review))
    origin = []
    if view.commit:
        is_hash = _COMMIT.fullmatch(view.commit)
        origin.append(f"commit {in_code(view.commit[: _SHORT_COMMIT if is_hash else _LONGEST_COMMIT])}")
    if view.ci_run and view.ci_run.url:
        origin.append(f"[this run of {view.ci_run.system or 'CI'}]({view.ci_run.url})")
    if origin:
        yield " · ".join(origin)


def fold_above(items: Sequence[str], summary: str) -> tuple[str, str]:
    """Return the title and the end of a section that folds its items if there are more than ten."""
    if len(items) <= MOST_UNFOLDED:
        return f"**{summary}**", ""
    return f"<details><summary><b>{summary}</b></summary>", f"{BLANK_LINE}</details>"


def make_table(columns: Sequence[str]) -> str:
    """Return the first two lines of a table; a column whose title begins with a number sign is right-aligned."""
    titles = [column.removeprefix("#") for column in columns]
    lines = ["---:" if column.startswith("#") else "---" for column in columns]
    return f"{make_row(titles)}\n{make_row(lines)}"


def make_row(cells: Sequence[str]) -> str:
    """Return a line of a table; its cells are Markdown that `in_cell` has encoded."""
    return f"| {' | '.join(cells)} |"


def make_folded_text(summary: str, text: str) -> Section:
    """Return the folded section with the whole text that a terminal shows."""
    fence = in_fence(text.split("\n")[:-1], "text")
    lines = [f"<details><summary>{summary}</summary>", "", *fence, "", "</details>"]
    return Section(rank=9, items=["\n".join(lines)])


def render_signature(review: Review) -> str:
    """Return the last line of a page: the digest of the plan, when it was made, and by which version.

    A refused plan must not be approved, so its digest is not shown: without deletions it would be an approval.
    """
    parts = [f"made {in_code(review.created_at)} by groupsync {in_text(review.groupsync_version)}"]
    if not review.refusals:
        parts.insert(0, f"digest {in_code(digest_review(review))}")
    return f"<sub>{' · '.join(parts)}</sub>"
