"""What a run of `fix` did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from groupsync.errors import ExitCode
    from groupsync.fixes.lines import HandEdits
    from groupsync.fixes.question import FixAnswer, Question
    from groupsync.model.review import Review


class Unwritten(Struct, frozen=True, kw_only=True):
    """An answer that was not written, and why."""

    question: Question
    answer: FixAnswer
    reason: str


class FixReport(Struct, frozen=True, kw_only=True):
    """The new plan, and how the files became what it is made from.

    `by_hand` is how to write the `unwritten` answers by hand, all together. `diff` is what changed in the files, or
    what would if `is_written` is false. `backups` are the files to restore before the next apply.
    """

    review: Review
    answered: int
    skipped: int
    unwritten: tuple[Unwritten, ...]
    by_hand: HandEdits
    backups: tuple[str, ...]
    diff: str
    is_written: bool

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the program: whether the new plan is refused."""
        return self.review.exit_code(detailed=False)
