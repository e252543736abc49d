"""Pages with given names everywhere that a text from outside can be: groups, reasons, files, answers of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.command import CommandOptions
from groupsync.errors import StalePlanError
from groupsync.model.account import Target
from groupsync.model.backup import Backup
from groupsync.model.ci_run import CiRun
from groupsync.model.groups import LiveGroup, Source
from groupsync.model.plan import Create, Delete, ExcludedEntry, Plan, PlanOptions, PlanProblem, Reason, Rename
from groupsync.model.report import Cause, Outcome, Report, Word
from groupsync.model.restore import BackupFile, Destination, Restore, RestoreOutcome, RestoreReport, Tally
from groupsync.model.review import GuardFinding, Review, Suggestion
from groupsync.model.scope import Scope
from groupsync.model.summary import AccountSummary, FileKind, State
from groupsync.render.html import (
    render_html,
    render_obstacles_html,
    render_report_html,
    render_restore_html,
    render_stale_html,
)
from groupsync.render.html.summary import render_summary_html
from groupsync.render.view import View
from groupsync.review.make import make_review
from tests.unit.core import LIMITS, NOW, TARGET, config, make_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from groupsync.model.plan import Change

EMPTY = make_review(config(), (), TARGET, NOW, LIMITS)
HARMLESS = "Harmless name"


def make_plan_page(names: Sequence[str], *, is_refused: bool = True) -> str:
    """Return the page of a plan in which every name is deleted, renamed from, renamed to and created."""
    review = _make_review(names, is_refused=is_refused)
    view = View(
        commit=f"c{names[0]}",
        ci_run=None if is_refused else CiRun(system="GitHub", url="https://github.com/acme/phonebook/actions/runs/1"),
        options=CommandOptions(config_paths=(f"f{names[0]}",)),
        excerpt=lambda _source: (f"    1 | {names[0]}", "      | ^"),
    )
    return render_html(review, view)


def make_problem_page(names: Sequence[str]) -> str:
    """Return the page of a plan that cannot be made, with a problem for each name."""
    return render_html(replace(EMPTY, plan=Plan(problems=_make_problems(names), warnings=tuple(names))))


def _make_problems(names: Sequence[str]) -> tuple[PlanProblem, ...]:
    return tuple(
        PlanProblem(code="name-taken", message=f"text {name}", remedy=_make_remedy(name), source=_make_source(name))
        for name in names
    )


def _join_lines(name: str) -> str:
    return _make_remedy(name)[1]


def _make_remedy(name: str) -> tuple[str, str]:
    name = name.replace("\n", " ")  # a line break begins lines to paste
    return f"text {name}", f"change it to:\n  - {name}"


def make_report_page(names: Sequence[str]) -> str:
    """Return the page of an apply in which each change ended in one of all ways."""
    review = _make_review(names, is_refused=False)
    words = [*Word]
    outcomes = tuple(
        Outcome(
            change=change,
            word=words[number % len(words)],
            detail=f"text {names[number % len(names)]}",
            backup=f"../backups/{names[number % len(names)]}" if isinstance(change, Delete) else "",
            cause=Cause.REFUSAL,
        )
        for number, change in enumerate(review.plan.changes)
    )
    report = Report(
        outcomes=outcomes,
        remaining=len(outcomes),
        verification_problem=f"text {names[0]}",
        list_is_late=True,
        newcomers=review.base,
        since=review.plan,
    )
    return render_report_html(report, review, View(commit=f"c{names[-1]}"), "2026-11-23T12:00:00Z")


def make_restore_page(names: Sequence[str]) -> str:
    """Return the page of a restore of groups with these names."""
    outcomes = []
    for number, name in enumerate(names):
        backup = Backup(
            created_at="2026-11-23T12:00:00Z",
            groupsync_version="0.1.0",
            target=TARGET,
            group_id=make_id(number),
            name=name,
            contacts=(),
        )
        destination = Destination(backup_file=BackupFile(file=f"f{name}", backup=backup), into=None)
        restore = Restore(destination=destination, add=(), recreate=(), gone=(), present=0)
        tally = Tally(in_backup=number, added=number)
        outcomes.append(
            RestoreOutcome(
                restore=restore, word=Word.FAILED, group_id=make_id(number), tally=tally, detail=f"text {name}"
            )
        )
    report = RestoreReport(outcomes=tuple(outcomes), remedy=tuple(map(_join_lines, names)))
    return render_restore_html(report, Target(endpoint=names[0], account=names[-1]), "2026-11-23T12:00:00Z")


def make_obstacles_page(names: Sequence[str]) -> str:
    """Return the page of a restore that is refused, with an obstacle for each name."""
    return render_obstacles_html(
        _make_problems(names),
        Target(endpoint=names[0], account=names[-1]),
        "2026-11-23T12:00:00Z",
        reason=f"text {names[0]}",
        scope=Scope(patterns=tuple(names[:3])),
        excerpt=lambda _source: (f"    1 | {names[0]}", "      | ^"),
    )


def make_limited_page(names: Sequence[str]) -> str:
    """Return the page of a plan with a scope, with groups that are excluded and with postponed deletions."""
    review = _make_review(names, is_refused=False)
    deletes = tuple(change for change in review.plan.changes if isinstance(change, Delete))
    plan = replace(
        review.plan,
        changes=(),
        postponed=deletes,
        excluded=review.base,
        excluded_entries=tuple(ExcludedEntry(name=name, source=_make_source(name)) for name in names),
        is_excluded_pending=True,
    )
    options = PlanOptions(exclude=tuple(names), no_deletes=True)
    scope = Scope(patterns=tuple(names[:3]), job_patterns=tuple(names[-3:]))
    return render_html(replace(review, plan=plan, options=options, scope=scope))


def make_stale_page(names: Sequence[str]) -> str:
    """Return the page of a check of a plan that is out of date, with a difference for each name."""
    return render_stale_html(_make_review(names, is_refused=False), StalePlanError([f"text {name}" for name in names]))


def make_summary_page(names: Sequence[str]) -> str:
    """Return the summary of accounts with these names, in all states."""
    states = [*State]
    accounts = [
        AccountSummary(
            file=f"f{name}",
            state=states[number % len(states)],
            account=f"acc-{number}",
            config_paths=(name,),
            problem=f"text {name}",
            memberships_lost=number,
            kind=[FileKind.PLAN, FileKind.REPORT][number % 2],
            as_of=f"t{name}",
            groupsync_version=f"v{name}",
            label=name or "-",
            link=f"https://example.com/{number}",
            restrictions=(f"Scope: only groups named {name}.", f"text {name}"),
        )
        for number, name in enumerate(names)
    ]
    return render_summary_html(accounts)


PAGES: dict[str, Callable[[Sequence[str]], str]] = {
    "refused": make_plan_page,
    "plan": lambda names: make_plan_page(names, is_refused=False),
    "no plan": make_problem_page,
    "limited": make_limited_page,
    "stale": make_stale_page,
    "report": make_report_page,
    "restore": make_restore_page,
    "obstacles": make_obstacles_page,
    "summary": make_summary_page,
}


def _make_source(name: str) -> Source:
    return Source(file=name, line=7)


def _make_review(names: Sequence[str], *, is_refused: bool) -> Review:
    """Return a review with a deletion, a rename and a create of every name, also of one that cannot be written."""
    base: list[LiveGroup] = []
    changes: list[Change] = []
    for number, name in enumerate(names):
        deleted, renamed = make_id(2 * number), make_id(2 * number + 1)
        base += [LiveGroup(id=group_id, name=name, contacts_count=number + 1) for group_id in (deleted, renamed)]
        source = _make_source(name)
        changes.append(Create(name=name, reason=Reason.LISTED, wave=1, source=source, description=f"text {name}"))
        changes.append(
            Rename(
                group_id=renamed,
                before=name,
                after=f"{name}x",
                contacts_count=7,
                reason=Reason.PINNED,
                wave=2,
                source=source,
                description=f"text {name}",
            )
        )
        changes.append(
            Delete(
                group_id=deleted,
                name=name,
                contacts_count=number + 1,
                contacts_at_most=5,
                reason=Reason.REMOVED,
                wave=3,
                source=source,
                removal_reason=f"text {name}",
            )
        )
    guard = GuardFinding(
        code="contacts-lost",
        message=f'"{names[0]}" would be lost',
        group_ids=tuple(group.id for group in base),
        remedy=(*_make_remedy(names[0]), f"  item {_make_remedy(names[0])[0]}"),
        source=_make_source(names[0]),
        allowed=not is_refused,
    )
    suggestion = Suggestion(
        group_id=base[0].id,
        before=names[0],
        after=names[-1],
        contacts_count=3,
        source=_make_source(names[0]),
        remedy=_make_remedy(names[0]),
    )
    plan = Plan(changes=tuple(changes), unlisted=tuple(base[:1]), warnings=tuple(names))
    return replace(
        EMPTY,
        base=tuple(base),
        plan=plan,
        guards=(guard,),
        suggestions=(suggestion,),
        config_paths=tuple(names[:3]),
        groupsync_version=names[0],
        created_at=names[-1],
    )
