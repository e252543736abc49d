"""`groupsync doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options
from groupsync.cli.reading_watcher import ReadingWatcher
from groupsync.render.doctor import DOCTOR_FORMATS
from groupsync.runs.doctor import run_doctor
from groupsync.runs.session import Surroundings

if TYPE_CHECKING:
    from groupsync.cli.terminal import Terminal
    from groupsync.runs.options import RunOptions


_EXAMPLES = """\b
Examples:
  groupsync doctor
  groupsync doctor -c accounts/ee --format json
"""


@click.command(epilog=_EXAMPLES)
@options.config_paths
@options.endpoint
@options.timeout
@options.backup_dir
@click.option("--format", "format_name", type=click.Choice(tuple(DOCTOR_FORMATS)), default="text", show_default=True)
@click.pass_obj
@options.collect_run_options
def doctor(terminal: Terminal, run_options: RunOptions, *, format_name: str) -> int:
    """Check what groupsync needs: files, credentials, network, account.

    It changes no groups and shows no secrets. It creates the backup folder if it is missing.
    """
    report = run_doctor(run_options, Surroundings(environ=terminal.environ, watcher=ReadingWatcher(terminal)))
    terminal.print_result(DOCTOR_FORMATS[format_name](report))
    return report.exit_code
