"""The questions of `fix`, and what became of the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.command import NO_OPTIONS, write_path
from groupsync.display import count, measure_width
from groupsync.render.escape import join_lines
from groupsync.render.restrictions import render_restrictions
from groupsync.render.text import render_verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupsync.command import CommandOptions
    from groupsync.fixes.question import FixAnswer, Question
    from groupsync.fixes.report import FixReport
    from groupsync.model.review import Review

_WIDEST_TEXT = 52


def render_introduction(review: Review) -> str:
    """Return what is printed before the first question: what the plan is limited to, and its verdict."""
    return join_lines([*render_restrictions(review), *render_verdict(review)])


def render_question(question: Question) -> str:
    """Return a question with its answers, each with its key in front and what it does to the files behind."""
    width = max(measure_width(answer.text) for answer in question.answers)
    answers = (line for answer in question.answers for line in _render_answer(answer, width))
    return join_lines([*question.lines, *answers, "  s  skip"])


def _render_answer(answer: FixAnswer, width: int) -> Iterator[str]:
    effect = f"{answer.effect} (type the number)" if answer.is_deletion else answer.effect
    text = f"  {answer.key:<2} {answer.text}"
    if width > _WIDEST_TEXT:
        yield from (text, f"       {effect}")
    else:
        yield f"{text}{' ' * (2 + width - measure_width(answer.text))}{effect}"


def render_fix_report(report: FixReport, options: CommandOptions = NO_OPTIONS) -> str:
    """Return what changed in the files, what to write by hand, and the verdict of the new plan."""
    blocks = [
        render_restrictions(report.review),
        report.diff.replace("\r\n", "\n").rstrip("\n").split("\n") if report.diff else [],
        *_render_unwritten(report),
        [*_render_backups(report, options)],
        [*render_verdict(report.review)],
    ]
    return "\n\n".join(join_lines(block) for block in blocks if block) + "\n"


def render_notes(report: FixReport) -> str:
    """Return what cannot be part of a diff: answers that were not written, and the verdict of the new plan."""
    blocks = [
        render_restrictions(report.review),
        *_render_unwritten(report),
        [*render_verdict(report.review)],
    ]
    return "\n\n".join(join_lines(block) for block in blocks if block)


def _render_unwritten(report: FixReport) -> Iterator[list[str]]:
    """Yield the answers that were not written, and below them what to write; that has the indentation of the file."""
    lines: list[str] = []
    for one in report.unwritten:
        lines += [f"Not written: {one.answer.text}: {one.reason}", f"  {one.question.lines[0]}"]
    yield [*lines, *(line for text in report.by_hand.texts for line in f"    {text}".split("\n"))]
    if len(report.unwritten) > 1 and not report.by_hand.fits:
        yield ["Make one of these edits, then run groupsync fix again: it may change the lines of the others."]


def _render_backups(report: FixReport, options: CommandOptions) -> Iterator[str]:
    if report.backups:
        yield f"Restore {count(len(report.backups), 'backup', 'backups')} before the next apply:"
        yield f"  {options.write('restore', *map(write_path, report.backups))}"
