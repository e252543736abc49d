"""`--report FILE`: the record of a run, written before its first change and again at its end."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from groupsync.errors import FileError
from groupsync.files import is_regular, read_beginning, remove_file, write_file
from groupsync.render.record import Run, render_record
from groupsync.wording import format_time

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.applier import Journal
    from groupsync.cli.app import App
    from groupsync.model.account import Target
    from groupsync.model.report import Report
    from groupsync.model.restore import RestoreReport

_LONGEST_BEGINNING = 200
_BEGINNING = re.compile(rb'\{\n  "format_version": "[^"]*",\n  "groupsync_version": "[^"]*",\n  "command": "')


def forget_earlier_report(path: Path | None) -> None:
    """Remove what an earlier run has written there, for it is not true of this one; leave what is no report alone."""
    if path and is_regular(path) and _BEGINNING.match(read_beginning(path, _LONGEST_BEGINNING)):
        remove_file(path)


class ReportFile:
    """The file that the user named, if any."""

    def __init__(
        self, path: Path | None, app: App, journal: Journal, *, command: str, target: Target, plan_digest: str = ""
    ) -> None:
        self._path = path
        self._app = app
        self._journal = journal
        self._run = Run(
            command=command, started_at=format_time(app.now()), finished_at="", target=target, plan_digest=plan_digest
        )

    def begin(self, report: Report | RestoreReport) -> None:
        """Write it for the first time: what cannot be written is an error as long as nothing else was."""
        if self._path:
            self._write(self._path, self._run, report)

    def finish(self, report: Report | RestoreReport) -> None:
        """Write it for the last time; now that something was done, a failure is a warning."""
        if self._path:
            try:
                self._write(self._path, replace(self._run, finished_at=format_time(self._app.now())), report)
            except FileError as error:
                self._app.warn([f"the report of this run was not kept: {error}"])

    def _write(self, path: Path, run: Run, report: Report | RestoreReport) -> None:
        write_file(path, render_record(replace(run, requests=self._journal.requests), report).encode())
