"""`groupsync validate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options
from groupsync.cli.steps import read_config
from groupsync.errors import ExitCode
from groupsync.render.config import render_config

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal


@click.command()
@options.config_paths
@click.pass_obj
def validate(app: Terminal, *, config_paths: tuple[Path, ...]) -> int:
    """Check configuration files, without a network."""
    config = read_config(app, config_paths)
    app.warn(config.warnings)
    app.print_result(render_config(config))
    return ExitCode.DONE
