"""The files about a run (report, Markdown, page): written before its first change and again at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct

from groupsync.applier.attempt import OUT_OF_MEMORY
from groupsync.display import format_time
from groupsync.errors import FileError
from groupsync.files import write_file
from groupsync.model.plan import DEFAULT_PLAN_OPTIONS
from groupsync.render.record import Run, render_record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from groupsync.applier.attempt import Journal
    from groupsync.model.account import Target
    from groupsync.model.plan import PlanOptions, PlanProblem
    from groupsync.model.report import Report
    from groupsync.model.restore import RestoreReport
    from groupsync.model.review import Review
    from groupsync.model.scope import Scope
    from groupsync.render.view import View
    from groupsync.runs.session import Session

AnyReport = TypeVar("AnyReport", "Report", "RestoreReport")


class RecordFile(Struct, Generic[AnyReport], frozen=True, kw_only=True):
    """A file about a run and what is in it, given the report and when the run ended (empty until then)."""

    path: Path
    render: Callable[[AnyReport, str], str]

    def write(self, report: AnyReport, finished_at: str) -> None:
        """Write the file, in place of what is there."""
        write_file(self.path, self.render(report, finished_at).encode())


class Records(Generic[AnyReport]):
    """All files about one run."""

    def __init__(self, session: Session, *files: RecordFile[AnyReport] | None) -> None:
        self._surroundings = session.surroundings
        self._files: list[RecordFile[AnyReport]] = [file for file in files if file]

    def begin(self, report: AnyReport) -> None:
        """Write them before the first change: raise FileError while nothing else was written."""
        for file in self._files:
            file.write(report, "")

    def finish(self, report: AnyReport) -> None:
        """Write them at the end; a failure is a warning now, because changes were made."""
        finished_at = format_time(self._surroundings.now())
        for file in self._files:
            self._finish(file, report, finished_at)

    def _finish(self, file: RecordFile[AnyReport], report: AnyReport, finished_at: str) -> None:
        try:
            file.write(report, finished_at)
        except (FileError, MemoryError) as error:
            problem = error if isinstance(error, FileError) else OUT_OF_MEMORY
            self._surroundings.watcher.on_warning(f"the report of this run could not be saved: {problem}")


def make_report_file(  # noqa: PLR0913 - all that the record of a run says about it
    path: Path | None,
    session: Session,
    journal: Journal,
    *,
    command: str,
    plan_digest: str = "",
    options: PlanOptions = DEFAULT_PLAN_OPTIONS,
) -> RecordFile[AnyReport] | None:
    """Return the report of a run as JSON, with every request; None if no file is named."""
    if path is None:
        return None
    started_at = format_time(session.surroundings.now())

    def render(report: AnyReport, finished_at: str) -> str:
        run = Run(
            command=command,
            started_at=started_at,
            finished_at=finished_at,
            target=session.target,
            plan_digest=plan_digest,
            scope=session.config.make_scope(),
            options=options,
            requests=journal.requests,
        )
        return render_record(run, report)

    return RecordFile(path=path, render=render)


def make_report_markdown(path: Path | None, review: Review, view: View) -> RecordFile[Report] | None:
    """Return the report of an apply as Markdown; None if no file is named."""
    if path is None:
        return None

    def render(report: Report, _finished_at: str) -> str:
        from groupsync.render.markdown import render_report_markdown  # noqa: PLC0415 - few runs write Markdown

        return render_report_markdown(report, review, view)

    return RecordFile(path=path, render=render)


def make_report_page(path: Path | None, review: Review, view: View) -> RecordFile[Report] | None:
    """Return the report of an apply as a page; None if no file is named."""
    if path is None:
        return None

    def render(report: Report, finished_at: str) -> str:
        from groupsync.render.html import render_report_html  # noqa: PLC0415 - few runs write HTML

        return render_report_html(report, review, view, finished_at)

    return RecordFile(path=path, render=render)


def make_restore_page(path: Path | None, target: Target, scope: Scope) -> RecordFile[RestoreReport] | None:
    """Return the report of a restore as a page; None if no file is named."""
    if path is None:
        return None

    def render(report: RestoreReport, finished_at: str) -> str:
        from groupsync.render.html import render_restore_html  # noqa: PLC0415 - few runs write HTML

        return render_restore_html(report, target, finished_at, scope)

    return RecordFile(path=path, render=render)


def write_obstacles_page(
    path: Path | None, session: Session, reason: str, problems: Sequence[PlanProblem] = ()
) -> None:
    """Write the page that says why nothing was restored, if the user named a file for it."""
    if path:
        from groupsync.render.html import render_obstacles_html  # noqa: PLC0415 - few runs write HTML

        config, ended_at = session.config, format_time(session.surroundings.now())
        page = render_obstacles_html(
            problems,
            session.target,
            ended_at,
            reason=reason,
            scope=config.make_scope(),
            excerpt=config.excerpt,
        )
        write_file(path, page.encode())
