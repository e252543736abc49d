"""`groupsync show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options
from groupsync.cli.outputs import ReviewFiles, make_view, print_review
from groupsync.errors import ExitCode
from groupsync.runs.output_files import prepare_outputs
from groupsync.runs.saved_plan import read_plan

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal


_EXAMPLES = """\b
Examples:
  groupsync show plan.json
  groupsync show plan.json --markdown plan.md
"""


@click.command(epilog=_EXAMPLES)
@click.argument("plan_file", metavar="PLAN", type=options.PATH)
@options.review_format
@options.markdown_file
@options.max_bytes
@options.gitlab_report
@options.quiet
@options.verbose
@click.pass_obj
def show(
    terminal: Terminal,
    *,
    plan_file: Path,
    format_name: str,
    markdown_file: Path | None,
    max_bytes: int,
    gitlab_report: Path | None,
    detail: str,
) -> int:
    """Show a saved plan as `plan` did."""
    files = ReviewFiles(out=None, markdown=markdown_file, gitlab_report=gitlab_report)
    terminal.check_variables()
    prepare_outputs(files.paths, reads=[plan_file], config_paths=(), environ=terminal.environ)
    review = read_plan(plan_file)
    for warning in review.plan.warnings:
        terminal.print_warning(warning)
    view = make_view(terminal, detail, max_bytes=max_bytes).quoting(review)
    files.write(review, view)
    print_review(terminal, review, view, format_name)
    return ExitCode.DONE
