"""`groupsync show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options
from groupsync.cli.steps import read_plan
from groupsync.errors import ExitCode
from groupsync.render.formats import REVIEW_FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.app import App


@click.command()
@click.argument("plan_file", metavar="PLAN", type=options.PATH)
@options.review_format
@options.verbose
@click.pass_obj
def show(app: App, *, plan_file: Path, format_name: str, verbose: bool) -> int:
    """Show a saved plan as `plan` did."""
    review = read_plan(plan_file)
    app.warn(review.plan.warnings)
    app.print_result(REVIEW_FORMATS[format_name](review, verbose=verbose))
    return ExitCode.DONE
