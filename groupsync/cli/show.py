"""`groupsync show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options
from groupsync.cli.outputs import ReviewFiles, make_view, print_review
from groupsync.cli.write_steps import read_plan
from groupsync.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal


@click.command()
@click.argument("plan_file", metavar="PLAN", type=options.PATH)
@options.review_format
@options.markdown_file
@options.max_bytes
@options.gitlab_report
@options.quiet
@options.verbose
@click.pass_obj
def show(
    app: Terminal,
    *,
    plan_file: Path,
    format_name: str,
    markdown_file: Path | None,
    max_bytes: int,
    gitlab_report: Path | None,
    detail: str,
) -> int:
    """Show a saved plan as `plan` did."""
    files = ReviewFiles(app, out=None, markdown=markdown_file, gitlab_report=gitlab_report)
    files.refuse_to_overwrite(plan_file)
    review = read_plan(plan_file)
    app.warn(review.plan.warnings)
    view = make_view(app, detail, max_bytes=max_bytes)
    files.write(review, view)
    print_review(app, review, view, format_name)
    return ExitCode.DONE
