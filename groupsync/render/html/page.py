"""What all pages have: facts about their origin, figures, rows that are folded if there are many, remedies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct

from groupsync.display import describe_time
from groupsync.render.asks import describe_ask
from groupsync.render.findings import split_remedy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.model.plan import PlanProblem
    from groupsync.model.review import GuardFinding, Review
    from groupsync.render.findings import RemedyParts
    from groupsync.render.view import RenderExcerpt, View

MOST_OPEN = 100
"""How many rows of a kind are not folded: a browser lays out 20,000 open rows in a second, folded ones in 0.1."""

MOST_ROWS = 25_000
"""How many rows of a kind a page contains; the others are counted."""

_MOST_PATHS = 10
_LONGEST_COMMIT = 64
T_co = TypeVar("T_co", covariant=True)


class Status(Struct, frozen=True, kw_only=True):
    """The verdict in a word or two; `tone` is `danger`, `warning` or `calm`."""

    tone: str
    label: str


class Fact(Struct, frozen=True, kw_only=True):
    """A line about where a page comes from; `url` is empty if there is nothing to open."""

    label: str
    value: str
    url: str = ""


class Figure(Struct, frozen=True, kw_only=True):
    """A number with its noun and what happens to it, such as `1`, `group`, `to create`."""

    number: int
    noun: str
    what: str
    is_alarming: bool = False

    @property
    def label(self) -> str:
        """What the number counts."""
        return f"{self.noun if self.number == 1 else f'{self.noun}s'} {self.what}".strip()


class Rows(Struct, Generic[T_co], frozen=True, kw_only=True):
    """Rows of a kind: those that are shown at once, those that are folded, and how many the page does not have."""

    shown: Sequence[T_co]
    folded: Sequence[T_co]
    omitted: int

    def __len__(self) -> int:
        return len(self.shown) + len(self.folded) + self.omitted


def fold(rows: Sequence[T_co]) -> Rows[T_co]:
    """Return the rows, folded if there are more than a hundred."""
    omitted = max(0, len(rows) - MOST_ROWS)
    return Rows(shown=rows[:MOST_OPEN], folded=rows[MOST_OPEN:MOST_ROWS], omitted=omitted)


class Finding(Struct, frozen=True, kw_only=True):
    """Why a plan is refused: what is wrong, what to ask for, and for the person who edits the file how to fix it."""

    code: str
    message: str
    source: str
    ask: str
    excerpt: Sequence[str]
    remedy: Sequence[RemedyParts]


def make_finding(finding: PlanProblem | GuardFinding, excerpt: RenderExcerpt, *, ask: str = "") -> Finding:
    """Return what a page shows of a problem or of what a guard found; `ask` replaces the request of its code."""
    return Finding(
        code=finding.code,
        message=f"{finding.message[:1].upper()}{finding.message[1:]}.",
        source=str(finding.source or ""),
        ask=ask or describe_ask(finding.code),
        excerpt=excerpt(finding.source),
        remedy=[*map(split_remedy, finding.remedy)],
    )


def list_facts(review: Review, view: View, checked_at: str = "") -> list[Fact]:
    """Return where the plan comes from: account, files, commit, run, time and version, and when it was checked."""
    paths = [*review.config_paths[:_MOST_PATHS]]
    if len(review.config_paths) > _MOST_PATHS:
        paths.append(f"{len(review.config_paths) - _MOST_PATHS:,} more")
    facts = [
        Fact(label="Account", value=review.target.account),
        Fact(label="Phonebook", value=review.target.endpoint),
    ]
    if paths:
        facts.append(Fact(label="Configuration", value=", ".join(paths)))
    if view.commit:
        facts.append(Fact(label="Commit", value=view.commit[:_LONGEST_COMMIT]))
    if view.ci_run and view.ci_run.url:
        facts.append(Fact(label="Run", value=f"this run of {view.ci_run.system or 'CI'}", url=view.ci_run.url))
    made = f"{describe_time(review.created_at)}, by groupsync {review.groupsync_version}"
    facts.append(Fact(label="Plan made", value=made))
    return [*facts, Fact(label="Checked", value=describe_time(checked_at))] if checked_at else facts
