"""`groupsync plan`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from groupsync.cli import options
from groupsync.cli.outputs import ReviewFiles, make_view, print_review
from groupsync.cli.steps import make_limits, open_phonebook, read_config
from groupsync.environment import load_settings
from groupsync.review.make import make_review
from groupsync.review.require import require_account, require_no_refusal

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal


@click.command()
@options.config_paths
@options.endpoint
@options.timeout
@options.backup_dir
@options.allow
@click.option("--out", metavar="FILE", type=options.PATH, help="Save the plan for `groupsync apply FILE`.")
@options.markdown_file
@options.max_bytes
@options.gitlab_report
@options.review_format
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when changes are pending.")
@options.quiet
@options.verbose
@click.pass_obj
def plan(
    app: Terminal,
    *,
    config_paths: tuple[Path, ...],
    endpoint: str | None,
    timeout: float,
    backup_dir: Path | None,
    allowed: tuple[str, ...],
    out: Path | None,
    markdown_file: Path | None,
    max_bytes: int,
    gitlab_report: Path | None,
    format_name: str,
    detailed_exitcode: bool,
    detail: str,
) -> int:
    """Show what `apply` would change."""
    files = ReviewFiles(app, out=out, markdown=markdown_file, gitlab_report=gitlab_report)
    config = read_config(app, config_paths)
    files.refuse_to_overwrite(*config.files)
    settings = load_settings(app.environ, endpoint=endpoint)
    require_account(config, settings.target)
    run_policy = make_limits(app, allowed, backup_dir)
    with open_phonebook(settings, timeout=timeout) as phonebook:
        review = make_review(config, phonebook.list_groups(), settings.target, app.now(), run_policy)
    app.warn(review.plan.warnings)
    view = make_view(app, detail, excerpt=config.excerpt, max_bytes=max_bytes)
    files.write(review, view)
    print_review(app, review, view, format_name)
    require_no_refusal(review)
    if out and review.plan.changes:
        app.suggest(f"Saved to {out}. To do exactly this: groupsync apply {shlex.quote(str(out))}")
    return review.exit_code(detailed=detailed_exitcode)
