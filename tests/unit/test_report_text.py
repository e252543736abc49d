"""Progress and verdict of an apply count changes as the plan does: two steps of one group are one change."""

from __future__ import annotations

from groupsync.model.plan import Delete, Reason, Rename
from groupsync.model.report import Outcome, Progress, Report, Word
from groupsync.render.report import render_progress, render_report, render_verdict
from groupsync.review.make import make_review
from tests.unit.core import LIMITS, NOW, TARGET, at, config, entry, live, make_id

REVIEW = make_review(
    config(entry("Gold", 1), entry("Silver", 2)), [live(1, "Silver", 1), live(2, "Gold", 2)], TARGET, NOW, LIMITS
)
STEPS = REVIEW.plan.changes


def report(*words: Word) -> Report:
    return Report(
        outcomes=tuple(Outcome(change=step, word=word) for step, word in zip(STEPS, words, strict=True)), remaining=3
    )


def test_a_swap_is_two_changes_of_three_steps() -> None:
    assert [(step.before, step.after) for step in STEPS if isinstance(step, Rename)] == [
        ("Silver", "Gold [groupsync a72a32da]"),
        ("Gold", "Silver"),
        ("Gold [groupsync a72a32da]", "Gold"),
    ]
    assert render_verdict(report(Word.DONE, Word.DONE, Word.DONE)) == "Apply complete: 0 created, 2 renamed, 0 deleted."


def test_a_change_whose_first_step_failed_is_one_failed_change() -> None:
    failed = report(Word.FAILED, Word.NOT_ATTEMPTED, Word.NOT_ATTEMPTED)

    assert [outcome.word for outcome in failed.counted] == [Word.NOT_ATTEMPTED, Word.FAILED]
    assert render_verdict(failed) == "Apply incomplete: 1 failed, 1 not attempted."
    assert render_report(failed).count("rename group") == 2


def test_a_change_whose_second_step_failed_is_one_failed_change() -> None:
    failed = report(Word.DONE, Word.DONE, Word.FAILED)

    assert [outcome.word for outcome in failed.counted] == [Word.DONE, Word.FAILED]
    assert render_verdict(failed) == "Apply incomplete: 1 done, 1 failed."


def test_all_that_was_done_before_is_counted_once() -> None:
    done = Report(outcomes=tuple(Outcome(change=step, word=Word.ALREADY_DONE) for step in STEPS), remaining=0)

    assert render_verdict(done) == "Nothing left to do: the changes of this plan (2) are all done."


def progress(number: int, name: str, outcome: Outcome) -> Progress:
    return Progress(number=number, total=2, name=name, outcome=outcome)


def test_a_first_step_that_is_done_is_shown_only_if_verbose() -> None:
    step = progress(0, "Silver", Outcome(change=STEPS[0], word=Word.DONE, group_id=make_id(1)))

    assert render_progress(step) == ""
    assert render_progress(step, is_verbose=True) == (
        f'[first step] renamed "Silver" -> "Gold [groupsync a72a32da]" [id={make_id(1)}]'
    )


def test_a_first_step_that_failed_ends_its_change() -> None:
    outcome = Outcome(change=STEPS[0], word=Word.FAILED, detail="HTTP 422")

    assert render_progress(progress(1, "Silver", outcome)) == (
        f'[1/2] failed: rename group "Silver" to "Gold [groupsync a72a32da]" [id={make_id(1)}]: HTTP 422'
    )


def test_the_second_step_has_the_name_of_the_plan() -> None:
    step = progress(2, "Silver", Outcome(change=STEPS[2], word=Word.DONE, group_id=make_id(1)))

    assert render_progress(step) == '[2/2] renamed "Silver" -> "Gold"'


def test_a_deletion_has_the_name_of_the_plan_and_says_that_there_is_a_backup() -> None:
    change = Delete(
        group_id=make_id(7),
        name="vip [groupsync 4f5d8641]",
        contacts_count=7,
        contacts_at_most=None,
        reason=Reason.REMOVED,
        wave=2,
        source=at(3),
    )
    step = progress(2, "vip", Outcome(change=change, word=Word.DONE, group_id=make_id(7), backup="b.json"))

    assert render_progress(step) == '[2/2] deleted "vip", its members are in a backup'
