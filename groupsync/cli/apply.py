"""`groupsync apply`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.api.client import GroupsClient
from groupsync.applier import apply_plan
from groupsync.cli import options
from groupsync.cli.signals import Watch
from groupsync.cli.steps import read_config, read_plan
from groupsync.config.settings import load_settings
from groupsync.errors import ExitCode
from groupsync.render.report import render_report
from groupsync.render.text import render_text
from groupsync.review import make_review, require_digest, require_no_refusal, verify_review

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.app import App
    from groupsync.model.review import Review


@click.command()
@click.argument("plan_file", metavar="[PLAN]", required=False, type=options.PATH)
@options.config_paths
@options.endpoint
@options.timeout
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@click.option(
    "--parallelism",
    metavar="N",
    type=click.IntRange(min=1, max=64),
    default=8,
    show_default=True,
    help="How many changes may run at the same time.",
)
@click.option("--expect-digest", metavar="DIGEST", help="Refuse any other plan than the one of this digest.")
@options.verbose
@click.pass_obj
def apply(
    app: App,
    *,
    plan_file: Path | None,
    config_paths: tuple[Path, ...],
    endpoint: str | None,
    timeout: float,
    auto_approve: bool,
    parallelism: int,
    expect_digest: str | None,
    verbose: bool,
) -> int:
    """Make the Phonebook what the configuration says.

    With PLAN, a file of `plan --out`: exactly that plan, if it still fits. Without: plans, shows, and asks first.
    """
    saved = read_plan(plan_file) if plan_file else None
    config = read_config(app, config_paths)
    settings = load_settings(app.environ, endpoint=endpoint)
    credentials = settings.credentials
    with GroupsClient(settings.target.endpoint, credentials, timeout=timeout, connections=parallelism) as phonebook:
        review = saved or make_review(config, phonebook.list_groups(), settings.target, app.now())
        require_digest(review, expect_digest)
        app.warn(review.plan.warnings)
        if saved is None:
            _show_and_ask(app, review, verbose=verbose, auto_approve=auto_approve)
            if not review.plan.changes:
                return ExitCode.DONE
        verified = verify_review(review, config, settings.target, phonebook.list_groups())
        _require_guards_to_hold(app, verified.review, verbose=verbose)
        report = apply_plan(verified, config, phonebook, parallelism=parallelism, watcher=Watch(app))
    app.print_report(render_report(report))
    return report.exit_code


def _show_and_ask(app: App, review: Review, *, verbose: bool, auto_approve: bool) -> None:
    """Show a new plan and return when it may be applied: nothing stands against it and somebody said yes."""
    app.print_result(render_text(review, verbose=verbose))
    require_no_refusal(review)
    if review.plan.changes and not auto_approve:
        app.ask_for_approval()


def _require_guards_to_hold(app: App, review: Review, *, verbose: bool) -> None:
    """Show the plan and raise RefusedError when a guard, judged on what is live, stands against it."""
    if review.refusals:
        app.print_result(render_text(review, verbose=verbose))
    require_no_refusal(review)
