"""All questions about a plan, in the order in which they are asked."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from groupsync.fixes.deletions import ask_about_deletions
from groupsync.fixes.interrupted import ask_about_interrupted
from groupsync.fixes.lost_ids import ask_about_lost_ids
from groupsync.fixes.names import ask_about_names
from groupsync.fixes.question import Kind
from groupsync.fixes.renames import ask_about_renames
from groupsync.fixes.unlisted import ask_about_unlisted
from groupsync.fixes.which_group import ask_which_group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.fixes.context import FixContext
    from groupsync.fixes.question import Question

_FAMILIES = (
    ask_which_group,
    ask_about_names,
    ask_about_lost_ids,
    ask_about_interrupted,
    ask_about_renames,
    ask_about_unlisted,
    ask_about_deletions,
)
_ORDER = {kind: number for number, kind in enumerate(Kind)}


def find_questions(context: FixContext) -> tuple[Question, ...]:
    """Return the questions that an edit can answer, those of one kind together, each subject once."""
    found = chain.from_iterable(family(context) for family in _FAMILIES)
    questions: dict[str, Question] = {}
    for question in sorted(_with_answers(found), key=lambda question: _ORDER[question.kind]):
        questions.setdefault(question.subject, question)
    return tuple(questions.values())


def _with_answers(questions: Iterator[Question]) -> Iterator[Question]:
    return (question for question in questions if question.answers)
