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

    NAME is `groups` for a configuration file (the default), `plan` for a plan file, `backup` for a backup of members,
    `report` for the report of a run, or `doctor` or `summary` for what that command prints with `--format json`.
    """
    terminal.check_variables()
    terminal.print_result(read_schema(name), is_file=True)
    return ExitCode.DONE
