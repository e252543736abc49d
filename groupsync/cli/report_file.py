"""The files about a run, `--report` and `--markdown`: written before its first change and again at its end.

What makes their content is imported when there is such a file.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from groupsync.display import format_time
from groupsync.errors import FileError
from groupsync.files import write_file

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.applier.journal import Journal
    from groupsync.cli.terminal import Terminal
    from groupsync.model.account import Target
    from groupsync.model.report import Report
    from groupsync.model.restore import RestoreReport
    from groupsync.model.review import Review
    from groupsync.render.view import View

AnyReport = TypeVar("AnyReport", "Report", "RestoreReport")


class _RunFile(ABC, Generic[AnyReport]):
    """A file that the user named, if any."""

    def __init__(self, path: Path | None, app: Terminal) -> None:
        self._path = path
        self._app = app

    def begin(self, report: AnyReport) -> None:
        """Write it for the first time: what cannot be written is an error as long as nothing else was."""
        if self._path:
            self._write(self._path, self._render(report, finished_at=""))

    def finish(self, report: AnyReport) -> None:
        """Write it for the last time; now that something was done, a failure is a warning."""
        if self._path:
            try:
                self._write(self._path, self._render(report, finished_at=format_time(self._app.now())))
            except FileError as error:
                self._app.warn([f"the report of this run was not kept: {error}"])

    @abstractmethod
    def _render(self, report: AnyReport, *, finished_at: str) -> str: ...

    @staticmethod
    def _write(path: Path, text: str) -> None:
        write_file(path, text.encode())


class ReportFile(_RunFile[AnyReport]):
    """The record of a run, with every request."""

    def __init__(
        self, path: Path | None, app: Terminal, journal: Journal, *, command: str, target: Target, plan_digest: str = ""
    ) -> None:
        super().__init__(path, app)
        self._journal = journal
        self._command = command
        self._target = target
        self._plan_digest = plan_digest
        self._started_at = format_time(app.now())

    def _render(self, report: AnyReport, *, finished_at: str) -> str:
        from groupsync.render.record import Run, render_record

        run = Run(
            command=self._command,
            started_at=self._started_at,
            finished_at=finished_at,
            target=self._target,
            plan_digest=self._plan_digest,
            requests=self._journal.requests,
        )
        return render_record(run, report)


class ReportMarkdown(_RunFile["Report"]):
    """The report of an apply for the page of a pull request, or the summary of a job."""

    def __init__(self, path: Path | None, app: Terminal, review: Review, view: View) -> None:
        super().__init__(path, app)
        self._review = review
        self._view = view

    def _render(self, report: Report, *, finished_at: str) -> str:  # noqa: ARG002 - it tells no time
        from groupsync.render.markdown import render_report_markdown

        return render_report_markdown(report, self._review, self._view)
