"""Render what a restore would do and what it did, as text without phone numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.display import count, quote_file, quote_name, write_scalar
from groupsync.model.report import GOOD_WORDS, Cause, Word
from groupsync.model.scope import EVERYTHING, describe_scope
from groupsync.render.escape import join_lines
from groupsync.render.findings import render_problem
from groupsync.render.layout import DETAIL, lay_out
from groupsync.render.report import RUN_AGAIN, render_late_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupsync.model.plan import PlanProblem
    from groupsync.model.restore import Restore, RestoreOutcome, RestoreReport
    from groupsync.model.scope import Scope


def render_obstacles(problems: Sequence[PlanProblem], scope: Scope = EVERYTHING) -> str:
    """Return the problems that prevent a restore, after the scope of the run."""
    return _join([describe_scope(scope), ["groupsync cannot restore this:"], *map(render_problem, problems)])


def render_restores(restores: Sequence[Restore], scope: Scope = EVERYTHING) -> str:
    """Return what the restores would do, after the scope of the run."""
    lines = [line for restore in restores for line in _render_restore(restore)]
    created = sum(restore.destination.into is None for restore in restores)
    added = sum(len(restore.add) for restore in restores)
    recreated = sum(len(restore.recreate) for restore in restores)
    gone = sum(len(restore.gone) for restore in restores)
    if not any(restore.has_work for restore in restores):
        contacts = "the contacts that still exist" if gone else "the contacts"
        return _join([describe_scope(scope), lines, [f"Nothing to restore: {contacts} are in their groups."]])
    summary = (
        f"Restore: {count(created, 'group', 'groups')} to create, {count(added, 'contact', 'contacts')} to add, "
        f"{count(recreated, 'contact', 'contacts')} to recreate, {count(gone, 'contact', 'contacts')} skipped."
    )
    return _join([describe_scope(scope), ["groupsync will make these changes:"], lines, [summary]])


def _render_restore(restore: Restore) -> Iterator[str]:
    backup, into = restore.backup, restore.destination.into
    contacts = count(len(restore.add) + len(restore.recreate), "contact", "contacts")
    mark, name = ("~", into.name) if into else ("+", backup.name)
    yield from lay_out(mark, [name], "", f"{contacts} to add")
    if into:
        yield f"{DETAIL}id: {into.id}"
    were = "contact was" if len(backup.contacts) == 1 else "contacts were"
    yield f"{DETAIL}{len(backup.contacts):,} {were} in it on {backup.created_at}, when its id was {backup.group_id}"
    yield f"{DETAIL}{quote_file(restore.destination.backup_file.file)}"
    if restore.present:
        yield f"{DETAIL}{count(restore.present, 'contact is', 'contacts are')} in it already"
    if restore.recreate:
        yield f"{DETAIL}{_describe_missing(len(restore.recreate))} recreated"
    if restore.gone:
        yield f"{DETAIL}{_describe_missing(len(restore.gone))} skipped: --recreate-contacts recreates them"


def _describe_missing(number: int) -> str:
    """Return the beginning of a sentence about contacts that no longer exist; the caller says what happens to them."""
    if number == 1:
        return "1 contact is no longer in the address book and is"
    return f"{number:,} contacts are no longer in the address book and are"


def render_restore_report(report: RestoreReport) -> str:
    """Return the report of a restore: the figures, each group with its outcome, and what to do next."""
    blocks = [
        [render_restore_verdict(report)],
        [_render_outcome(outcome) for outcome in report.outcomes],
        _render_remedy(report),
        render_late_list(report),
    ]
    return _join([*blocks, render_restore_step(report.outcomes)])


def render_restore_verdict(report: RestoreReport) -> str:
    """Return the line that says how the restore ended."""
    outcomes = report.outcomes
    done = sum(outcome.word in GOOD_WORDS for outcome in outcomes)
    added = sum(outcome.tally.added for outcome in outcomes)
    recreated = sum(outcome.tally.recreated for outcome in outcomes)
    state = "complete" if report.is_complete else "incomplete"
    recreated_part = f", {count(recreated, 'contact', 'contacts')} recreated" if recreated else ""
    return (
        f"Restore {state}: {done:,} of {count(len(outcomes), 'group', 'groups')}, "
        f"{count(added, 'contact', 'contacts')} added{recreated_part}."
    )


def render_restore_step(outcomes: Sequence[RestoreOutcome]) -> list[str]:
    """Return the line with the remedy for groups that are not restored; none if there is nothing to do."""
    not_done = [outcome for outcome in outcomes if outcome.word not in GOOD_WORDS]
    causes = {outcome.cause for outcome in not_done}
    unknown = [outcome for outcome in not_done if outcome.word in {Word.UNKNOWN, Word.DUPLICATE, Word.CONFLICT}]
    line = ""
    if any(outcome.group_id is None for outcome in unknown):
        line = "Find out which group with that name was created, then run the same command with --into ID."
    elif Cause.MISTAKE in causes:
        line = "groupsync has a bug: report it, and check the group before you run the same command again."
    elif any(outcome.cause is Cause.REFUSAL and outcome.group_id is None for outcome in not_done):
        why = "Do not run the same command again: the Phonebook would refuse the group again"
        line = f"{why}. Create it in Messente's dashboard, then run the same command with --into ID."
    elif Cause.REFUSAL in causes:
        line = f"The Phonebook would refuse it again: fix what its answer above names, then {RUN_AGAIN}"
    elif Cause.WAY in causes:
        line = f"Fix the problems above, then {RUN_AGAIN}"
    elif any(outcome.tally.not_added and "--into" not in outcome.detail for outcome in outcomes):
        line = RUN_AGAIN.capitalize()
    return [line] if line else []


def _render_outcome(outcome: RestoreOutcome) -> str:
    group = f"group {quote_name(outcome.restore.backup.name)}"
    group_id = f" [id={outcome.group_id}]" if outcome.group_id else ""
    detail = f": {outcome.detail}" if outcome.detail else ""
    return f"  {outcome.word.value}: {group}{group_id}{detail}"


def _render_remedy(report: RestoreReport) -> list[str]:
    """Return how to write the new ids into the configuration, or the entries if no configuration was read."""
    if report.remedy:
        return [line for remedy in report.remedy for line in (remedy[:1].upper() + remedy[1:]).split("\n")]
    entries = []
    for outcome in report.outcomes:
        if outcome.new_id:
            entries += [f"  - name: {write_scalar(outcome.name)}", f"    id: {outcome.new_id}"]
    return ["The new ids, to add under groups:", *entries] if entries else []


def _join(blocks: Sequence[Sequence[str]]) -> str:
    return "\n\n".join(join_lines(block) for block in blocks if block) + "\n"
