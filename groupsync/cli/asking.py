"""Questions to a person on a terminal: what to type is asked for again until it is one of the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupsync.errors import NotApprovedError

if TYPE_CHECKING:
    from collections.abc import Collection

    from groupsync.cli.terminal import Terminal


def ask_choice(terminal: Terminal, answers: Collection[str], *, prompt: str = "Your answer") -> str:
    """Return which of the answers a person types, whatever its case; ask again if it is none of them.

    The question was printed before. Raise NotApprovedError at the end of the input.
    """
    while True:
        typed = _read_line(terminal, prompt).lower()
        if typed in answers:
            return typed
        terminal.print_message(f"  Type one of: {', '.join(answers)}")


def ask_number(terminal: Terminal, number: int, *, prompt: str) -> bool:
    """Return whether a person types this number, with or without commas; anything else is a no.

    Raise NotApprovedError at the end of the input.
    """
    return _read_line(terminal, prompt).replace(",", "") == str(number)


def _read_line(terminal: Terminal, prompt: str) -> str:
    typed = terminal.read_line(f"  {prompt}: ")
    if not typed.endswith("\n"):
        terminal.print_message("")
        raise NotApprovedError("the input ended before the last answer")
    return typed.strip()
