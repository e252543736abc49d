"""What every command needs of the world around it: environment, clock, terminal."""
# ruff: noqa: PLC0415 - `--help` and `--version` print nothing through this, and are instant

from __future__ import annotations

import contextlib
import os
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, TextIO

from groupsync.errors import NotApprovedError, OutputError, describe_os_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Terminal:
    """The process that a command runs in."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(timezone.utc)

    def print_result(self, text: str, *, is_file: bool = False) -> None:
        """Print the result of the command to stdout, all of it now; raise OutputError when nobody takes it.

        What is a file is printed as it is, without colour, even where a line of it looks like one of a plan.
        """
        if sys.stdout is None:  # Python's way to say that it was closed from the beginning
            raise OutputError("it is closed")
        try:
            self._write(text, sys.stdout, is_plain=is_file)
        except OSError as error:
            _forget(sys.stdout)
            raise OutputError(describe_os_error(error)) from error

    def print_report(self, text: str, *, is_file: bool = False) -> None:
        """Print what was done: to stdout, or else to stderr, for it cannot be undone by an error."""
        try:
            self.print_result(text, is_file=is_file)
        except OutputError as error:
            self.tell(f"Warning: {error}\n{text}")

    def tell(self, text: str) -> None:
        """Print a line for the person who watches, to stderr; where nobody does, do nothing."""
        from groupsync.render.escape import for_terminal

        if sys.stderr is None:
            return
        try:
            self._write(for_terminal(text) + "\n", sys.stderr)
        except (OSError, ValueError):
            _forget(sys.stderr)

    def suggest(self, text: str) -> None:
        """Print what could be done next, if a person watches: not in CI, also where it lends a terminal."""
        if _is_terminal(sys.stderr) and not self.environ.get("CI"):
            self.tell(f"\n{text}")

    def warn(self, warnings: Iterable[str]) -> None:
        """Print warnings to stderr."""
        for warning in warnings:
            self.tell(f"Warning: {warning}")

    def ask_for_approval(self, *, instead: str = "add --auto-approve") -> None:
        """Return when a person answers `yes`; raise NotApprovedError for every other answer, and where nobody is.

        `instead` is what to do where nobody can be asked.
        """
        if not _is_terminal(sys.stdin) or sys.stderr is None:
            raise NotApprovedError("there is no terminal to ask on", remedy=instead)
        self.tell("\nDo you want to perform these actions?\n  Only 'yes' will be accepted to approve.\n")
        sys.stderr.write("  Enter a value: ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
        if not answer.endswith("\n"):
            self.tell("")
        if answer.rstrip("\r\n") != "yes":
            raise NotApprovedError("nobody approved it")
        self.tell("")

    def _write(self, text: str, stream: TextIO, *, is_plain: bool = False) -> None:
        from groupsync.render.colour import colour_lines
        from groupsync.render.escape import for_ci_log

        plain = self.environ.get("NO_COLOR") or self.environ.get("TERM") == "dumb" or not stream.isatty()
        if not is_plain:
            text = for_ci_log(text) if plain else colour_lines(text)
        stream.write(text)
        stream.flush()


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _forget(stream: TextIO) -> None:
    """Let what a broken stream still holds go nowhere, or Python would fail on it once more at the end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
