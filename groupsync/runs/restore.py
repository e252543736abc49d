"""A restore, from the backups to the report."""

from __future__ import annotations

import contextlib
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from groupsync.applier.attempt import Journal
from groupsync.applier.final_check import list_groups_including
from groupsync.applier.restore import make_initial_outcome, restore_groups
from groupsync.backup import NOTE_SUFFIX, RestoreNoteFiles, load_backup
from groupsync.display import quote_file
from groupsync.errors import FileError, NotApprovedError, RefusedError, StaleRestoreError
from groupsync.files import read_file
from groupsync.model.restore import BackupFile, RestoreReport
from groupsync.model.wait import Work
from groupsync.planner.restore import (
    find_destinations,
    find_restore_problems,
    plan_restores,
    require_same_account,
    write_new_ids,
)
from groupsync.runs.locked import hold_lock
from groupsync.runs.options import RunOptions
from groupsync.runs.output_files import prepare_outputs
from groupsync.runs.records import Records, make_report_file, make_restore_page, write_obstacles_page
from groupsync.runs.session import Surroundings, open_session
from groupsync.runs.systems import require_tested_system
from groupsync.watcher import waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from groupsync.applier.protocols import Phonebook
    from groupsync.model.groups import GroupId, LiveGroup
    from groupsync.model.restore import Restore
    from groupsync.runs.session import Session

MOST_BACKUP_BYTES = 256 * 2**20


def run_restore(  # noqa: PLR0913 - what a caller may choose
    files: Sequence[Path],
    options: RunOptions | None = None,
    surroundings: Surroundings | None = None,
    *,
    into: GroupId | None = None,
    recreate_contacts: bool = False,
    approve: Callable[[], None] | None = None,
    report_file: Path | None = None,
    html_file: Path | None = None,
) -> RestoreReport:
    """Create deleted groups again from backups of their members, and return the outcome of each.

    `into` is the live group for the contacts, if there is only one backup; a note of an earlier run then names this
    group. `approve` is called after the watcher has received the preview, and raises NotApprovedError to refuse;
    without it no approval is needed. Raises a GroupsyncError if nothing was written. Once the first change has begun,
    the report has all errors.
    """
    require_tested_system("restore")
    options, surroundings = options or RunOptions(), surroundings or Surroundings()
    notes = RestoreNoteFiles()
    files = [_follow_link(path, notes) for path in files]
    prepare_outputs(
        [report_file, html_file],
        reads=[*files, *map(notes.find_path, files)],
        config_paths=options.config_paths,
        environ=surroundings.environ,
    )
    with waiting(surroundings.watcher, Work(what="reading the backups")):
        backups = [_read_backup(path) for path in files]
    session = open_session(options, surroundings)
    require_same_account(backups, session.target)
    watcher, interrupt = session.surroundings.watcher, session.surroundings.interrupt
    parallelism = session.options.parallelism
    journal = Journal("look before the first change")
    with hold_lock(session), session.open_phonebook(connections=parallelism) as client:
        notes.remove_leftovers(files)
        if into is None:  # else the user's choice overrides any note
            backups = [
                notes.read_into(backup) for backup in backups
            ]  # another run may have written one before the lock
        phonebook = client.noting(journal.note)
        look = partial(_look, session, backups, phonebook, into=into, recreate=recreate_contacts, html_file=html_file)
        live, restores = look()
        watcher.on_restores(restores, session.config.make_scope())
        records = Records[RestoreReport](
            session,
            make_report_file(report_file, session, journal, command="restore"),
            make_restore_page(html_file, session.target, session.config.make_scope()),
        )
        before = RestoreReport(outcomes=tuple(map(make_initial_outcome, restores)))
        if not any(restore.has_work for restore in restores):
            _settle_notes(backups, notes, into)
            records.finish(before)
            return before
        if approve:
            with _writing_why(html_file, session):
                approve()
                live, now = look()
                if now != restores:
                    raise StaleRestoreError
        _settle_notes(backups, notes, into)
        records.begin(before)
        watcher.on_start(None)
        journal.why = "list after the last change"
        known_ids = {group.id for group in live}
        report = restore_groups(
            restores, known_ids, phonebook, notes, parallelism=parallelism, watcher=watcher, interrupt=interrupt
        )
    report = replace(report, remedy=write_new_ids(report.outcomes, session.config))
    records.finish(report)
    watcher.on_restore_report(report)
    return report


@contextlib.contextmanager
def _writing_why(html_file: Path | None, session: Session) -> Iterator[None]:
    """Write the page that says why nothing was restored, if the context ends without approval."""
    try:
        yield
    except (NotApprovedError, StaleRestoreError) as error:
        write_obstacles_page(html_file, session, str(error))
        raise


def _follow_link(path: Path, notes: RestoreNoteFiles) -> Path:
    """Return the file that a link leads to, so that all paths to a backup have the same note.

    A link that has a note of its own stays: an earlier version left it there.
    """
    if os.path.islink(path) and os.path.exists(path) and not os.path.lexists(notes.find_path(path)):  # noqa: PTH110, PTH114 - pathlib's can raise
        return Path(os.path.realpath(path))
    return path


def _read_backup(path: Path) -> BackupFile:
    if path.name.endswith(NOTE_SUFFIX):
        backup = str(path).removesuffix(NOTE_SUFFIX)
        remedy = f"name the backup itself: {quote_file(backup)}; a pattern for backups ends with .json"
        raise FileError(quote_file(str(path)), "is the note of a restore, not a backup", remedy=remedy)
    if path.suffix.lower() in {".yaml", ".yml"}:
        remedy = "name a file of the backup folder, which ends with .json; a configuration is named with -c"
        raise FileError(quote_file(str(path)), "is a YAML file, not a backup", remedy=remedy)
    return BackupFile(file=str(path), backup=load_backup(read_file(path, limit=MOST_BACKUP_BYTES), str(path)))


def _settle_notes(backups: Sequence[BackupFile], notes: RestoreNoteFiles, into: GroupId | None) -> None:
    """Note the group that the user chose, if an earlier run noted another one or none."""
    if into:
        for backup in backups:
            notes.settle(backup, into)


def _look(  # noqa: PLR0913 - what the user chose
    session: Session,
    backups: Sequence[BackupFile],
    phonebook: Phonebook,
    *,
    into: GroupId | None,
    recreate: bool,
    html_file: Path | None,
) -> tuple[Sequence[LiveGroup], tuple[Restore, ...]]:
    """Return the live groups and the restores to do; if there are obstacles, report them and raise RefusedError."""
    chosen = (into, *(backup.restored_id for backup in backups))
    live = list_groups_including(phonebook, [group_id for group_id in chosen if group_id])
    destinations = find_destinations(backups, live, into)
    if problems := find_restore_problems(destinations, session.config, live, into, session.options.for_commands):
        session.surroundings.watcher.on_obstacles(problems, session.config.make_scope())
        write_obstacles_page(html_file, session, "these backups cannot be restored", problems)
        raise RefusedError([problem.code for problem in problems], what="restore")
    members = {
        destination.into.id: {contact.phone for contact in phonebook.list_contacts(destination.into.id)}
        for destination in destinations
        if destination.into
    }
    phones = {contact.phone for contact in phonebook.list_contacts()}
    return live, plan_restores(destinations, phones=phones, members=members, recreate=recreate)
