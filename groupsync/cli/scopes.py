"""`groupsync scopes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options
from groupsync.cli.reading_watcher import ReadingWatcher
from groupsync.render.scopes import render_scopes
from groupsync.runs.scopes import run_scopes
from groupsync.runs.session import Surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal
    from groupsync.runs.options import RunOptions


_EXAMPLES = """\b
Examples:
  groupsync scopes teams/*
  groupsync scopes teams/* --live
"""


@click.command(epilog=_EXAMPLES)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=options.PATH)
@click.option("--live", "reads_live", is_flag=True, help="Also compare the scopes with the live groups.")
@options.endpoint
@options.timeout
@click.pass_obj
@options.collect_run_options
def scopes(terminal: Terminal, run_options: RunOptions, *, paths: tuple[Path, ...], reads_live: bool) -> int:
    """Check that no scopes of an account's configurations overlap.

    Each PATH is one configuration: a file, or a folder of files. The exit code is 3 if two of them can touch the same
    group. With --live, it also lists the live groups that are in no scope.
    """
    surroundings = Surroundings(environ=terminal.environ, watcher=ReadingWatcher(terminal))
    report = run_scopes(paths, run_options, surroundings, reads_live=reads_live)
    terminal.print_result(render_scopes(report))
    return report.exit_code
