"""A question about what a plan suggests or refuses, and its answers with the edits that they make."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from groupsync.editing import Edit
    from groupsync.model.groups import GroupId
    from groupsync.planfile.digest import Effect


class Kind(enum.Enum):
    """The kinds of questions, in the order in which they are asked; each value is a phrase for many of a kind."""

    LISTED_REMOVAL = "groups that are both listed and removed"
    WHICH_GROUP = "entries that could mean several groups"
    BOTH_LIVE = "groups that are live under an earlier name"
    LOST_ID = "entries whose id is no longer live"
    SPELLING = "names that differ only in form or case"
    INTERRUPTED = "groups at a temporary name"
    RENAME = "pairs that look like a rename"
    POLICY = "settings of the policy"
    UNLISTED = "groups that are not in the configuration"
    DELETION = "deletions without consent"


class FixAnswer(Struct, frozen=True, kw_only=True):
    """An answer: the key to type, what it means, and what it does to the files.

    `shows` are the effects of the plan that the question and the answer tell. An answer that deletes a group needs
    `number`, the number of contacts, typed as well. `asks_next` are groups that get a question of their own afterwards.
    `backups` are the files to restore before the next apply. `repeats` says whether the same answer can be given to all
    questions of this kind.
    """

    key: str
    text: str
    effect: str
    edits: tuple[Edit, ...] = ()
    shows: frozenset[Effect] = frozenset()
    number: int | None = None
    asks_next: frozenset[GroupId] = frozenset()
    backups: tuple[str, ...] = ()
    repeats: bool = True

    @property
    def is_deletion(self) -> bool:
        """Whether a live group is deleted because of it."""
        return self.number is not None


class Question(Struct, frozen=True, kw_only=True):
    """A question with its answers, the likeliest first; to skip it is always possible.

    `subject` is what it is about: a question with the same subject is not asked again. `group_ids` are the groups that
    it is about: what happens to them must be among what an answer shows, even if it was planned before.
    """

    kind: Kind
    subject: str
    lines: tuple[str, ...]
    answers: tuple[FixAnswer, ...]
    group_ids: frozenset[GroupId]

    def find_answer(self, key: str) -> FixAnswer | None:
        """Return the answer with this key; None if there is none."""
        return next((answer for answer in self.answers if answer.key == key), None)


class Reply(Struct, frozen=True, kw_only=True):
    """What somebody chose: the key of an answer, or None to skip; `is_for_rest` for all other questions of the kind."""

    key: str | None
    is_for_rest: bool = False


SKIP = Reply(key=None)


def accept_renames(question: Question) -> Reply:
    """Answer as a plan suggests: each pair that looks like a rename is one, and nothing else is decided."""
    if question.kind is not Kind.RENAME:
        return Reply(key=None, is_for_rest=True)
    return Reply(key=question.answers[0].key, is_for_rest=True)
