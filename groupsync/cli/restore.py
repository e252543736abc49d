"""`groupsync restore`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options, review_options
from groupsync.cli.outputs import require_different_files
from groupsync.cli.watchers import RestoreWatcher
from groupsync.interrupt import Interrupt
from groupsync.runs.restore import run_restore
from groupsync.runs.session import Surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal
    from groupsync.model.groups import GroupId
    from groupsync.runs.options import RunOptions


_EXAMPLES = """\b
Examples:
  groupsync restore ../backups/VIP.*.json
  groupsync restore BACKUP --into 5792a02a-e5c2-422b-a0a0-0ae65d814663
"""


@click.command(epilog=_EXAMPLES)
@click.argument("files", metavar="BACKUP...", nargs=-1, required=True, type=options.PATH)
@options.config_paths
@options.endpoint
@options.timeout
@options.lock_timeout
@options.into
@click.option("--recreate-contacts", is_flag=True, help="Create contacts again that are no longer in the address book.")
@options.auto_approve
@options.parallelism
@options.report_file
@review_options.html_file
@click.pass_obj
@options.collect_run_options
def restore(
    terminal: Terminal,
    run_options: RunOptions,
    *,
    files: tuple[Path, ...],
    into: GroupId | None,
    recreate_contacts: bool,
    auto_approve: bool,
    report_file: Path | None,
    html_file: Path | None,
) -> int:
    """Create deleted groups again from backups of their members.

    It shows what it would do, and asks for approval. After a failure, run it again: it continues with the group that
    it created.
    """
    options.require_one_file(files, into)
    require_different_files({"--report": report_file, "--html": html_file})
    interrupt = Interrupt()
    watcher = RestoreWatcher(terminal, interrupt)
    report = run_restore(
        files,
        run_options,
        Surroundings(environ=terminal.environ, watcher=watcher, interrupt=interrupt),
        into=into,
        recreate_contacts=recreate_contacts,
        approve=terminal.approver(auto_approve=auto_approve),
        report_file=report_file,
        html_file=html_file,
    )
    return report.exit_code
