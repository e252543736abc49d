"""`groupsync pull`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from groupsync.cli import options
from groupsync.cli.outputs import point_to_questions
from groupsync.cli.pull_questions import ask_choices
from groupsync.cli.reading_watcher import ReadingWatcher
from groupsync.errors import ExitCode
from groupsync.model.scope import describe_scope
from groupsync.render.pull import render_differences, render_pull_diff, render_written
from groupsync.runs.pull import PullOptions, edit_pull, find_pull, warn_of_diff, write_pull
from groupsync.runs.session import Surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from groupsync.cli.terminal import Terminal
    from groupsync.runs.options import RunOptions
    from groupsync.runs.pull import EditedPull, FoundPull


_EXAMPLES = """\b
Examples:
  groupsync pull
  groupsync pull --yes
  groupsync pull --diff | git apply
"""


@click.command(epilog=_EXAMPLES)
@options.config_paths
@options.endpoint
@options.timeout
@click.option("--yes", is_flag=True, help="Do not ask: add the unlisted groups, and keep all names of the file.")
@click.option("--diff", "only_diff", is_flag=True, help="Only print what --yes would change, as a unified diff.")
@click.option(
    "--into",
    metavar="FILE",
    type=options.PATH,
    help="The configuration file that new entries go to, if there are several.",
)
@click.option("--pin-ids", is_flag=True, help="Also add the id to each entry without one that means exactly one group.")
@click.option(
    "--prune",
    is_flag=True,
    help="Also remove entries whose id is not live, and earlier names and lines under removed that are done.",
)
@click.pass_obj
@options.collect_run_options
def pull(
    terminal: Terminal,
    run_options: RunOptions,
    *,
    yes: bool,
    only_diff: bool,
    into: Path | None,
    pin_ids: bool,
    prune: bool,
) -> int:
    """Bring live changes into the configuration files.

    Groups that the files do not list are added with their id. If an entry with an id has another name than its group,
    you are asked which name is right. Nothing is written to the Phonebook.
    """
    surroundings = Surroundings(environ=terminal.environ, watcher=ReadingWatcher(terminal))
    found = find_pull(run_options, surroundings, PullOptions(pin_ids=pin_ids, prune=prune, into=into))
    if only_diff:
        if scope_lines := describe_scope(found.session.config.make_scope()):
            terminal.print_message("\n".join(scope_lines))
        edited = edit_pull(found, found.default_choices)
        warn_of_diff(edited)
        terminal.print_result(edited.diff, is_file=True)
        return ExitCode.DONE
    _print_found(terminal, found)
    edited = edit_pull(found, ask_choices(terminal, found, yes=yes))
    if edited.writes:
        _write(terminal, edited)
    return ExitCode.DONE


def _print_found(terminal: Terminal, found: FoundPull) -> None:
    scope = found.session.config.make_scope()
    terminal.print_result(
        render_differences(
            scope,
            found.differences,
            pins=found.options.pin_ids,
            prunes=found.options.prune,
            options=found.session.options.for_commands,
        )
    )


def _write(terminal: Terminal, edited: EditedPull) -> None:
    """Show the diff, write the files, and print the verdict of the new plan."""
    terminal.print_result(render_pull_diff(edited.diff))
    review = write_pull(edited)
    terminal.print_report(render_written(edited.files, review))
    command = edited.found.session.options.for_commands.write("plan")
    terminal.print_next_step(f"To see what an apply would change: {command}")
    point_to_questions(terminal, review)
