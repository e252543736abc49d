"""`groupsync validate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options
from groupsync.cli.reading_watcher import ReadingWatcher
from groupsync.config.load import load_config
from groupsync.environment import default_config_paths, load_job_scope
from groupsync.errors import ExitCode
from groupsync.model.wait import Work
from groupsync.render.config import render_config
from groupsync.watcher import waiting

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal


_EXAMPLES = """\b
Examples:
  groupsync validate
  groupsync validate -c accounts/ee -c shared.yaml
"""


@click.command(epilog=_EXAMPLES)
@options.config_paths
@click.pass_obj
def validate(terminal: Terminal, *, config_paths: tuple[Path, ...]) -> int:
    """Check configuration files, without the network."""
    terminal.check_variables()
    with waiting(ReadingWatcher(terminal), Work(what="reading the configuration")):
        config = load_config(
            config_paths or default_config_paths(terminal.environ), job_scope=load_job_scope(terminal.environ)
        )
    for warning in config.warnings:
        terminal.print_warning(warning)
    terminal.print_result(render_config(config))
    return ExitCode.DONE
