"""An apply, from the files to the report: the order of its steps is written here only."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.applier.apply import apply_plan, make_initial_report
from groupsync.applier.attempt import Journal
from groupsync.environment.places import find_backup_label
from groupsync.model.report import Report
from groupsync.planfile.digest import digest_review
from groupsync.render.view import DEFAULT_VIEW
from groupsync.review.compare import require_target
from groupsync.review.require import require_approval, require_no_refusal
from groupsync.runs.backup_hints import warn_of_backups
from groupsync.runs.locked import hold_lock
from groupsync.runs.options import RunOptions
from groupsync.runs.output_files import prepare_outputs
from groupsync.runs.records import Records, make_report_file, make_report_markdown, make_report_page
from groupsync.runs.saved_plan import (
    open_session_for,
    prepare_backups,
    read_plan,
    remove_backup_leftovers,
    reporting_stale,
    verify_plan,
)
from groupsync.runs.session import Surroundings, open_session
from groupsync.runs.systems import require_tested_system

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from groupsync.render.view import View


def run_apply(  # noqa: PLR0913 - what a caller may choose
    options: RunOptions | None = None,
    surroundings: Surroundings | None = None,
    *,
    plan_file: Path | None = None,
    approve: Callable[[], None] | None = None,
    report_file: Path | None = None,
    markdown_file: Path | None = None,
    html_file: Path | None = None,
    page_view: View = DEFAULT_VIEW,
) -> Report:
    """Make the Phonebook what the configuration says, and return what became of each change.

    With a plan file exactly that plan is applied, if it still fits. Without one a plan is made and shown to the
    watcher, and applied after `approve` returns; `approve` raises NotApprovedError to refuse, and without it nobody is
    asked. Either plan is compared with what is live right before the first change. Raises a GroupsyncError as long as
    nothing was written; once the first change has begun, the report says what happened instead.
    """
    require_tested_system("apply")
    options, surroundings = options or RunOptions(), surroundings or Surroundings()
    prepare_outputs(
        [report_file, markdown_file, html_file],
        reads=[plan_file],
        config_paths=options.config_paths,
        environ=surroundings.environ,
    )
    saved = read_plan(plan_file, surroundings.watcher) if plan_file else None
    session = open_session_for(saved, options, surroundings) if saved else open_session(options, surroundings)
    remove_backup_leftovers(session)
    watcher = session.surroundings.watcher
    if saved:
        with reporting_stale(saved, watcher):
            require_target(saved, session.target)
    run_policy = session.load_run_policy(applies=True)
    label = find_backup_label(surroundings.environ)
    journal = Journal("list before the first change")
    with hold_lock(session), session.open_phonebook(connections=session.options.parallelism) as client:
        phonebook = client.noting(journal.note)
        review = saved or session.make_review(phonebook.list_groups(), run_policy)
        for warning in review.plan.warnings:
            watcher.on_warning(warning)
        records = Records[Report](
            session,
            make_report_file(
                report_file,
                session,
                journal,
                command="apply",
                plan_digest=digest_review(review),
                options=review.options,
            ),
            make_report_markdown(markdown_file, review, page_view),
            make_report_page(html_file, review, page_view),
        )
        if saved is None:
            warn_of_backups(session, review)
            watcher.on_plan(review, session.config)
        with reporting_stale(review, watcher):
            require_approval(review, session.options.expect_digest)
        if saved is None:
            require_no_refusal(review)
            if not review.plan.changes:
                report = Report(outcomes=(), remaining=0)
                records.finish(report)
                return report
            if approve:
                approve()
        with reporting_stale(review, watcher):
            verified = verify_plan(session, review, phonebook, run_policy)
        backups = prepare_backups(session, verified)
        records.begin(make_initial_report(verified))
        watcher.on_start(verified)
        journal.why = "list after the last change"
        report = apply_plan(
            verified,
            session.config,
            phonebook,
            parallelism=session.options.parallelism,
            watcher=watcher,
            interrupt=session.surroundings.interrupt,
            backups=backups,
            without_backup="backup" in run_policy.allowed,
        )
    report = _label_backups(report, label)
    records.finish(report)
    watcher.on_report(report, review)
    return report


def _label_backups(report: Report, label: str) -> Report:
    """Return the report with each backup under the label of its folder; as it is without a label."""
    if not label:
        return report
    outcomes = tuple(
        replace(outcome, backup=f"{label}/{PurePath(outcome.backup).name}") if outcome.backup else outcome
        for outcome in report.outcomes
    )
    return replace(report, outcomes=outcomes)
