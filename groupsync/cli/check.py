"""`groupsync check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options, review_options
from groupsync.cli.outputs import make_view, write_apply_command, write_check_page
from groupsync.cli.watchers import ApplyWatcher
from groupsync.errors import ExitCode
from groupsync.interrupt import Interrupt
from groupsync.render.check import render_check
from groupsync.runs.check import run_check
from groupsync.runs.session import Surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal
    from groupsync.runs.options import RunOptions


_EXAMPLES = """\b
Example:
  groupsync check plan.json
"""


@click.command(epilog=_EXAMPLES)
@click.argument("plan_file", metavar="PLAN", type=options.PATH)
@options.config_paths
@options.endpoint
@options.timeout
@options.backup_dir
@review_options.allow
@options.no_deletes
@review_options.expect_digest
@review_options.html_file
@review_options.quiet
@review_options.verbose
@click.pass_obj
@options.collect_run_options
def check(terminal: Terminal, run_options: RunOptions, *, plan_file: Path, html_file: Path | None, detail: str) -> int:
    """Check whether a saved plan would still be applied.

    It verifies everything that `apply PLAN` verifies before its first change, with the same exit codes. It changes
    nothing.
    """
    view = make_view(terminal, detail)
    watcher = ApplyWatcher(terminal, Interrupt(), view=view, is_saved=True, html_file=html_file)
    surroundings = Surroundings(environ=terminal.environ, watcher=watcher)
    verified = run_check(plan_file, run_options, surroundings, writes=[html_file])
    write_check_page(html_file, verified, view)
    terminal.print_result(render_check(verified))
    if verified.remaining:
        terminal.print_next_step(f"To apply it: {write_apply_command(terminal)}")
    return ExitCode.DONE
