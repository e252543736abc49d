"""`groupsync apply`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.applier.apply import apply_plan, make_initial_report
from groupsync.applier.journal import Journal
from groupsync.cli import options
from groupsync.cli.outputs import make_page_view, make_view, print_report, print_review
from groupsync.cli.places import refuse_to_overwrite, remove_previous_report
from groupsync.cli.report_file import ReportFile, ReportMarkdown
from groupsync.cli.signals import Watch
from groupsync.cli.steps import make_limits, open_phonebook, read_config
from groupsync.cli.write_steps import find_backup_folder, locked, read_plan, verify_plan
from groupsync.environment import load_settings
from groupsync.errors import ExitCode
from groupsync.model.report import Report
from groupsync.planfile.digest import digest_review
from groupsync.render.check import render_beginning
from groupsync.review.make import make_review
from groupsync.review.require import require_account, require_digest, require_no_refusal
from groupsync.review.verify import require_target

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal
    from groupsync.model.review import Review
    from groupsync.render.view import View


@click.command()
@click.argument("plan_file", metavar="[PLAN]", required=False, type=options.PATH)
@options.config_paths
@options.endpoint
@options.timeout
@options.lock_timeout
@options.backup_dir
@options.allow
@options.auto_approve
@options.parallelism
@options.expect_digest
@options.report_file
@options.report_format
@options.markdown_file
@options.max_bytes
@options.quiet
@options.verbose
@click.pass_obj
def apply(
    app: Terminal,
    *,
    plan_file: Path | None,
    config_paths: tuple[Path, ...],
    endpoint: str | None,
    timeout: float,
    lock_timeout: float,
    backup_dir: Path | None,
    allowed: tuple[str, ...],
    auto_approve: bool,
    parallelism: int,
    expect_digest: str | None,
    report_file: Path | None,
    format_name: str,
    markdown_file: Path | None,
    max_bytes: int,
    detail: str,
) -> int:
    """Make the Phonebook what the configuration says.

    With PLAN, a file of `plan --out`: exactly that plan, if it still fits. Without: plans, shows, and asks first.
    """
    remove_previous_report(report_file)
    remove_previous_report(markdown_file)
    saved = read_plan(plan_file) if plan_file else None
    config = read_config(app, config_paths)
    refuse_to_overwrite(app, report_file, plan_file, *config.files)
    refuse_to_overwrite(app, markdown_file, plan_file, *config.files)
    settings = load_settings(app.environ, endpoint=endpoint)
    target = settings.target
    require_account(config, target)
    if saved:
        require_target(saved, target)
    backups = find_backup_folder(app, backup_dir, target)
    run_policy = make_limits(app, allowed, backup_dir, applies_to=target)
    view = make_view(app, detail, excerpt=config.excerpt, max_bytes=max_bytes)
    watch = Watch(app)
    journal = Journal("list before the first change")
    with (
        locked(app, target, lock_timeout),
        open_phonebook(settings, timeout=timeout, watch=watch, connections=parallelism) as client,
    ):
        phonebook = client.noting(journal.note)
        review = saved or make_review(config, phonebook.list_groups(), target, app.now(), run_policy)
        require_digest(review, expect_digest)
        app.warn(review.plan.warnings)
        digest = digest_review(review)
        record = ReportFile[Report](report_file, app, journal, command="apply", target=target, plan_digest=digest)
        markdown = ReportMarkdown(markdown_file, app, review, make_page_view(view))
        if saved is None:
            _show_and_ask(app, review, view, format_name, auto_approve=auto_approve)
            if not review.plan.changes:
                record.finish(Report(outcomes=(), left=0))
                markdown.finish(Report(outcomes=(), left=0))
                return ExitCode.DONE
        verified = verify_plan(app, review, phonebook, config=config, target=target, run_policy=run_policy, view=view)
        if backups and verified.needs_backups:
            backups.prepare()
        record.begin(make_initial_report(verified))
        markdown.begin(make_initial_report(verified))
        if saved and verified.left and format_name == "text":
            app.print_result(render_beginning(verified))
        watch.begin()
        journal.why = "list after the last change"
        report = apply_plan(
            verified,
            config,
            phonebook,
            parallelism=parallelism,
            watcher=watch,
            backups=backups,
            without_backup="backup" in run_policy.allowed,
        )
    record.finish(report)
    markdown.finish(report)
    print_report(app, report, review, view, format_name)
    return report.exit_code


def _show_and_ask(app: Terminal, review: Review, view: View, format_name: str, *, auto_approve: bool) -> None:
    """Show a new plan and return when it may be applied: nothing stands against it and somebody said yes."""
    print_review(app, review, view, format_name)
    require_no_refusal(review)
    if review.plan.changes and not auto_approve:
        app.ask_for_approval(instead="apply a plan file (`groupsync plan --out FILE`), or add --auto-approve")
