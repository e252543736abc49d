"""Answers `--version` and `--help` without click, whose import takes three times as long as the rest of Python's start.

The texts are those of click on 80 columns; a test compares them.
"""

from __future__ import annotations

import os
import sys

from groupsync.version import __version__

TYPE_CHECKING = False  # as in `main`
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LEAST_WIDTH = 80  # from there on click's lines are not longer, on any terminal

_HELP = """\
Usage: groupsync [OPTIONS] COMMAND [ARGS]...

  Plan and apply the contact groups of a Messente Phonebook from a YAML file.

Options:
  --version   Show the version and exit; with --format json, all that a bug
              report needs.
  -h, --help  Show this message and exit.

Commands:
"""


def answer(args: Sequence[str], environ: Mapping[str, str], commands: Mapping[str, str]) -> bool:
    """Print what these arguments ask for, and return whether that was possible; click does what is not."""
    match args:
        case ["--version"]:
            text = f"groupsync {__version__}\n"
        case ["--help" | "-h"] if _find_width(environ) >= _LEAST_WIDTH:
            text = _HELP + "".join(f"  {name:<10}{summary}\n" for name, summary in commands.items())
        case _:
            return False
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (OSError, ValueError):  # click meets it again, and the program prints it
        return False
    return True


def _find_width(environ: Mapping[str, str]) -> int:
    """Return how many columns click would find: those of COLUMNS, or else of the terminal."""
    columns = environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _LEAST_WIDTH
    except (OSError, ValueError):
        return _LEAST_WIDTH
