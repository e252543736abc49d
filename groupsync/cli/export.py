"""`groupsync export`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.api.client import GroupsClient
from groupsync.cli import options
from groupsync.cli.reading_watcher import ReadingWatcher
from groupsync.command import CommandOptions
from groupsync.display import count
from groupsync.environment.account import load_settings
from groupsync.environment.policy import load_job_scope
from groupsync.errors import ExitCode, FileError
from groupsync.files import is_there, require_regular_file, write_file
from groupsync.model.config import Unlisted, is_json
from groupsync.model.scope import Scope, describe_scope
from groupsync.render.config_yaml import export_config
from groupsync.runs.output_files import require_output
from groupsync.runs.session import read_credentials

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal


def _refuse_pin_ids(_ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        raise click.UsageError("--pin-ids is the default now: export writes every id; --names-only omits the ids.")


_EXAMPLES = """\b
Examples:
  groupsync export --out groups.yaml
  groupsync export --names-only
  groupsync export --scope "Marketing *" --out marketing.yaml
"""


@click.command(epilog=_EXAMPLES)
@options.endpoint
@options.timeout
@click.option(
    "--names-only",
    is_flag=True,
    help="Omit the ids, so that one file fits several accounts. To rename a group, add its old name under previously.",
)
@click.option(
    "--unlisted",
    type=click.Choice([value.value for value in Unlisted]),
    help="What should happen to groups that the file does not list: keep, refuse or delete.  "
    "[default: keep; with --names-only: refuse]",
)
@options.scope
@click.option("--pin-ids", is_flag=True, hidden=True, expose_value=False, callback=_refuse_pin_ids)
@click.option("--out", metavar="FILE", type=options.PATH, help="Write to this file, which must not exist yet.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@click.pass_obj
def export(
    terminal: Terminal,
    *,
    endpoint: str | None,
    timeout: float,
    names_only: bool,
    unlisted: str | None,
    scope_patterns: tuple[str, ...],
    out: Path | None,
    force: bool,
) -> int:
    """Print the live groups as a configuration.

    The plan of this configuration is empty. Every entry has the id of its group, so you rename a group by editing its
    name. With --names-only, an entry has an id only if its name alone is not enough: two groups with one name, a blank
    at the end of a name, and so on.
    """
    _check_options(out, force=force)
    terminal.check_variables()
    if out and not force:
        _refuse_to_replace(out)
    require_output(out, environ=terminal.environ)
    scope = Scope(patterns=scope_patterns, job_patterns=load_job_scope(terminal.environ))
    settings = load_settings(terminal.environ, endpoint=endpoint)
    watcher = ReadingWatcher(terminal)
    credentials = read_credentials(settings, watcher)
    with GroupsClient(
        settings.target.endpoint, credentials, timeout=timeout, connections=1, watcher=watcher
    ) as phonebook:
        live, outside = scope.split(phonebook.list_groups())
    text = export_config(
        live,
        settings.target,
        names_only=names_only,
        unlisted=Unlisted(unlisted) if unlisted else None,
        scope=scope.patterns or scope.job_patterns,
    )
    _print_scope(terminal, scope, outside=len(outside))
    if out is None:
        terminal.print_result(text, is_file=True)
        return ExitCode.DONE
    if not force:
        _refuse_to_replace(out)
    write_file(out, text.encode(), is_private=False, may_replace=force)
    terminal.print_result(f"Wrote {count(len(live), 'group', 'groups')} to {out}.\n")
    command = CommandOptions(config_paths=(str(out),), endpoint=endpoint or "").write("plan")
    terminal.print_next_step(f"To see that nothing would change: {command}")
    return ExitCode.DONE


def _print_scope(terminal: Terminal, scope: Scope, *, outside: int) -> None:
    if scope.is_limited:
        groups = count(outside, "live group is", "live groups are")
        terminal.print_message("\n".join([*describe_scope(scope), f"{groups} outside the scope and not in the file."]))


def _check_options(out: Path | None, *, force: bool) -> None:
    """Raise UsageError if `--force` has nothing to replace, or if the file would be read as JSON."""
    if force and out is None:
        raise click.UsageError("--force works only with --out FILE.")
    if out and is_json(out.name):
        raise click.UsageError(f"export writes YAML, and {out} would be read as JSON: name a file that ends in .yaml.")


def _refuse_to_replace(path: Path) -> None:
    require_regular_file(path)
    if is_there(path):
        raise FileError(str(path), "exists already", remedy="name another file, or replace it: --force")
