"""`groupsync schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.errors import ExitCode
from groupsync.schema import SCHEMA_NAMES, read_schema

if TYPE_CHECKING:
    from groupsync.cli.terminal import Terminal


_EXAMPLES = """\b
Examples:
  groupsync schema > groups.schema.json
  groupsync schema plan
"""


@click.command(epilog=_EXAMPLES)
@click.argument("name", type=click.Choice(SCHEMA_NAMES), default="groups")
@click.pass_obj
def schema(terminal: Terminal, *, name: str) -> int:
    """Print a JSON Schema of groupsync's files.

    That of a configuration file (`groups`, the default), a plan file (`plan`), a backup of a group's members
    (`backup`), the report of a run (`report`), or what `doctor --format json` prints (`doctor`).
    """
    terminal.print_result(read_schema(name), is_file=True)
    return ExitCode.DONE
