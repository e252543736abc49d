"""`groupsync validate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options
from groupsync.cli.reading_watcher import ReadingWatcher
from groupsync.errors import ConfigError, ExitCode
from groupsync.model.wait import Work
from groupsync.render.problems import VALIDATION_FORMATS, render_validation
from groupsync.runs.validate import validate_config
from groupsync.watcher import waiting

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal


_EXAMPLES = """\b
Examples:
  groupsync validate
  groupsync validate -c accounts/ee -c shared.yaml
  groupsync validate --format gitlab > gl-code-quality-report.json
"""


@click.command(epilog=_EXAMPLES)
@options.config_paths
@click.option(
    "--format",
    "format_name",
    type=click.Choice(VALIDATION_FORMATS),
    default="text",
    show_default=True,
    help="What to print to stdout: text, or the problems as `::error` lines for GitHub, Code Quality for GitLab, "
    "SARIF 2.1.0 or JSON. With every format, stderr has the problems for people.",
)
@click.pass_obj
def validate(terminal: Terminal, *, config_paths: tuple[Path, ...], format_name: str) -> int:
    """Check configuration files, without the network."""
    terminal.check_variables()
    with waiting(ReadingWatcher(terminal), Work(what="reading the configuration")):
        checked = validate_config(config_paths, terminal.environ)
    if isinstance(checked, ConfigError):
        terminal.print_result(render_validation(checked, format_name), is_file=True)
        raise checked
    for warning in checked.warnings:
        terminal.print_warning(warning)
    terminal.print_result(render_validation(checked, format_name), is_file=format_name != "text")
    return ExitCode.DONE
