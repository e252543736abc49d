"""`groupsync apply`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options, review_options
from groupsync.cli.outputs import make_page_view, make_view, require_different_files
from groupsync.cli.watchers import ApplyWatcher
from groupsync.interrupt import Interrupt
from groupsync.runs.apply import run_apply
from groupsync.runs.session import Surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal
    from groupsync.runs.options import RunOptions


_EXAMPLES = """\b
Examples:
  groupsync apply plan.json
  groupsync apply --auto-approve --report report.json
"""


@click.command(epilog=_EXAMPLES)
@click.argument("plan_file", metavar="[PLAN]", required=False, type=options.PATH)
@options.config_paths
@options.endpoint
@options.timeout
@options.lock_timeout
@options.backup_dir
@review_options.allow
@options.exclude
@options.no_deletes
@options.auto_approve
@options.parallelism
@review_options.expect_digest
@options.report_file
@review_options.report_format
@review_options.markdown_file
@review_options.max_bytes
@review_options.html_file
@review_options.quiet
@review_options.verbose
@click.pass_obj
@options.collect_run_options
def apply(
    terminal: Terminal,
    run_options: RunOptions,
    *,
    plan_file: Path | None,
    auto_approve: bool,
    report_file: Path | None,
    format_name: str,
    markdown_file: Path | None,
    max_bytes: int,
    html_file: Path | None,
    detail: str,
) -> int:
    """Make the Phonebook what the configuration says.

    PLAN is a file that `plan --out` wrote: exactly that plan is applied, if it still fits. Without PLAN, a new plan is
    made and shown, and you are asked.
    """
    if plan_file and run_options.exclude:
        raise click.UsageError("--exclude is for a new plan: a plan file has what was excluded when it was made.")
    require_different_files({"--report": report_file, "--markdown": markdown_file, "--html": html_file})
    view = make_view(terminal, detail, max_bytes=max_bytes)
    interrupt = Interrupt()
    watcher = ApplyWatcher(
        terminal,
        interrupt,
        view=view,
        format_name=format_name,
        is_saved=plan_file is not None,
        markdown_file=markdown_file,
        html_file=html_file,
    )
    report = run_apply(
        run_options,
        Surroundings(environ=terminal.environ, watcher=watcher, interrupt=interrupt),
        plan_file=plan_file,
        approve=terminal.approver(
            auto_approve=auto_approve,
            instead="add --auto-approve, or save a plan, review it and apply its file: "
            + run_options.for_commands.write("plan", "--out", "plan.json"),
        ),
        report_file=report_file,
        markdown_file=markdown_file,
        html_file=html_file,
        page_view=make_page_view(view),
    )
    return report.exit_code
