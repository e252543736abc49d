"""Questions about what a plan suggests or refuses; each answer is an edit of the configuration.

To add a family of questions: a function that takes the FixContext and yields Questions, a Kind, and a line in `find`.
"""

from groupsync.fixes.context import FixContext
from groupsync.fixes.find import find_questions, has_questions
from groupsync.fixes.lines import write_lines
from groupsync.fixes.question import SKIP, FixAnswer, Kind, Question, Reply, accept_renames
from groupsync.fixes.report import FixReport, Unwritten

__all__ = [
    "SKIP",
    "FixAnswer",
    "FixContext",
    "FixReport",
    "Kind",
    "Question",
    "Reply",
    "Unwritten",
    "accept_renames",
    "find_questions",
    "has_questions",
    "write_lines",
]
