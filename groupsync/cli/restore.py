"""`groupsync restore`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.applier.journal import Journal
from groupsync.applier.looks import list_with_late_ones
from groupsync.applier.restore import make_initial_outcome, restore_groups
from groupsync.backup import RestoreNoteFiles, load_backup
from groupsync.cli import options
from groupsync.cli.places import refuse_to_overwrite, remove_previous_report
from groupsync.cli.report_file import ReportFile
from groupsync.cli.signals import Watch
from groupsync.cli.steps import open_phonebook, read_config
from groupsync.cli.write_steps import locked
from groupsync.environment import load_settings
from groupsync.errors import RefusedError, StaleRestoreError
from groupsync.files import read_file
from groupsync.model.restore import BackupFile, RestoreReport
from groupsync.planner.restore import find_destinations, find_restore_problems, plan_restores, require_same_account
from groupsync.render.restore import render_obstacles, render_restore_report, render_restores
from groupsync.review.require import require_account

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupsync.applier.protocols import Phonebook
    from groupsync.cli.terminal import Terminal
    from groupsync.model.config import Config
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.restore import Restore

MOST_BACKUP_BYTES = 256 * 2**20


@click.command()
@click.argument("files", metavar="BACKUP...", nargs=-1, required=True, type=options.PATH)
@options.config_paths
@options.endpoint
@options.timeout
@options.lock_timeout
@options.into
@click.option("--recreate-contacts", is_flag=True, help="Make contacts again that are no longer in the address book.")
@options.auto_approve
@options.parallelism
@options.report_file
@click.pass_obj
def restore(
    app: Terminal,
    *,
    files: tuple[Path, ...],
    config_paths: tuple[Path, ...],
    endpoint: str | None,
    timeout: float,
    lock_timeout: float,
    into: GroupId | None,
    recreate_contacts: bool,
    auto_approve: bool,
    parallelism: int,
    report_file: Path | None,
) -> int:
    """Make deleted groups again from backups of their members.

    Shows what it would do, and asks first. Run it again after a failure: it goes on with the group that it has made.
    """
    options.require_one_file(files, into)
    remove_previous_report(report_file)
    ids = RestoreNoteFiles()
    backups = [_read_backup(path) for path in files]
    config = read_config(app, config_paths)
    refuse_to_overwrite(app, report_file, *files, *map(ids.find_path, files), *config.files)
    settings = load_settings(app.environ, endpoint=endpoint)
    require_account(config, settings.target)
    require_same_account(backups, settings.target)
    watch = Watch(app)
    journal = Journal("look before the first change")
    with (
        locked(app, settings.target, lock_timeout),
        open_phonebook(settings, timeout=timeout, watch=watch, connections=parallelism) as client,
    ):
        backups = [ids.read_into(backup) for backup in backups]  # under the lock: another run may have been at it
        phonebook = client.noting(journal.note)
        live, restores = _look(app, backups, config, phonebook, into=into, recreate=recreate_contacts)
        app.print_result(render_restores(restores))
        record = ReportFile[RestoreReport](report_file, app, journal, command="restore", target=settings.target)
        before = RestoreReport(outcomes=tuple(map(make_initial_outcome, restores)))
        if not any(restore.has_work for restore in restores):
            record.finish(before)
            return before.exit_code
        if not auto_approve:
            app.ask_for_approval()
            live, now = _look(app, backups, config, phonebook, into=into, recreate=recreate_contacts)
            if now != restores:
                raise StaleRestoreError
        record.begin(before)
        watch.begin()
        known_ids = {group.id for group in live}
        report = restore_groups(restores, known_ids, phonebook, ids, parallelism=parallelism, watcher=watch)
    record.finish(report)
    app.print_report(f"\n{render_restore_report(report)}")
    return report.exit_code


def _read_backup(path: Path) -> BackupFile:
    return BackupFile(file=str(path), backup=load_backup(read_file(path, limit=MOST_BACKUP_BYTES), str(path)))


def _look(
    app: Terminal,
    backups: Sequence[BackupFile],
    config: Config,
    phonebook: Phonebook,
    *,
    into: GroupId | None,
    recreate: bool,
) -> tuple[Sequence[LiveGroup], tuple[Restore, ...]]:
    """Return the live groups and what is to be restored; show what stands against it and raise RefusedError."""
    chosen = (into, *(backup.restored_id for backup in backups))
    live = list_with_late_ones(phonebook, [group_id for group_id in chosen if group_id])
    destinations = find_destinations(backups, live, into)
    problems = find_restore_problems(destinations, config, live, into)
    if problems:
        app.print_result(render_obstacles(problems))
        raise RefusedError([problem.code for problem in problems], what="restore")
    members = {
        destination.into.id: {contact.phone for contact in phonebook.list_contacts(destination.into.id)}
        for destination in destinations
        if destination.into
    }
    phones = {contact.phone for contact in phonebook.list_contacts()}
    return live, plan_restores(destinations, phones=phones, members=members, recreate=recreate)
