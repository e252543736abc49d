"""`groupsync plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options, review_options
from groupsync.cli.outputs import ReviewFiles, make_view, point_to_questions, print_review, write_apply_command
from groupsync.cli.reading_watcher import ReadingWatcher
from groupsync.display import quote_file
from groupsync.review.require import require_no_refusal
from groupsync.runs.plan import run_plan
from groupsync.runs.session import Surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal
    from groupsync.runs.options import RunOptions


_EXAMPLES = """\b
Examples:
  groupsync plan --out plan.json
  groupsync plan -c accounts/ee --markdown plan.md
"""


@click.command(epilog=_EXAMPLES)
@options.config_paths
@options.endpoint
@options.timeout
@options.backup_dir
@review_options.allow
@options.exclude
@options.no_deletes
@click.option("--out", metavar="FILE", type=options.PATH, help="Save the plan for `groupsync apply FILE`.")
@review_options.markdown_file
@review_options.max_bytes
@review_options.html_file
@review_options.gitlab_report
@review_options.review_format
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when changes are pending.")
@review_options.quiet
@review_options.verbose
@click.pass_obj
@options.collect_run_options
def plan(
    terminal: Terminal,
    run_options: RunOptions,
    *,
    out: Path | None,
    markdown_file: Path | None,
    max_bytes: int,
    html_file: Path | None,
    gitlab_report: Path | None,
    format_name: str,
    detailed_exitcode: bool,
    detail: str,
) -> int:
    """Show what `apply` would change."""
    terminal.plan_file = out
    files = ReviewFiles(out=out, markdown=markdown_file, html=html_file, gitlab_report=gitlab_report)
    view = make_view(terminal, detail, max_bytes=max_bytes)
    surroundings = Surroundings(environ=terminal.environ, watcher=ReadingWatcher(terminal, view.detail))
    review, config = run_plan(run_options, surroundings, writes=files.paths)
    view = view.quoting(config)
    files.write(review, view)
    print_review(terminal, review, view, format_name)
    point_to_questions(terminal, review)
    require_no_refusal(review)
    if out and review.plan.changes:
        command = write_apply_command(terminal)
        terminal.print_next_step(f"Saved to {quote_file(str(out))}. To apply exactly this plan: {command}")
    return review.exit_code(detailed=detailed_exitcode)
