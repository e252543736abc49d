"""`groupsync doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options
from groupsync.render.doctor import DOCTOR_FORMATS
from groupsync.runs.doctor import DoctorOptions, examine

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal


@click.command()
@options.config_paths
@options.endpoint
@options.timeout
@options.backup_dir
@click.option("--format", "format_name", type=click.Choice(tuple(DOCTOR_FORMATS)), default="text", show_default=True)
@click.pass_obj
def doctor(
    app: Terminal,
    *,
    config_paths: tuple[Path, ...],
    endpoint: str | None,
    timeout: float,
    backup_dir: Path | None,
    format_name: str,
) -> int:
    """Check what groupsync needs: files, credentials, network, account.

    Nothing is written but the folder for backups, and no secret is shown.
    """
    report = examine(
        DoctorOptions(
            environ=app.environ,
            config_paths=config_paths,
            endpoint=endpoint,
            backup_dir=backup_dir,
            timeout=timeout,
            now=app.now,
        )
    )
    app.print_result(DOCTOR_FORMATS[format_name](report))
    return report.exit_code
