"""A plan on real terminals of several widths: what is printed goes through a pseudo-terminal into an emulator."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from groupsync.sandbox import Sandbox

pyte = pytest.importorskip("pyte", reason="the emulator is one of the dependencies for development")

SCREENS = Path(__file__).parent / "screens"
WIDTHS = (60, 80, 100)
CONFIG = """\
groups:
  - {name: Black Friday 2026, description: Everybody who asked for the offers of this year.}
  - {name: VIP customers, previously: [VIP]}
  - {name: "Win-back, 180 days", id: 00000001-52b7-4f0d-9c3e-1b7a60d2f401}
  - {name: "Win-back, 90 days", id: 00000002-52b7-4f0d-9c3e-1b7a60d2f401}
removed:
  - {name: Spring sale 2024, contacts_at_most: 1500, reason: The campaign is over.}
  - {name: Summer sale 2024, contacts_at_most: 20}
policy: {unlisted: delete}
"""
WHOLE = (
    "contacts lose this group",
    "contacts stay",
    "contact stays",
    "empty",
    "Memberships lost",
    "names in three steps",
)


@pytest.fixture
def account(sandbox: Sandbox, write: Callable[[str], None]) -> None:
    """An account with groups to rename, to swap and to delete."""
    write(CONFIG)
    sandbox.add_group("Win-back, 90 days", id="00000001-52b7-4f0d-9c3e-1b7a60d2f401", contacts=20)
    sandbox.add_group("Win-back, 180 days", id="00000002-52b7-4f0d-9c3e-1b7a60d2f401", contacts=7)
    for name, contacts in {"VIP": 1, "Spring sale 2024": 1204, "Summer sale 2024": 12, "test": 0}.items():
        sandbox.add_group(name, contacts=contacts)


@pytest.fixture
def run_on_terminal(folder: Path, environ: Mapping[str, str]) -> Callable[..., str]:
    """A function that runs a command on a terminal of so many columns, answers `no`, and returns what it wrote."""

    def run_on_terminal(*args: str, columns: int) -> str:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        attributes = termios.tcgetattr(theirs)
        attributes[3] &= ~termios.ECHO  # the answer is written before it is asked for
        termios.tcsetattr(theirs, termios.TCSANOW, attributes)
        os.write(ours, b"no\n")
        variables = {**os.environ, **environ, "TERM": "xterm"}
        variables.pop("NO_COLOR", None)
        with subprocess.Popen(
            [sys.executable, "-m", "groupsync", *args],
            cwd=folder,
            env=variables,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        ):
            os.close(theirs)
            written = b"".join(iter(lambda: read(ours), b""))
        os.close(ours)
        return re.sub(r"127\.0\.0\.1:\d{5}", "127.0.0.1:44444", written.decode())

    return run_on_terminal


def read(terminal: int) -> bytes:
    """Return what was written next; nothing if the program has ended."""
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux: the other side is closed
        return b""


def show(written: str, *, columns: int, rows: int) -> list[str]:
    """Return the rows of a terminal that this was written to, without blanks at their ends."""
    screen = pyte.Screen(columns, rows)
    pyte.Stream(screen).feed(written)
    return [row.rstrip() for row in screen.display]


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("columns", WIDTHS)
def test_a_plan_on_a_terminal(
    run_on_terminal: Callable[..., str], columns: int, request: pytest.FixtureRequest
) -> None:
    rows = show(run_on_terminal("plan", columns=columns), columns=columns, rows=45)
    path = SCREENS / f"plan-{columns}.txt"
    screen = "\n".join(rows).rstrip() + "\n"
    if request.config.getoption("--update-golden"):
        path.write_text(screen, encoding="utf-8")

    assert screen == path.read_text(encoding="utf-8")


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("columns", [80, 100])
def test_no_figure_is_broken_over_two_rows(run_on_terminal: Callable[..., str], columns: int) -> None:
    written = run_on_terminal("plan", columns=columns)
    rows = show(written, columns=columns, rows=45)

    for phrase in WHOLE:
        assert written.count(phrase) == sum(row.count(phrase) for row in rows) > 0


@pytest.mark.usefixtures("account")
def test_the_width_of_the_terminal_does_not_matter(run_on_terminal: Callable[..., str]) -> None:
    assert len({run_on_terminal("plan", columns=columns) for columns in WIDTHS}) == 1


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("columns", WIDTHS)
def test_the_largest_loss_is_on_the_screen_with_the_question(run_on_terminal: Callable[..., str], columns: int) -> None:
    """Also on a small terminal, where the beginning of the plan has left the screen."""
    rows = show(run_on_terminal("apply", columns=columns), columns=columns, rows=16)
    text = "\n".join(rows)

    assert "Spring sale 2024" in text
    assert "Enter a value" in text
    assert '+ "Black Friday 2026"' not in text


@pytest.mark.usefixtures("account")
def test_the_lines_below_a_change_are_dim(run_on_terminal: Callable[..., str]) -> None:
    written = run_on_terminal("plan", columns=80)

    assert "\x1b[2m      groups.yaml:4, previously\x1b[0m" in written
    assert '\x1b[31m  - "test"' in written
