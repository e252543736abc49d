"""The report of an apply as text: a line for each change when it ends, and the verdict at the end."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from groupsync.command import NO_OPTIONS, write_path
from groupsync.display import first_lines, quote_name
from groupsync.model.plan import Create, Delete, Rename, describe_change, summarize
from groupsync.model.report import GOOD_WORDS, Cause, Outcome, Progress, Report, Word
from groupsync.render.escape import join_lines
from groupsync.render.figures import render_summary
from groupsync.render.view import Detail

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.command import CommandOptions
    from groupsync.model.plan import Plan
    from groupsync.model.restore import RestoreReport

MOST_LINES = 50
RUN_AGAIN = "run the same command again: it does only what is not done yet."
_MAY_BE_DELETED = GOOD_WORDS | {Word.UNKNOWN}


def render_progress(step: Progress, *, is_verbose: bool = False) -> str:
    """Return the line for a step that has just ended; empty if more steps of its change follow, unless verbose."""
    outcome = step.outcome
    if step.is_first_step and not is_verbose:
        return ""
    if outcome.word is Word.DONE:
        group_id = f" [id={outcome.group_id}]" if is_verbose and outcome.group_id else ""
        backup = ", its members are in a backup" if outcome.backup else ""
        what = f"{_describe_done(step)}{group_id}{backup}"
    else:
        what = describe_outcome(outcome)
    number = "first step" if step.is_first_step else f"{step.number:,}/{step.total:,}"
    return join_lines([f"[{number}] {what}"])


def describe_outcome(outcome: Outcome) -> str:
    """Return how a change ended: its word, the change, and the detail if there is any."""
    detail = f": {outcome.detail}" if outcome.detail else ""
    return f"{outcome.word.value}: {describe_change(outcome.change)}{detail}"


def render_report(report: Report, detail: Detail = Detail.CONCISE, options: CommandOptions = NO_OPTIONS) -> str:
    """Return the verdict; unless `detail` is QUIET, also what is not done, the backups and the newcomers."""
    blocks = [[render_verdict(report)]]
    if detail is not Detail.QUIET:
        blocks.extend(_render_details(report, options))
    return "\n\n".join(join_lines(block) for block in blocks if block) + "\n"


def render_verdict(report: Report) -> str:
    """Return the line that says how the run ended."""
    if not report.outcomes:
        return "Nothing to do: the plan has no changes."
    if not report.remaining:
        return f"Nothing left to do: the changes of this plan ({len(report.counted):,}) are all done."
    words = Counter(outcome.word for outcome in report.counted)
    if report.is_complete:
        figures = summarize(tuple(outcome.change for outcome in report.outcomes if outcome.word is Word.DONE))
        done = f"{figures.create:,} created, {figures.rename:,} renamed, {figures.delete:,} deleted"
        others = [f"{words[word]:,} {word.value}" for word in (Word.ADOPTED, Word.ALREADY_DONE) if words[word]]
        return "Apply complete: " + ", ".join([done, *others]) + "."
    return "Apply incomplete: " + ", ".join(f"{words[word]:,} {word.value}" for word in Word if words[word]) + "."


def _render_details(report: Report, options: CommandOptions) -> Iterator[list[str]]:
    not_done = [outcome for outcome in report.counted if outcome.word not in GOOD_WORDS]
    yield [f"  {describe_outcome(outcome)}" for outcome in not_done if outcome.word is not Word.NOT_ATTEMPTED]
    yield _first_lines([f"  {describe_outcome(outcome)}" for outcome in not_done if outcome.word is Word.NOT_ATTEMPTED])
    yield render_unverified(report)
    yield render_late_list(report)
    if not report.is_complete:
        yield [render_remedy(report)]
    if backups := [outcome.backup for outcome in report.outcomes if outcome.backup and outcome.word in _MAY_BE_DELETED]:
        yield [
            "The members of each deleted group are saved. To restore a group with its members:",
            *_first_lines([f"  {options.write('restore', write_path(backup))}" for backup in backups]),
        ]
    if report.newcomers:
        yield [
            "New since the plan, and left alone:",
            *_first_lines([f"  group {quote_name(group.name)} [id={group.id}]" for group in report.newcomers]),
        ]
    if report.since:
        yield render_since(report.since)


def render_unverified(report: Report) -> list[str]:
    """Return the line that says why the result could not be verified; no line if it could."""
    if not report.verification_problem:
        return []
    return [f"The result could not be verified: {report.verification_problem}"]


def render_late_list(report: Report | RestoreReport) -> list[str]:
    """Return the line that says that the list of groups is late; none if it is not."""
    if not report.list_is_late:
        return []
    why = "a run that does not see a group may create it again"
    return [f"The list of groups does not show all changes of this run yet. Wait before the next run: {why}."]


def render_remedy(report: Report) -> str:
    """Return what to do about the changes that are not done."""
    step = _find_step(report)
    if any(outcome.word is Word.UNKNOWN and outcome.cause is not Cause.MISTAKE for outcome in report.outcomes):
        lost = "An answer was lost, and its change may still be made: wait a minute"
        return f"{lost}. {step}" if step else f"{lost}, then run the same command again."
    if step:
        return step
    if report.verification_problem or report.list_is_late:
        return f"Wait two minutes, then {RUN_AGAIN}"
    return RUN_AGAIN.capitalize()


def _find_step(report: Report) -> str:
    """Return the remedy if running the command again would not finish the changes; empty if it may."""
    not_done = [outcome for outcome in report.outcomes if outcome.word not in GOOD_WORDS]
    causes = {outcome.cause for outcome in not_done}
    if any(outcome.word in {Word.CONFLICT, Word.DUPLICATE} for outcome in not_done):
        return "The Phonebook is not as this plan expects: check the groups above, then make and review a new plan."
    if Cause.MISTAKE in causes:
        return "groupsync has a bug: report it, check the groups above, then make and review a new plan."
    if not causes.isdisjoint({Cause.STORED_NAME, Cause.REFUSAL}):
        would = f"Do not run the same command again: it would fail again{_warn_of_kept_groups(not_done)}"
        return f"{would}. {_describe_first_step(not_done)}, then make and review a new plan."
    return f"Fix the problems above, then {RUN_AGAIN}" if Cause.WAY in causes else ""


def _describe_first_step(not_done: Sequence[Outcome]) -> str:
    """Return what to do, before a new plan, about refused changes and differently stored names."""
    refused = [outcome.change for outcome in not_done if outcome.cause is Cause.REFUSAL]
    if len(refused) != sum(outcome.cause is not None for outcome in not_done):
        return "Fix the problems above"
    if all(isinstance(change, Delete) for change in refused):
        what = "the group" if len(refused) == 1 else "the groups"
        return f"Delete {what} in Messente's dashboard, or list {what} under groups"
    if any(isinstance(change, Delete) for change in refused):
        return (
            "Read the answers above: choose names that the Phonebook accepts, and keep groups that it does not delete"
        )
    return "Read the answer above: choose a name that the Phonebook accepts"


def _warn_of_kept_groups(not_done: Sequence[Outcome]) -> str:
    """Return a warning that a group with a wrong name may exist, as the end of a sentence; empty if none can."""
    stored = [outcome.change for outcome in not_done if outcome.cause is Cause.STORED_NAME]
    return ", and may leave one more group" if any(isinstance(change, Create) for change in stored) else ""


def render_since(plan: Plan) -> list[str]:
    """Return the lines about the further changes that a new plan would make; none if it would make none."""
    if plan.problems:
        return ["A new plan would be refused:", *(f"  {problem.message}" for problem in plan.problems)]
    if plan.changes:
        changes = _first_lines([f"  {describe_change(change)}" for change in plan.changes])
        return ["A new plan would make more changes:", *changes, "  " + render_summary(plan.changes)]
    return []


def _first_lines(lines: list[str]) -> list[str]:
    return first_lines(lines, MOST_LINES, "  ... and {:,} more")


def _describe_done(step: Progress) -> str:
    change = step.outcome.change
    match change:
        case Create():
            return f"created {quote_name(step.name)}"
        case Rename(after=after):
            return f"renamed {quote_name(step.name)} -> {quote_name(after)}"
        case Delete():
            return f"deleted {quote_name(step.name)}"
