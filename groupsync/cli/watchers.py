"""What the commands print while a run works, on a terminal and in a CI log."""

from __future__ import annotations

import contextlib
import os
import select
import traceback
from typing import TYPE_CHECKING

from groupsync.cli.interrupt_handler import InterruptHandler
from groupsync.cli.outputs import print_report, print_review
from groupsync.display import count, quote
from groupsync.render.check import render_beginning
from groupsync.render.escape import for_ci_log, for_terminal
from groupsync.render.report import render_progress
from groupsync.render.restore import render_obstacles, render_restore_report, render_restores
from groupsync.render.text import render_text
from groupsync.render.view import Detail
from groupsync.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupsync.cli.terminal import Terminal
    from groupsync.interrupt import Interrupt
    from groupsync.model.config import Config
    from groupsync.model.plan import PlanProblem
    from groupsync.model.report import Progress, Report
    from groupsync.model.restore import Restore, RestoreReport
    from groupsync.model.review import Review
    from groupsync.render.view import View
    from groupsync.review.verify import VerifiedPlan

_STDERR = 2
_PIPE_CHUNK = 4096  # bytes that fit into a pipe that has any room
_COUNT_EVERY = 100
_STOPPING = "\nStopping: nothing more is begun, what is under way has a few seconds. Once more leaves at once.\n"
_QUITTING = "\nLeft at once. Run the same again to finish it.\n"
_UNKNOWN = "Unknown, for no answer has come yet:\n"


class ConsoleWatcher(Watcher):
    """Prints what every run reports, and handles signals once the first change is about to be made.

    A terminal and a CI log get the same lines; `Terminal` adds colour for the one, and escapes what a CI system would
    take for a command for the other.
    """

    def __init__(self, terminal: Terminal, interrupt: Interrupt, *, is_verbose: bool = False) -> None:
        self._terminal = terminal
        self._interrupt = interrupt
        self._is_verbose = is_verbose
        self._in_flight: dict[str, None] = {}
        self._has_reported_bug = False

    def on_lock_wait(self) -> None:
        """Print that the run waits."""
        self._terminal.print_message("Waiting for another run that works on this account ...")

    def on_warning(self, text: str) -> None:
        """Print a warning."""
        self._terminal.print_warning(text)

    def on_start(self, verified: VerifiedPlan | None) -> None:  # noqa: ARG002 - for those that print the beginning
        """Handle signals from now on."""
        InterruptHandler(self._interrupt, self).begin()

    def on_begin(self, change: str) -> None:
        """Note a change that is about to be tried."""
        self._in_flight[change] = None

    def on_end(self, change: str) -> None:
        """Note that it is known how it ended."""
        self._in_flight.pop(change, None)

    def on_progress(self, step: Progress) -> None:
        """Print the line for a change that was tried."""
        if line := render_progress(step, is_verbose=self._is_verbose):
            self._terminal.print_message(line)

    def on_count(self, number: int, total: int, name: str) -> None:
        """Print a line for every hundred contacts."""
        if number == total or number % _COUNT_EVERY == 0:
            self._terminal.print_message(f"[{number:,}/{total:,}] contacts of group {quote(name)}")

    def on_list_wait(self, number: int) -> None:
        """Print that the run waits."""
        changes = count(number, "change", "changes")
        self._terminal.print_message(
            f"Waiting until the list of groups shows {changes} of this run (2 minutes at most) ..."
        )

    def on_bug(self, error: Exception) -> None:
        """Print what to attach to a report of it (once), and the traceback."""
        if not self._has_reported_bug:
            self._has_reported_bug = True
            self._terminal.print_bug_report()
        self._terminal.print_message("".join(traceback.format_exception(error)))

    def on_interrupt(self) -> None:
        """Print that the run is stopping."""
        _write_to_stderr(_STOPPING)

    def on_quit(self) -> None:
        """Print which changes may have been made, because no answer has come yet."""
        changes = list(self._in_flight)
        lines = "".join(f"  {for_ci_log(for_terminal(change))}\n" for change in changes)
        _write_to_stderr(_QUITTING + (_UNKNOWN + lines if changes else ""))


class ApplyWatcher(ConsoleWatcher):
    """Prints what an apply or a check reports; `is_saved` tells a plan file from a plan that was just made."""

    def __init__(
        self, terminal: Terminal, interrupt: Interrupt, *, view: View, format_name: str = "text", is_saved: bool
    ) -> None:
        super().__init__(terminal, interrupt, is_verbose=view.detail is Detail.VERBOSE)
        self._view = view
        self._format_name = format_name
        self._is_saved = is_saved

    def on_plan(self, review: Review, config: Config) -> None:
        """Print the plan."""
        print_review(self._terminal, review, self._view.quoting(config), self._format_name)

    def on_refusal(self, review: Review, config: Config) -> None:
        """Print the plan with what refuses it."""
        self._terminal.print_result(render_text(review, self._view.quoting(config)))

    def on_start(self, verified: VerifiedPlan | None) -> None:
        """Print what is about to be done with a saved plan; a new one was just printed."""
        if self._is_saved and verified and verified.remaining and self._format_name == "text":
            self._terminal.print_result(render_beginning(verified))
        super().on_start(verified)

    def on_report(self, report: Report, review: Review) -> None:
        """Print the report."""
        print_report(self._terminal, report, review, self._view, self._format_name)


class RestoreWatcher(ConsoleWatcher):
    """Prints what a restore reports."""

    def on_restores(self, restores: Sequence[Restore]) -> None:
        """Print what would be done."""
        self._terminal.print_result(render_restores(restores))

    def on_obstacles(self, problems: Sequence[PlanProblem]) -> None:
        """Print why nothing can be restored."""
        self._terminal.print_result(render_obstacles(problems))

    def on_restore_report(self, report: RestoreReport) -> None:
        """Print the report."""
        self._terminal.print_report(f"\n{render_restore_report(report)}")


def _write_to_stderr(text: str) -> None:
    """Write past Python's own stderr, which the interrupted code may be writing to; never wait for a reader."""
    line = text.encode(errors="backslashreplace")
    with contextlib.suppress(OSError, ValueError):
        for start in range(0, len(line), _PIPE_CHUNK):
            if select.select([], [_STDERR], [], 0)[1]:
                os.write(_STDERR, line[start : start + _PIPE_CHUNK])
