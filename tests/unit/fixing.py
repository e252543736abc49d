"""Goes through the questions about texts of a configuration and live groups, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from groupsync.config.load import load_texts
from groupsync.fixes.question import Reply
from groupsync.render.fix import render_question
from groupsync.review.make import make_review
from groupsync.runs.fixing import FixFacts, Fixing
from tests.unit.core import LIMITS, NOW, TARGET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from groupsync.fixes.question import Question
    from groupsync.model.backup import BackupSummary
    from groupsync.model.config import Config
    from groupsync.model.groups import LiveGroup
    from groupsync.model.limits import RunPolicy
    from groupsync.model.review import Review


@dataclass
class Replies:
    """Replies in this order, by their keys; without a further one the questions end. `asked` has the questions."""

    keys: list[str]
    asked: list[Question] = field(default_factory=list)

    def __call__(self, question: Question) -> Reply | None:
        self.asked.append(question)
        if not self.keys:
            return None
        key = self.keys.pop(0)
        is_for_rest = len(key) > 1 and key.endswith("a")
        key = key.removesuffix("a") if is_for_rest else key
        return Reply(key=None if key == "s" else key, is_for_rest=is_for_rest)


@dataclass
class Fixed:
    """What came of it: the questions as they are printed, the texts, and the plan."""

    asked: list[Question]
    fixing: Fixing

    @property
    def texts(self) -> Mapping[str, str]:
        return self.fixing.config.texts

    @property
    def text(self) -> str:
        (text,) = self.texts.values()
        return text

    @property
    def questions(self) -> list[str]:
        return [render_question(question) for question in self.asked]

    @property
    def changes(self) -> list[str]:
        return [change.id for change in self.fixing.review.plan.changes]

    @property
    def reasons(self) -> list[str]:
        return [one.reason for one in self.fixing.report("", is_written=True).unwritten]


def make_fixing(
    config: Config,
    live: Sequence[LiveGroup],
    *,
    backups: Iterable[BackupSummary] = (),
    run_policy: RunPolicy = LIMITS,
    new_entries: str | None = None,
) -> Fixing:
    """Return the questions about this configuration; new entries go to its first file if none is named."""

    def review(now: Config, exclude: Sequence[str]) -> Review:
        return make_review(now, live, TARGET, NOW, run_policy, exclude=exclude)

    facts = FixFacts(
        live=live,
        protected=run_policy.protected,
        backups={backup.group_id: backup for backup in backups},
        new_entries=next(iter(config.texts)) if new_entries is None else new_entries,
    )
    return Fixing(config, facts, review)


def fix(
    text: str | Mapping[str, str],
    live: Sequence[LiveGroup],
    *keys: str,
    backups: Iterable[BackupSummary] = (),
    run_policy: RunPolicy = LIMITS,
    new_entries: str | None = None,
    job_scope: Sequence[str] = (),
) -> Fixed:
    """Give these replies to the questions about a configuration; the version line is added to a single text."""
    texts = {"groups.yaml": f"version: 1\n{text}"} if isinstance(text, str) else text
    config = load_texts(texts, job_scope=job_scope)
    fixing = make_fixing(config, live, backups=backups, run_policy=run_policy, new_entries=new_entries)
    replies = Replies(list(keys))
    fixing.ask_all(replies)
    assert not replies.keys, "there were fewer questions"
    return Fixed(asked=replies.asked, fixing=fixing)
