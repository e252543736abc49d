"""`groupsync show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options, review_options
from groupsync.cli.outputs import ReviewFiles, make_view, print_review, write_apply_command
from groupsync.cli.reading_watcher import ReadingWatcher
from groupsync.command import CommandOptions
from groupsync.environment.endpoint import DEFAULT_ENDPOINT
from groupsync.errors import ExitCode
from groupsync.render.view import Detail
from groupsync.runs.output_files import prepare_outputs
from groupsync.runs.saved_plan import read_plan

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal
    from groupsync.model.review import Review


_EXAMPLES = """\b
Examples:
  groupsync show plan.json
  groupsync show plan.json --markdown plan.md
"""


@click.command(epilog=_EXAMPLES)
@click.argument("plan_file", metavar="PLAN", type=options.PATH)
@review_options.review_format
@review_options.markdown_file
@review_options.max_bytes
@review_options.html_file
@review_options.gitlab_report
@review_options.quiet
@review_options.verbose
@click.pass_obj
def show(
    terminal: Terminal,
    *,
    plan_file: Path,
    format_name: str,
    markdown_file: Path | None,
    max_bytes: int,
    html_file: Path | None,
    gitlab_report: Path | None,
    detail: str,
) -> int:
    """Show a saved plan as `plan` did."""
    files = ReviewFiles(out=None, markdown=markdown_file, html=html_file, gitlab_report=gitlab_report)
    terminal.plan_file = plan_file
    prepare_outputs(files.paths, reads=[plan_file], config_paths=(), environ=terminal.environ)
    terminal.check_variables()
    review = read_plan(plan_file, ReadingWatcher(terminal, Detail(detail)))
    terminal.options = _find_options(terminal, review)
    for warning in review.plan.warnings:
        terminal.print_warning(warning)
    view = make_view(terminal, detail, max_bytes=max_bytes).quoting(review)
    files.write(review, view)
    print_review(terminal, review, view, format_name)
    if review.plan.changes and not review.refusals:
        terminal.print_next_step(f"To apply exactly this plan: {write_apply_command(terminal)}")
    return ExitCode.DONE


def _find_options(terminal: Terminal, review: Review) -> CommandOptions:
    """Return the options of the run that made the plan; its endpoint, if the environment names another one."""
    is_default = terminal.environ.get("GROUPSYNC_ENDPOINT", DEFAULT_ENDPOINT).rstrip("/") == review.target.endpoint
    return CommandOptions(
        config_paths=review.config_paths,
        endpoint="" if is_default else review.target.endpoint,
        backup_dir=review.backup_dir,
        allowed=tuple(guard.code for guard in review.guards if guard.allowed),
    )
