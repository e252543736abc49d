"""What the commands print while a run works, on a terminal and in a CI log."""

from __future__ import annotations

import contextlib
import traceback
from typing import TYPE_CHECKING

from groupsync.cli.interrupt_handler import InterruptHandler
from groupsync.cli.outputs import (
    point_to_questions,
    print_report,
    print_review,
    write_plan_markdown,
    write_plan_page,
    write_refusal_page,
    write_stale_page,
)
from groupsync.cli.progress_bar import LONGEST_WITHOUT_BAR, ProgressBar
from groupsync.cli.reading_watcher import ReadingWatcher
from groupsync.cli.terminal import write_past_python
from groupsync.display import quote
from groupsync.model.report import GOOD_WORDS
from groupsync.render.check import render_beginning
from groupsync.render.escape import for_ci_log, for_terminal
from groupsync.render.report import render_progress
from groupsync.render.restore import render_obstacles, render_restore_report, render_restores
from groupsync.render.text import render_text
from groupsync.render.view import DEFAULT_VIEW, Detail

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupsync.cli.terminal import Terminal
    from groupsync.errors import StalePlanError
    from groupsync.interrupt import Interrupt
    from groupsync.model.config import Config
    from groupsync.model.plan import PlanProblem
    from groupsync.model.report import Progress, Report
    from groupsync.model.restore import Restore, RestoreReport
    from groupsync.model.review import Review
    from groupsync.model.scope import Scope
    from groupsync.render.view import View
    from groupsync.review.verify import VerifiedPlan

_COUNT_EVERY = 100
_STOPPING = (
    "\nStopping: nothing more is started, and running requests have a few seconds. Press Ctrl-C again to quit now.\n"
)
_QUITTING = "\nStopped at once. Run the same command again to finish it.\n"
_UNKNOWN = "Unknown, because no answer has come yet:\n"


class ConsoleWatcher(ReadingWatcher):
    """Prints what every run reports, and handles signals once the first change is about to be made.

    A terminal and a CI log get the same lines; `Terminal` adds colour for the one, and escapes what a CI system would
    take for a command for the other.
    """

    def __init__(self, terminal: Terminal, interrupt: Interrupt, *, view: View = DEFAULT_VIEW) -> None:
        super().__init__(terminal, view.detail)
        self._view = view
        self._bar: ProgressBar | None = None
        self._interrupt = interrupt
        self._in_flight: list[str] = []  # two changes may have the same text, if long names are cut
        self._has_reported_bug = False

    def on_start(self, verified: VerifiedPlan | None) -> None:  # noqa: ARG002 - for those that print the beginning
        """Handle signals from now on."""
        self.terminal.has_begun = True
        InterruptHandler(self._interrupt, self).begin()

    def on_begin(self, change: str) -> None:
        """Note a change that is about to be tried."""
        self._in_flight.append(change)

    def on_end(self, change: str) -> None:
        """Note that it is known how it ended."""
        with contextlib.suppress(ValueError):
            self._in_flight.remove(change)

    def on_progress(self, step: Progress) -> None:
        """Print the line for a change that was tried; with a bar or `--quiet`, only if it failed."""
        has_bar = self._move_bar("Changes", step.number, step.total)
        is_silent = has_bar or self.signs is None
        if is_silent and step.outcome.word in GOOD_WORDS:
            return
        if line := render_progress(step, is_verbose=self._view.detail is Detail.VERBOSE):
            self.terminal.print_message(line)

    def on_count(self, number: int, total: int, name: str) -> None:
        """Print a line for every hundred contacts, or move the bar."""
        has_bar = self._move_bar(f"Contacts of {quote(name)}", number, total)
        if not has_bar and (number == total or number % _COUNT_EVERY == 0):
            self.terminal.print_message(f"[{number:,}/{total:,}] contacts of group {quote(name)}")

    def _move_bar(self, label: str, number: int, total: int) -> bool:
        """Move the progress bar, and return whether there is one: on a terminal, for many, without `--verbose`."""
        if not self.signs or not self.terminal.can_redraw or total <= LONGEST_WITHOUT_BAR:
            return False
        if self._view.detail is Detail.VERBOSE:
            return False
        if self._bar is None or self._bar.label != label:
            self._bar = ProgressBar(label, total)
        line = self._bar.move_to(number)
        self.signs.set_progress(line if number < total else "")
        return True

    def on_bug(self, error: Exception) -> None:
        """Print the traceback, and (once) what to attach to a bug report."""
        if not self._has_reported_bug:
            self._has_reported_bug = True
            self.terminal.print_bug_report()
        self.terminal.print_message("".join(traceback.format_exception(error)))

    def on_interrupt(self) -> None:
        """Print that the run is stopping."""
        write_past_python(_STOPPING)

    def on_quit(self) -> None:
        """Print which changes may have been made, because no answer has come yet."""
        changes = list(self._in_flight)
        lines = "".join(f"  {for_ci_log(for_terminal(change))}\n" for change in changes)
        write_past_python(_QUITTING + (_UNKNOWN + lines if changes else ""))


class ApplyWatcher(ConsoleWatcher):
    """Prints what an apply or a check reports, and writes the files about a plan that is not applied.

    `is_saved` tells a plan file from a plan that was just made. Once the first change begins, the run itself writes the
    report to the same files.
    """

    def __init__(
        self,
        terminal: Terminal,
        interrupt: Interrupt,
        *,
        view: View,
        format_name: str = "text",
        is_saved: bool,
        markdown_file: Path | None = None,
        html_file: Path | None = None,
    ) -> None:
        super().__init__(terminal, interrupt, view=view)
        self._format_name = format_name
        self._is_saved = is_saved
        self._markdown_file = markdown_file
        self._html_file = html_file

    def on_plan(self, review: Review, config: Config) -> None:
        """Print the plan, and write its page: it stays if the plan is refused or not approved."""
        view = self._view.quoting(config)
        print_review(self.terminal, review, view, self._format_name)
        point_to_questions(self.terminal, review)
        write_plan_page(self._html_file, review, view)
        if review.refusals:
            write_plan_markdown(self._markdown_file, review, view)

    def on_refusal(self, review: Review, config: Config) -> None:
        """Print the plan with what refuses it, and write its files."""
        view = self._view.quoting(config)
        self.terminal.print_result(render_text(review, view))
        write_refusal_page(self._html_file, review, view)
        write_plan_markdown(self._markdown_file, review, view)

    def on_stale(self, review: Review, error: StalePlanError) -> None:
        """Write the page; `main` prints the error."""
        write_stale_page(self._html_file, review, error, self._view)

    def on_start(self, verified: VerifiedPlan | None) -> None:
        """Print what is about to be done with a saved plan; a new one was just printed."""
        if self._is_saved and verified and self._format_name == "text":
            self.terminal.print_result(render_beginning(verified))
        super().on_start(verified)

    def on_report(self, report: Report, review: Review) -> None:
        """Print the report."""
        print_report(self.terminal, report, review, self._view, self._format_name)


class RestoreWatcher(ConsoleWatcher):
    """Prints what a restore reports."""

    def on_restores(self, restores: Sequence[Restore], scope: Scope) -> None:
        """Print what would be done."""
        self.terminal.print_result(render_restores(restores, scope))

    def on_obstacles(self, problems: Sequence[PlanProblem], scope: Scope) -> None:
        """Print why nothing can be restored."""
        self.terminal.print_result(render_obstacles(problems, scope))

    def on_restore_report(self, report: RestoreReport) -> None:
        """Print the report."""
        self.terminal.print_report(f"\n{render_restore_report(report)}")
