"""What every command needs of the world around it: environment, clock, terminal."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, TextIO

from groupsync.errors import NotApprovedError, OutputError
from groupsync.render.colour import colour_lines
from groupsync.render.escape import for_terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The process that a command runs in."""

    environ: Mapping[str, str]

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.now(timezone.utc)

    def print_result(self, text: str) -> None:
        """Print the result of the command to stdout, all of it now; raise OutputError when nobody takes it."""
        try:
            sys.stdout.write(self._colour(text, sys.stdout))
            sys.stdout.flush()
        except OSError as error:
            raise OutputError((error.strerror or str(error)).lower()) from error

    def tell(self, text: str) -> None:
        """Print a line for the person who watches, to stderr."""
        sys.stderr.write(self._colour(for_terminal(text), sys.stderr) + "\n")
        sys.stderr.flush()

    def warn(self, warnings: Iterable[str]) -> None:
        """Print warnings to stderr."""
        for warning in warnings:
            self.tell(f"Warning: {warning}")

    def ask_for_approval(self) -> None:
        """Return when a person answers `yes`; raise NotApprovedError for every other answer, and where nobody is."""
        if not sys.stdin.isatty():
            raise NotApprovedError(
                "there is no terminal to ask on",
                hint="apply a plan file (`groupsync plan --out FILE`), or add --auto-approve",
            )
        self.tell("\nDo you want to perform these actions?\n  Only 'yes' will be accepted to approve.\n")
        sys.stderr.write("  Enter a value: ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
        if answer.strip() != "yes":
            raise NotApprovedError("the plan was not approved")
        self.tell("")

    def _colour(self, text: str, stream: TextIO) -> str:
        plain = self.environ.get("NO_COLOR") or self.environ.get("TERM") == "dumb" or not stream.isatty()
        return text if plain else colour_lines(text)
