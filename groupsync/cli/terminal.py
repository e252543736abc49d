"""The console that a command prints to and asks on, and its environment."""
# ruff: noqa: PLC0415 - help and version print nothing through this, and must start fast

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, TextIO

from groupsync.cli.handlers import write_to_stderr
from groupsync.display import cut, cut_to_width, make_visible
from groupsync.errors import NotApprovedError, OutputError, describe_os_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from groupsync.command import CommandOptions
    from groupsync.errors import GroupsyncError

_LONGEST_LINE = 4_000


_CLEAR_LINE = "\r\x1b[K"


class Terminal:
    """Where a command prints and asks: stdout for results, stderr for messages, stdin for the approval.

    A line that is drawn at the bottom of stderr stays until the next output replaces it. `options` and `plan_file`
    belong to the run: the commands that it suggests need them.
    """

    def __init__(self, environ: Mapping[str, str], args: Sequence[str]) -> None:
        self.environ = environ
        self.last_output = time.monotonic()
        """When the last output was printed."""
        self.has_begun = False
        """Whether the first change has begun, so that exit code 1 (nothing written) would be wrong."""
        self.options: CommandOptions | None = None
        self.plan_file: Path | None = None
        self._args = args
        self._lock = threading.RLock()
        self._line = ""

    def print_result(self, text: str, *, is_file: bool = False) -> None:
        """Print the result of the command to stdout, at once and whole; raise OutputError if it cannot be written.

        The content of a file is printed as it is, without colour, even if a line of it looks like one of a plan.
        """
        if sys.stdout is None:  # it was closed when Python started
            raise OutputError("it is closed")
        try:
            self._write(text, sys.stdout, is_plain=is_file)
        except OSError as error:
            discard_output(sys.stdout)
            raise make_output_error(error) from error

    def print_report(self, text: str, *, is_file: bool = False) -> None:
        """Print what was done: to stdout, or to stderr if that fails, because an error would not undo it."""
        try:
            self.print_result(text, is_file=is_file)
        except OutputError as error:
            self.print_message(f"Warning: {error}\n{text}")

    def print_message(self, text: str) -> None:
        """Print a line for the person who watches, to stderr; do nothing if stderr is closed."""
        from groupsync.render.escape import for_terminal

        if sys.stderr is None:
            return
        try:
            self._write(_cut_lines(for_terminal(text)) + "\n", sys.stderr)
        except (OSError, ValueError):
            discard_output(sys.stderr)

    @property
    def can_redraw(self) -> bool:
        """Whether stderr is a terminal on which a line can be drawn repeatedly."""
        return _is_terminal(sys.stderr) and not self.environ.get("CI") and self.environ.get("TERM") != "dumb"

    def draw_line(self, text: str) -> None:
        """Replace the line at the bottom by this one, cut to the width; do nothing unless `can_redraw`."""
        if text and self.can_redraw:
            width = _count_columns(sys.stderr) - 1
            with self._lock:
                line = cut_to_width(text, width)
                if line != self._line:
                    write_past_python(f"{_CLEAR_LINE}{line}")
                    self._line = line

    def clear_line(self) -> None:
        """Remove the line at the bottom, if there is one."""
        with self._lock:
            if self._line:
                write_past_python(_CLEAR_LINE)
                self._line = ""

    def print_line_for_log(self, text: str) -> None:
        """Print a line to stderr from another thread, which must not wait for a reader."""
        from groupsync.render.escape import for_ci_log

        write_past_python(f"{for_ci_log(text)}\n")

    def print_error(self, error: GroupsyncError) -> None:
        """Print a failure, the line of a file that causes it, and what to do about it."""
        remedy = error.remedy
        if error.next_command:
            remedy = f"{remedy}: {self._write_command(error.next_command)}"
        lines = (f"Error: {error}", *error.excerpt, *((f"  -> {remedy}",) if remedy else ()))
        self.print_message("\n".join(lines))

    def _write_command(self, command: str) -> str:
        """Return a command with the options of this run; a plan goes to the same file again."""
        from groupsync.command import NO_OPTIONS, write_path

        arguments = ("--out", write_path(str(self.plan_file))) if self.plan_file else ()
        return (self.options or NO_OPTIONS).write(command, *arguments)

    def print_bug_report(self) -> None:
        """Print what to attach to a report of a mistake in groupsync; its traceback follows."""
        from groupsync.cli.bug_report import render_bug_report

        self.print_message(render_bug_report(self._args))

    def print_next_step(self, text: str) -> None:
        """Print what could be done next, if a person watches; never in CI, even if it provides a terminal."""
        if _is_terminal(sys.stderr) and not self.environ.get("CI"):
            self.print_message(f"\n{text}")

    def check_variables(self) -> None:
        """Warn of unknown GROUPSYNC_ variables, for a command that has no session; raise SettingsError for limits."""
        from groupsync.variables import warn_of_unknown_variables

        warn_of_unknown_variables(self.environ, self.print_warning)

    def print_warning(self, text: str) -> None:
        """Print a warning to stderr, on one line."""
        self.print_message(f"Warning: {make_visible(text)}")

    @property
    def can_ask(self) -> bool:
        """Whether somebody can be asked: stdin is a terminal, and stderr is open."""
        return _is_terminal(sys.stdin) and sys.stderr is not None

    def read_line(self, prompt: str) -> str:
        """Return the line that a person types after the prompt; empty at the end of the input."""
        self.clear_line()
        return _ask(prompt)

    def approver(self, *, auto_approve: bool, instead: str = "add --auto-approve") -> Callable[[], None] | None:
        """Return what asks for the approval of a run; None if nobody is to be asked."""
        return None if auto_approve else partial(self.ask_for_approval, instead=instead)

    def ask_for_approval(self, *, instead: str) -> None:
        """Return if a person answers `yes`; raise NotApprovedError for any other answer, and without a terminal.

        `instead` is the remedy if nobody can be asked.
        """
        if not self.can_ask:
            raise NotApprovedError("there is no terminal to ask for approval", remedy=instead)
        self.print_message("\nDo you want to perform these actions?\n  Only 'yes' will be accepted to approve.\n")
        answer = self.read_line("  Enter a value: ")
        if not answer.endswith("\n"):
            self.print_message("")
        if answer.rstrip("\r\n") != "yes":
            raise NotApprovedError("not approved")
        self.print_message("")

    def _write(self, text: str, stream: TextIO, *, is_plain: bool = False) -> None:
        from groupsync.render.colour import colour_lines
        from groupsync.render.escape import for_ci_log

        plain = self.environ.get("NO_COLOR") or self.environ.get("TERM") == "dumb" or not stream.isatty()
        if not is_plain:
            text = for_ci_log(text) if plain else colour_lines(text)
        with self._lock:
            self.clear_line()
            self.last_output = time.monotonic()
            stream.write(text)
            stream.flush()


def write_past_python(text: str) -> None:
    """Write to stderr from a signal handler or another thread: past Python's stream, and without waiting."""
    write_to_stderr(text.encode(errors="backslashreplace"))


def _ask(question: str) -> str:
    """Return the line that the user types; empty at the end of the input, or if the terminal is gone."""
    try:
        sys.stderr.write(question)
        sys.stderr.flush()
        return sys.stdin.readline()
    except OSError:
        return ""


def _cut_lines(text: str) -> str:
    """Return the text of a message with its very long lines cut.

    Texts of files, servers and variables are already cut where a message is made; this is a safety net.
    """
    if len(text) <= _LONGEST_LINE:
        return text
    return "\n".join(cut(line, _LONGEST_LINE) for line in text.split("\n"))


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _count_columns(stream: TextIO) -> int:
    """Return the width of the terminal of this stream; the streams may differ, or have no terminal."""
    with contextlib.suppress(OSError, ValueError):
        if columns := os.get_terminal_size(stream.fileno()).columns:
            return columns
    import shutil

    return shutil.get_terminal_size().columns


def make_output_error(error: OSError) -> OutputError:
    """Return the error for a result that could not be written to stdout."""
    return OutputError("it is closed" if error.errno == errno.EBADF else describe_os_error(error))


def discard_output(stream: TextIO | None) -> None:
    """Redirect a broken stream to /dev/null, so that Python's flush at exit does not fail again."""
    if stream is None:
        return
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
